"""After the sale: the sheet on which one side of an order thanks the other."""

import secrets
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.web import render
from xianji.web.forms import Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

from .orders import load


@get("/orders/{order:str}/thanks", include_in_schema=False)
async def thanks_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """A few words to the other side."""
    return await _thanks(visit_of(request), order, Typed())


async def thanks_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The sheet with what was typed; the order itself when there is nothing to thank for."""
    if refusal.code is NOT_FOUND:
        raise refusal
    if refusal.code is MOVE_NOT_OPEN:
        return see_other(f"/orders/{order}")
    return await _thanks(visit_of(request), order, typed, refusal)


async def _thanks(visit: Visit, order: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    page, other = await load(visit, order)
    if page.state != "completed":
        return see_other(f"/orders/{order}")
    return render.sheet(
        visit,
        "pages/order_thanks.html",
        title="说声谢谢",
        back=f"/orders/{order}",
        status=status_of(refusal),
        order=page,
        other=other,
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


async def resell_again(_: Req, refusal: Refusal, _typed: Typed, order: str) -> Response[Any]:
    """A press on an old page shows the order as it is; any other refusal is told."""
    if refusal.code is not MOVE_NOT_OPEN:
        raise refusal
    return see_other(f"/orders/{order}")


ROUTES: list[ControllerRouterHandler] = [thanks_sheet]
