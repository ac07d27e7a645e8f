"""One note: pictures, words, the board of its things, and the talk below."""

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items, notes, offers
from xianji.domains.items import ItemCard, NewItem
from xianji.domains.notes import BoardFilter, CommentView, NewComment, NotePage, Thread, Wish
from xianji.domains.offers import BundleView
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import CommentId, MediaId
from xianji.kernel.money import as_text
from xianji.kernel.pages import Page
from xianji.kernel.text import Body
from xianji.kernel.work import Look, Work
from xianji.web import board, forms, render, rulings, shapes, sharing
from xianji.web.api.items import known
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.here import cell_of
from xianji.web.known import Question
from xianji.web.saw import saw
from xianji.web.typed import errors_of, for_command, gather, kept_pictures, status_of, typed_in
from xianji.web.visit import Reader, Req, Visit, visit_of


class _Facts(msgspec.Struct, frozen=True):
    """What the page of a note shows one viewer.

    `said` are the viewer's own comments, `own` their things on the board, `offered` what they could answer a wish with.
    """

    page: NotePage
    talk: Page[Thread]
    bundle: BundleView | None
    said: list[str]
    own: list[str]
    offered: list[ItemCard]


async def _read(look: Look, note: str, only: BoardFilter, cell: int | None, cursor: str | None) -> _Facts:
    page, talk = await notes.note_and_talk(look, note, only, cell, cursor)
    bundle = await offers.bundle_of(look, note)
    offered = await items.seller_items(look, look.actor.me) if _may_answer(page) else None
    said = [one.id for one in _everyone(talk) if one.author and one.author.id == look.actor.member]
    own = [one.card.id for one in page.board.things if one.card.seller.id == look.actor.member]
    return _Facts(page, talk, bundle, said, own, offered.items if offered else [])


_FACTS = Question(_read)


