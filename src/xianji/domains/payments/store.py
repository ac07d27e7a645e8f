"""The rows of payments."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

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


async def fits(work: Work, payment: str, new: NewPayment) -> bool:
    """Whether this unpaid payment is for the same subject, the same parts and amounts, and can still be paid."""
    row = await work.db.fetchrow("select subject, expires_at from payments where id = $1", payment)
    assert row is not None, "it was locked a moment ago"
    rows = await work.db.fetch("select part, amount from payment_parts where payment = $1", payment)
    parts = {(part["part"], part["amount"]) for part in rows}
    wanted = {(part.part, part.amount) for part in new.parts}
    return row["subject"] == new.subject and row["expires_at"] > work.now and parts == wanted


async def unpaid_payments_of(work: Work, parts: Sequence[str]) -> list[str]:
    """Payments with any of these parts that might still be paid, locked, the newest first."""
    rows = await work.db.fetch(
        "select id from payments where state in ('created', 'requested') and id in"
        " (select payment from payment_parts where part = any($1)) order by id desc for update",
        list(parts),
    )
    return [row["id"] for row in rows]


async def is_paid(look: Look, part: str) -> bool:
    """Whether the provider has said that this part is paid, and the books do not know it yet."""
    found: bool = await look.db.fetchval(
        "select exists (select from payment_parts t join payments p on p.id = t.payment and p.state = 'paid'"
        " join provider_facts f on f.payment = p.id and f.kind = 'paid' and f.booked_at is null where t.part = $1)",
        part,
    )
    return found


async def forget_name(work: Work, member: str) -> None:
    """Take a payee's name off past payments."""
    await work.db.execute("update payment_parts set name = '' where payee = $1", member)


async def lock_payment(work: Work, id: str) -> Payment | None:
    """A payment with its parts, locked."""
    row = await work.db.fetchrow(
        "select id, subject, payer, provider, amount, currency, description, state, pay_url, expires_at, provider_no,"
        " (select jsonb_agg(to_jsonb(t) - 'payment' order by t.part) from payment_parts t where t.payment = p.id)"
        " as parts from payments p where id = $1 for update",
        id,
    )
    return _payment(row)


async def payment(look: Look, id: str) -> Payment | None:
    """A payment with its parts as it stands."""
    row = await look.db.fetchrow(
        "select id, subject, payer, provider, amount, currency, description, state, pay_url, expires_at, provider_no,"
        " (select jsonb_agg(to_jsonb(t) - 'payment' order by t.part) from payment_parts t where t.payment = p.id)"
        " as parts from payments p where id = $1",
        id,
    )
    return _payment(row)


def _payment(row: Any) -> Payment | None:
    return Payment(**{**row, "parts": msgspec.convert(row["parts"], tuple[PaymentPart, ...])}) if row else None


async def set_requested(work: Work, state: PaymentState) -> None:
    """The provider has opened it: where to pay."""
    await work.db.execute(
        "update payments set state = case when state = 'created' then 'requested' else state end,"
        " provider_no = coalesce(nullif($2, ''), provider_no), pay_url = coalesce(nullif($3, ''), pay_url)"
        " where id = $1",
        state.out_no,
        state.provider_no,
        state.pay_url,
    )


async def set_paid(work: Work, id: str, at: datetime, hold_until: datetime | None) -> None:
    """The money is at the provider, until `hold_until`."""
    await work.db.execute(
        "update payments set state = 'paid', paid_at = $2, hold_until = $3 where id = $1", id, at, hold_until
    )


async def set_hold(work: Work, id: str, until: datetime) -> None:
    """The provider says until when it holds."""
    await work.db.execute("update payments set hold_until = $2 where id = $1", id, until)


async def set_warned(work: Work, id: str) -> None:
    """Operators were told of this hold's end."""
    await work.db.execute("update payments set hold_warned_at = $2 where id = $1", id, work.now)


async def payment_of_call(look: Look, id: str) -> str | None:
    """The payment a number of ours belongs to."""
    found: str | None = await look.db.fetchval("select payment from payment_calls where id = $1", id)
    return found


async def ask_now(work: Work, payment: str, id: str) -> None:
    """The end of this call is to be asked for at once."""
    await work.db.execute(
        "update payment_calls set try_at = $3 where payment = $1 and id = $2 and state in ('waiting', 'sent')",
        payment,
        id,
        work.now,
    )


async def account_of(look: Look, provider: str, member: str) -> str | None:
    """A member's account at a provider."""
    found: str | None = await look.db.fetchval(
        "select account from payment_accounts where provider = $1 and member = $2", provider, member
    )
    return found


async def put_account(work: Work, provider: str, member: str, account: str) -> None:
    """Remember a member's account at a provider."""
    await work.db.execute(
        "insert into payment_accounts (provider, member, account, set_at) values ($1, $2, $3, $4)"
        " on conflict (provider, member) do update set account = $3, set_at = $4",
        provider,
        member,
        account,
        work.now,
    )


async def due_holds(look: Look, limit: int, before: datetime) -> list[str]:
    """Paid payments with money still held whose hold ends before this moment and of which nobody was told."""
    rows = await look.db.fetch(
        "select p.id from payments p where p.hold_until <= $1 and p.hold_warned_at is null and exists ("
        " select from payment_parts s join ledger_accounts a on a.kind = 'order_held' and a.owner = s.part"
        " where s.payment = p.id and a.balance > 0) order by p.hold_until limit $2",
        before,
        limit,
    )
    return [row["id"] for row in rows]


async def hold_of(look: Look, payment: str) -> Any:
    """What is still held for a payment's parts by our books: (held, hold_until, hold_warned_at)."""
    return await look.db.fetchrow(
        "select coalesce(sum(a.balance), 0)::bigint as held, p.hold_until, p.hold_warned_at from payments p"
        " join payment_parts s on s.payment = p.id"
        " left join ledger_accounts a on a.kind = 'order_held' and a.owner = s.part and a.currency = p.currency"
        " where p.id = $1 group by p.hold_until, p.hold_warned_at",
        payment,
    )


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


async def is_closing(look: Look, payment: str) -> bool:
    """Whether the provider is still to be asked to close this payment."""
    found: bool = await look.db.fetchval(
        "select exists (select from payment_calls"
        " where payment = $1 and kind = 'close' and state in ('waiting', 'sent'))",
        payment,
    )
    return found


async def call(work: Look, payment: str, id: str) -> Call | None:
    """One call; a verb that changes it holds the lock of its payment."""
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


class WaitingFact(NamedTuple):
    """A fact that the books do not know yet."""

    provider: str
    event_id: str
    kind: str


async def facts_waiting(look: Look, payment: str) -> list[WaitingFact]:
    """The facts about a payment that are not booked yet, oldest first."""
    rows = await look.db.fetch(
        "select provider, event_id, kind from provider_facts where payment = $1 and booked_at is null"
        " order by stored_at, event_id",
        payment,
    )
    return [WaitingFact(**row) for row in rows]


async def set_booked(work: Work, provider: str, event_id: str) -> None:
    """The books know this fact."""
    await work.db.execute(
        "update provider_facts set booked_at = $3 where provider = $1 and event_id = $2", provider, event_id, work.now
    )
