"""What sellers who broke an earnest owe their buyers: the platform passes it on, and finance says when it has."""

from datetime import datetime

import msgspec

from xianji.domains import ledger
from xianji.domains.ledger import Leg
from xianji.kernel import audit
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import MemberId, OrderId
from xianji.kernel.money import Money
from xianji.kernel.work import Look, Work

from . import store

FINANCE = "finance"


class Penalty(msgspec.Struct, frozen=True, kw_only=True):
    """A penalty that has not reached its buyer. `seller_owes` is all that this seller owes now, from any sale."""

    order: OrderId
    buyer: MemberId
    seller: MemberId
    amount: Money
    seller_owes: Money
    since: datetime


async def penalties(look: Look) -> list[Penalty]:
    """Penalties to be passed on, the oldest first; for finance."""
    look.actor.need_role(FINANCE)
    rows = await look.db.fetch(
        "select o.id, o.buyer, o.seller, o.currency, t.amount, t.at, coalesce(-a.balance, 0) as owes"
        " from ledger_transfers t join orders o on o.id = t.reference"
        " left join ledger_accounts a on a.key = t.debit"
        " where t.kind = 'penalty_owed' and not exists (select from ledger_transfers p"
        " where p.reference = t.reference and p.kind = 'penalty_paid') order by t.at, o.id"
    )
    return [
        Penalty(
            order=row["id"],
            buyer=row["buyer"],
            seller=row["seller"],
            amount=Money(row["amount"], row["currency"]),
            seller_owes=Money(row["owes"], row["currency"]),
            since=row["at"],
        )
        for row in rows
    ]


async def note_penalty_paid(work: Work, id: str) -> None:
    """Finance has passed the penalty of an order on to its buyer; saying it twice changes nothing. Audited.

    Refuses `not_allowed` and `not_found`, also where there is none.
    """
    work.actor.need_role(FINANCE)
    order = await store.lock_for_system(work, id)
    moved = await ledger.moved(work, order.id)
    amount = Money(moved.get("penalty_owed", 0), order.currency)
    if not amount.amount:
        raise NOT_FOUND()
    if await ledger.transfer(work, [Leg("penalty_paid", order.id, "penalty_paid", amount, order.buyer)]):
        await audit.record(work, "orders.note_penalty_paid", order.id, "", amount=amount.amount)
