"""The sheets of deposits: a seller says how a thing may be kept, a buyer gives an earnest up."""

import secrets
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import items, orders
from xianji.kernel import ids
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.web import render
from xianji.web.forms import Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

from .orders import load

_KINDS = (
    ("", "不收，要一次付清", ""),
    ("refundable", "收订金", "没付尾款或谁反悔了，订金都退给买家。个人卖家用这个最合适。"),
    ("earnest", "收定金", "买家反悔，定金归你；你反悔，要双倍返还。最多是宝贝价的两成。"),
)
_SILENT = (
    ("refund", "全部退给买家", ""),
    ("forfeit", "归我", "只有定金可以。"),
    ("extend", "先宽限一次", "再给同样长的时间；还没付，订金退回，定金归你。"),
)


@get("/items/{item:str}/deposit", include_in_schema=False)
async def deposit_sheet(request: Req, item: FromPath[str]) -> Response[Any]:
    """How a thing of mine may be kept for a part of its price."""
    return await _deposit(visit_of(request), item, Typed())


async def deposit_again(request: Req, refusal: Refusal, typed: Typed, item: str) -> Response[Any]:
    """The sheet with what was typed."""
    if refusal.code is NOT_FOUND:
        raise refusal
    return await _deposit(visit_of(request), item, typed, refusal)


async def _deposit(visit: Visit, item: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    if not ids.is_id("itm", item):
        raise NOT_FOUND()
    async with visit.look() as look:
        thing = await items.item_page(look, item)
        kept = await orders.deposit_on(look, item)
    if not thing.mine:
        raise NOT_FOUND()
    now = {"kind": kept.kind or "", "percent": kept.percent, "hours": kept.hours, "silent": kept.silent}
    return render.sheet(
        visit,
        "pages/item_deposit.html",
        title="先付一部分",
        back=f"/items/{item}",
        status=status_of(refusal),
        item=thing,
        kinds=_choices(visit, _KINDS),
        silent=_choices(visit, _SILENT),
        typed={**now, **typed},
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


def _choices(visit: Visit, rows: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "title": render.translate(visit, title),
            "note": render.translate(visit, note) if note else "",
            "disabled": False,
            "chip": "",
            "chip_kind": "",
        }
        for value, title, note in rows
    ]


@get("/orders/{order:str}/forfeit", include_in_schema=False)
async def forfeit_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """What giving an earnest up costs, before it is done."""
    return await _forfeit(visit_of(request), order, Typed())


async def forfeit_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The sheet once more; the order when there is nothing to give up any more."""
    if refusal.code is NOT_FOUND:
        raise refusal
    if refusal.code is MOVE_NOT_OPEN:
        return see_other(f"/orders/{order}")
    return await _forfeit(visit_of(request), order, typed, refusal)


async def _forfeit(visit: Visit, order: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    page, other = await load(visit, order)
    if "forfeit" not in page.actions or page.deposit is None:
        return see_other(f"/orders/{order}")
    return render.sheet(
        visit,
        "pages/order_forfeit.html",
        title="放弃定金",
        back=f"/orders/{order}",
        status=status_of(refusal),
        order=page,
        other=other,
        back_to_me=page.money.paid - page.deposit.amount,
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


ROUTES: list[ControllerRouterHandler] = [deposit_sheet, forfeit_sheet]
