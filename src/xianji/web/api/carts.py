"""The cart, checkouts of several sellers, and prices changed before payment, over the API and as forms."""

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from xianji.domains import orders
from xianji.domains.orders import (
    Cancel,
    CartPage,
    ChangePrice,
    CheckoutPage,
    CheckoutQuote,
    OrderPage,
    PlaceCheckout,
    PutInCart,
    Reconfirm,
)
from xianji.kernel.work import Look
from xianji.web import paying
from xianji.web.commands import Command
from xianji.web.pages import baskets, prices
from xianji.web.visit import Req, visit_of

from .items import known
from .orders import PayPage


async def _cart(look: Look, *_: object) -> CartPage:
    return await orders.cart_page(look)


async def _placed(look: Look, checkout: str) -> CheckoutPage:
    return await orders.checkout_page(look, checkout)


async def _changed(look: Look, _: object, checkout: str) -> CheckoutPage:
    return await orders.checkout_page(look, checkout)


async def _pay_page(_look: Look, address: str, _checkout: str) -> PayPage:
    return PayPage(address)


async def _order(look: Look, _: object, order: str) -> OrderPage:
    return await orders.order_page(look, order)


COMMANDS: list[Command] = [
    Command("put_in_cart", "/cart", orders.put_in_cart, PutInCart, view=_cart, returns=CartPage, tag="cart"),
    Command("empty_cart", "/cart", orders.empty_cart, view=_cart, returns=CartPage, method="DELETE", tag="cart"),
    Command(
        "take_from_cart",
        "/cart/{item}",
        orders.take_from_cart,
        view=_cart,
        returns=CartPage,
        then=lambda *_: "/cart",
        form="/cart/{item}/remove",
        method="DELETE",
        tag="cart",
    ),
    Command(
        "add_to_cart",
        "/items/{item}/cart",
        baskets.add_to_cart,
        baskets.CartForm,
        then=lambda back, _item: back,
        api=False,
    ),
    Command(
        "pick_from_note",
        "/notes/{note}/cart",
        baskets.pick_from_note,
        baskets.PickForm,
        then=lambda *_: "/cart",
        api=False,
    ),
    Command(
        "place_checkout",
        "/checkouts",
        orders.place_checkout,
        PlaceCheckout,
        view=_placed,
        returns=CheckoutPage,
        status=201,
        tag="checkouts",
    ),
    Command(
        "checkout_form",
        "/checkout",
        baskets.check_out,
        baskets.CheckoutForm,
        then=lambda checkout: f"/checkouts/{checkout}",
        again=baskets.checkout_again,
        api=False,
    ),
    Command(
        "pay_checkout",
        "/checkouts/{checkout}/payment",
        paying.open_checkout_payment,
        view=_pay_page,
        returns=PayPage,
        then=lambda address, _checkout: address,
        outside=True,
        tag="checkouts",
    ),
    Command(
        "cancel_checkout",
        "/checkouts/{checkout}/cancel",
        orders.cancel_checkout,
        Cancel,
        view=_changed,
        returns=CheckoutPage,
        then=lambda _, checkout: f"/checkouts/{checkout}",
        tag="checkouts",
    ),
    Command(
        "change_price",
        "/orders/{order}/price",
        orders.change_price,
        ChangePrice,
        view=_order,
        returns=OrderPage,
        then=lambda _, order: f"/orders/{order}",
        again=prices.price_again,
        tag="orders",
    ),
    Command(
        "reconfirm_order",
        "/orders/{order}/reconfirm",
        orders.reconfirm,
        Reconfirm,
        view=_order,
        returns=OrderPage,
        then=lambda _, order: f"/orders/{order}",
        again=prices.reconfirm_again,
        tag="orders",
    ),
]


@get("/api/v1/cart", operation_id="get_cart", tags=["cart"])
async def get_cart(request: Req) -> CartPage:
    """My cart at the prices of this moment, by seller, with what is no longer to be had apart."""
    async with visit_of(request).look() as look:
        return await orders.cart_page(look)


@get("/api/v1/checkouts/{checkout:str}", operation_id="get_checkout", tags=["checkouts"])
async def get_checkout(request: Req, checkout: FromPath[str]) -> CheckoutPage:
    """Orders I made together: what each costs, what is still to be paid and until when."""
    async with visit_of(request).look() as look:
        return await orders.checkout_page(look, known("chk", checkout))


@post("/api/v1/quotes/checkout", operation_id="quote_checkout", tags=["checkouts"], status_code=200)
async def quote_checkout(request: Req, data: JSONBody[PlaceCheckout]) -> CheckoutQuote:
    """What this checkout would cost now, seller by seller; nothing is reserved."""
    async with visit_of(request).look() as look:
        return await orders.quote_checkout(look, data)


ROUTES: list[ControllerRouterHandler] = [get_cart, get_checkout, quote_checkout]
