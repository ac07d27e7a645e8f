"""Comments as threads: two round trips, one for the words and one for the cards of the things."""

from collections.abc import Iterable, Sequence

import asyncpg

from xianji.domains import items, members
from xianji.domains.items import ItemCard
from xianji.domains.notes import rules
from xianji.domains.notes.model import REPLIES_SHOWN, CommentSort
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .board import thing_of
from .shapes import CommentView, Thread, pictures_of, segments_of


async def comments(
    look: Look, note: str, cursor: str | None = None, sort: CommentSort = "new", limit: int = PAGE_SIZE
) -> Page[Thread]:
    """The talk below a note: newest, oldest or most liked first, each comment with its first replies.

    An unknown note, or one this viewer may not see, has no comments.
    """
    rows = await load(look, note, cursor, sort, limit)
    return threads_of(look, rows, await _cards(look, rows), limit)


async def load(look: Look, note: str, cursor: str | None, sort: CommentSort, limit: int) -> list[asyncpg.Record]:
    """The rows of one page of comments and of the first replies to each."""
    likes, after = decode_cursor(cursor, tuple[int, str]) if cursor else (None, "")
    return await look.db.fetch(
        "with host as (select n.id, n.author from notes n where n.id = $1"
        " and (n.state = 'live' or n.author = $2 or $3)"
        " and not exists (select from apart where member = $2 and other = n.author)),"
        " top as (select c.*, row_number() over w as line from comments c join host on host.id = c.note"
        " where c.note = $1 and c.parent is null and (c.state = 'live' or c.state = 'removed' and c.replies > 0"
        " or c.state = 'hidden' and (c.author = $2 or $3))"
        " and not exists (select from apart where member = $2 and other = c.author)"
        " and ($4::integer is null or case $6 when 'old' then c.id > $5 when 'liked' then (c.likes, c.id) < ($4, $5)"
        " else c.id < $5 end)"
        " window w as (order by case when $6 = 'liked' then c.likes end desc nulls last,"
        " case when $6 = 'old' then c.id end, c.id desc) order by line limit $7),"
        " told as (select top.* from top union all select r.* from top cross join lateral (select c.*, top.line"
        " from comments c where c.note = $1 and c.parent = top.id and c.state = 'live'"
        " and not exists (select from apart where member = $2 and other = c.author) order by c.id limit $8) r)"
        " select c.*, host.author as host, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type,"
        " m.response_minutes, m.sold_count,"
        " exists (select from comment_likes l where l.note = $1 and l.comment = c.id and l.member = $2) as liked,"
        " coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind, 'width', d.width, 'height',"
        " d.height, 'placeholder', d.placeholder, 'colour', d.colour) order by array_position(c.media, d.id))"
        " from media d where d.id = any(c.media) and d.state = 'ready'), '[]') as pictures,"
        " b.way, b.state as stall, b.owner, b.item as thing"
        " from told c join host on true join members m on m.id = c.author"
        " left join note_items b on b.note = $1 and b.comment = c.id and not b.hidden"
        " and (b.state = 'shown' or b.owner = $2 or host.author = $2 or $3)"
        " order by c.line, c.parent nulls first, c.id",
        note,
        look.actor.member,
        _operates(look),
        likes,
        after,
        sort,
        limit + 1,
        look.config.get(REPLIES_SHOWN),
    )


def threads_of(look: Look, rows: Sequence[asyncpg.Record], cards: Iterable[ItemCard], limit: int) -> Page[Thread]:
    """Threads from loaded rows and the cards of the things in them."""
    views = _views(look, rows, cards)
    heads = [view for view in views if view.parent is None]
    more = encode_cursor(heads[limit - 1].likes, heads[limit - 1].id) if len(heads) > limit else None
    return Page([_thread(head, [one for one in views if one.parent == head.id]) for head in heads[:limit]], more)


