"""The order page, the lists of what was bought and sold, the money page, and the way back from the provider."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import members, orders
from xianji.domains.orders import OrderPage
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.web import order_words, paying, render, shapes
from xianji.web.visit import Req, Visit, visit_of

Side = Literal["buyer", "seller"]

# The tabs of a list: address word, text, states.
_TABS: tuple[tuple[str, str, list[Any]], ...] = (
    ("all", "全部", []),
    ("pay", "待付款", ["awaiting_payment"]),
    ("hand", "待交付", ["awaiting_shipment", "awaiting_meeting"]),
    ("take", "待确认", ["shipped", "delivered"]),
    ("done", "已完成", ["completed"]),
    ("off", "没成交", ["closed", "refunded"]),
)


async def load(visit: Visit, order: str) -> tuple[OrderPage, dict[str, Any]]:
    """An order of the visitor's with the person on the other side."""
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    async with visit.look() as look:
        page = await orders.order_page(look, order)
        other = page.seller if page.role == "buyer" else page.buyer
        return page, shapes.person((await members.cards(look, [other]))[other])


@get("/orders/{order:str}", include_in_schema=False)
async def order_page(request: Req, order: FromPath[str]) -> Response[Any]:
    """One order for one of its sides."""
    visit = visit_of(request)
    page, other = await load(visit, order)
    return render.page(
        visit,
        "pages/order.html",
        order=page,
        other=other,
        head=order_words.head(visit, page, other["name"]),
        line=order_words.time_line(visit, page),
        sums=order_words.sums(visit, page),
        frozen=order_words.frozen(visit, page),
        can_pay=visit.house.ports.payment is not None,
    )


@get("/orders/{order:str}/agreed", include_in_schema=False)
async def agreed(request: Req, order: FromPath[str]) -> Response[Any]:
    """The full text of what was agreed, with the digest that proves it."""
    visit = visit_of(request)
    page, _ = await load(visit, order)
    return render.sheet(
        visit,
        "pages/order_agreed.html",
        title="下单时的约定",
        back=f"/orders/{order}",
        order=page,
        frozen=order_words.frozen(visit, page),
    )


@get("/orders/{order:str}/paid", include_in_schema=False)
async def paid(request: Req, order: FromPath[str]) -> Response[Any]:
    """Where the provider sends the buyer back to. Without news from the callback the provider is asked."""
    visit = visit_of(request)
    page, other = await load(visit, order)
    if page.unpaid and page.role == "buyer":
        await paying.ask_provider(visit, order)
        page, other = await load(visit, order)
    if not page.unpaid or page.role != "buyer":
        return Response(None, status_code=303, headers={"Location": f"/orders/{order}"})
    head = order_words.head(visit, page, other["name"])
    return render.page(visit, "pages/order_paid.html", order=page, head=head)


@get("/orders", include_in_schema=False)
async def list_of_orders(
    request: Req,
    role: Annotated[Side, QueryParameter()] = "buyer",
    tab: Annotated[str, QueryParameter(max_length=10)] = "all",
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Response[Any]:
    """What I bought or sold."""
    visit = visit_of(request)
    states = next((states for name, _, states in _TABS if name == tab), [])
    async with visit.look() as look:
        found = await orders.orders_of(look, role, states, cursor)
        people = await members.cards(look, [card.other for card in found.items])
    more = f"/orders?{urlencode({'role': role, 'tab': tab, 'cursor': found.next_cursor})}" if found.next_cursor else ""
    return render.page(
        visit,
        "pages/orders.html",
        role=role,
        sides=_sides(visit, role),
        tabs=_tabs(visit, role, tab),
        rows=[order_words.row(visit, card, shapes.person(people[card.other])) for card in found.items],
        more=more,
    )


def _sides(visit: Visit, role: str) -> list[dict[str, Any]]:
    return [
        {"text": render.translate(visit, text), "href": f"/orders?role={side}", "on": side == role, "count": None}
        for side, text in (("buyer", "我买到的"), ("seller", "我卖出的"))
    ]


def _tabs(visit: Visit, role: str, tab: str) -> list[dict[str, Any]]:
    return [
        {
            "text": render.translate(visit, text),
            "href": f"/orders?role={role}&tab={name}",
            "on": name == tab,
            "count": None,
        }
        for name, text, _ in _TABS
    ]


@get("/money", include_in_schema=False)
async def money(request: Req, cursor: Annotated[str | None, QueryParameter(max_length=200)] = None) -> Response[Any]:
    """Where the money of my sales is: price, fee, net, when it came, and why it is still held."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await orders.earnings(look, cursor)
    return render.page(
        visit,
        "pages/money.html",
        rows=[order_words.earning(visit, sale) for sale in found.items],
        more=f"/money?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else "",
    )


ROUTES: list[ControllerRouterHandler] = [order_page, agreed, paid, list_of_orders, money]
