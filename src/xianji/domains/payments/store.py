"""The rows of payments."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from xianji.kernel.work import Look, Work

from .model import Call, CallKind, CallState, NewPayment, Payment, PaymentStatus, StoredFact
from .provider import PaymentPart, PaymentState, ProviderFact, Split


async def insert_payment(work: Work, id: str, provider: str, new: NewPayment) -> None:
    """A payment and its parts."""
    await work.db.execute(
        "insert into payments (id, subject, payer, provider, amount, currency, description, state, expires_at,"
        " created_at) values ($1, $2, $3, $4, $5, $6, $7, 'created', $8, $9)",
        id,
        new.subject,
        new.payer,
        provider,
        sum(part.amount for part in new.parts),
        new.currency,
        new.description,
        new.expires_at,
        work.now,
    )
    await work.db.executemany(
        "insert into payment_parts (payment, part, payee, amount, name) values ($1, $2, $3, $4, $5)",
        [(id, part.part, part.payee, part.amount, part.name) for part in new.parts],
    )


async def open_payment_of(work: Work, subject: str) -> str | None:
    """The newest payment for this subject that can still be paid."""
    found: str | None = await work.db.fetchval(
        "select id from payments where subject = $1 and state in ('created', 'requested') and expires_at > $2"
        " order by id desc limit 1",
        subject,
        work.now,
    )
    return found


async def unpaid_payments_of(work: Work, subject: str) -> list[str]:
    """Payments for this subject that might still be paid, locked."""
    rows = await work.db.fetch(
        "select id from payments where subject = $1 and state in ('created', 'requested') order by id for update",
        subject,
    )
    return [row["id"] for row in rows]


async def is_paid(look: Look, subject: str) -> bool:
    """Whether the provider has said that this subject is paid, booked or not."""
    found: bool = await look.db.fetchval(
        "select exists (select from payments where subject = $1 and state = 'paid')", subject
    )
    return found


async def forget_name(work: Work, member: str) -> None:
    """Take a payee's name off past payments."""
    await work.db.execute("update payment_parts set name = '' where payee = $1", member)


async def lock_payment(work: Work, id: str) -> Payment | None:
    """A payment, locked."""
    row = await work.db.fetchrow(
        "select id, subject, payer, provider, amount, currency, description, state, pay_url, expires_at"
        " from payments where id = $1 for update",
        id,
    )
    return _payment(row, await _parts(work, id)) if row else None


async def payment(look: Look, id: str) -> Payment | None:
    """A payment as it stands."""
    row = await look.db.fetchrow(
        "select id, subject, payer, provider, amount, currency, description, state, pay_url, expires_at"
        " from payments where id = $1",
        id,
    )
    return _payment(row, await _parts(look, id)) if row else None


def _payment(row: Any, parts: tuple[PaymentPart, ...]) -> Payment:
    return Payment(**row, parts=parts)


async def _parts(look: Look, payment: str) -> tuple[PaymentPart, ...]:
    rows = await look.db.fetch(
        "select part, payee, amount, name from payment_parts where payment = $1 order by part", payment
    )
    return tuple(PaymentPart(**row) for row in rows)


async def set_requested(work: Work, state: PaymentState) -> None:
    """The provider has opened it: where to pay."""
    await work.db.execute(
        "update payments set state = case when state = 'created' then 'requested' else state end,"
        " provider_no = $2, pay_url = $3 where id = $1",
        state.out_no,
        state.provider_no,
        state.pay_url,
    )


async def set_paid(work: Work, id: str, at: datetime) -> None:
    """The money is at the provider."""
    await work.db.execute("update payments set state = 'paid', paid_at = $2 where id = $1", id, at)


async def set_ended(work: Work, id: str, state: PaymentStatus, code: str | None = None) -> None:
    """Closed or failed: nobody can pay it any more."""
    await work.db.execute(
        "update payments set state = $2, code = $3, ended_at = $4 where id = $1 and state in ('created', 'requested')",
        id,
        state,
        code,
        work.now,
    )


async def insert_call(
    work: Work,
    payment: str,
    id: str,
    kind: CallKind,
    try_at: datetime,
    *,
    part: str | None = None,
    amount: int = 0,
    splits: Sequence[Split] = (),
    reason: str = "",
    generation: int = 0,
) -> None:
    """An intent: something to ask of the provider."""
    await work.db.execute(
        "insert into payment_calls (payment, id, kind, part, amount, splits, reason, state, generation, try_at,"
        " created_at) values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10)",
        payment,
        id,
        kind,
        part,
        amount,
        [msgspec.to_builtins(split) for split in splits],
        reason,
        generation,
        try_at,
        work.now,
    )


async def open_calls(look: Look, payment: str) -> list[Call]:
    """Calls of a payment that are to be made or asked about, oldest first."""
    rows = await look.db.fetch(
        "select payment, id, kind, part, amount, splits, reason, state, uncertain, generation from payment_calls"
        " where payment = $1 and state in ('waiting', 'sent') order by created_at, id",
        payment,
    )
    return [_call(row) for row in rows]


async def call(work: Work, payment: str, id: str) -> Call | None:
    """One call; the caller holds the lock of its payment."""
    row = await work.db.fetchrow(
        "select payment, id, kind, part, amount, splits, reason, state, uncertain, generation from payment_calls"
        " where payment = $1 and id = $2",
        payment,
        id,
    )
    return _call(row) if row else None


