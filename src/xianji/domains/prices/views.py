"""What readers see of the board. Prices come out of sums only: no reader ever gets at one person's trade."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.installation import CURRENCY
from xianji.kernel.money import Money
from xianji.kernel.work import Look

from . import catalogue
from .catalogue import Model
from .model import (
    BUYERS_LEAST,
    LIST_MOST,
    SAMPLE_LEAST,
    SELLERS_LEAST,
    WINDOW_DAYS,
    CategoryLine,
    Cut,
    Figures,
    ModelLine,
    ModelPage,
    Needs,
    PriceBoard,
    PriceContext,
    PriceDay,
    Product,
    TradeDesk,
    TradeLine,
    board_of,
)
from .rules import group_of
from .telling import model_of

_FOUND_MOST = 30


async def board(look: Look, category: str | None = None, text: str = "") -> PriceBoard:
    """The board as it stands, of one category or of all; with `text` also the models it names."""
    rows = await look.db.fetch(
        "select id, kind, code, trades, sellers, low, middle, high, currency, change, demo, day from price_boards"
        " where cut = '' and trades > 0 order by trades desc, code"
    )
    models = catalogue.all_models()
    lines = {
        row["code"]: ModelLine(row["id"], _product(models[row["code"]]), _figures(look, row))
        for row in rows
        if row["kind"] == "model" and row["code"] in models
    }
    shown = [line for line in lines.values() if category in (None, line.product.category)]
    moved = sorted((line for line in shown if _change(line)), key=_change)
    most = look.config.get(LIST_MOST)
    return PriceBoard(
        rising=[line for line in reversed(moved) if _change(line) > 0][:most],
        falling=[line for line in moved if _change(line) < 0][:most],
        busiest=shown[:most],
        categories=[
            CategoryLine(row["id"], row["code"], _figures(look, row)) for row in rows if row["kind"] == "category"
        ],
        found=[_line(model, lines) for model in catalogue.search(text, _FOUND_MOST)] if text.strip() else None,
    )


def _change(line: ModelLine) -> int:
    return (line.figures.change if line.figures else None) or 0


def _line(model: Model, lines: Mapping[str, ModelLine]) -> ModelLine:
    return lines.get(model.code) or ModelLine(board_of("model", model.code), _product(model), None)


async def model_page(look: Look, code: str) -> ModelPage:
    """A model with its parts and its past. Refuses `not_found` for what is not in the list of models."""
    model = catalogue.all_models().get(code)
    if model is None:
        raise NOT_FOUND()
    board = board_of("model", code)
    rows = await look.db.fetch(
        "select * from price_boards where id = $1 order by cut <> 'fresh', cut <> 'worn', cut", board
    )
    days = await look.db.fetch(
        "select day, low, middle, high, trades, traded from price_days where id = $1 order by day", board
    )
    figures = {row["cut"]: _figures(look, row) for row in rows}
    return ModelPage(
        board=board,
        product=_product(model),
        figures=figures.pop("", None),
        cuts=[Cut(name, found) for name, found in figures.items()],
        history=[PriceDay(**row) for row in days],
        needs=needs(look),
        currency=look.config.get(CURRENCY),
    )


async def price_context(
    look: Look, title: str, category: str | None, attributes: Mapping[str, Any], condition: str | None
) -> PriceContext | None:
    """What things that are described so were sold for; None when nothing says which model it is.

    The narrowest part of the trades that has a price: its variant, else its condition, else all of the model.
    """
    product = model_of(title, category, attributes)
    if product is None:
        return None
    board = board_of("model", product.model.code)
    rows = await look.db.fetch("select * from price_boards where id = $1", board)
    found = {row["cut"]: row for row in rows}
    cut = next((cut for cut in (product.variant, group_of(condition)) if cut and cut in found), "")
    return PriceContext(
        board, _product(product.model), cut, _figures(look, found[cut]) if cut in found else None, needs(look)
    )


def needs(look: Look) -> Needs:
    """How many must have traded before a price is shown."""
    return Needs(look.config.get(SAMPLE_LEAST), look.config.get(SELLERS_LEAST), look.config.get(BUYERS_LEAST))


async def trade_desk(look: Look, code: str | None = None, limit: int = 100) -> TradeDesk:
    """The latest trades, of one model or of all, each with the reason why it does not count; for moderators."""
    look.actor.need_role("moderator")
    rows = await look.db.fetch(
        "select order_id, item, model, variant, condition, price, currency, traded_at, demo,"
        " coalesce(excluded, case when outlier then 'outlier' end) as excluded from price_trades"
        " where $1::text is null or model = $1 order by traded_at desc, order_id desc limit $2",
        code,
        limit,
    )
    reasons = await look.db.fetch(
        "select coalesce(excluded, 'outlier') as reason, count(*)::integer as count from price_trades"
        " where (excluded is not null or outlier) and ($1::text is null or model = $1) group by 1 order by 2 desc, 1",
        code,
    )
    return TradeDesk(
        [
            TradeLine(
                order=row["order_id"],
                item=row["item"],
                model=row["model"],
                variant=row["variant"],
                condition=row["condition"],
                price=Money(row["price"], row["currency"]),
                traded_at=row["traded_at"],
                excluded=row["excluded"],
                demo=row["demo"],
            )
            for row in rows
        ],
        {row["reason"]: row["count"] for row in reasons},
    )


def _product(model: Model) -> Product:
    return Product(model.code, model.name, model.brand, model.kind, model.category)


def _figures(look: Look, row: Record) -> Figures:
    low, middle, high = (
        None if row[name] is None else Money(row[name], row["currency"]) for name in ("low", "middle", "high")
    )
    return Figures(
        trades=row["trades"],
        sellers=row["sellers"],
        low=low,
        middle=middle,
        high=high,
        change=row["change"],
        days=look.config.get(WINDOW_DAYS),
        day=row["day"],
        demo=row["demo"],
    )


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's own trades as the board keeps them; the other side is not named."""
    rows = await look.db.fetch(
        "select order_id, number, item, model, price, currency, day, excluded, seller = $1 as sold from price_trades"
        " where seller = $1 or buyer = $1 order by traded_at, order_id, number",
        member,
    )
    return {"price_trades": [dict(row) for row in rows]}
