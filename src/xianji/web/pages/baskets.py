"""The cart, the checkout of several sellers, and what was ordered together."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from xianji.domains import members, orders
from xianji.domains.orders import CartLine, CartSeller, PlaceCheckout, PutInCart, WantedLine
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import ItemId, MemberId, is_id
from xianji.kernel.money import Money
from xianji.kernel.text import Line
from xianji.kernel.work import Work
from xianji.web import order_words, paying, render
from xianji.web.forms import Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

from .order_steps import NewAddress, address_lines, keep_address

_PHYSICAL = ["meet", "ship"]
_WAYS = ("meet", "ship", "digital")


class CartForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many of a thing; `back` is where the button stood."""

    quantity: Annotated[int, Meta(ge=1, le=9_999)] = 1
    back: Literal["item", "cart"] = "item"


class PickForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Things ticked on the board of a note."""

    item: Annotated[list[ItemId], Meta(max_length=100)] = []


class CheckoutForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The checkout sheet: a way of handing over and a word for each seller, one address for what is sent."""

    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=500)]
    handovers: Annotated[dict[MemberId, orders.Handover], Meta(max_length=500)] = {}
    notes: Annotated[dict[MemberId, Line], Meta(max_length=500)] = {}
    address: Annotated[str, Meta(max_length=40)] = ""
    fresh: NewAddress = NewAddress()


async def add_to_cart(work: Work, item: str, form: CartForm) -> str:
    """Put a thing into the cart; returns where to go then. Refuses what `orders.put_in_cart` refuses."""
    await orders.put_in_cart(work, PutInCart(item, form.quantity))
    return "/cart" if form.back == "cart" else f"/items/{item}?ok=carted"


async def pick_from_note(work: Work, _note: str, form: PickForm) -> None:
    """Put the ticked things into the cart, all or none. Refuses what `orders.put_in_cart` refuses."""
    for item in sorted(set(form.item)):
        await orders.put_in_cart(work, PutInCart(item))


async def check_out(work: Work, form: CheckoutForm) -> str:
    """Order from every seller at once; an address typed on the way is kept. Refuses what its parts refuse."""
    ways = set(form.handovers.values())
    address = await keep_address(work, form.address, form.fresh) if "ship" in ways else None
    ask = PlaceCheckout(form.lines, "meet", address, form.handovers, form.notes)
    return await orders.place_checkout(work, ask)


@get("/cart", include_in_schema=False)
async def cart(request: Req) -> Response[Any]:
    """What I have put aside, by seller, at the prices of this moment."""
    visit = visit_of(request)
    async with visit.look() as look:
        page = await orders.cart_page(look)
    return render.page(
        visit,
        "pages/cart.html",
        cart=page,
        sellers=[_cart_seller(visit, one) for one in page.sellers],
        gone=[{**_line(line), "why": render.translate(visit, _GONE[line.gone])} for line in page.gone],
    )


_GONE = {
    "sold_out": "已经没有了",
    "too_many": "不够这么多件了，改一下数量",
    "not_for_sale": "卖家暂时不卖了",
}


def _cart_seller(visit: Visit, seller: CartSeller) -> dict[str, Any]:
    return {
        "id": seller.seller,
        "name": seller.name,
        "lines": [_line(line) for line in seller.lines],
        "hints": [_hint(visit, hint) for hint in seller.bundles],
        "rows": _sums(visit, seller),
        "bundled": bool(seller.bundle.amount),
    }


def _line(line: CartLine) -> dict[str, Any]:
    return {
        "id": line.item,
        "title": line.title,
        "picture": order_words.still(line.picture, line.title),
        "price": line.price,
        "asking": line.asking if line.asking != line.price else None,
        "agreed": line.deal is not None and line.deal.by == "offer",
        "quantity": line.quantity,
        "left": line.left,
    }


def _hint(visit: Visit, hint: Any) -> dict[str, Any]:
    if not hint.missing:
        words = render.translate(visit, "满 %(n)s 件，已减 %(percent)s%%", n=hint.count, percent=hint.percent)
    else:
        words = render.translate(
            visit, "再选 %(missing)s 件，一起减 %(percent)s%%", missing=hint.missing, percent=hint.percent
        )
    return {"words": words, "met": not hint.missing, "href": f"/notes/{hint.note}#board"}


def _sums(visit: Visit, seller: CartSeller) -> list[dict[str, Any]]:
    rows = [("宝贝价", seller.goods, "")]
    if seller.bundle.amount:
        rows.append(("组合优惠", Money(-seller.bundle.amount, seller.bundle.currency), ""))
    rows.append(("小计", seller.total, "total"))
    return [
        {"label": render.translate(visit, label), "note": "", "amount": amount, "kind": kind}
        for label, amount, kind in rows
    ]


@get("/checkout", include_in_schema=False)
async def checkout_sheet(
    request: Req, item: Annotated[list[str] | None, QueryParameter(description="only these of the cart")] = None
) -> Response[Any]:
    """How each seller hands over, where it goes, what it costs; one button."""
    return await _checkout(visit_of(request), item, Typed())


async def checkout_again(request: Req, refusal: Refusal, typed: Typed) -> Response[Any]:
    """The sheet with what was typed and the reason beside its field."""
    chosen = [value for name, value in typed.pairs if name.startswith("lines.") and name.endswith(".item")]
    return await _checkout(visit_of(request), chosen, typed, refusal)


