"""A seller's money, order by order: price, fee, net, and whether it is still held."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.kernel.ids import OrderId
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import rules
from .model import State, Terms


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order for its seller. `due_at` is when time acts; `changed_at` when it came into its state."""

    order: OrderId
    title: str
    state: State
    price: Money
    fee: Money
    net: Money
    held: Money
    released: Money
    due_at: datetime | None
    changed_at: datetime


async def earnings(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Sale]:
    """My paid sales, the newest first; refunded ones too, so that no money simply vanishes."""
    (before,) = decode_cursor(cursor, tuple[str]) if cursor else (None,)
    rows = await look.db.fetch(
        "select o.id, o.state, o.goods, o.shipping, o.total, o.currency, o.terms, o.due_at, o.changed_at,"
        " coalesce(l.held, 0) as held, coalesce(l.released, 0) as released, n.snapshot ->> 'title' as title"
        " from orders o join order_lines n on n.order_id = o.id and n.number = 1"
        " left join lateral (select s.held, s.released from ledger_order_sums s where s.reference = o.id) l on true"
        " where o.seller = $1 and o.paid > 0 and ($2::text is null or o.id < $2) order by o.id desc limit $3",
        look.actor.me,
        before,
        limit + 1,
    )
    sales = [_sale(row) for row in rows[:limit]]
    return Page(sales, encode_cursor(sales[-1].order) if len(rows) > limit else None)


def _sale(row: Any) -> Sale:
    def money(amount: int) -> Money:
        return Money(amount, row["currency"])

    share = rules.fee(msgspec.convert(row["terms"], Terms).fee, row["goods"], row["shipping"])
    return Sale(
        order=row["id"],
        title=row["title"],
        state=row["state"],
        price=money(row["total"]),
        fee=money(share),
        net=money(row["total"] - share),
        held=money(row["held"]),
        released=money(row["released"]),
        due_at=row["due_at"],
        changed_at=row["changed_at"],
    )