def _call(row: Any) -> Call:
    return Call(**{**row, "splits": tuple(msgspec.convert(row["splits"], list[Split]))})


async def set_call(work: Work, call: Call, state: CallState, code: str | None = None, uncertain: bool = False) -> None:
    """How a call stands now; a final state is never left."""
    await work.db.execute(
        "update payment_calls set state = $3, code = $4, uncertain = $5, done_at = $6,"
        " try_at = case when $3 in ('waiting', 'sent') then try_at end"
        " where payment = $1 and id = $2 and state in ('waiting', 'sent')",
        call.payment,
        call.id,
        state,
        code,
        uncertain,
        None if state in ("waiting", "sent") else work.now,
    )


async def release_of(look: Look, call: Call) -> str | None:
    """Our number of the release that paid the receiver of a split return; None when none has (yet)."""
    found: str | None = await look.db.fetchval(
        "select f.body ->> 'request_no' from provider_facts f, jsonb_array_elements(f.body -> 'lines') as line"
        " where f.payment = $1 and f.kind in ('released', 'release_partial') and f.body ->> 'part' = $2"
        " and line ->> 'payee' = $3 and line ->> 'kind' = $4 and line ->> 'state' = 'succeeded' limit 1",
        call.payment,
        call.part,
        call.splits[0].payee,
        call.splits[0].kind,
    )
    return found


async def is_releasing(look: Look, call: Call) -> bool:
    """Whether a release of the call's part is still owed or under way."""
    found: bool = await look.db.fetchval(
        "select exists (select from payment_calls where payment = $1 and part = $2 and kind = 'release'"
        " and state in ('waiting', 'sent'))",
        call.payment,
        call.part,
    )
    return found


async def due_payments(look: Look, limit: int) -> list[str]:
    """Payments with a call that should be made or asked about by now."""
    rows = await look.db.fetch(
        "select payment from payment_calls where state in ('waiting', 'sent') and try_at <= $1"
        " group by payment order by min(try_at) limit $2",
        look.now,
        limit,
    )
    return [row["payment"] for row in rows]


async def due_tries(work: Work, payment: str) -> list[tuple[str, int]]:
    """The due calls of a payment, locked: (id, tries so far)."""
    rows = await work.db.fetch(
        "select id, tries from payment_calls"
        " where payment = $1 and state in ('waiting', 'sent') and try_at <= $2 order by id for update",
        payment,
        work.now,
    )
    return [(row["id"], row["tries"]) for row in rows]


async def set_next_try(work: Work, payment: str, call: str, at: datetime) -> None:
    """Count a try and say when the next one is due."""
    await work.db.execute(
        "update payment_calls set tries = tries + 1, try_at = $3 where payment = $1 and id = $2", payment, call, at
    )


async def insert_fact(work: Work, provider: str, fact: ProviderFact, is_booked: bool) -> bool:
    """Keep a fact; False when this event is known. `is_booked` when there is nothing to book."""
    done = await work.db.fetchval(
        "insert into provider_facts (provider, event_id, payment, kind, body, occurred_at, stored_at, booked_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning true",
        provider,
        fact.event_id,
        fact.out_no,
        fact.kind,
        msgspec.to_builtins(fact),
        fact.occurred_at,
        work.now,
        work.now if is_booked else None,
    )
    return done is not None


async def insert_refused_fact(work: Work, provider: str, fact: ProviderFact, why: str) -> None:
    """Keep what must not be believed."""
    await work.db.execute(
        "insert into refused_facts (provider, event_id, digest, why, body, at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict do nothing",
        provider,
        fact.event_id,
        sha256(msgspec.json.encode(fact)).digest(),
        why,
        msgspec.to_builtins(fact),
        work.now,
    )


async def lock_fact(work: Work, provider: str, event_id: str) -> StoredFact | None:
    """A fact, locked, with what its payment is for."""
    row = await work.db.fetchrow(
        "select f.provider, f.event_id, f.payment, p.subject, coalesce(c.reason, '') as reason, f.body as fact,"
        " f.booked_at from provider_facts f join payments p on p.id = f.payment"
        " left join payment_calls c on c.payment = f.payment and c.id = f.body ->> 'request_no'"
        " where f.provider = $1 and f.event_id = $2 for update of f",
        provider,
        event_id,
    )
    if row is None:
        return None
    return StoredFact(
        provider=row["provider"],
        event_id=row["event_id"],
        payment=row["payment"],
        subject=row["subject"],
        reason=row["reason"],
        fact=msgspec.convert(row["fact"], ProviderFact),
        is_booked=row["booked_at"] is not None,
    )


async def facts_waiting(look: Look, payment: str) -> dict[str, str]:
    """Event id → provider of the facts about a payment that are not booked yet, oldest first."""
    rows = await look.db.fetch(
        "select event_id, provider from provider_facts where payment = $1 and booked_at is null"
        " order by stored_at, event_id",
        payment,
    )
    return {row["event_id"]: row["provider"] for row in rows}


async def set_booked(work: Work, provider: str, event_id: str) -> None:
    """The books know this fact."""
    await work.db.execute(
        "update provider_facts set booked_at = $3 where provider = $1 and event_id = $2", provider, event_id, work.now
    )
