"""The market: things on sale, by category, new or near."""

from typing import Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items
from xianji.domains.items import ItemCard
from xianji.kernel.pages import Page
from xianji.web import render, shapes
from xianji.web.here import cell_of
from xianji.web.visit import Reader, Req, visit_of

Sort = Literal["new", "near"]


@get("/market", include_in_schema=False)
async def show_market(
    request: Req,
    category: FromQuery[str | None] = None,
    sort: FromQuery[Sort] = "new",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Things on sale; with `cursor` over htmx only the next cards."""
    visit = visit_of(request)
    if category not in items.all_categories():
        category = None
    cell = cell_of(request)
    found = await visit.ask(items.live_items, sort, cell, cursor, category)
    if cursor and visit.htmx:
        return render.kept(visit, "pages/feed_more.html", _shown_more, category, sort, found)
    return render.kept(visit, "pages/market.html", _shown, category, sort, found, cell is None)


def _shown(reader: Reader, category: str | None, sort: Sort, found: Page[ItemCard], nowhere: bool) -> dict[str, Any]:
    return {
        **_shown_more(reader, category, sort, found),
        "categories": _categories(reader, category, sort),
        "sorts": [
            _link(shapes.say(reader, "最新"), _address(category, "new"), sort == "new"),
            _link(shapes.say(reader, "离我近"), _address(category, "near"), sort == "near"),
        ],
        "lost": sort == "near" and nowhere,
        "here": _address(category, "near"),
    }


def _shown_more(reader: Reader, category: str | None, sort: Sort, found: Page[ItemCard]) -> dict[str, Any]:
    return {
        "cards": [shapes.item_card(reader, card) for card in found.items],
        "more": _address(category, sort, found.next_cursor) if found.next_cursor else None,
    }


def _categories(reader: Reader, chosen: str | None, sort: Sort) -> list[dict[str, Any]]:
    names = [
        (code, one.name.zh if reader.language == "zh" else one.name.en) for code, one in items.all_categories().items()
    ]
    chips = [_link(name, _address(code, sort), code == chosen) for code, name in names]
    return [_link(shapes.say(reader, "全部"), _address(None, sort), chosen is None), *chips]


def _link(text: str, href: str, on: bool) -> dict[str, Any]:
    return {"text": text, "href": href, "on": on, "count": None}


def _address(category: str | None, sort: Sort, cursor: str | None = None) -> str:
    asked = {"category": category, "sort": sort if sort != "new" else None, "cursor": cursor}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/market?{query}" if query else "/market"


ROUTES: list[ControllerRouterHandler] = [show_market]
