"""What a member sees of what the feed keeps about them."""

from datetime import datetime

from xianji.domains import items, notes
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .model import FeedChoices, Less, ViewLine


async def choices(look: Look) -> FeedChoices:
    """What the actor chose; everything is on until they say otherwise."""
    row = await look.db.fetchrow("select personal, history from feed_choices where member = $1", look.actor.me)
    return FeedChoices(**row) if row else FeedChoices()


async def my_views(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ViewLine]:
    """What I saw, the last first, each once a day: three round trips. What went out of sight has no card."""
    rows = await look.db.fetch(
        "select subject, at, opened from feed_views where viewer = $1"
        " and ($2::timestamptz is null or (at, subject) < ($2, $3)) order by at desc, subject desc limit $4",
        look.actor.me,
        *(decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")),
        limit + 1,
    )
    seen = rows[:limit]
    ids = [row["subject"] for row in seen]
    shown = {card.id: card for card in await notes.note_cards(look, [one for one in ids if one.startswith("nte_")])}
    things = {card.id: card for card in await items.cards(look, [one for one in ids if one.startswith("itm_")])}
    lines = [
        ViewLine(row["subject"], row["at"], row["opened"], shown.get(row["subject"]), things.get(row["subject"]))
        for row in seen
    ]
    more = encode_cursor(seen[-1]["at"], seen[-1]["subject"]) if len(rows) > limit else None
    return Page(lines, more)


async def my_less(look: Look) -> list[Less]:
    """What I want less of, the last first; of what nobody sees any more the name is empty."""
    rows = await look.db.fetch(
        "select l.subject, l.until, coalesce(t.shown, m.name, n.title,"
        "  case when l.subject like 'c:%' then substr(l.subject, 3) end, '') as name"
        " from feed_less l left join topics t on t.name = substr(l.subject, 3) and l.subject like 't:%'"
        " left join members m on m.id = substr(l.subject, 3) and l.subject like 'm:%'"
        " left join notes n on n.id = substr(l.subject, 3) and l.subject like 'n:%' and n.state = 'live'"
        " where l.member = $1 and l.until > $2 order by l.at desc, l.subject",
        look.actor.me,
        look.now,
    )
    return [Less(**row) for row in rows]


async def less_of(look: Look, note: str) -> list[Less]:
    """What of a note I may want less of: itself, its author, three categories of its board, three topics.

    Refuses `not_found`, also for a note of mine.
    """
    rows = await look.db.fetch(
        "with seen as (select n.id, n.title, n.author, m.name from notes n join members m on m.id = n.author"
        "  where n.id = $1 and n.state = 'live' and n.author <> $2"
        "  and not exists (select from apart where member = $2 and other = n.author)),"
        " found (turn, subject, name) as (select 0, 'n:' || id, title from seen"
        "  union all select 1, 'm:' || author, name from seen"
        "  union all (select 2, 'c:' || i.category, i.category from seen s join note_items b on b.note = s.id"
        "   and b.state = 'shown' and not b.hidden join items i on i.id = b.item and i.category is not null"
        "   group by i.category order by count(*) desc, i.category limit 3)"
        "  union all (select 3, 't:' || t.name, t.shown from seen s join note_topics h on h.note = s.id"
        "   join topics t on t.name = h.topic order by t.notes desc, t.name limit 3))"
        " select f.subject, f.name, l.until from found f"
        " left join feed_less l on l.member = $2 and l.subject = f.subject and l.until > $3"
        " order by f.turn, f.subject",
        note,
        look.actor.me,
        look.now,
    )
    if not rows:
        raise NOT_FOUND()
    return [Less(**row) for row in rows]
