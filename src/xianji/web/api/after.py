"""After the sale, over the API and as forms: sell on what was bought, say thanks, see where a thing has been."""

from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import items, orders
from xianji.domains.items import ItemPage
from xianji.domains.orders import History, OrderThanks, Resell, Thank
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import after
from xianji.web.visit import Req, visit_of

from .items import known


async def _drafted(look: Look, item: str, _order: str) -> ItemPage:
    return await items.item_page(look, item)


async def _thanked(look: Look, _: object, order: str) -> OrderThanks:
    return await orders.thanks_on(look, order)


def _to_order(_: object, order: str) -> str:
    return f"/orders/{order}"


COMMANDS: list[Command] = [
    Command(
        "resell_order",
        "/orders/{order}/resell",
        orders.resell,
        Resell,
        view=_drafted,
        returns=ItemPage,
        then=lambda item, _order: f"/items/{item}/edit",
        again=after.resell_again,
        status=201,
        tag="orders",
    ),
    Command(
        "thank_order",
        "/orders/{order}/thanks",
        orders.thank,
        Thank,
        view=_thanked,
        returns=OrderThanks,
        then=_to_order,
        again=after.thanks_again,
        status=201,
        tag="orders",
    ),
    Command(
        "take_thanks_back",
        "/orders/{order}/thanks",
        orders.take_thanks_back,
        view=_thanked,
        returns=OrderThanks,
        method="DELETE",
        tag="orders",
    ),
    Command("drop_thanks", "/orders/{order}/thanks/remove", orders.take_thanks_back, then=_to_order, api=False),
]


@reads("/api/v1/orders/{order:str}/thanks", operation_id="get_thanks", tags=["orders"])
async def get_thanks(request: Req, order: FromPath[str]) -> OrderThanks:
    """What the two sides of one of my orders said afterwards."""
    async with visit_of(request).look() as look:
        await orders.order_page(look, known("ord", order))
        return await orders.thanks_on(look, order)


@reads("/api/v1/items/{item:str}/history", operation_id="get_history", tags=["items"])
async def get_history(request: Req, item: FromPath[str]) -> History:
    """Where a thing was sold here before, and the thanks that were said; nobody is named who does not wish it."""
    async with visit_of(request).look() as look:
        await items.item_page(look, known("itm", item))
        return await orders.history_of(look, item)


ROUTES: list[ControllerRouterHandler] = [get_history, get_thanks]