@get("/notes/{note:str}", include_in_schema=False)
async def show_note(
    request: Req,
    note: FromPath[str],
    reply: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """The page of one note."""
    return await note_page(request, known("nte", note), reply, cursor)


async def note_page(
    request: Req,
    note: str,
    reply: str = "",
    cursor: str | None = None,
    typed: Typed | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    """The note with what somebody typed below it."""
    visit = visit_of(request)
    asked = Typed([(name, value) for name, value in request.query_params.multi_items() if isinstance(value, str)])
    cell = cell_of(request)
    told = await visit.ask(_FACTS, note, board.read(visit, asked), cell, cursor)
    saw(request, (note,), opened=True)
    address = (asked.pairs, cell is not None, reply)
    if typed is None and refusal is None:
        return render.kept(visit, "pages/note.html", _shown, told, *address)
    typed = typed or Typed()
    answer = {
        "typed": typed,
        "kept": await kept_pictures(visit, typed, "item.media"),
        "errors": errors_of(visit, refusal),
        "lost": refusal is not None and refusal.code.name == "sign_in_first",
        "answered": _answered(told.said.talk, typed.get("parent", "")),
    }
    return render.page(visit, "pages/note.html", status_of(refusal), **(_shown(visit, told.said, *address) | answer))


def _shown(reader: Reader, facts: _Facts, asked: Pairs, placed: bool, reply: str) -> dict[str, Any]:
    """`asked` is the address as a form, `placed` whether the viewer's cell is known."""
    page, talk = facts.page, facts.talk
    board_of = shapes.board(reader, page.board, board.controls(reader, page, Typed(asked), placed), facts.own)
    bundled = page.mine and page.state in ("live", "draft") and page.board.total
    return {
        "note": page,
        "hidden_why": rulings.why(reader, (page.hidden_reason or "").split(",")),
        "gallery": shapes.gallery(page.media, page.title),
        "author": shapes.seller(reader, page.author),
        "segments": page.segments,
        "circle": _circle(reader, page),
        "board": board_of,
        "picks": f"/notes/{page.id}/cart" if any(cell["pick"] for cell in board_of["cells"]) else "",
        "bundle": _bundle(reader, facts.bundle),
        "bundle_href": f"/notes/{page.id}/bundle" if bundled else "",
        "waiting": [shapes.board_card(reader, one, facts.own) for one in page.board.things if one.actions],
        "thread": [comment_of(reader, page, one, facts.said) for one in talk.items],
        "more": f"/notes/{page.id}?cursor={quote(talk.next_cursor)}#talk" if talk.next_cursor else None,
        "typed": Typed([("parent", reply)] if reply else []),
        "kept": [],
        "wish": _wish(reader, page),
        "have": _have(reader, page, facts.offered),
        "errors": {},
        "lost": False,
        "answered": _answered(talk, reply),
        "share": sharing.share_panel(reader, page.share),
        "graph": sharing.open_graph(reader, page.share, page.body, page.media[0] if page.media else None),
    }


def _bundle(reader: Reader, bundle: offers.BundleView | None) -> str:
    """The rule of a bundle in a few words."""
    if bundle is None:
        return ""
    return shapes.say(reader, "任选 %(n)s 件一起减 %(percent)s%%", n=bundle.count, percent=bundle.percent)


def _may_answer(page: NotePage) -> bool:
    """Whether this viewer may answer a wish with a thing of theirs."""
    return page.wanted_state == "open" and "add_item" in page.actions and not page.mine


def _wish(reader: Reader, page: NotePage) -> dict[str, Any] | None:
    """What a wanted note asks for, for its panel."""
    if page.kind != "wanted":
        return None
    wish = page.wish or Wish()
    category = items.all_categories().get(wish.category or "")
    name = (category.name.zh if reader.language == "zh" else category.name.en) if category else ""
    return {
        "id": page.wanted,
        "budget": wish.budget,
        "category": name,
        "open": page.wanted_state == "open",
        "answers": page.board.guests,
        "mine": page.mine,
        "answer": _may_answer(page),
    }


def _have(reader: Reader, page: NotePage, mine: list[ItemCard]) -> list[dict[str, str]]:
    """The viewer's own things on sale that do not answer yet, as options."""
    shown = {thing.card.id for thing in page.board.things}
    cards = [card for card in mine if card.id not in shown]
    none = [{"value": "", "text": shapes.say(reader, "从我在卖的里选")}]
    return [*none, *({"value": card.id, "text": _line(reader, card)} for card in cards)] if cards else []


def _line(reader: Reader, card: ItemCard) -> str:
    price = card.price
    return f"{card.title} · {as_text(price.amount, price.currency, 'zh_CN' if reader.language == 'zh' else 'en_US')}"


def _circle(reader: Reader, page: NotePage) -> dict[str, str] | None:
    if page.circle is None:
        return None
    english = page.circle.name_en if reader.language == "en" else ""
    return {"name": english or page.circle.name, "href": f"/circles/{page.circle.slug}"}


def comment_of(reader: Reader, page: NotePage, thread: Thread, said: list[str]) -> dict[str, Any]:
    """A comment with its replies for `talk.comment`."""
    return {
        **_words(reader, page, thread.comment, said),
        "replies": [_words(reader, page, one, said) for one in thread.replies],
        "more": thread.more,
    }


def _words(reader: Reader, page: NotePage, one: CommentView, said: list[str]) -> dict[str, Any]:
    gone = {"name": shapes.say(reader, "已删除"), "href": f"/notes/{page.id}", "face": None}
    root = one.parent or one.id
    return {
        "id": one.id,
        "who": shapes.person(one.author) if one.author else gone,
        "is_host": one.host,
        "at": one.created_at,
        "segments": one.segments,
        "gone": one.author is None,
        "mine": one.id in said,
        "pictures": [shapes.picture(picture, "") for picture in one.media],
        "likes": one.likes,
        "liked": one.liked,
        "reply_href": f"/notes/{page.id}?reply={root}#say",
        "stall": _stall(reader, one),
        "actions": one.actions,
        "replies": [],
        "more": 0,
    }


def _stall(reader: Reader, one: CommentView) -> dict[str, Any] | None:
    if one.thing is None:
        return None
    card = one.thing.card
    return {
        **shapes.item_tile(reader, card),
        "condition": shapes.condition(reader.language, card.condition, card.category),
        "sold": card.state in ("sold", "expired"),
        "note": shapes.say(reader, "等楼主点头，暂时只有你们看得到") if one.thing.state == "waiting" else "",
    }


def _answered(talk: Page[Thread], comment: str) -> str:
    return next((one.author.name for one in _everyone(talk) if one.id == comment and one.author), "")


def _everyone(talk: Page[Thread]) -> list[CommentView]:
    return [one for thread in talk.items for one in (thread.comment, *thread.replies)]


class _StallComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment whose thing is new: what the form can say, where the API may also name a thing by its id."""

    item: NewItem
    body: Body = ""
    media: list[MediaId] = []
    parent: CommentId | None = None


async def _gather_comment(visit: Visit, request: Req) -> Pairs:
    return for_command(visit, await gather(visit, request))


def _shape_comment(pairs: Pairs, currency: str) -> NewComment:
    """A comment brings a thing when its stall was filled in; a lone price without a name is left to the judge."""
    stall = any(name.startswith("item.") and value.strip() for name, value in pairs)
    fields = [pair for pair in pairs if (pair[0] != "item" if stall else not pair[0].startswith("item."))]
    if not stall:
        return forms.fill(NewComment, fields, currency)
    filled = forms.fill(_StallComment, fields, currency)
    return NewComment(body=filled.body, media=filled.media, parent=filled.parent, item=filled.item)


async def _again(request: Req, refusal: Refusal, fields: Typed, note: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    return await note_page(request, note, typed=typed_in(request, fields), refusal=refusal)


async def _found(work: Work, _: ids.NoteId, wanted: ids.WantedId) -> None:
    await items.close_wanted(work, wanted)


COMMANDS: list[Command] = [
    Command(
        "found_wanted_form",
        "/notes/{note}/wanted/{wanted}/close",
        _found,
        then=lambda _, note, __: f"/notes/{note}",
        api=False,
    ),
    Command(
        "add_comment_form",
        "/notes/{note}/comments",
        notes.add_comment,
        NewComment,
        then=lambda made, note: f"/notes/{note}#{made}",
        again=_again,
        gather=_gather_comment,
        shape=_shape_comment,
        api=False,
    ),
]

ROUTES: list[ControllerRouterHandler] = [show_note]
