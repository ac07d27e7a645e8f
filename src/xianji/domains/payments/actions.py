"""Intents written, facts kept. Nothing here talks to the provider; `outside` does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from xianji.kernel import jobs, text
from xianji.kernel.work import Look, Work

from . import rules, store
from .events import FactStored, HoldEndsSoon
from .model import (
    CARRY_OUT,
    FEE_PAYEE,
    HOLD_DAYS,
    HOLD_WARN_DAYS,
    NEVER_REPEATED,
    PROVIDER,
    REPLACEMENTS,
    RETRY_LONGEST_SECONDS,
    RETRY_SECONDS,
    Call,
    CallKind,
    CallState,
    CarryOut,
    NewPayment,
    Payment,
    Received,
    StoredFact,
)
from .provider import ProviderFact, Split

_NOTHING_TO_BOOK = ("payment_closed", "release_failed", "refund_failed", "hold_expiring", "heard")


async def start_payment(work: Work, new: NewPayment) -> str:
    """The payment to pay this subject with: the open one, or a fresh intent. The caller holds the locks of its parts.

    The caller then lets `outside.carry_out` open it at the provider; a job does it if the caller cannot. A part is
    paid by one page at a time: any other page that holds one of these parts is closed.
    """
    found = None
    for payment in await store.unpaid_payments_of(work, [part.part for part in new.parts]):
        if found is None and await store.fits(work, payment, new):
            found = payment
        else:
            await _close(work, payment)
    if found is not None:
        return found
    id = work.new_id("pay")
    await store.insert_payment(work, id, work.config.get(PROVIDER), new)
    await store.insert_call(work, id, id, "open", work.now + _first_wait(work))
    return id


async def close_open(work: Work, part: str) -> None:
    """Nobody shall pay this part any more, alone or with others.

    The provider is told; money that comes all the same comes as a fact.
    """
    for payment in await store.unpaid_payments_of(work, [part]):
        await _close(work, payment)


async def _close(work: Work, payment: str) -> None:
    await store.set_ended(work, payment, "closed")
    await ask_to_close(work, payment)


async def ask_to_close(work: Work, payment: str) -> None:
    """Let the provider close what it may have opened."""
    await store.insert_call(work, payment, work.new_id("pcl"), "close", work.now + _first_wait(work))
    await jobs.enqueue(work, CARRY_OUT, CarryOut(payment))


async def request_release(work: Work, payment: str, part: str, payee: str, net: int, fee: int) -> None:
    """Let the provider pay a part out: `net` to the seller, `fee` to the platform, minor units."""
    splits = [seller_split(payee, net), fee_split(work, fee)]
    await _send(work, payment, "release", part, net + fee, splits=[split for split in splits if split.amount])


async def request_refund(work: Work, payment: str, part: str, amount: int, reason: str) -> None:
    """Let the provider give held money of a part back to the buyer."""
    await _send(work, payment, "refund", part, amount, reason=reason)


async def request_return(work: Work, payment: str, part: str, split: Split, reason: str) -> None:
    """Let the provider take released money of a part back from one receiver, into the hold.

    It waits until the release is done. When the provider refuses, `payments.return_refused.v1` says so.
    """
    await _send(work, payment, "split_return", part, split.amount, splits=[split], reason=reason)


def seller_split(payee: str, amount: int) -> Split:
    """The seller's line of a release."""
    return Split(payee, amount, "seller")


def fee_split(work: Work, amount: int) -> Split:
    """The platform's line of a release."""
    return Split(work.config.get(FEE_PAYEE), amount, "fee")


async def _send(
    work: Work,
    payment: str,
    kind: CallKind,
    part: str,
    amount: int,
    *,
    splits: Sequence[Split] = (),
    reason: str = "",
) -> None:
    if amount:
        await store.insert_call(
            work,
            payment,
            work.new_id("pcl"),
            kind,
            work.now + _first_wait(work),
            part=part,
            amount=amount,
            splits=splits,
            reason=reason,
        )
        await jobs.enqueue(work, CARRY_OUT, CarryOut(payment))


async def receive(work: Work, provider: str, fact: ProviderFact) -> Received:
    """Keep a verified fact once and learn from it; whoever must book it hears `payments.fact_stored.v1`.

    "refused" means it was properly signed but does not fit what we asked: kept for an operator, nothing learned. The
    door should then answer the provider with an error, so that a true version may follow.
    """
    fact = await _completed(work, fact)
    payment = await store.lock_payment(work, fact.out_no)
    if payment is None:
        await store.insert_refused_fact(work, provider, fact, "unknown_payment")
        return "refused"
    call = await store.call(work, payment.id, fact.request_no) if fact.request_no else None
    why = rules.misfit(payment, call, provider, fact)
    if why:
        await store.insert_refused_fact(work, provider, fact, why)
        return "refused"
    is_news = _is_news(payment, call, fact)
    has_booking = is_news and fact.kind not in _NOTHING_TO_BOOK
    if not await store.insert_fact(work, provider, fact, is_booked=not has_booking):
        return "known"
    if is_news:
        await _learn(work, provider, payment, call, fact)
    if has_booking:
        work.tell(FactStored(provider, fact.event_id, payment.id, payment.subject, fact.kind))
    return "stored"


