"""One note in two round trips: the note with everything of its own, then the cards of its things."""

from collections.abc import Sequence

import asyncpg
import msgspec

from xianji.domains import items, members
from xianji.domains.items import ItemCard, ShareText
from xianji.domains.notes import rules
from xianji.domains.notes.model import BoardFilter, Wish
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import as_text
from xianji.kernel.work import Look

from .board import board_of
from .shapes import Board, CircleLine, NotePage, distance_km, pictures_of, segments_of

_WHOLE_BOARD = BoardFilter()


async def note_page(look: Look, note: str, board: BoardFilter = _WHOLE_BOARD, cell: int | None = None) -> NotePage:
    """The page of one note. `cell` is the viewer's, for distances. Refuses `not_found` for what they may not see."""
    row = await load(look, note)
    return page_of(look, row, await items.cards(look, things_of(row), cell), board, cell)


def things_of(row: asyncpg.Record) -> list[str]:
    """The things on a loaded note's board, those of its comments among them."""
    return [thing["item"] for thing in row["board"]]


async def load(look: Look, note: str) -> asyncpg.Record:
    """The note with everything of its own, as this viewer may see it."""
    row = await look.db.fetchrow(
        "select n.*, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count, c.slug as circle_slug, c.name as circle_name, c.name_en as circle_name_en,"
        " coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind, 'width', d.width, 'height',"
        " d.height, 'placeholder', d.placeholder, 'colour', d.colour) order by p.place) from note_media p"
        " join media d on d.id = p.media and d.state = 'ready' where p.note = n.id), '[]') as pictures,"
        " coalesce((select jsonb_agg(jsonb_build_object('item', b.item, 'way', b.way, 'state', b.state, 'owner',"
        " b.owner, 'comment', b.comment) order by b.place) from note_items b where b.note = n.id"
        " and not b.hidden and (b.state = 'shown' or b.owner = $2 or n.author = $2 or $3)), '[]') as board,"
        " exists (select from note_likes l where l.note = n.id and l.member = $2) as liked,"
        " exists (select from note_saves s where s.note = n.id and s.member = $2) as saved,"
        " exists (select from ties t where t.member = $2 and t.kind = 'follows' and t.other = n.author) as following,"
        " (select (w.id, w.state) from wanted_posts w where w.note = n.id order by w.id limit 1) as wish,"
        " (select h.reason from note_moves h where h.note = n.id and h.comment = '' and n.state = 'hidden'"
        " order by h.version desc limit 1) as hidden_reason"
        " from notes n join members m on m.id = n.author left join circles c on c.id = n.circle"
        " where n.id = $1 and (n.state = 'live' or n.author = $2 or $3 and n.state <> 'draft')"
        " and not exists (select from apart where member = $2 and other = n.author)",
        note,
        look.actor.member,
        _operates(look),
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def note_board(look: Look, note: str, board: BoardFilter = _WHOLE_BOARD, cell: int | None = None) -> Board:
    """Only the board of a note, for its filter chips. Refuses `not_found`."""
    return (await note_page(look, note, board, cell)).board


def _operates(look: Look) -> bool:
    return look.actor.system or bool(look.actor.roles & {"moderator", "admin"})


def page_of(
    look: Look, row: asyncpg.Record, cards: Sequence[ItemCard], wanted: BoardFilter, cell: int | None
) -> NotePage:
    """The page from a loaded note and the cards of its board."""
    board = board_of(look, row["author"], row["board"], cards, wanted)
    return NotePage(
        id=row["id"],
        version=row["version"],
        kind=row["kind"],
        state=row["state"],
        title=row["title"],
        body=row["body"],
        segments=segments_of(row["segments"]),
        author=members.card_of(row, "author"),
        mine=row["author"] == look.actor.member,
        following=row["following"],
        media=pictures_of(row["pictures"]),
        board=board,
        guest_stalls=row["guest_stalls"],
        circle=_circle(row),
        place_label=row["place_label"],
        distance_km=distance_km(cell, row["cell"]),
        likes=row["likes"],
        saves=row["saves"],
        comments=row["comments"],
        liked=row["liked"],
        saved=row["saved"],
        from_note=row["from_note"],
        wanted=row["wish"][0] if row["wish"] else None,
        wanted_state=row["wish"][1] if row["wish"] else None,
        wish=msgspec.convert(row["wanted"], Wish | None),
        created_at=row["created_at"],
        published_at=row["published_at"],
        changed_at=row["changed_at"],
        edited=row["published_at"] is not None and row["changed_at"] > row["published_at"],
        hidden_reason=row["hidden_reason"],
        actions=_actions(look, row),
        share=_share(row, board),
    )


def _circle(row: asyncpg.Record) -> CircleLine | None:
    if row["circle"] is None:
        return None
    return CircleLine(row["circle"], row["circle_slug"], row["circle_name"], row["circle_name_en"])


def _actions(look: Look, row: asyncpg.Record) -> list[str]:
    """The verbs open to this viewer: the machine's for author and operators, and what anybody does with a live note."""
    me, state = look.actor.member, row["state"]
    verbs: list[str] = []
    if me == row["author"]:
        verbs += [*rules.NOTE.open_to(state, "author"), *(["edit"] if state in ("draft", "live") else [])]
    if _operates(look):
        verbs += rules.NOTE.open_to(state, "operator")
    if state != "live":
        return verbs
    if me is not None:
        verbs += ["unlike" if row["liked"] else "like", "unsave" if row["saved"] else "save", "comment"]
        if me == row["author"] or row["guest_stalls"] != "forbid":
            verbs.append("add_item")
        if me != row["author"]:
            verbs += ["want_same", "report"]
    return [*verbs, "share"]


def _share(row: asyncpg.Record, board: Board) -> ShareText:
    """Words to paste anywhere, in both languages; the address is below the installation's own."""
    title = row["title"] or (board.things[0].card.title if board.things else row["body"].partition("\n")[0][:30])
    return ShareText(
        f"/notes/{row['id']}",
        _lines(title, f"{board.total} 件", row["place_label"], _span(board, "zh_CN"), board.total),
        _lines(title, f"{board.total} things", row["place_label"], _span(board, "en_US"), board.total),
    )


def _lines(title: str, count: str, place: str | None, span: str, total: int) -> str:
    facts = [*([count] if total > 1 else []), *([span] if span else []), *([place] if place else [])]
    return f"{title}\n{' · '.join(facts)}" if facts else title


def _span(board: Board, locale: str) -> str:
    if board.low is None or board.high is None:
        return ""
    low = as_text(board.low.amount, board.low.currency, locale)
    high = as_text(board.high.amount, board.high.currency, locale)
    return low if low == high else f"{low}-{high}"
