"""What I look for again and again: saving the search that is shown, and the list of those I saved."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from xianji.domains import items, search
from xianji.domains.search import Ask, EditSavedSearch, Frequency, SavedSearch, SaveSearch
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.web import forms, order_words, render, shapes
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.here import cell_of
from xianji.web.things_form import plain
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

from .search import read_ask

_LONGEST_NAME = 40
_RHYTHMS: dict[Frequency, str] = {"instant": "有新的就告诉我", "daily": "每天说一次", "never": "先不用告诉我"}
_HANDOVER = {"ship": "邮寄", "meet": "面交", "digital": "线上交付"}


class SaveForm(msgspec.Struct, frozen=True):
    """The fields of a search's address, and the cell it was made from."""

    typed: Annotated[list[tuple[str, str]], Meta(max_length=200)]
    cell: int | None = None


async def gather(_visit: Visit, request: Req) -> Pairs:
    """The fields of the form, and where the visitor is."""
    cell = cell_of(request)
    return [*await forms.pairs(request), *([("cell", str(cell))] if cell else [])]


def wish(sent: Pairs, _currency: str) -> SaveForm:
    """The fields as a search."""
    cell = next((int(value) for name, value in sent if name == "cell" and value.isascii() and value.isdigit()), None)
    return SaveForm([pair for pair in sent if pair[0] != "cell"], cell)


async def save(visit: Visit, form: SaveForm) -> str:
    """Save a search under its own words; returns its id. Refuses what `search.save_search` refuses."""
    ask, _ = read_ask(visit, Typed(form.typed), form.cell)
    name = (ask.text or " · ".join(_wishes(visit, ask)) or shapes.say(visit, "宝贝"))[:_LONGEST_NAME]
    async with visit.work() as work:
        return await search.save_search(work, SaveSearch(name, ask))


@get("/me/searches", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """The searches I saved."""
    visit = visit_of(request)
    return see_other("/sign-in?to=/me/searches") if visit.actor.member is None else await _page(visit, None)


async def save_again(request: Req, refusal: Refusal, _typed: Typed) -> Response[Any]:
    """The list, with the reason why one more was not saved."""
    return await _page(visit_of(request), refusal)


async def edit_again(request: Req, refusal: Refusal, _typed: Typed, _search: str) -> Response[Any]:
    """The list, with the reason why one could not be changed."""
    return await _page(visit_of(request), refusal)


@get("/me/searches/{saved:str}", include_in_schema=False)
async def follow(request: Req, saved: FromPath[str]) -> Response[Any]:
    """On to what a saved search finds now, the newest first."""
    visit = visit_of(request)
    async with visit.look() as look:
        asks = [one.ask for one in await search.saved_searches(look) if one.id == saved]
    if not asks:
        raise NOT_FOUND()
    return see_other(address_of(visit, asks[0]))


async def _page(visit: Visit, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        saved = await search.saved_searches(look)
    return render.sheet(
        visit,
        "pages/saved_searches.html",
        title="保存的搜索",
        back="/me",
        status=status_of(refusal),
        searches=[_shown(visit, one) for one in saved],
        rhythms=[{"value": value, "text": shapes.say(visit, text)} for value, text in _RHYTHMS.items()],
        longest=_LONGEST_NAME,
        errors=errors_of(visit, refusal),
    )


def _shown(visit: Visit, one: SavedSearch) -> dict[str, Any]:
    wishes = " · ".join(_wishes(visit, one.ask))
    return {
        "id": one.id,
        "name": one.name,
        "says": " · ".join(part for part in (one.ask.text, wishes) if part and part != one.name),
        "href": address_of(visit, one.ask),
        "frequency": one.frequency,
        "found": one.found,
    }


def _wishes(visit: Visit, ask: Ask) -> list[str]:
    """What an ask narrows to, in a few words each."""
    category = items.all_categories().get(ask.category or "")
    named = (category.name.zh if visit.language == "zh" else category.name.en) if category else ""
    grades = "/".join(shapes.condition(visit.language, one, ask.category) for one in ask.conditions)
    handover = shapes.say(visit, _HANDOVER[ask.handover]) if ask.handover else ""
    free = shapes.say(visit, "免费送") if ask.free else ""
    radius = f"{ask.radius_km:g} km" if ask.radius_km else ""
    more = [one.partition("=")[2] for one in ask.attributes]
    return [part for part in (named, _prices(visit, ask), grades, handover, free, ask.city, radius, *more) if part]


def _prices(visit: Visit, ask: Ask) -> str:
    currency = visit.house.here.currency
    low, high = ("" if one is None else order_words.amount(visit, Money(one, currency)) for one in (ask.low, ask.high))
    if low and high:
        return f"{low}–{high}"
    if low:
        return render.translate(visit, "%(price)s 起", price=low)
    return render.translate(visit, "%(price)s 以内", price=high) if high else ""


def address_of(visit: Visit, ask: Ask) -> str:
    """The page of search that asks this, the newest first."""
    prices = {"low": ask.low, "high": ask.high}
    currency = visit.house.here.currency
    single = {
        "q": ask.text,
        "category": ask.category,
        **{name: None if one is None else plain(Money(one, currency)) for name, one in prices.items()},
        "handover": ask.handover,
        "seller": ask.seller_type,
        "city": ask.city,
        "circle": ask.circle,
        "km": None if ask.radius_km is None else f"{ask.radius_km:g}",
        "free": "1" if ask.free else None,
    }
    asked = [(name, value) for name, value in single.items() if value]
    asked += [("condition", one) for one in ask.conditions] + [("attribute", one) for one in ask.attributes]
    return "/search?" + urlencode([*asked, ("sort", "new")])


def _to_list(*_: object) -> str:
    return "/me/searches?ok=saved"


COMMANDS: list[Command] = [
    Command(
        "save_search_form",
        "/me/searches",
        save,
        SaveForm,
        then=_to_list,
        again=save_again,
        gather=gather,
        shape=wish,
        outside=True,
        api=False,
    ),
    Command(
        "edit_saved_search_form",
        "/me/searches/{saved}",
        search.edit_saved_search,
        EditSavedSearch,
        then=_to_list,
        again=edit_again,
        api=False,
    ),
]

ROUTES: list[ControllerRouterHandler] = [follow, show]
