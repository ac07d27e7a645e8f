"""A checkout as its buyer reads it: the orders that were made together and what is still to be paid for them."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import CheckoutId, MemberId, OrderId
from xianji.kernel.installation import CURRENCY
from xianji.kernel.money import Money
from xianji.kernel.work import Look

from .model import Handover, State


class CheckoutPart(msgspec.Struct, frozen=True, kw_only=True):
    """One seller's order in a checkout; `confirmed` is false when the seller has changed the price meanwhile."""

    order: OrderId
    seller: MemberId
    seller_name: str
    title: str
    picture: str | None
    count: int
    state: State
    handover: Handover
    total: Money
    confirmed: bool
    version: int
    until: datetime | None


class CheckoutPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders made together. `total` is all of them, `to_pay` those that await payment, until `until`."""

    id: CheckoutId
    orders: list[OrderId]
    parts: list[CheckoutPart]
    total: Money
    to_pay: Money
    until: datetime | None
    actions: list[str]
    placed_at: datetime


async def checkout_page(look: Look, id: str) -> CheckoutPage:
    """A checkout for its buyer. Refuses `not_found` for everybody else."""
    rows = await look.db.fetch(
        "select c.placed_at, o.id, o.seller, m.name, o.state, o.handover, o.total, o.currency, o.confirmed, o.version,"
        " o.due_at, n.snapshot ->> 'title' as title, n.snapshot -> 'media' ->> 0 as picture,"
        " (select sum(l.quantity)::bigint from order_lines l where l.order_id = o.id) as count"
        " from checkouts c join orders o on o.checkout = c.id join members m on m.id = o.seller"
        " join order_lines n on n.order_id = o.id and n.number = 1"
        " where c.id = $1 and c.buyer = $2 order by o.seller",
        id,
        look.actor.me,
    )
    if not rows:
        raise NOT_FOUND()
    parts = [_part(row) for row in rows]
    unpaid = [part for part in parts if part.state == "awaiting_payment"]
    currency = look.config.get(CURRENCY)
    pay = ["start_payment"] if unpaid and all(part.confirmed for part in unpaid) else []
    return CheckoutPage(
        id=id,
        orders=[part.order for part in parts],
        parts=parts,
        total=Money(sum(part.total.amount for part in parts), currency),
        to_pay=Money(sum(part.total.amount for part in unpaid), currency),
        until=min((part.until for part in unpaid if part.until), default=None),
        actions=[*pay, *(["cancel"] if unpaid else [])],
        placed_at=rows[0]["placed_at"],
    )


def _part(row: Any) -> CheckoutPart:
    return CheckoutPart(
        order=row["id"],
        seller=row["seller"],
        seller_name=row["name"],
        title=row["title"],
        picture=row["picture"],
        count=row["count"],
        state=row["state"],
        handover=row["handover"],
        total=Money(row["total"], row["currency"]),
        confirmed=row["confirmed"],
        version=row["version"],
        until=row["due_at"] if row["state"] == "awaiting_payment" else None,
    )
