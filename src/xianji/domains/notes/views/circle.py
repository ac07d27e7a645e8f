"""What stands in a circle: its counts, and the things on sale in its notes."""

from datetime import datetime

from xianji.domains import items
from xianji.domains.items import ItemCard
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .shapes import CircleCounts


async def circle_counts(look: Look, circle: str) -> CircleCounts:
    """The numbers beside a circle's name; a thing that stands in two of its notes counts once."""
    row = await look.db.fetchrow(
        "select (select count(*) from notes where circle = $1 and state = 'live') as notes,"
        " (select count(distinct b.item) from notes n join note_items b on b.note = n.id and b.state = 'shown'"
        " and not b.hidden and b.way <> 'link' join items i on i.id = b.item and i.state = 'live'"
        " where n.circle = $1 and n.state = 'live') as things",
        circle,
    )
    assert row is not None, "a count has a row"
    return CircleCounts(row["notes"], row["things"])


async def circle_items(look: Look, circle: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ItemCard]:
    """Things on sale in the notes of a circle, last added first: two round trips. `circle` is the id."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select b.item, max(b.added_at) as added_at from notes n join note_items b on b.note = n.id"
        " and b.state = 'shown' and not b.hidden and b.way <> 'link'"
        " join items i on i.id = b.item and i.state = 'live'"
        " where n.circle = $1 and n.state = 'live'"
        " and not exists (select from apart where member = $4 and other in (n.author, b.owner))"
        " group by b.item having $2::timestamptz is null or (max(b.added_at), b.item) < ($2, $3)"
        " order by 2 desc, b.item desc limit $5",
        circle,
        at,
        after,
        look.actor.member,
        limit + 1,
    )
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["added_at"], shown[-1]["item"]) if len(rows) > limit else None
    return Page(await items.cards(look, [row["item"] for row in shown]), more)
