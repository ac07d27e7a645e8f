"""The order page, the lists of what was bought and sold, the money page, and the way back from the provider."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import segno
from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from xianji.domains import members, orders, refunds
from xianji.domains.orders import OrderPage
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.web import after_words, deposit_words, order_words, parcel_words, paying, refund_words, render, shapes
from xianji.web.visit import Req, Visit, visit_of

Side = Literal["buyer", "seller"]

# The tabs of a list: address word, text, states.
_TABS: tuple[tuple[str, str, list[Any]], ...] = (
    ("all", "全部", []),
    ("pay", "待付款", ["awaiting_payment", "awaiting_balance"]),
    ("hand", "待交付", ["awaiting_shipment", "awaiting_meeting"]),
    ("take", "待确认", ["shipped", "delivered"]),
    ("done", "已完成", ["completed"]),
    ("off", "没成交", ["closed", "refunded", "forfeited"]),
)


_PAID = ("awaiting_shipment", "awaiting_meeting")
# In which states something may be wrong with what was handed over.
_ASKING = ("shipped", "delivered", "completed")


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
    async with visit.look() as look:
        asked = await refunds.refunds_of(look, order)
    after = await after_words.panel(visit, page)
    return render.page(
        visit,
        "pages/order.html",
        refunds=[refund_words.card(visit, one) for one in asked],
        may_ask=_may_ask(page, asked),
        order=page,
        other=other,
        head=order_words.head(visit, page, other["name"]) | after_words.next_step(visit, after),
        line=order_words.time_line(visit, page),
        parcel=parcel_words.parcel(visit, page),
        sums=order_words.sums(visit, page),
        frozen=order_words.frozen(visit, page),
        pay_word=deposit_words.pay_word(visit, page),
        after=after,
        can_pay=visit.house.ports.payment is not None,
    )


def _may_ask(page: OrderPage, asked: list[refunds.RefundCard]) -> bool:
    """Whether the buyer is shown the way to a refund; before handing over mostly there is the button of calling off."""
    is_open = any(one.ended_at is None for one in asked)
    must_ask = page.state in _PAID and "cancel_paid" not in page.actions
    return page.role == "buyer" and (page.state in _ASKING or must_ask) and page.money.paid.amount > 0 and not is_open


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
    if ids.is_id("chk", order):  # the provider knows one address for whatever is paid
        return Response(None, status_code=303, headers={"Location": f"/checkouts/{order}/paid"})
    page, other = await load(visit, order)
    if page.unpaid and page.role == "buyer":
        await paying.ask_provider(visit, order)
        page, other = await load(visit, order)
    kept = page.state == "awaiting_balance" and page.pay_url is None
    if not page.unpaid or page.role != "buyer" or kept:
        return Response(None, status_code=303, headers={"Location": f"/orders/{order}"})
    head = order_words.head(visit, page, other["name"])
    return render.page(visit, "pages/order_paid.html", order=page, head=head)


@get("/orders/{order:str}/scan", include_in_schema=False)
async def scan(request: Req, order: FromPath[str]) -> Response[Any]:
    """The code of a provider that is paid by scanning; the order itself when there is none to scan."""
    visit = visit_of(request)
    page, _ = await load(visit, order)
    if page.pay_url is None or is_web(page.pay_url):
        return Response(None, status_code=303, headers={"Location": f"/orders/{order}"})
    drawn = segno.make(page.pay_url, error="m").svg_inline(border=0, omitsize=True)
    return render.sheet(
        visit,
        "pages/order_scan.html",
        title="扫码付款",
        back=f"/orders/{order}",
        order=page,
        qr=Markup(drawn),  # noqa: S704 - drawn by segno, whatever the address says
    )


def is_web(address: str) -> bool:
    """Whether a browser can go there itself."""
    return address.startswith(("https://", "http://"))


def pay_at(address: str, order: str) -> str:
    """Where a buyer goes to pay: the provider's page, or ours with its code to scan."""
    return address if is_web(address) else f"/orders/{order}/scan"


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
        owed = await orders.debt(look)
    return render.page(
        visit,
        "pages/money.html",
        owed=owed,
        rows=[order_words.earning(visit, sale) for sale in found.items],
        more=f"/money?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else "",
    )


ROUTES: list[ControllerRouterHandler] = [order_page, agreed, paid, scan, list_of_orders, money]