async def _completed(work: Work, fact: ProviderFact) -> ProviderFact:
    """Some providers name nothing but our number of a request; what it belongs to is in our own rows."""
    if fact.out_no or not fact.request_no:
        return fact
    payment = await store.payment_of_call(work, fact.request_no)
    call = await store.call(work, payment, fact.request_no) if payment else None
    return fact if call is None else msgspec.structs.replace(fact, out_no=call.payment, part=call.part)


def _is_news(payment: Payment, call: Call | None, fact: ProviderFact) -> bool:
    """Whether we did not know this yet from another event or from an answer to a question."""
    if fact.kind == "paid":
        return payment.state != "paid"
    if call is not None:
        return call.state in ("waiting", "sent")
    return True


async def _learn(work: Work, provider: str, payment: Payment, call: Call | None, fact: ProviderFact) -> None:
    if fact.kind == "paid":
        days = work.config.get(HOLD_DAYS).get(provider)
        until = fact.hold_until or (fact.occurred_at + timedelta(days=days) if days else None)
        await store.set_paid(work, payment.id, fact.occurred_at, until)
        await _end_open_call(work, payment.id)
    elif fact.kind == "payment_closed":
        await store.set_ended(work, payment.id, "closed")
        await _end_open_call(work, payment.id)
    elif fact.kind == "hold_expiring" and fact.hold_until is not None:
        await store.set_hold(work, payment.id, fact.hold_until)
    elif fact.kind == "heard":
        await store.ask_now(work, payment.id, fact.request_no)
        await jobs.enqueue(work, CARRY_OUT, CarryOut(payment.id))
    elif call is not None:
        await store.set_call(work, call, _end_of(fact), fact.code)
        await _replace_failed(work, call, fact)


async def _end_open_call(work: Work, payment: str) -> None:
    opening = await store.call(work, payment, payment)
    assert opening is not None, "a payment is inserted together with its opening call"
    await store.set_call(work, opening, "done")


def _end_of(fact: ProviderFact) -> CallState:
    if fact.kind in ("released", "refunded", "split_returned"):
        return "done"
    return "partial" if fact.kind == "release_partial" else "failed"


async def _replace_failed(work: Work, call: Call, fact: ProviderFact) -> None:
    """A number that ended is spent: what failed is asked for anew under a fresh number, a limited number of times."""
    if _end_of(fact) == "done" or call.generation >= work.config.get(REPLACEMENTS) or fact.code in NEVER_REPEATED:
        return
    splits = rules.failed_splits(fact) if call.kind == "release" else ()
    await store.insert_call(
        work,
        call.payment,
        work.new_id("pcl"),
        call.kind,
        work.now + _wait(work, call.generation),
        part=call.part,
        amount=sum(split.amount for split in splits) if call.kind == "release" else call.amount,
        splits=splits,
        reason=call.reason,
        generation=call.generation + 1,
    )


async def warn_of_hold(work: Work, id: str) -> None:
    """Tell operators once that money is still held shortly before the provider's limit."""
    payment = await store.lock_payment(work, id)
    hold = await store.hold_of(work, id)
    if payment is None or not hold["held"] or hold["hold_warned_at"] is not None:
        return
    await store.set_warned(work, id)
    work.tell(HoldEndsSoon(id, payment.subject, payment.provider, hold["held"], payment.currency, hold["hold_until"]))


def warned_from(look: Look) -> datetime:
    """Holds that end before this moment are to be told of now."""
    return look.now + timedelta(days=look.config.get(HOLD_WARN_DAYS))


async def set_account(work: Work, provider: str, member: str, account: str) -> None:
    """Say where a member's share goes at a licensed provider: their sub_mchid, smid or acct_ there; for finance."""
    work.actor.need_role("finance")
    await store.put_account(work, provider, member, text.line("account", account, 64))


async def nudge(work: Work, payment: str) -> None:
    """Queue the due calls of a payment again and push their next try back; harmless when nothing is due."""
    due = await store.due_tries(work, payment)
    for call, tries in due:
        await store.set_next_try(work, payment, call, work.now + _wait(work, tries + 1))
    if due:
        await jobs.enqueue(work, CARRY_OUT, CarryOut(payment))


async def fact_to_book(work: Work, provider: str, event_id: str) -> StoredFact | None:
    """A stored fact, locked; None when there is none or the books know it already."""
    fact = await store.lock_fact(work, provider, event_id)
    return None if fact is None or fact.is_booked else fact


async def mark_booked(work: Work, fact: StoredFact) -> None:
    """The books know this fact now. What came out of turn, before the payment itself was booked, is told again."""
    await store.set_booked(work, fact.provider, fact.event_id)
    if fact.fact.kind == "paid":
        for early in await store.facts_waiting(work, fact.payment):
            work.tell(FactStored(early.provider, early.event_id, fact.payment, fact.subject, early.kind))


def _first_wait(work: Work) -> timedelta:
    return _wait(work, 0)


def _wait(work: Work, tries: int) -> timedelta:
    return rules.wait_before(tries, work.config.get(RETRY_SECONDS), work.config.get(RETRY_LONGEST_SECONDS))
