"""My page: the way to everything that is mine."""

from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import members, offers, orders
from xianji.web import render, shapes, waiting
from xianji.web.visit import Req, visit_of


@get("/me", include_in_schema=False)
async def my_page(request: Req) -> Response[Any]:
    """Who I am here, what waits for me, and the doors to my rooms."""
    visit = visit_of(request)
    async with visit.look() as look:
        mine = await members.me(look)
        bought = await orders.orders_of(look, "buyer", list(waiting.BUYING))
        sold = await orders.orders_of(look, "seller", list(waiting.SELLING))
        asked = await offers.offers_of(look, "seller", ["open"])
        answered = await offers.offers_of(look, "buyer", ["countered", "accepted"])
    waits = len(asked.items) + len(answered.items)
    return render.page(
        visit,
        "pages/me.html",
        bargains=str(waits or ""),
        me=mine,
        face=shapes.person(mine.card),
        buying=_count(bought),
        selling=_count(sold),
        operator=bool(mine.roles),
    )


def _count(found: Any) -> str:
    """How many, as far as one page of the list tells."""
    return "" if not found.items else f"{len(found.items)}{'+' if found.next_cursor else ''}"


ROUTES: list[ControllerRouterHandler] = [my_page]
