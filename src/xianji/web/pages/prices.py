"""Before payment: the seller comes down or changes the postage, the buyer looks again."""

import secrets
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.web import order_words, render
from xianji.web.forms import Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

from .bargain import plain
from .orders import load


@get("/orders/{order:str}/price", include_in_schema=False)
async def price_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """What the goods and the sending cost now."""
    return await _price(visit_of(request), order, Typed())


async def price_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The sheet with what was typed; when the order has moved on, the order."""
    if refusal.code is NOT_FOUND:
        raise refusal
    if refusal.code is MOVE_NOT_OPEN:
        return see_other(f"/orders/{order}")
    return await _price(visit_of(request), order, typed, refusal)


async def _price(visit: Visit, order: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    page, other = await load(visit, order)
    if "change_price" not in page.actions:
        return see_other(f"/orders/{order}")
    goods = page.money.goods - page.money.bundle - page.money.lowered
    now = {"goods": plain(goods), "shipping": plain(page.money.shipping)}
    return render.sheet(
        visit,
        "pages/order_price.html",
        title="改价",
        back=f"/orders/{order}",
        status=status_of(refusal),
        order=page,
        other=other,
        goods=goods,
        typed={**now, **{name: value for name, value in typed.items() if name in now}},
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


@get("/orders/{order:str}/reconfirm", include_in_schema=False)
async def reconfirm_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """What it costs now, line by line, before the buyer says yes."""
    return await _reconfirm(visit_of(request), order)


async def reconfirm_again(request: Req, refusal: Refusal, _typed: Typed, order: str) -> Response[Any]:
    """The sheet as it stands now, because it has just changed again; when the order has moved on, the order."""
    if refusal.code is NOT_FOUND:
        raise refusal
    return await _reconfirm(visit_of(request), order, refusal)


async def _reconfirm(visit: Visit, order: str, refusal: Refusal | None = None) -> Response[Any]:
    page, other = await load(visit, order)
    if "reconfirm" not in page.actions:
        return see_other(f"/orders/{order}")
    return render.sheet(
        visit,
        "pages/order_reconfirm.html",
        title="看一眼新价钱",
        back=f"/orders/{order}",
        status=status_of(refusal),
        order=page,
        other=other,
        sums=order_words.sums(visit, page),
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


ROUTES: list[ControllerRouterHandler] = [price_sheet, reconfirm_sheet]
