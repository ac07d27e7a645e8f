"""A seller's money, order by order: price, fee, net, whether it is still held, and what the provider paid."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import ledger
from xianji.kernel.ids import OrderId
from xianji.kernel.installation import CURRENCY
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import rules, store
from .model import State, Terms


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order for its seller: price - refunded - fee = net, and net - recovered is paid out.

    `fee` = `fee_regular` + `fee_excess`, likely until `fee_decided`; `fee_owed` of it was not covered by the sale and
    is `recovered` from later ones. After completion `claimed` went to the buyer out of the seller's money, of which
    `claim_due` is still to come back from the seller; `penalty` is owed for an earnest that the seller broke. `due_at`
    is when time acts; `changed_at` when the order came into its state.
    """

    order: OrderId
    title: str
    state: State
    price: Money
    refunded: Money
    fee: Money
    fee_regular: Money
    fee_excess: Money
    fee_decided: bool
    fee_owed: Money
    net: Money
    recovered: Money
    claimed: Money
    claim_due: Money
    penalty: Money
    held: Money
    released: Money
    paid_out: Money
    paid_out_at: datetime | None
    due_at: datetime | None
    changed_at: datetime


async def debt(look: Look) -> Money:
    """What I owe the platform in all: fees, penalties and refunds that my money could not cover."""
    currency = look.config.get(CURRENCY)
    return Money(-await ledger.balance(look, "receivable", look.actor.me, currency), currency)


async def earnings(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Sale]:
    """My paid sales, the newest first; refunded ones too, so that no money simply vanishes."""
    (before,) = decode_cursor(cursor, tuple[str]) if cursor else (None,)
    rows = await look.db.fetch(
        "select o.id, o.state, o.goods, o.shipping, o.total, o.paid, o.refunded, o.charge, o.currency, o.terms,"
        " m.claimed, m.claim_due, m.penalty, o.due_at,"
        " o.changed_at, coalesce(l.held, 0) as held, coalesce(l.released, 0) as released, m.recovered,"
        " m.paid_out, m.paid_out_at, n.snapshot ->> 'title' as title"
        " from orders o join order_lines n on n.order_id = o.id and n.number = 1"
        " left join lateral (select s.held, s.released from ledger_order_sums s where s.reference = o.id) l on true"
        " cross join lateral (select"
        "   coalesce(sum(t.amount) filter (where t.kind = 'recovered'), 0)::bigint as recovered,"
        "   coalesce(sum(t.amount) filter"
        "    (where t.kind in ('refund_due', 'refund_owed', 'claim_owed')), 0)::bigint as claimed,"
        "   (coalesce(sum(t.amount) filter (where t.kind = 'refund_due'), 0)"
        "    - coalesce(sum(t.amount) filter (where t.kind = 'returned'), 0))::bigint as claim_due,"
        "   coalesce(sum(t.amount) filter (where t.kind = 'penalty_owed'), 0)::bigint as penalty,"
        "   coalesce(sum(t.amount) filter (where t.kind = 'paid_out'), 0)::bigint as paid_out,"
        "   max(t.at) filter (where t.kind = 'paid_out') as paid_out_at"
        "   from ledger_transfers t where t.reference = o.id) m"
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

    policy, decided = msgspec.convert(row["terms"], Terms).fee, store.charge_of(row["charge"])
    charge = rules.charge_as_it_stands(policy, decided, row["state"], row["goods"], row["shipping"], row["refunded"])
    kept = rules.kept_of(row["state"], row["total"], row["paid"], row["refunded"])
    return Sale(
        order=row["id"],
        title=row["title"],
        state=row["state"],
        price=money(row["total"]),
        refunded=money(row["refunded"]),
        fee=money(charge.total),
        fee_regular=money(charge.regular),
        fee_excess=money(charge.excess),
        fee_decided=decided is not None,
        fee_owed=money(max(0, charge.total - kept)),
        net=money(max(0, kept - charge.total)),
        recovered=money(row["recovered"]),
        claimed=money(row["claimed"]),
        claim_due=money(row["claim_due"]),
        penalty=money(row["penalty"]),
        held=money(row["held"]),
        released=money(row["released"]),
        paid_out=money(row["paid_out"]),
        paid_out_at=row["paid_out_at"],
        due_at=row["due_at"],
        changed_at=row["changed_at"],
    )
