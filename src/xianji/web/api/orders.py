"""Orders over the API, and the forms that do the same: buy, pay, hand over, end; amends passed on by finance."""

from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import items, orders
from xianji.domains.orders import Cancel, Carrier, MeetingSpot, OrderCard, OrderPage, PlaceOrder, Quote, Redeem, Sale
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import Page
from xianji.kernel.work import Look, Work
from xianji.web import paying
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import order_steps as steps
from xianji.web.pages.orders import pay_at
from xianji.web.visit import Req, Visit, visit_of


class PayPage(msgspec.Struct, frozen=True):
    """The provider's page where the buyer pays."""

    pay_url: str


async def _placed(look: Look, order: str) -> OrderPage:
    return await orders.order_page(look, order)


async def _changed(look: Look, _: object, order: str) -> OrderPage:
    return await orders.order_page(look, order)


async def _pay_page(_look: Look, address: str, _order: str) -> PayPage:
    return PayPage(address)


def _to_order(_: object, order: str) -> str:
    return f"/orders/{order}"


async def call_off(work: Work, order: str, ask: Cancel) -> None:
    """Call an order off: before it is paid it closes, after that (until it is handed over) the money goes back."""
    page = await orders.order_page(work, order)
    verb = orders.cancel_paid if "cancel_paid" in page.actions else orders.cancel
    await verb(work, order, ask)


async def redeem(visit: Visit, order: str, ask: Redeem) -> None:
    """Enter the code the buyer shows; the right one completes the order. A wrong try counts, so it is committed."""
    async with visit.work() as work:
        outcome = await orders.redeem(work, order, ask)
    orders.must_complete(outcome, work)


COMMANDS: list[Command] = [
    Command(
        "place_order",
        "/orders",
        orders.place_order,
        PlaceOrder,
        view=_placed,
        returns=OrderPage,
        status=201,
        tag="orders",
    ),
    Command(
        "buy_item",
        "/items/{item}/buy",
        steps.buy_item,
        steps.BuyForm,
        then=lambda order, _item: f"/orders/{order}",
        again=steps.buy_again,
        api=False,
    ),
    Command(
        "start_payment",
        "/orders/{order}/payment",
        paying.open_payment,
        view=_pay_page,
        returns=PayPage,
        then=pay_at,
        outside=True,
        tag="orders",
    ),
    Command(
        "ship_order",
        "/orders/{order}/ship",
        orders.ship,
        orders.Ship,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.ship_again,
        tag="orders",
    ),
    Command(
        "correct_waybill",
        "/orders/{order}/waybill",
        orders.correct_waybill,
        orders.Ship,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.waybill_again,
        tag="orders",
    ),
    Command(
        "deliver_in_writing",
        "/orders/{order}/deliver",
        orders.deliver_in_writing,
        orders.DeliverInWriting,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.deliver_again,
        tag="orders",
    ),
    Command(
        "arrange_meeting",
        "/orders/{order}/meeting",
        orders.arrange,
        orders.Meeting,
        view=_changed,
        returns=OrderPage,
        tag="orders",
    ),
    Command(
        "agree_meeting",
        "/orders/{order}/meeting",
        steps.arrange,
        steps.MeetingForm,
        then=_to_order,
        again=steps.meeting_again,
        outside=True,
        api=False,
    ),
    Command(
        "redeem_order",
        "/orders/{order}/redeem",
        redeem,
        Redeem,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.redeem_again,
        outside=True,
        tag="orders",
    ),
    Command(
        "renew_meeting_code",
        "/orders/{order}/renew-code",
        orders.renew_code,
        view=_changed,
        returns=OrderPage,
        then=lambda _, order: f"/orders/{order}/meet",
        again=steps.back_to_order,
        tag="orders",
    ),
    Command(
        "confirm_order",
        "/orders/{order}/confirm",
        orders.confirm,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.back_to_order,
        tag="orders",
    ),
    Command(
        "cancel_order",
        "/orders/{order}/cancel",
        call_off,
        Cancel,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        again=steps.cancel_again,
        tag="orders",
    ),
    Command(
        "extend_order",
        "/orders/{order}/extend",
        orders.extend,
        view=_changed,
        returns=OrderPage,
        then=_to_order,
        tag="orders",
    ),
    Command(
        "note_amends_paid",
        "/console/orders/{order}/amends/{subject}",
        orders.note_amends_paid,
        then=lambda *_: "/console/money?ok=decided",
        tag="console",
    ),
]


@reads("/api/v1/orders", operation_id="list_orders", tags=["orders"])
async def list_orders(
    request: Req,
    role: Annotated[Literal["buyer", "seller"], QueryParameter(description="which side of the trade I am")] = "buyer",
    states: Annotated[
        list[orders.State] | None, QueryParameter(name="state", description="only these states; may be repeated")
    ] = None,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> Page[OrderCard]:
    """My orders, newest first."""
    async with visit_of(request).look() as look:
        return await orders.orders_of(look, role, states, cursor, limit)


@reads("/api/v1/orders/{order:str}", operation_id="get_order", tags=["orders"])
async def get_order(request: Req, order: FromPath[str]) -> OrderPage:
    """One of my orders: state, what I may do, deadlines, money; the buyer's view carries the meeting code."""
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    async with visit_of(request).look() as look:
        return await orders.order_page(look, order)


@reads("/api/v1/orders/{order:str}/meeting-places", operation_id="list_meeting_places", tags=["orders"])
async def list_meeting_places(
    request: Req,
    order: FromPath[str],
    lat: Annotated[float | None, QueryParameter(ge=-90, le=90)] = None,
    lon: Annotated[float | None, QueryParameter(ge=-180, le=180)] = None,
) -> list[MeetingSpot]:
    """Public places between the two; before payment districts only. A point of mine is turned into a grid cell."""
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    mine = items.cell_of(lat, lon) if lat is not None and lon is not None else None
    async with visit_of(request).look() as look:
        return await orders.meeting_spots(look, order, mine)


@reads("/api/v1/earnings", operation_id="list_earnings", tags=["orders"])
async def list_earnings(
    request: Req,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> Page[Sale]:
    """The money of my sales, newest first: price, fee, net, what is held and what was released."""
    async with visit_of(request).look() as look:
        return await orders.earnings(look, cursor, limit)


@post("/api/v1/quotes", operation_id="quote_order", tags=["orders"], status_code=200)
async def quote_order(request: Req, data: JSONBody[PlaceOrder]) -> Quote:
    """What this order would cost now; nothing is reserved."""
    async with visit_of(request).look() as look:
        return await orders.quote(look, data)


@reads("/api/v1/carriers", operation_id="list_carriers", tags=["orders"])
async def list_carriers() -> list[Carrier]:
    """The carriers a parcel can be sent with, and the shape of their waybill numbers."""
    return list(orders.all_carriers().values())


ROUTES: list[ControllerRouterHandler] = [
    list_orders,
    get_order,
    list_meeting_places,
    list_earnings,
    quote_order,
    list_carriers,
]
