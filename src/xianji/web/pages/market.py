"""The market: things on sale, narrowed by a form whose answers stay in the address, and in four orders."""

from typing import Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items
from xianji.domains.items import ItemCard, MarketFilter
from xianji.kernel.money import parse_decimal
from xianji.kernel.pages import Page
from xianji.web import render, shapes, things_form
from xianji.web.api.items import MarketSort
from xianji.web.forms import Pairs, Typed
from xianji.web.here import cell_of
from xianji.web.questions import MARKET
from xianji.web.visit import Reader, Req, Visit, visit_of

Way = Literal["", "ship", "meet", "digital"]

_SORTS: tuple[tuple[MarketSort, str], ...] = (
    ("new", "最新"),
    ("near", "离我近"),
    ("price_asc", "价格从低"),
    ("price_desc", "价格从高"),
)
# Fields of the form in the order of the address; `category` and `sort` have chips of their own.
_NARROWING = ("low", "high", "condition", "handover", "free")


@get("/market", include_in_schema=False)
async def show_market(
    request: Req, sort: FromQuery[MarketSort] = "new", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """Things on sale; with `cursor` over htmx only the next cards."""
    visit = visit_of(request)
    typed = Typed([(name, value) for name, value in request.query_params.multi_items() if isinstance(value, str)])
    only, errors = read_filter(visit, typed)
    cell = cell_of(request)
    told = await visit.ask(MARKET, sort, cell, cursor, only)
    if cursor and visit.htmx:
        return render.kept(visit, "pages/feed_more.html", _shown_more, told, typed.pairs, sort)
    facts = (typed.pairs, only.category, sort, cell is None)
    if errors:
        return render.page(visit, "pages/market.html", **(_shown(visit, told.said, *facts) | {"errors": errors}))
    return render.kept(visit, "pages/market.html", _shown, told, *facts)


def _shown(
    reader: Reader, found: Page[ItemCard], pairs: Pairs, category: str | None, sort: MarketSort, nowhere: bool
) -> dict[str, Any]:
    """`pairs` is the address as a form, `category` the one that narrows, `nowhere`: the viewer's cell is not known."""
    typed = Typed(pairs)
    return {
        **_shown_more(reader, found, pairs, sort),
        "typed": typed,
        "errors": {},
        "sort": sort,
        "category": category or "",
        "categories": _categories(reader, category, typed, sort),
        "sorts": [_link(shapes.say(reader, text), _address(typed, sort=one), one == sort) for one, text in _SORTS],
        "grades": things_form.grades(reader, category or ""),
        "ways": things_form.choices(reader)["ways"],
        "narrowed": sum(1 for name in _NARROWING if typed.get(name, "").strip()),
        "everything": _address(Typed([("category", category or "")]), sort=sort),
        "lost": sort == "near" and nowhere,
    }


def _shown_more(reader: Reader, found: Page[ItemCard], pairs: Pairs, sort: MarketSort) -> dict[str, Any]:
    return {
        "cards": [shapes.item_card(reader, card) for card in found.items],
        "more": _address(Typed(pairs), sort=sort, cursor=found.next_cursor) if found.next_cursor else None,
    }


def read_filter(visit: Visit, typed: Typed) -> tuple[MarketFilter, dict[str, str]]:
    """The form as a filter, and what in it could not be read; that part does not narrow."""
    errors: dict[str, str] = {}
    prices: dict[str, int | None] = {}
    for name in ("low", "high"):
        written = typed.get(name, "").strip()
        prices[name] = parse_decimal(written, visit.house.here.currency) if written else None
        if written and prices[name] is None:
            errors[name] = shapes.say(visit, "这里写个数，比如 50")
    category = typed.get("category", "")
    handover: Any = typed.get("handover", "")
    conditions: Any = tuple(one for one in typed.all("condition") if one in items.grade_words())
    only = MarketFilter(
        category if category in items.all_categories() else None,
        prices["low"],
        prices["high"],
        conditions,
        handover if handover in ("ship", "meet", "digital") else None,
        typed.get("free", "") == "1",
    )
    return only, errors


def _categories(reader: Reader, chosen: str | None, typed: Typed, sort: MarketSort) -> list[dict[str, Any]]:
    names = [
        (code, one.name.zh if reader.language == "zh" else one.name.en) for code, one in items.all_categories().items()
    ]
    chips = [_link(name, _address(typed, sort=sort, category=code), code == chosen) for code, name in names]
    return [_link(shapes.say(reader, "全部"), _address(typed, sort=sort, category=""), chosen is None), *chips]


def _link(text: str, href: str, on: bool) -> dict[str, Any]:
    return {"text": text, "href": href, "on": on, "count": None}


def _address(typed: Typed, sort: MarketSort, category: str | None = None, cursor: str | None = None) -> str:
    """The market as it was asked for, in this order; a page starts at `cursor`."""
    asked = [("category", typed.get("category", "") if category is None else category)]
    asked += [("sort", sort if sort != "new" else "")]
    asked += [(name, value) for name in _NARROWING for value in typed.all(name)]
    asked += [("cursor", cursor or "")]
    query = urlencode([pair for pair in asked if pair[1]])
    return f"/market?{query}" if query else "/market"


ROUTES: list[ControllerRouterHandler] = [show_market]
