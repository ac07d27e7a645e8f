"""Deposits over the API and as forms: offered on a thing, given up on an order."""

from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import orders
from xianji.domains.orders import Cancel, OrderPage, SetDeposit
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import deposits
from xianji.web.visit import Req, visit_of

from .items import known


async def _set(look: Look, _: object, item: str) -> SetDeposit:
    return await orders.deposit_on(look, item)


async def _order(look: Look, _: object, order: str) -> OrderPage:
    return await orders.order_page(look, order)


COMMANDS: list[Command] = [
    Command(
        "set_deposit",
        "/items/{item}/deposit",
        orders.set_deposit,
        SetDeposit,
        view=_set,
        returns=SetDeposit,
        then=lambda _, item: f"/items/{item}?ok=saved",
        again=deposits.deposit_again,
        method="PUT",
        tag="items",
    ),
    Command(
        "forfeit_order",
        "/orders/{order}/forfeit",
        orders.forfeit,
        Cancel,
        view=_order,
        returns=OrderPage,
        then=lambda _, order: f"/orders/{order}",
        again=deposits.forfeit_again,
        tag="orders",
    ),
]


@reads("/api/v1/items/{item:str}/deposit", operation_id="get_deposit", tags=["items"])
async def get_deposit(request: Req, item: FromPath[str]) -> SetDeposit:
    """How a thing may be kept for a part of its price; `kind` is null when it may not."""
    async with visit_of(request).look() as look:
        return await orders.deposit_on(look, known("itm", item))


ROUTES: list[ControllerRouterHandler] = [get_deposit]
