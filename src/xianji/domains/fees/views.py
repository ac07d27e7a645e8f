"""What fees know of a member."""

from typing import Any

from xianji.kernel.work import Look, Work


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's sales by month."""
    rows = await look.db.fetch(
        "select currency, month, orders, total from fee_months where seller = $1 order by month, currency", member
    )
    return {"sales_by_month": [dict(row) for row in rows]}


async def scrub(work: Work, member: str) -> None:
    """Sums of sales are books, and books stay."""
    del work, member
