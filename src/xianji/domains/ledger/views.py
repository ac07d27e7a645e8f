"""Reading the books: statements, one order's sums, and the proof."""

from datetime import datetime
from typing import Any

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look, Work

from .model import SHARDED, OrderSum, Proof, StatementLine, account_key

FINANCE = "finance"


async def statement(
    look: Look, kind: str, owner: str, currency: str = "CNY", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[StatementLine]:
    """Movements of one account, newest first. Its owner and finance may look; others get `not_found`."""
    if kind in SHARDED or (look.actor.member != owner and not _is_finance(look)):
        raise NOT_FOUND()
    at, reference, id = decode_cursor(cursor, tuple[datetime, str, str]) if cursor else (None, "", "")
    rows = await look.db.fetch(
        "select at, kind, reference, id, case when credit = $1 then amount else -amount end as amount, currency"
        " from ledger_transfers where (debit = $1 or credit = $1)"
        " and ($2::timestamptz is null or (at, reference, id) < ($2, $3, $4))"
        " order by at desc, reference desc, id desc limit $5",
        account_key(kind, owner, currency),
        at,
        reference,
        id,
        limit + 1,
    )
    lines = [StatementLine(**row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(lines, encode_cursor(lines[-1].at, lines[-1].reference, lines[-1].id) if more else None)


def _is_finance(look: Look) -> bool:
    return look.actor.system or bool({FINANCE, "admin"} & look.actor.roles)


async def balance(look: Look, kind: str, owner: str, currency: str = "CNY") -> int:
    """What stands on one account now, minor units; 0 when it was never used. For callers that checked permission."""
    key = account_key(kind, owner, currency)
    return await look.db.fetchval("select balance from ledger_accounts where key = $1", key) or 0


async def sums_of(look: Look, reference: str) -> OrderSum | None:
    """One order's terms; None when nothing was ever booked for it. For callers that checked permission."""
    row = await look.db.fetchrow(
        "select reference, currency, paid, receivable, released, refunded, fee, penalty, repaid, held"
        " from ledger_order_sums where reference = $1",
        reference,
    )
    return OrderSum(**row) if row else None


async def moved(look: Look, reference: str) -> dict[str, int]:
    """What was moved for one order in all, minor units by kind of transfer. For callers that checked permission."""
    rows = await look.db.fetch(
        "select kind, sum(amount)::bigint as amount from ledger_transfers where reference = $1 group by kind", reference
    )
    return {row["kind"]: row["amount"] for row in rows}


async def prove(look: Look) -> Proof:
    """Check the whole book: all balances sum to zero, each equals its transfers, each order's equation holds."""
    sums = await look.db.fetch(
        "select currency, sum(balance)::bigint as total from ledger_accounts group by currency having sum(balance) <> 0"
    )
    off = await look.db.fetch(
        "select coalesce(a.key, m.key) as key from ledger_accounts a full join ("
        " select key, sum(amount) as moved from ("
        " select credit as key, amount from ledger_transfers union all select debit, -amount from ledger_transfers"
        " ) as entry group by key) as m on m.key = a.key"
        " where coalesce(a.balance, 0) <> coalesce(m.moved, 0) order by 1"
    )
    orders = await look.db.fetch(
        "select reference, currency, paid, receivable, released, refunded, fee, penalty, repaid, held"
        " from ledger_order_sums where paid + receivable <> released + refunded + fee + penalty + repaid + held"
        " order by reference"
    )
    return Proof(
        {row["currency"]: row["total"] for row in sums},
        [row["key"] for row in off],
        [OrderSum(**row) for row in orders],
    )


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's accounts and their movements."""
    rows = await look.db.fetch(
        "select a.kind as account, t.at, t.kind, t.reference, t.currency,"
        " case when t.credit = a.key then t.amount else -t.amount end as amount"
        " from ledger_accounts a join ledger_transfers t on a.key in (t.debit, t.credit)"
        " where a.owner = $1 order by t.at, t.reference, t.id",
        member,
    )
    return {"movements": [dict(row) for row in rows]}


async def scrub(work: Work, member: str) -> None:
    """Nothing to remove: books must be kept, and they hold only the member's id."""
