"""What one side of an order owes the other and no provider can move: the platform passes it on, finance says when.

An earnest that its seller broke, a refund after the money had left the provider for good, and a refund that a ruling
takes back: each is a debt of the one, taken from their later sales like any other.
"""

from datetime import datetime
from typing import Literal, get_args

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

AmendsKind = Literal["penalty", "claim", "repay"]


class Amends(msgspec.Struct, frozen=True, kw_only=True):
    """Amends that have not reached whom they are due to. `subject` is the refund they came of, or else the order.

    `debtor_owes` is all that the debtor owes now, from any sale.
    """

    order: OrderId
    subject: str
    kind: AmendsKind
    creditor: MemberId
    debtor: MemberId
    amount: Money
    debtor_owes: Money
    since: datetime


async def amends(look: Look) -> list[Amends]:
    """Amends to be passed on, the oldest first; for finance."""
    look.actor.need_role(FINANCE)
    rows = await look.db.fetch(
        "select t.reference as order, split_part(t.id, ':', 2) as subject,"
        " split_part(t.kind, '_', 1) as kind, c.owner as creditor, d.owner as debtor, t.amount, t.currency,"
        " -d.balance as owes, t.at from ledger_transfers t"
        " join ledger_accounts c on c.key = t.credit join ledger_accounts d on d.key = t.debit"
        " where t.kind = any($1::text[]) and not exists (select from ledger_transfers p"
        " where p.reference = t.reference and p.id = replace(t.id, 'amends:', 'amends_paid:'))"
        " order by t.at, t.reference",
        [f"{kind}_owed" for kind in get_args(AmendsKind)],
    )
    return [
        Amends(
            order=row["order"],
            subject=row["subject"],
            kind=row["kind"],
            creditor=row["creditor"],
            debtor=row["debtor"],
            amount=Money(row["amount"], row["currency"]),
            debtor_owes=Money(row["owes"], row["currency"]),
            since=row["at"],
        )
        for row in rows
    ]


async def note_amends_paid(work: Work, id: str, subject: str) -> None:
    """Finance has passed amends of an order on to whom they are due; saying it twice changes nothing. Audited.

    `subject`: the refund they came of, or the order itself. Refuses `not_allowed` and `not_found`.
    """
    work.actor.need_role(FINANCE)
    order = await store.lock_for_system(work, id)
    row = await work.db.fetchrow(
        "select a.owner, t.amount, t.currency from ledger_transfers t join ledger_accounts a on a.key = t.credit"
        " where t.reference = $1 and t.id = 'amends:' || $2",
        order.id,
        subject,
    )
    if row is None:
        raise NOT_FOUND()
    amount = Money(row["amount"], row["currency"])
    if await ledger.transfer(work, [Leg("amends_paid", order.id, f"amends_paid:{subject}", amount, row["owner"])]):
        await audit.record(work, "orders.note_amends_paid", subject, "", order=order.id, amount=amount.amount)
