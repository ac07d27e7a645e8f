"""The rows of fees: one a seller, currency and month."""

from datetime import date

from xianji.kernel.work import Work

from .model import Standing


async def add_sale(work: Work, seller: str, currency: str, month: date, amount: int) -> Standing:
    """Add a sale to its month; returns the seller's standing with it."""
    row = await work.db.fetchrow(
        "insert into fee_months (seller, currency, month, orders, total) values ($1, $2, $3, 1, $4)"
        " on conflict (seller, currency, month) do update"
        " set orders = fee_months.orders + 1, total = fee_months.total + excluded.total returning orders, total",
        seller,
        currency,
        month,
        amount,
    )
    assert row is not None, "an upsert returns its row"
    earlier = await work.db.fetchval(
        "select coalesce(sum(total), 0)::bigint from fee_months"
        " where seller = $1 and currency = $2 and month >= $3 and month < $4",
        seller,
        currency,
        month.replace(month=1),
        month,
    )
    return Standing(row["orders"], row["total"], row["total"] + earlier)
