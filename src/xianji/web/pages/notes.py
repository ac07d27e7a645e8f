"""One note: pictures, words, the board of its things, and the talk below."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items, media, notes, offers
from xianji.domains.items import ItemCard, NewItem
from xianji.domains.notes import CommentView, NewComment, NotePage, Thread, Wish
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import CommentId, MediaId
from xianji.kernel.money import as_text
from xianji.kernel.pages import Page
from xianji.kernel.text import Body
from xianji.kernel.work import Work
from xianji.web import board, forms, render, rulings, shapes, sharing
from xianji.web.api.items import known
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.here import cell_of
from xianji.web.typed import errors_of, for_command, gather, kept_pictures, status_of, typed_in
from xianji.web.visit import Req, Visit, visit_of


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
    async with visit.look() as look:
        page, talk = await notes.note_and_talk(look, note, board.read(visit, asked), cell, cursor)
        sizes = await media.load(look, _pictures(page, talk))
        bundle = await offers.bundle_of(look, note)
        mine = await items.seller_items(look, look.actor.me) if _may_answer(page) else None
    typed = typed or Typed([("parent", reply)] if reply else [])
    board_of = shapes.board(visit, page.board, sizes, board.controls(visit, page, asked, cell is not None))
    return render.page(
        visit,
        "pages/note.html",
        status_of(refusal),
        note=page,
        hidden_why=rulings.why(visit, (page.hidden_reason or "").split(",")),
        gallery=[shapes.picture(one, page.title, {}) for one in page.media],
        author=shapes.seller(visit, page.author),
        segments=page.segments,
        circle=_circle(visit, page),
        board=board_of,
        picks=f"/notes/{note}/cart" if any(cell["pick"] for cell in board_of["cells"]) else "",
        bundle=_bundle(visit, bundle),
        bundle_href=f"/notes/{note}/bundle"
        if page.mine and page.state in ("live", "draft") and page.board.total
        else "",
        waiting=[shapes.board_card(visit, one, sizes) for one in page.board.things if one.actions],
        thread=[comment_of(visit, page, one, sizes) for one in talk.items],
        more=f"/notes/{note}?cursor={quote(talk.next_cursor)}#talk" if talk.next_cursor else None,
        typed=typed,
        kept=await kept_pictures(visit, typed, "item.media"),
        wish=_wish(visit, page),
        have=_have(visit, page, mine.items) if mine else [],
        errors=errors_of(visit, refusal),
        lost=refusal is not None and refusal.code.name == "sign_in_first",
        answered=_answered(talk, typed.get("parent", "")),
        share=sharing.share_panel(visit, page.share),
        graph=sharing.open_graph(visit, page.share, page.body, page.media[0] if page.media else None),
    )


def _bundle(visit: Visit, bundle: offers.BundleView | None) -> str:
    """The rule of a bundle in a few words."""
    if bundle is None:
        return ""
    return shapes.say(visit, "任选 %(n)s 件一起减 %(percent)s%%", n=bundle.count, percent=bundle.percent)


def _pictures(page: NotePage, talk: Page[Thread]) -> list[str]:
    cards = [thing.card for thing in page.board.things]
    for thread in talk.items:
        cards += [one.thing.card for one in (thread.comment, *thread.replies) if one.thing]
    return [card.picture.id for card in cards if card.picture]


def _may_answer(page: NotePage) -> bool:
    """Whether this viewer may answer a wish with a thing of theirs."""
    return page.wanted_state == "open" and "add_item" in page.actions and not page.mine


def _wish(visit: Visit, page: NotePage) -> dict[str, Any] | None:
    """What a wanted note asks for, for its panel."""
    if page.kind != "wanted":
        return None
    wish = page.wish or Wish()
    category = items.all_categories().get(wish.category or "")
    name = (category.name.zh if visit.language == "zh" else category.name.en) if category else ""
    return {
        "id": page.wanted,
        "budget": wish.budget,
        "category": name,
        "open": page.wanted_state == "open",
        "answers": page.board.guests,
        "mine": page.mine,
        "answer": _may_answer(page),
    }


def _have(visit: Visit, page: NotePage, mine: list[ItemCard]) -> list[dict[str, str]]:
    """The viewer's own things on sale that do not answer yet, as options."""
    shown = {thing.card.id for thing in page.board.things}
    cards = [card for card in mine if card.id not in shown]
    none = [{"value": "", "text": shapes.say(visit, "从我在卖的里选")}]
    return [*none, *({"value": card.id, "text": _line(visit, card)} for card in cards)] if cards else []


def _line(visit: Visit, card: ItemCard) -> str:
    price = card.price
    return f"{card.title} · {as_text(price.amount, price.currency, 'zh_CN' if visit.language == 'zh' else 'en_US')}"


def _circle(visit: Visit, page: NotePage) -> dict[str, str] | None:
    if page.circle is None:
        return None
    english = page.circle.name_en if visit.language == "en" else ""
    return {"name": english or page.circle.name, "href": f"/circles/{page.circle.slug}"}


def comment_of(visit: Visit, page: NotePage, thread: Thread, sizes: Any) -> dict[str, Any]:
    """A comment with its replies for `talk.comment`."""
    return {
        **_words(visit, page, thread.comment, sizes),
        "replies": [_words(visit, page, one, sizes) for one in thread.replies],
        "more": thread.more,
    }


def _words(visit: Visit, page: NotePage, one: CommentView, sizes: Any) -> dict[str, Any]:
    gone = {"name": shapes.say(visit, "已删除"), "href": f"/notes/{page.id}", "face": None}
    root = one.parent or one.id
    return {
        "id": one.id,
        "who": shapes.person(one.author) if one.author else gone,
        "is_host": one.host,
        "at": one.created_at,
        "segments": one.segments,
        "gone": one.author is None,
        "mine": one.author is not None and one.author.id == visit.actor.member,
        "pictures": [shapes.picture(picture, "", {}) for picture in one.media],
        "likes": one.likes,
        "liked": one.liked,
        "reply_href": f"/notes/{page.id}?reply={root}#say",
        "stall": _stall(visit, one, sizes),
        "actions": one.actions,
        "replies": [],
        "more": 0,
    }


def _stall(visit: Visit, one: CommentView, sizes: Any) -> dict[str, Any] | None:
    if one.thing is None:
        return None
    card = one.thing.card
    return {
        **shapes.item_tile(visit, card, sizes),
        "condition": shapes.condition(visit.language, card.condition, card.category),
        "sold": card.state in ("sold", "expired"),
        "note": shapes.say(visit, "等楼主点头，暂时只有你们看得到") if one.thing.state == "waiting" else "",
    }


def _answered(talk: Page[Thread], comment: str) -> str:
    everyone: Sequence[CommentView] = [one for thread in talk.items for one in (thread.comment, *thread.replies)]
    return next((one.author.name for one in everyone if one.id == comment and one.author), "")


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
