"""Which trades the market board counts, and why not the others: for those who look after it."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import prices
from xianji.domains.prices import TradeDesk
from xianji.kernel.money import as_text
from xianji.web import price_words
from xianji.web.visit import Req, visit_of

from . import desk
from .gate import bar

Code = Annotated[str, QueryParameter(max_length=60)]


@get("/api/v1/console/prices", operation_id="price_desk", tags=["console"])
async def trades_json(request: Req, model: Code = "") -> TradeDesk:
    """The latest trades, of one model or of all, each with the reason why it does not count."""
    async with visit_of(request).look() as look:
        return await prices.trade_desk(look, model or None)


@get("/console/prices", include_in_schema=False)
async def trades(request: Req, model: Code = "") -> Response[Any]:
    """The same as tables: how many do not count for which reason, and the latest trades."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    async with visit.look() as look:
        found = await prices.trade_desk(look, model or None)
    reasons = [desk.cells(price_words.reason(visit, code), count) for code, count in found.reasons.items()]
    lines = [
        [
            desk.at(visit, one.traded_at),
            desk.cell(one.model or "", f"/console/prices?model={one.model}" if one.model else ""),
            desk.cell(one.variant),
            desk.cell(as_text(one.price.amount, one.price.currency)),
            desk.cell(price_words.reason(visit, one.excluded) if one.excluded else ""),
            desk.cell(one.order, f"/orders/{one.order}"),
        ]
        for one in found.trades
    ]
    tables = [
        ("不算数的成交", desk.heads(visit, "原因", "笔数"), reasons),
        ("最近的成交", desk.heads(visit, "时间", "型号", "哪一种", "单价", "为什么不算", "订单"), lines),
    ]
    return desk.page(visit, "pages/console_rows.html", "/console/prices", tables=tables, note="")


ROUTES: list[ControllerRouterHandler] = [trades, trades_json]
