"""Sums for the board: made anew for a model or category when its trades have changed, and once a day."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from xianji.kernel.installation import CURRENCY, today
from xianji.kernel.work import Look, Work

from . import rules, store
from .model import (
    BUYER_MOST,
    BUYERS_LEAST,
    CATEGORY_MODELS,
    CHART_DAYS,
    GROUP_LEAST,
    OUTLIER_DEVIATIONS,
    OUTLIER_PERCENT,
    RECENT_DAYS,
    SAMPLE_LEAST,
    SELLER_MOST,
    SELLERS_LEAST,
    SETTLE_MINUTES,
    TRADES_MOST,
    TREND_LEAST,
    TREND_SELLERS,
    TREND_SURENESS,
    WINDOW_DAYS,
)
from .rules import Rule, Sum, Trade


def rule_of(look: Look) -> Rule:
    """The numbers in force."""
    return Rule(
        sample_least=look.config.get(SAMPLE_LEAST),
        sellers_least=look.config.get(SELLERS_LEAST),
        buyers_least=look.config.get(BUYERS_LEAST),
        seller_most=look.config.get(SELLER_MOST),
        buyer_most=look.config.get(BUYER_MOST),
        outlier_deviations=look.config.get(OUTLIER_DEVIATIONS),
        outlier_percent=look.config.get(OUTLIER_PERCENT),
        group_least=look.config.get(GROUP_LEAST),
        trend_least=look.config.get(TREND_LEAST),
        trend_sureness=look.config.get(TREND_SURENESS),
        trend_sellers=look.config.get(TREND_SELLERS),
    )


async def due_sums(look: Look, limit: int) -> Sequence[str]:
    """Subjects not yet summed up today, and those whose trades have changed and rested for a while; models first."""
    rows = await look.db.fetch(
        "select id from price_subjects where rolled_on is null or rolled_on < $1"
        " or (stale_from is not null and rolled_at <= $2) order by kind desc, id limit $3",
        today(look),
        look.now - timedelta(minutes=look.config.get(SETTLE_MINUTES)),
        limit,
    )
    return [row["id"] for row in rows]


async def sum_up(work: Work, id: str) -> None:
    """Make the sums of one subject true again, for every day that was not."""
    row = await work.db.fetchrow("select * from price_subjects where id = $1 for update", id)
    assert row is not None, "subjects are never deleted"
    day, rule, window = today(work), rule_of(work), timedelta(days=work.config.get(WINDOW_DAYS))
    earliest = day - timedelta(days=work.config.get(CHART_DAYS))
    begin = max(earliest, min(row["stale_from"] or day, row["rolled_on"] or day))
    load = store.trades_of_model if row["kind"] == "model" else store.trades_of_category
    trades, demo = await load(work, row["code"], begin - window, work.config.get(TRADES_MOST))
    is_model = row["kind"] == "model"
    days = [begin + timedelta(days=number) for number in range((day - begin).days + 1)]
    await _put_days(work, id, begin, rules.by_day(trades, days, window, rule, is_model))
    lately = [one for one in trades if one.day > day - window]
    kept = rules.trimmed(lately, rule, is_model)
    if is_model:
        await _mark_outliers(work, lately, kept)
        change = rules.change(kept, day - timedelta(days=work.config.get(RECENT_DAYS) - 1), rule)
    else:
        change = await _change_of_models(work, row["code"])
    parts = {name: rules.sum_up(part, rule) for name, part in rules.cuts(kept if is_model else lately).items()}
    await _put_boards(work, row, day, parts, change, demo)
    await work.db.execute(
        "update price_subjects set stale_from = null, rolled_on = $2, rolled_at = $3 where id = $1", id, day, work.now
    )


async def _put_days(work: Work, id: str, begin: date, told: Sequence[tuple[date, int, Sum]]) -> None:
    await work.db.execute("delete from price_days where id = $1 and day >= $2", id, begin)
    await work.db.executemany(
        "insert into price_days (id, day, traded, trades, low, middle, high) values ($1, $2, $3, $4, $5, $6, $7)",
        [(id, day, traded, one.trades, *one[2:]) for day, traded, one in told if one.middle is not None],
    )


async def _mark_outliers(work: Work, trades: Sequence[Trade], kept: Sequence[Trade]) -> None:
    """Write down which trades of the window are left out today, for those who ask why."""
    in_sums = {one.key for one in kept}
    far = [one.key for one in trades if one.key not in in_sums]
    await work.db.execute(
        "update price_trades t set outlier ="
        " (t.order_id, t.number) in (select * from unnest($2::text[], $3::integer[])) where t.order_id = any($1)",
        [one.key[0] for one in trades],
        [order for order, _ in far],
        [number for _, number in far],
    )


async def _change_of_models(work: Work, category: str) -> int | None:
    """The middle change of a category's models, each weighing as many trades as it has; no change counts as none."""
    rows = await work.db.fetch(
        "select coalesce(b.change, 0) as change, b.trades from price_boards b where b.kind = 'model' and b.cut = ''"
        " and b.middle is not null"
        " and b.code in (select model from price_trades where category = $1 and model is not null)",
        category,
    )
    if len(rows) < work.config.get(CATEGORY_MODELS):
        return None
    return rules.middle_change([(row["change"], row["trades"]) for row in rows])


async def _put_boards(work: Work, row: Any, day: date, parts: dict[str, Sum], change: int | None, demo: bool) -> None:
    await work.db.execute("delete from price_boards where id = $1", row["id"])
    await work.db.executemany(
        "insert into price_boards (id, cut, kind, code, trades, sellers, low, middle, high, currency, change, demo,"
        " day) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [
            (
                row["id"],
                name,
                row["kind"],
                row["code"],
                *one,
                work.config.get(CURRENCY),
                None if name or one.middle is None else change,
                demo,
                day,
            )
            for name, one in parts.items()
            if not name or one.middle is not None
        ],
    )
