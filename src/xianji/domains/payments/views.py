"""Payments for their payer and for operators."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look, Work

from . import store
from .actions import warned_from
from .model import FINANCE, EndingHold, PaymentView, RefusedFact, StuckCall, UnbookedFact
from .provider import ProviderFact


async def payment_of(look: Look, subject: str) -> PaymentView | None:
    """The payment of a subject that is still to be heard of or booked, else the newest, for its payer; None for others.

    An order with a deposit has two.
    """
    row = await look.db.fetchrow(
        "select id, subject, state, amount, currency, pay_url, expires_at from payments"
        " where subject = $1 and payer = $2 order by state in ('created', 'requested') desc, exists (select"
        " from provider_facts f where f.payment = payments.id and f.booked_at is null) desc, id desc limit 1",
        subject,
        look.actor.me,
    )
    if row is None:
        return None
    amount = Money(row["amount"], row["currency"])
    return PaymentView(
        id=row["id"],
        subject=row["subject"],
        state=row["state"],
        amount=amount,
        pay_url=row["pay_url"],
        expires_at=row["expires_at"],
    )


async def missing_returns(look: Look, payments: list[str], reason: str) -> list[tuple[str, int]]:
    """What sellers were asked to give back for one reason, have not, and are not being asked for now, by payment."""
    rows = await look.db.fetch(
        "select payment, missing from (select c.payment, ((array_agg(c.amount order by c.created_at, c.id))[1]"
        "   - coalesce(sum(c.amount) filter (where c.state <> 'failed'), 0))::bigint as missing"
        "  from payment_calls c where c.payment = any($1::text[]) and c.kind = 'split_return' and c.reason = $2"
        "   and c.splits -> 0 ->> 'kind' = 'seller' group by c.payment) m where missing > 0 order by payment",
        payments,
        reason,
    )
    return [(row["payment"], row["missing"]) for row in rows]


async def refused_facts(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[RefusedFact]:
    """Signed statements that did not fit, newest first; for finance."""
    look.actor.need_role(FINANCE)
    at, event_id = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select provider, event_id, why, body, at from refused_facts"
        " where $1::timestamptz is null or (at, event_id) < ($1, $2) order by at desc, event_id desc limit $3",
        at,
        event_id,
        limit + 1,
    )
    facts = [RefusedFact(**{**row, "body": msgspec.convert(row["body"], ProviderFact)}) for row in rows[:limit]]
    return Page(facts, encode_cursor(facts[-1].at, facts[-1].event_id) if len(rows) > limit else None)


async def stuck_calls(look: Look) -> list[StuckCall]:
    """Releases and refunds that failed for good: nothing newer replaces them; for finance."""
    look.actor.need_role(FINANCE)
    rows = await look.db.fetch(
        "select c.payment, c.id, c.kind, c.part, c.amount, c.state, c.code, c.created_at from payment_calls c"
        " where (c.kind in ('release', 'refund') or c.kind = 'split_return' and c.splits -> 0 ->> 'kind' = 'fee')"
        " and c.state in ('failed', 'partial') and not exists ("
        " select from payment_calls n where n.payment = c.payment and n.kind = c.kind and n.part = c.part"
        " and n.generation > c.generation) order by c.created_at"
    )
    return [StuckCall(**row) for row in rows]


async def holds_ending(look: Look, limit: int = 100) -> list[EndingHold]:
    """Money still held by our books whose provider lets it go soon, the most urgent first; for finance."""
    look.actor.need_role(FINANCE)
    rows = await look.db.fetch(
        "select p.id, p.subject, p.provider, p.currency, p.hold_until, p.hold_warned_at, sum(a.balance)::bigint as held"
        " from payments p join payment_parts s on s.payment = p.id"
        " join ledger_accounts a on a.kind = 'order_held' and a.owner = s.part and a.currency = p.currency"
        " where p.hold_until <= $1 and a.balance > 0 group by p.id order by p.hold_until, p.id limit $2",
        warned_from(look),
        limit,
    )
    return [
        EndingHold(
            payment=row["id"],
            subject=row["subject"],
            provider=row["provider"],
            held=Money(row["held"], row["currency"]),
            until=row["hold_until"],
            warned_at=row["hold_warned_at"],
        )
        for row in rows
    ]


async def unbooked_facts(look: Look) -> list[UnbookedFact]:
    """Stored facts that no entry in the books answers to yet, oldest first; for finance and the proof."""
    look.actor.need_role(FINANCE)
    rows = await look.db.fetch(
        "select provider, event_id, payment, kind, stored_at from provider_facts where booked_at is null"
        " order by stored_at, event_id"
    )
    return [UnbookedFact(**row) for row in rows]


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """The payments a member made, and where their shares go."""
    rows = await look.db.fetch(
        "select id, subject, provider, amount, currency, state, created_at, paid_at, ended_at from payments"
        " where payer = $1 order by id",
        member,
    )
    accounts = await look.db.fetch(
        "select provider, account, set_at from payment_accounts where member = $1 order by provider", member
    )
    return {"payments": [dict(row) for row in rows], "accounts": [dict(row) for row in accounts]}


async def scrub(work: Work, member: str) -> None:
    """Forget a payee's name; the proofs of payment themselves must be kept."""
    await store.forget_name(work, member)
