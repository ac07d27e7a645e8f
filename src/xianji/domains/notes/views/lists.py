"""Lists of notes: one round trip each, by keyset cursor. A list picks ids by an index and joins the cards to them."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from xianji.domains import items, members
from xianji.domains.items import ItemCard, Picture
from xianji.domains.notes import rules
from xianji.domains.notes.model import NEAR_RINGS, FeedTab, NoteKind
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .shapes import NoteCard, StallWaiting, TopicPage, distance_km


async def feed(
    look: Look,
    tab: FeedTab = "new",
    cell: int | None = None,
    circle: str | None = None,
    topic: str | None = None,
    author: str | None = None,
    kind: NoteKind | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[NoteCard]:
    """Notes in sight, newest first; `nearby` is nearest first and needs `cell` (without one it is `new`).

    `circle`, `topic` and `author` narrow the `new` tab, one of them at a time; `kind` narrows every list.
    """
    if tab == "nearby" and cell is not None and items.is_cell(cell):
        return await _nearby(look, cell, kind, cursor, limit)
    place = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    if tab == "following":
        return _page(await _following(look, kind, place, limit + 1), None, cell, limit)
    if topic is not None:
        rows, why = await _of_topic(look, rules.topic_key(topic), kind, place, limit + 1), "topic"
    elif circle is not None:
        rows, why = await _of_circle(look, circle, kind, place, limit + 1), "circle"
    elif author is not None:
        rows, why = await _of_author(look, author, kind, place, limit + 1), "author"
    elif kind is not None:
        rows, why = await _of_kind(look, kind, place, limit + 1), "new"
    else:
        rows, why = await _new(look, place, limit + 1), "new"
    return _page(rows, why, cell, limit)


Place = tuple[datetime | None, str]

# The lists that everybody reads are written so that PostgreSQL keeps one plan for them: planning takes as long as
# reading the cards. A null or `infinity` start and a limit it knows (101, one more than the longest page) let it see
# that the plan for any values is as good as one for these; the outer limit stops the reading after the page.


async def _new(look: Look, place: Place, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select n.id, n.published_at as at from notes n where n.state = 'live'"
        " and (n.published_at, n.id) < (coalesce($1::timestamptz, 'infinity'), $2)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by n.published_at desc, n.id desc limit 101)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc limit $4",
        *place,
        look.actor.member,
        limit,
    )


async def _of_kind(look: Look, kind: str, place: Place, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select n.id, n.published_at as at from notes n where n.state = 'live' and n.kind = $5"
        " and (n.published_at, n.id) < (coalesce($1::timestamptz, 'infinity'), $2)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by n.published_at desc, n.id desc limit 101)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc limit $4",
        *place,
        look.actor.member,
        limit,
        kind,
    )


async def _of_circle(look: Look, circle: str, kind: str | None, place: Place, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select n.id, n.published_at as at from notes n where n.state = 'live' and n.circle = $5"
        " and (n.published_at, n.id) < (coalesce($1::timestamptz, 'infinity'), $2)"
        " and ($6::text is null or n.kind = $6)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by n.published_at desc, n.id desc limit 101)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc limit $4",
        *place,
        look.actor.member,
        limit,
        circle,
        kind,
    )


async def _of_author(look: Look, author: str, kind: str | None, place: Place, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select n.id, n.published_at as at from notes n where n.state = 'live' and n.author = $5"
        " and (n.published_at, n.id) < (coalesce($1::timestamptz, 'infinity'), $2)"
        " and ($6::text is null or n.kind = $6)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by n.published_at desc, n.id desc limit 101)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc limit $4",
        *place,
        look.actor.member,
        limit,
        author,
        kind,
    )


async def _of_topic(look: Look, topic: str, kind: str | None, place: Place, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select n.id, h.at from note_topics h join notes n on n.id = h.note"
        " where h.topic = $5 and n.state = 'live'"
        " and ($1::timestamptz is null or (h.at, h.note) < ($1, $2)) and ($6::text is null or n.kind = $6)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by h.at desc, h.note desc limit $4)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc",
        *place,
        look.actor.member,
        limit,
        topic,
        kind,
    )


async def _following(look: Look, kind: str | None, place: Place, limit: int) -> list[asyncpg.Record]:
    """The newest of each followed author and topic, each by its index, then the newest of those."""
    return await look.db.fetch(
        "with written as (select n.id, n.published_at as at from ties f cross join lateral (select id, published_at"
        " from notes where author = f.other and state = 'live' and ($5::text is null or kind = $5)"
        " and ($1::timestamptz is null or (published_at, id) < ($1, $2))"
        " order by published_at desc, id desc limit $4) n"
        " where f.member = $3 and f.kind = 'follows'"
        " and not exists (select from apart where member = $3 and other = f.other)"
        " order by n.published_at desc, n.id desc limit $4),"
        " tagged as (select n.id, n.at from topic_follows f cross join lateral (select n.id, h.at"
        " from note_topics h join notes n on n.id = h.note and n.state = 'live' and n.author <> $3"
        " where h.topic = f.topic and ($1::timestamptz is null or (h.at, h.note) < ($1, $2))"
        " and ($5::text is null or n.kind = $5)"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by h.at desc, h.note desc limit $4) n where f.member = $3),"
        " picked as (select id, at, bool_and(by_topic) as by_topic"
        " from (select id, at, false as by_topic from written union all select id, at, true from tagged) n"
        " group by id, at order by at desc, id desc limit $4)"
        " select c.*, p.at, case when by_topic then 'followed_topic' else 'following' end as why,"
        " exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc",
        *place,
        look.actor.member,
        limit,
        kind,
    )


async def _nearby(look: Look, cell: int, kind: str | None, cursor: str | None, limit: int) -> Page[NoteCard]:
    """Nearest cell first; within a cell's distance the newest first. The rings that count are configuration."""
    cells, metres = items.around(cell, look.config.get(NEAR_RINGS))
    far, at, after = decode_cursor(cursor, tuple[int, datetime, str]) if cursor else (-1, None, "")
    rows = await look.db.fetch(
        "with picked as (select n.id, n.published_at as at, near.metres"
        " from (select * from unnest($1::bigint[], $2::integer[]) as given (cell, metres)"
        " where metres >= $3 order by metres) near cross join lateral"
        " (select id, published_at from notes where cell = near.cell and state = 'live'"
        " and ($6::text is null or kind = $6) and (near.metres > $3 or (published_at, id) < ($4, $5))"
        " and not exists (select from apart where member = $7 and other = notes.author)"
        " order by published_at desc, id desc limit $8) n"
        " order by near.metres, n.published_at desc, n.id desc limit $8)"
        " select c.*, p.at, p.metres,"
        " exists (select from note_likes l where l.note = c.id and l.member = $7) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.metres, p.at desc, p.id desc",
        cells,
        metres,
        far,
        at,
        after,
        kind,
        look.actor.member,
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(last["metres"], last["at"], last["id"]) if last else None
    return Page([card_of(row, "nearby", cell) for row in rows[:limit]], more)


async def cards(look: Look, ids: Sequence[str], cell: int | None = None) -> list[NoteCard]:
    """Those of these notes that are in sight of this reader, in the order of `ids`."""
    rows = await look.db.fetch(
        "select c.*, exists (select from note_likes l where l.note = c.id and l.member = $2) as liked"
        " from note_cards c where c.id = any(array(select unnest($1::text[]))) and c.state = 'live'"
        " and not exists (select from apart where member = $2 and other = c.author)",
        list(ids),
        look.actor.member,
    )
    found = {row["id"]: card_of(row, "new", cell) for row in rows}
    return [found[note] for note in dict.fromkeys(ids) if note in found]


async def saved_notes(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[NoteCard]:
    """What I saved, newest first; notes that went out of sight are left out until they come back."""
    rows = await look.db.fetch(
        "with picked as (select n.id, s.at from note_saves s join notes n on n.id = s.note"
        " where s.member = $3 and n.state = 'live' and ($1::timestamptz is null or (s.at, s.note) < ($1, $2))"
        " and not exists (select from apart where member = $3 and other = n.author)"
        " order by s.at desc, s.note desc limit $4)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc",
        *(decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")),
        look.actor.me,
        limit + 1,
    )
    return _page(rows, "saved", None, limit)


async def my_notes(
    look: Look, state: str = "draft", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[NoteCard]:
    """My own notes in one state (draft, live, hidden, removed), newest first."""
    rows = await look.db.fetch(
        "with picked as (select n.id, n.created_at as at from notes n where n.author = $3 and n.state = $5"
        " and ($1::timestamptz is null or (n.created_at, n.id) < ($1, $2))"
        " order by n.created_at desc, n.id desc limit $4)"
        " select c.*, p.at, exists (select from note_likes l where l.note = c.id and l.member = $3) as liked"
        " from picked p join note_cards c on c.id = p.id order by p.at desc, p.id desc",
        *(decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")),
        look.actor.me,
        limit + 1,
        state,
    )
    return _page(rows, "mine", None, limit)


async def drafts(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[NoteCard]:
    """My drafts, newest first."""
    return await my_notes(look, "draft", cursor, limit)


async def topic_page(look: Look, name: str) -> TopicPage:
    """A topic by its name, with or without #. Refuses `not_found` when nobody ever used it."""
    row = await look.db.fetchrow(
        "select t.name, t.shown, t.notes, (select count(*) from note_topics h join notes n on n.id = h.note"
        " and n.state = 'live' join note_items b on b.note = n.id and b.state = 'shown'"
        " and not b.hidden and b.way <> 'link' join items i on i.id = b.item and i.state = 'live'"
        " where h.topic = t.name) as things,"
        " exists (select from topic_follows f where f.topic = t.name and f.member = $2) as followed"
        " from topics t where t.name = $1",
        rules.topic_key(name),
        look.actor.member,
    )
    if row is None:
        raise NOT_FOUND()
    return TopicPage(**row)


async def followed_topics(look: Look) -> list[TopicPage]:
    """The topics I follow, the newest first; `things` is not counted here and is 0."""
    rows = await look.db.fetch(
        "select t.name, t.shown, t.notes, 0 as things, true as followed"
        " from topic_follows f join topics t on t.name = f.topic where f.member = $1 order by f.at desc, f.topic desc",
        look.actor.me,
    )
    return [TopicPage(**row) for row in rows]


async def topics(look: Look, start: str = "", limit: int = PAGE_SIZE) -> list[TopicPage]:
    """The largest topics whose name begins with `start`, for suggestions; `things` is not counted here and is 0."""
    rows = await look.db.fetch(
        "select t.name, t.shown, t.notes, 0 as things,"
        " exists (select from topic_follows f where f.topic = t.name and f.member = $3) as followed"
        " from topics t where t.notes > 0 and starts_with(t.name, $1) order by t.notes desc, t.name limit $2",
        rules.topic_key(start),
        limit,
        look.actor.member,
    )
    return [TopicPage(**row) for row in rows]


async def topics_named(look: Look, names: Sequence[str]) -> list[TopicPage]:
    """Those of these topics that have notes in sight, in the order of `names`; `things` is not counted and is 0."""
    rows = await look.db.fetch(
        "select t.name, t.shown, t.notes, 0 as things,"
        " exists (select from topic_follows f where f.topic = t.name and f.member = $2) as followed"
        " from topics t where t.notes > 0 and t.name = any($1::text[])",
        list(names),
        look.actor.member,
    )
    found = {row["name"]: TopicPage(**row) for row in rows}
    return [found[name] for name in dict.fromkeys(names) if name in found]


async def topic_items(look: Look, name: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ItemCard]:
    """Things on sale in the notes of a topic, last added first: two round trips."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select b.item, b.added_at from note_topics h join notes n on n.id = h.note and n.state = 'live'"
        " join note_items b on b.note = n.id and b.state = 'shown'"
        " and not b.hidden and b.way <> 'link' join items i on i.id = b.item and i.state = 'live'"
        " where h.topic = $1 and ($2::timestamptz is null or (b.added_at, b.item) < ($2, $3))"
        " and not exists (select from apart where member = $4 and other in (n.author, b.owner))"
        " order by b.added_at desc, b.item desc limit $5",
        rules.topic_key(name),
        at,
        after,
        look.actor.member,
        limit + 1,
    )
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["added_at"], shown[-1]["item"]) if len(rows) > limit else None
    return Page(await items.cards(look, [row["item"] for row in shown]), more)


def _page(rows: list[asyncpg.Record], why: str | None, cell: int | None, limit: int) -> Page[NoteCard]:
    """Cards that are all here for one reason, or, with None, each for its row's own."""
    more = encode_cursor(rows[limit - 1]["at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([card_of(row, row["why"] if why is None else why, cell) for row in rows[:limit]], more)


def card_of(row: asyncpg.Record, why: str, cell: int | None) -> NoteCard:
    """A card from a row of `note_cards` with `liked`."""
    return NoteCard(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        title=row["title"] or row["first_title"] or row["excerpt"].partition("\n")[0][:30],
        excerpt=row["excerpt"],
        cover=_cover(row),
        author=members.card_of(row, "author"),
        circle=row["circle"],
        place_label=row["place_label"],
        distance_km=distance_km(cell, row["cell"]),
        items=row["things"],
        unsold=row["unsold"],
        low=None if row["low"] is None else Money(row["low"], row["currency"]),
        high=None if row["high"] is None else Money(row["high"], row["currency"]),
        likes=row["likes"],
        liked=row["liked"],
        comments=row["comments"],
        created_at=row["published_at"] or row["created_at"],
        why=why,
    )


async def note_cards(look: Look, picked: Sequence[str], cell: int | None = None, why: str = "") -> list[NoteCard]:
    """The cards of these notes in their order, without those that are not in sight any more."""
    rows = await look.db.fetch(
        "select c.*, exists (select from note_likes l where l.note = c.id and l.member = $2) as liked"
        " from unnest($1::text[]) with ordinality as p (id, place) join note_cards c on c.id = p.id"
        " where c.state = 'live' and not exists (select from apart where member = $2 and other = c.author)"
        " order by p.place",
        picked,
        look.actor.member,
    )
    return [card_of(row, why, cell) for row in rows]


async def stalls_waiting(look: Look) -> list[StallWaiting]:
    """Guests' things that wait for me under my notes, the longest waiting first, fifty at most."""
    rows = await look.db.fetch(
        "select n.id as note, n.title as note_title, i.id as item, i.title, m.name as guest, b.added_at from notes n"
        " join note_items b on b.note = n.id and b.state = 'waiting' and not b.hidden"
        " join items i on i.id = b.item and i.state = 'live' join members m on m.id = b.owner"
        " where n.author = $1 and n.state = 'live' order by b.added_at, i.id limit 50",
        look.actor.me,
    )
    return [StallWaiting(**row) for row in rows]


def _cover(row: asyncpg.Record) -> Picture | None:
    if row["cover"] is None:
        return None
    return Picture(
        row["cover"],
        row["cover_kind"],
        row["cover_width"],
        row["cover_height"],
        row["cover_placeholder"],
        row["cover_colour"],
    )


async def public_notes(look: Look, most: int) -> list[tuple[str, datetime]]:
    """Live notes with the moment of their last change, newest first: for those who read the whole site."""
    rows = await look.db.fetch(
        "select id, changed_at from notes where state = 'live' order by published_at desc, id desc limit $1", most
    )
    return [(row["id"], row["changed_at"]) for row in rows]
