"""The market: things on sale, by category, new or near."""

from typing import Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items, media
from xianji.web import render, shapes
from xianji.web.here import cell_of
from xianji.web.visit import Req, Visit, visit_of

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
    async with visit.look() as look:
        found = await items.live_items(look, sort, cell, cursor, category)
        sizes = await media.load(look, [card.picture.id for card in found.items if card.picture])
    cards = [shapes.item_card(visit, card, sizes) for card in found.items]
    more = _address(category, sort, found.next_cursor) if found.next_cursor else None
    if cursor and visit.htmx:
        return render.page(visit, "pages/feed_more.html", cards=cards, more=more)
    return render.page(
        visit,
        "pages/market.html",
        cards=cards,
        more=more,
        categories=_categories(visit, category, sort),
        sorts=[
            _link(shapes.say(visit, "最新"), _address(category, "new"), sort == "new"),
            _link(shapes.say(visit, "离我近"), _address(category, "near"), sort == "near"),
        ],
        lost=sort == "near" and cell is None,
        here=_address(category, "near"),
    )


def _categories(visit: Visit, chosen: str | None, sort: Sort) -> list[dict[str, Any]]:
    names = [
        (code, one.name.zh if visit.language == "zh" else one.name.en) for code, one in items.all_categories().items()
    ]
    chips = [_link(name, _address(code, sort), code == chosen) for code, name in names]
    return [_link(shapes.say(visit, "全部"), _address(None, sort), chosen is None), *chips]


def _link(text: str, href: str, on: bool) -> dict[str, Any]:
    return {"text": text, "href": href, "on": on, "count": None}


def _address(category: str | None, sort: Sort, cursor: str | None = None) -> str:
    asked = {"category": category, "sort": sort if sort != "new" else None, "cursor": cursor}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/market?{query}" if query else "/market"


ROUTES: list[ControllerRouterHandler] = [show_market]
