"""Talking to the provider: read the intent, call with no transaction open, record the outcome in a second work."""

from dataclasses import dataclass

import msgspec

from xianji.kernel import trace
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Work

from . import rules, store
from .actions import ask_to_close, receive
from .events import ReturnRefused
from .model import PAYMENT_NOT_OPENED, PAYMENT_PROVIDER_NOT_REACHED, Call, Payment
from .provider import (
    PaymentAsk,
    PaymentProvider,
    PaymentState,
    ProviderBusy,
    ProviderFact,
    ProviderRefused,
    ProviderUnknown,
    RefundState,
    ReleaseState,
    SplitReturnState,
)

_NOT_FOUND = "not_found"
_EXPIRED = "expired"
_ANOTHER_BODY = "out_no_conflict"  # asked before under other addresses of ours; the payment itself is the same
_NOTHING_RELEASED = "nothing_released"
Answer = PaymentState | ReleaseState | RefundState | SplitReturnState


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses of this installation that the provider is given; `{subject}` stands for what is paid."""

    notify_url: str
    return_url: str
    provider: str = ""  # whom we are connected to; payments of others wait until we are connected to them again


class _Refused(msgspec.Struct, frozen=True):
    code: str


class _NoAnswer(msgspec.Struct, frozen=True):
    uncertain: bool
    code: str


async def carry_out(database: Database, payment_id: str, provider: PaymentProvider, site: Site) -> None:
    """Make every call this payment owes, or ask about those already sent. Safe to repeat and to run twice at once.

    Never raises for the provider's sake: what could not be done stays due and is found again by `jobs.DUE`.
    """
    async with database.look(SYSTEM) as look:
        payment = await store.payment(look, payment_id)
        calls = await store.open_calls(look, payment_id)
        now = look.now
    if payment is not None and site.provider not in ("", payment.provider):
        return
    for call in calls:
        assert payment is not None
        if call.kind == "open" and call.state == "waiting" and not call.uncertain and payment.expires_at <= now:
            outcome: Answer | _Refused | _NoAnswer = _Refused(_EXPIRED)
        elif call.kind == "split_return":
            outcome = await _take_back(database, provider, payment, call, site)
        else:
            with trace.span("provider", call=call.kind, id=call.id):
                outcome = await _call(provider, payment, call, site)
        async with database.work(SYSTEM) as work:
            await _record(work, payment, call, outcome)


async def open_now(database: Database, payment_id: str, provider: PaymentProvider, site: Site) -> str:
    """Carry out and return where to pay. Refuses `payment_provider_not_reached` and `payment_not_opened`."""
    await carry_out(database, payment_id, provider, site)
    async with database.look(SYSTEM) as look:
        payment = await store.payment(look, payment_id)
    if payment is None or payment.state in ("failed", "closed"):
        raise PAYMENT_NOT_OPENED()
    if payment.pay_url is None:
        raise PAYMENT_PROVIDER_NOT_REACHED()
    return payment.pay_url


async def _take_back(
    database: Database, provider: PaymentProvider, payment: Payment, call: Call, site: Site
) -> Answer | _Refused | _NoAnswer:
    """Take back from the release that paid the receiver; while one is under way there is nothing to ask for yet."""
    async with database.look(SYSTEM) as look:
        release = await store.release_of(look, call)
        releasing = release is None and await store.is_releasing(look, call)
    if releasing:
        return _NoAnswer(False, _NOTHING_RELEASED)
    if release is None:
        return _Refused(_NOTHING_RELEASED)
    return await _call(provider, payment, msgspec.structs.replace(call, release=release), site)


async def _call(provider: PaymentProvider, payment: Payment, call: Call, site: Site) -> Answer | _Refused | _NoAnswer:
    try:
        if call.state == "waiting" and not call.uncertain and not _closed_before(payment, call):
            return await _send(provider, payment, call, site)
        return await _query(provider, payment, call, site)
    except ProviderRefused as no:
        if call.kind == "open" and no.code == _ANOTHER_BODY:
            return _NoAnswer(True, no.code)
        return _Refused(no.code)
    except ProviderBusy as busy:
        return _NoAnswer(call.uncertain, str(busy))
    except ProviderUnknown as unknown:
        return _NoAnswer(True, str(unknown))


def _closed_before(payment: Payment, call: Call) -> bool:
    """An opening that nobody wants any more: it is looked for, and never sent."""
    return call.kind == "open" and payment.state == "closed"


async def _query(provider: PaymentProvider, payment: Payment, call: Call, site: Site) -> Answer:
    """Look before sending again; a number the provider has never heard of may simply be sent."""
    try:
        match call.kind:
            case "open":
                state = await provider.query(payment.id)
                unheard = state.state == "pending" and not (state.pay_url or payment.pay_url)
                if unheard and not _closed_before(payment, call):
                    return await _send(provider, payment, call, site)  # opened, but where to pay was never heard
                return state
            case "release":
                return await provider.query_release(call.id)
            case "refund":
                return await provider.query_refund(call.id)
            case "close":
                return await provider.close(payment.id)
            case "split_return":
                return await _send(provider, payment, call, site)
    except ProviderRefused as no:
        if no.code != _NOT_FOUND or call.kind == "close" or _closed_before(payment, call):
            raise
        return await _send(provider, payment, call, site)


async def _send(provider: PaymentProvider, payment: Payment, call: Call, site: Site) -> Answer:
    part = call.part or ""
    match call.kind:
        case "open":
            return await provider.create_payment(_ask(payment, site))
        case "release":
            return await provider.release(payment.id, part=part, out_release_no=call.id, splits=call.splits)
        case "refund":
            return await provider.refund(
                payment.id, part=part, out_refund_no=call.id, amount=call.amount, reason=call.reason
            )
        case "close":
            return await provider.close(payment.id)
        case "split_return":
            line = call.splits[0]
            return await provider.split_return(
                call.release, out_return_no=call.id, payee=line.payee, kind=line.kind, amount=call.amount
            )


def _ask(payment: Payment, site: Site) -> PaymentAsk:
    return PaymentAsk(
        out_no=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=payment.description,
        parts=payment.parts,
        notify_url=site.notify_url,
        return_url=site.return_url.replace("{subject}", payment.subject),
        expires_at=payment.expires_at,
    )


async def _record(work: Work, payment: Payment, call: Call, outcome: Answer | _Refused | _NoAnswer) -> None:
    locked = await store.lock_payment(work, payment.id)  # before its calls, as everywhere
    assert locked is not None, "payments are never deleted"
    match outcome:
        case _NoAnswer():
            await store.set_call(work, call, call.state, outcome.code, outcome.uncertain)
        case _Refused():
            await _record_refusal(work, payment, call, outcome.code)
        case PaymentState():
            await _record_payment(work, locked, call, outcome)
        case ReleaseState():
            await _record_fact(work, payment, call, rules.fact_from_release(outcome, payment.currency, work.now))
        case RefundState():
            await _record_fact(work, payment, call, rules.fact_from_refund(outcome, payment.currency, work.now))
        case SplitReturnState():
            await _record_fact(work, payment, call, rules.fact_from_return(outcome, payment.currency, work.now))


async def _record_refusal(work: Work, payment: Payment, call: Call, code: str) -> None:
    """The provider said no. An opening that fails ends the payment; a closing it does not need is done."""
    if call.kind == "open":
        await store.set_ended(work, payment.id, "failed", code)
    if call.kind == "split_return":
        assert call.part is not None
        work.tell(ReturnRefused(payment.id, call.part, call.splits[0].kind, call.amount, call.reason, code))
    await store.set_call(work, call, "done" if call.kind == "close" else "failed", code)


async def _record_payment(work: Work, payment: Payment, call: Call, state: PaymentState) -> None:
    if call.kind == "open" and state.state == "pending":
        await store.set_requested(work, state)
        await store.set_call(work, call, "sent")
        if payment.state == "closed" and not await store.is_closing(work, payment.id):
            await ask_to_close(work, payment.id)  # it was opened after the provider was told to close it
    elif call.kind == "close":
        await store.set_call(work, call, "done")
    fact = rules.fact_from_payment(state, work.now)
    if fact is not None:
        await receive(work, payment.provider, fact)


async def _record_fact(work: Work, payment: Payment, call: Call, fact: ProviderFact | None) -> None:
    if fact is None:
        await store.set_call(work, call, "sent")
    else:
        await receive(work, payment.provider, fact)
