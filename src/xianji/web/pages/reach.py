"""流量状态: the page on which somebody reads how far their note or thing got and why."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import feed
from xianji.domains.feed import Reach
from xianji.web import render, rulings
from xianji.web.api.items import known
from xianji.web.visit import Req, Visit, visit_of


@get("/notes/{note:str}/reach", include_in_schema=False)
async def show_note_reach(request: Req, note: FromPath[str]) -> Response[Any]:
    """How far my note got."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await feed.note_reach(look, known("nte", note))
    return _page(visit, found, f"/notes/{note}")


@get("/items/{item:str}/reach", include_in_schema=False)
async def show_item_reach(request: Req, item: FromPath[str]) -> Response[Any]:
    """How far my thing got."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await feed.item_reach(look, known("itm", item))
    return _page(visit, found, f"/items/{item}")


def _page(visit: Visit, found: Reach, back: str) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/reach.html",
        title="流量状态",
        back=back,
        reach=found,
        rule=rulings.why(visit, found.rule.split(",")),
        part=min(100, found.shown * 100 // found.floor_shown),
    )


ROUTES: list[ControllerRouterHandler] = [show_note_reach, show_item_reach]