async def _checkout(
    visit: Visit, chosen: Sequence[str] | None, typed: Typed, refusal: Refusal | None = None
) -> Response[Any]:
    async with visit.look() as look:
        page = await orders.cart_page(look)
        groups = [_fitting(seller, chosen) for seller in page.sellers]
        groups = [group for group in groups if group["lines"]]
        if not groups and refusal is not None:
            raise refusal
        if not groups:
            return see_other("/cart")
        ways = {group["id"]: _way_of(group, typed) for group in groups}
        lines = [WantedLine(line.item, line.quantity) for group in groups for line in group["lines"]]
        quote = await orders.quote_checkout(look, PlaceCheckout(lines, "meet", None, ways))
        places = await members.list_addresses(look)
        form = members.address_form(look)
    quotes = {one.seller: one for one in quote.sellers}
    return render.sheet(
        visit,
        "pages/checkout.html",
        title="结算",
        back="/cart",
        status=status_of(refusal),
        sellers=[_checkout_seller(visit, group, quotes[group["id"]], ways[group["id"]]) for group in groups],
        apart=[line for group in groups for line in group["apart"]],
        lines=lines,
        total=quote.total,
        sends=any("ship" in group["ways"] for group in groups),
        places=places,
        fresh=address_lines(visit, form),
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
        can_pay=visit.house.ports.payment is not None,
    )


def _fitting(seller: CartSeller, chosen: Sequence[str] | None) -> dict[str, Any]:
    """The chosen lines of one seller that share a way of handing over; the others wait for an order of their own."""
    ways: set[str] = set(_WAYS)
    kept, apart = [], []
    for line in seller.lines:
        if chosen and line.item not in chosen:
            continue
        shared = ways & set(line.handover or _PHYSICAL)
        if shared:
            ways = shared
            kept.append(line)
        else:
            apart.append(line)
    found = [way for way in _WAYS if way in ways]
    return {"id": seller.seller, "name": seller.name, "lines": kept, "apart": apart, "ways": found}


def _way_of(group: dict[str, Any], typed: Typed) -> Any:
    wish = typed.get(f"handovers.{group['id']}")
    return wish if wish in group["ways"] else group["ways"][0]


def _checkout_seller(visit: Visit, group: dict[str, Any], quote: orders.Quote, way: str) -> dict[str, Any]:
    postage = Money(sum(line.shipping.amount for line in group["lines"]), quote.money.total.currency)
    return {
        "id": group["id"],
        "name": group["name"],
        "lines": [_line(line) for line in group["lines"]],
        "ways": [_way(visit, one, postage) for one in group["ways"]],
        "way": way,
        "rows": order_words.quote_sums(visit, quote, posted="ship" in group["ways"]),
    }


def _way(visit: Visit, way: str, postage: Money) -> dict[str, Any]:
    note = ""
    if way == "ship":
        cost = order_words.amount(visit, postage)
        note = (
            render.translate(visit, "运费 %(cost)s", cost=cost) if postage.amount else render.translate(visit, "包邮")
        )
    title = render.translate(visit, order_words.HANDOVER[way])
    chip = render.translate(visit, "平台托管")
    return {"value": way, "title": title, "note": note, "disabled": False, "chip": chip, "chip_kind": "jade"}


@get("/checkouts/{checkout:str}", include_in_schema=False)
async def checkout_page(request: Req, checkout: FromPath[str]) -> Response[Any]:
    """What was ordered together: pay all of it at once, or look at each."""
    visit = visit_of(request)
    if not is_id("chk", checkout):
        raise NOT_FOUND()
    async with visit.look() as look:
        page = await orders.checkout_page(look, checkout)
    return render.page(
        visit,
        "pages/checkout_page.html",
        checkout=page,
        head=_head(visit, page),
        rows=[_part(visit, part) for part in page.parts],
        changed=[part for part in page.parts if part.state == "awaiting_payment" and not part.confirmed],
        can_pay=visit.house.ports.payment is not None,
    )


def _head(visit: Visit, page: orders.CheckoutPage) -> dict[str, Any]:
    if page.to_pay.amount and page.until:
        until = order_words.when(visit, page.until)
        say = render.translate(
            visit, "一次付清 %(total)s，最晚 %(until)s。", total=order_words.amount(visit, page.to_pay), until=until
        )
        word, kind = "等你付款", "amber"
        otherwise = render.translate(visit, "到时没付的订单自动关掉，宝贝回到架上。每位卖家的钱分开托管。")
    else:
        word, kind, otherwise = "订单都在这里", "jade", ""
        say = render.translate(visit, "每位卖家一单，钱分开托管，各自放款。")
    return {"kind": kind, "word": render.translate(visit, word), "say": say, "otherwise": otherwise}


def _part(visit: Visit, part: orders.CheckoutPart) -> dict[str, Any]:
    word, kind = order_words.state_word(visit, part.state, "buyer", part.handover, part.total)
    way = render.translate(visit, order_words.HANDOVER[part.handover])
    return {
        "href": f"/orders/{part.order}",
        "picture": order_words.still(part.picture, part.title),
        "title": part.title,
        "price": part.total,
        "word": word,
        "kind": kind,
        "say": way if part.count == 1 else f"{way} × {part.count}",
        "who": {"name": part.seller_name, "href": "", "face": None},
    }


@get("/checkouts/{checkout:str}/paid", include_in_schema=False)
async def paid(request: Req, checkout: FromPath[str]) -> Response[Any]:
    """Where the provider sends the buyer back to. Without news from the callback the provider is asked."""
    visit = visit_of(request)
    if not is_id("chk", checkout):
        raise NOT_FOUND()
    async with visit.look() as look:
        page = await orders.checkout_page(look, checkout)
    if page.to_pay.amount:
        await paying.ask_provider(visit, checkout)
    return see_other(f"/checkouts/{checkout}")


ROUTES: list[ControllerRouterHandler] = [cart, checkout_sheet, checkout_page, paid]
