"""Publishing one thing: picture, name, price, done. Everything else is folded away."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from msgspec import UNSET

from xianji.domains import fees, items, members, orders
from xianji.domains.items import EditItem, NewItem
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.words import catalogue
from xianji.web import forms, render, shapes, things_form
from xianji.web.api.items import known
from xianji.web.bodies import whole
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, for_command, gather, kept_pictures, page_form, status_of, typed_in
from xianji.web.visit import Req, Visit, visit_of

_CLEARS = frozenset({"clear_place", "clear_serial"})
_NOT_EDITED = _CLEARS | {"version", "kind", "way"}
_FOLDED = frozenset({"title", "price", "media", "file", "", "kind"})


@get("/publish", include_in_schema=False)
async def new_item(request: Req, like: FromQuery[str] = "") -> Response[Any]:
    """The empty sheet, or with `like` one filled after a thing of mine; who may not sell yet sees what is missing."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/publish")
    missing = await checklist(visit)
    if missing:
        return render.sheet(visit, "pages/publish_closed.html", title="开始卖之前", conditions=missing)
    return await sheet(visit, await _like(visit, like) if like else Typed())


# What is another thing's own: its pictures, its number, its time.
_ONCE = ("media", "serial", "deadline", "price_steps")


async def _like(visit: Visit, item: str) -> Typed:
    async with visit.look() as look:
        page = await items.item_page(look, known("itm", item))
    if not page.mine:
        raise NOT_FOUND()
    filled = things_form.typed_of(page, ZoneInfo(visit.zone)).pairs
    return Typed([(name, "1" if name == "stock" else value) for name, value in filled if not name.startswith(_ONCE)])


async def checklist(visit: Visit) -> list[dict[str, Any]]:
    """The conditions of selling when one of them is not met, as `status.checklist` shows them."""
    if visit.actor.member is None:
        return []
    async with visit.look() as look:
        found = await members.selling_conditions(look, visit.actor.member)
    if all(one.met for one in found):
        return []
    words = catalogue("conditions")
    return [
        {
            "text": words[one.code][visit.language].format(**one.facts),
            "met": one.met,
            "note": "",
            "href": "" if one.met else one.action_url,
            "action": shapes.say(visit, "去完成"),
        }
        for one in found
    ]


async def sheet(visit: Visit, typed: Typed, refusal: Refusal | None = None, item: str = "") -> Response[Any]:
    """The sheet with what was typed; `item` is the id of what is edited."""
    errors = errors_of(visit, refusal)
    category = typed.get("category", "")
    return render.sheet(
        visit,
        "pages/publish.html",
        title="编辑宝贝" if item else "发布宝贝",
        back=f"/items/{item}" if item else "/",
        status=status_of(refusal),
        item=item,
        bought=await _bought(visit, item) if item else None,
        typed=typed,
        errors=errors,
        lost=refusal is not None and refusal.code.name == "sign_in_first",
        closed=await checklist(visit) if refusal and refusal.code.name == "cannot_sell_yet" else [],
        kept=await kept_pictures(visit, typed),
        choices=things_form.choices(visit),
        grades=things_form.grades(visit, category),
        questions=things_form.questions(visit, category, typed),
        photos=things_form.photos(visit, category),
        opened=bool(set(errors) - _FOLDED) or bool(typed.get("step")),
        net=await _net(visit),
    )


async def _bought(visit: Visit, item: str) -> str | None:
    """The order in which the visitor bought this thing of theirs, to compare it with."""
    async with visit.look() as look:
        return await orders.bought_in(look, item)


async def _net(visit: Visit) -> dict[str, Any]:
    """What the sheet needs to say how much is left after the platform's share."""
    async with visit.look() as look:
        policy = look.config.get(fees.POLICY)
    return {
        "rate": policy.rate_ppm,
        "cap": policy.cap,
        "currency": visit.house.here.currency,
        "lang": visit.language,
    }


def _shape_new(pairs: Pairs, currency: str) -> NewItem:
    return forms.fill(NewItem, pairs, currency)


def _shape_edit(pairs: Pairs, currency: str) -> EditItem:
    """Every field of the sheet counts, so a blank one takes the old answer away.

    A point or a serial number is never shown again: blank leaves it, its own box takes it away.
    """
    cleared = {name for name, value in pairs if name in _CLEARS and value}
    version = next((value for name, value in pairs if name == "version"), "")
    new = forms.fill(NewItem, [pair for pair in pairs if pair[0] not in _NOT_EDITED], currency)
    return EditItem(
        version=whole(version) or 0,
        title=new.title,
        price=new.price,
        stock=new.stock,
        description=new.description,
        media=new.media,
        condition=new.condition,
        category=new.category,
        attributes=new.attributes,
        original_price=new.original_price,
        shipping=new.shipping,
        handover=new.handover,
        bargain=new.bargain,
        deadline=new.deadline,
        price_steps=new.price_steps,
        place=None if "clear_place" in cleared else new.place or UNSET,
        place_label=None if "clear_place" in cleared else new.place_label,
        serial=None if "clear_serial" in cleared else new.serial or UNSET,
        second_look=new.second_look,
    )


async def _gather(visit: Visit, request: Req) -> Pairs:
    return for_command(visit, await gather(visit, request))


async def _again_new(request: Req, refusal: Refusal, fields: Typed) -> Response[Any]:
    return await sheet(visit_of(request), typed_in(request, fields), refusal)


async def _again_edit(request: Req, refusal: Refusal, fields: Typed, item: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    return await sheet(visit_of(request), typed_in(request, fields), refusal, item)


@post("/publish/step", include_in_schema=False)
async def next_step(request: Req) -> Response[Any]:
    """Without script: show the sheet again with the questions of the category that was chosen."""
    visit = visit_of(request)
    typed = Typed([*await gather(visit, request), ("step", "1")])
    return await sheet(visit, typed, item=typed.get("item", ""))


@get("/publish/questions", include_in_schema=False)
async def show_questions(request: Req, prefix: FromQuery[str] = "") -> Response[Any]:
    """Only the questions of a category, for the open sheet."""
    visit = visit_of(request)
    typed = Typed(tuple(request.query_params.items()))
    category = typed.get(prefix + "category", "")
    return render.page(
        visit,
        "pages/publish_questions.html",
        questions=things_form.questions(visit, category, typed, prefix[:20]),
        photos=things_form.photos(visit, category),
    )


@get("/items/{item:str}/edit", include_in_schema=False)
async def edit_item(request: Req, item: FromPath[str]) -> Response[Any]:
    """The sheet filled with an item of mine."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other(f"/sign-in?to=/items/{item}/edit")
    async with visit.look() as look:
        page = await items.item_page(look, known("itm", item))
    if not page.mine or "edit" not in page.actions:
        raise NOT_FOUND()
    typed = things_form.typed_of(page, ZoneInfo(visit.zone))
    return await sheet(visit, Typed([*typed.pairs, ("version", str(page.version))]), item=item)


COMMANDS: list[Command] = [
    page_form(
        "publish_item_form",
        "/publish",
        items.publish_item,
        NewItem,
        room="items",
        again=_again_new,
        gather=_gather,
        shape=_shape_new,
    ),
    page_form(
        "edit_item_form",
        "/items/{item}/edit",
        items.edit_item,
        EditItem,
        room="items",
        again=_again_edit,
        gather=_gather,
        shape=_shape_edit,
    ),
]

ROUTES: list[ControllerRouterHandler] = [edit_item, new_item, next_step, show_questions]
