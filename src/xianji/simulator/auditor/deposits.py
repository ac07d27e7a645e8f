"""Deposits: how much, who has it in the end, and what a seller owes who broke their word."""

import json
from typing import Any

from .books import of, sums_by_order


async def _deposits(db: Any) -> list[str]:
    """Each deposit once more, from what the order froze: how much, who has it in the end, and what a seller owes."""
    wrong, sums = [], await sums_by_order(db)
    rows = await db.fetch(
        "select o.id, o.state, o.goods, o.paid, o.refunded, o.deposit, o.total, o.terms::text as terms,"
        " exists (select from order_moves m where m.order_id = o.id and (m.verb = 'refund_timeout'"
        " or m.verb = 'cancel_paid' and m.role = 'seller')) as broken from orders o"
    )
    for row in rows:
        agreed, moved = json.loads(row["terms"]).get("deposit"), sums.get(row["id"], {})
        earnest = agreed is not None and agreed["kind"] == "earnest"
        first = row["goods"] * agreed["percent"] // 100 if agreed else 0
        if row["deposit"] not in (0, first) or (earnest and row["deposit"] * 5 > row["goods"]):
            wrong.append(f"order {row['id']} has a deposit of {row['deposit']}, agreed were {agreed}")
        if row["state"] == "awaiting_balance" and row["paid"] != first:
            wrong.append(f"order {row['id']} waits for the rest and {row['paid']} of {first} were paid")
        if agreed and row["state"] in ("awaiting_shipment", "awaiting_meeting") and row["paid"] == first:
            wrong.append(f"order {row['id']} goes on although only its deposit was paid")
        if row["state"] == "forfeited" and (
            not earnest or (of(moved, "released"), row["refunded"]) != (first, row["paid"] - first)
        ):
            wrong.append(f"order {row['id']} was forfeited and gave {moved}")
        penalty = first if earnest and row["broken"] else 0
        if of(moved, "penalty_owed") != penalty:
            wrong.append(f"order {row['id']} makes its seller owe {of(moved, 'penalty_owed')} instead of {penalty}")
    return wrong


CHECKS = (_deposits,)