async def replies(
    look: Look, note: str, comment: str, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[CommentView]:
    """The replies under one comment, oldest first; `cursor` may be a thread's `replies_cursor`."""
    rows = await look.db.fetch(
        "with host as (select n.id, n.author from notes n where n.id = $1"
        " and (n.state = 'live' or n.author = $2 or $3)"
        " and not exists (select from apart where member = $2 and other = n.author))"
        " select c.*, host.author as host, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type,"
        " m.response_minutes, m.sold_count,"
        " exists (select from comment_likes l where l.note = $1 and l.comment = c.id and l.member = $2) as liked,"
        " coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind, 'width', d.width, 'height',"
        " d.height, 'placeholder', d.placeholder, 'colour', d.colour) order by array_position(c.media, d.id))"
        " from media d where d.id = any(c.media) and d.state = 'ready'), '[]') as pictures,"
        " b.way, b.state as stall, b.owner, b.item as thing"
        " from comments c join host on host.id = c.note join members m on m.id = c.author"
        " left join note_items b on b.note = $1 and b.comment = c.id and not b.hidden"
        " and (b.state = 'shown' or b.owner = $2 or host.author = $2 or $3)"
        " where c.note = $1 and c.parent = $4 and c.id > $5"
        " and (c.state = 'live' or c.state = 'hidden' and (c.author = $2 or $3))"
        " and not exists (select from apart where member = $2 and other = c.author) order by c.id limit $6",
        note,
        look.actor.member,
        _operates(look),
        comment,
        decode_cursor(cursor, tuple[str])[0] if cursor else "",
        limit + 1,
    )
    views = _views(look, rows[:limit], await _cards(look, rows[:limit]))
    return Page(views, encode_cursor(views[-1].id) if len(rows) > limit else None)


def _operates(look: Look) -> bool:
    return look.actor.system or bool(look.actor.roles & {"moderator", "admin"})


async def _cards(look: Look, rows: Sequence[asyncpg.Record]) -> list[ItemCard]:
    things = [row["thing"] for row in rows if row["thing"]]
    return await items.cards(look, things) if things else []


def _views(look: Look, rows: Sequence[asyncpg.Record], cards: Iterable[ItemCard]) -> list[CommentView]:
    found = {card.id: card for card in cards}
    return [_view(look, row, found.get(row["thing"])) for row in rows]


def _view(look: Look, row: asyncpg.Record, card: ItemCard | None) -> CommentView:
    gone = row["state"] == "removed"
    board = {"owner": row["owner"], "way": row["way"], "state": row["stall"], "comment": row["id"]}
    return CommentView(
        id=row["id"],
        note=row["note"],
        parent=row["parent"],
        state=row["state"],
        author=None if gone else members.card_of(row, "author"),
        host=not gone and row["author"] == row["host"],
        body="" if gone else row["body"],
        segments=[] if gone else segments_of(row["segments"]),
        media=[] if gone else pictures_of(row["pictures"]),
        thing=thing_of(look, row["host"], board, card) if card else None,
        likes=row["likes"],
        liked=row["liked"],
        replies=row["replies"],
        created_at=row["created_at"],
        actions=_actions(look, row),
    )


def _actions(look: Look, row: asyncpg.Record) -> list[str]:
    """The verbs open to this viewer, from the machine by their role and what anybody does with a live comment."""
    me, state = look.actor.member, row["state"]
    if me is None:
        return []
    role = "author" if me == row["author"] else "host" if me == row["host"] else "operator" if _operates(look) else ""
    verbs = list(rules.COMMENT.open_to(state, role))
    if state != "live":
        return verbs
    return ["unlike" if row["liked"] else "like", "reply", *verbs, *(["report"] if role != "author" else [])]


def _thread(head: CommentView, below: list[CommentView]) -> Thread:
    more = max(0, head.replies - len(below))
    return Thread(head, below, more, encode_cursor(below[-1].id) if more and below else None)
