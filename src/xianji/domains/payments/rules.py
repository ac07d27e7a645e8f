"""Whether a fact fits what we asked, and how facts are read out of a provider's answers. Pure."""

from datetime import datetime, timedelta

from .model import Call, Payment
from .provider import (
    PaymentPart,
    PaymentState,
    ProviderFact,
    RefundState,
    ReleaseState,
    Split,
    SplitReturnState,
    SplitState,
)

# The calls a fact speaks of, by the kind of fact.
CALL_OF_FACT = {
    "released": "release",
    "release_partial": "release",
    "release_failed": "release",
    "refunded": "refund",
    "refund_failed": "refund",
    "split_returned": "split_return",
}
# Statements about a request of ours whose end is asked for anyway: any call fits.
_ANY_CALL = ("heard",)


def misfit(payment: Payment, call: Call | None, provider: str, fact: ProviderFact) -> str:
    """Why this fact must not be believed although it is signed; "" when it fits."""
    if payment.provider != provider:
        return "other_provider"
    if fact.currency != payment.currency:
        return "currency"
    if fact.kind == "paid":
        return _misfit_of_paid(payment, fact)
    if fact.kind in _ANY_CALL:
        return "" if call is not None else "unknown_request"
    wanted = CALL_OF_FACT.get(fact.kind)
    if wanted is None:
        return ""
    if call is None or call.kind != wanted or call.part != fact.part:
        return "unknown_request"
    if fact.kind in ("refunded", "refund_failed", "split_returned") and fact.amount != call.amount:
        return "amount"
    if wanted == "split_return" and [(line.payee, line.kind) for line in fact.lines] != [_receiver(call)]:
        return "receiver"
    if wanted == "release" and _lines_misfit(call, fact):
        return "amount"
    return ""


def _receiver(call: Call) -> tuple[str, str]:
    return call.splits[0].payee, call.splits[0].kind


def _misfit_of_paid(payment: Payment, fact: ProviderFact) -> str:
    if fact.amount != payment.amount:
        return "amount"
    if sorted((part.part, part.payee, part.amount) for part in fact.parts) != sorted(
        (part.part, part.payee, part.amount) for part in payment.parts
    ):
        return "parts"
    return ""


def _lines_misfit(call: Call, fact: ProviderFact) -> bool:
    asked = sorted((split.payee, split.kind, split.amount) for split in call.splits)
    told = sorted((line.payee, line.kind, line.amount) for line in fact.lines)
    moved = sum(line.amount for line in fact.lines if line.state == "succeeded")
    return asked != told or moved != fact.amount


def failed_splits(fact: ProviderFact) -> tuple[Split, ...]:
    """The receivers of a release that got nothing and must be tried anew."""
    return tuple(Split(line.payee, line.amount, line.kind) for line in fact.lines if line.state == "failed")


def fact_from_payment(state: PaymentState, now: datetime) -> ProviderFact | None:
    """What an answer about a payment says; None while it is pending."""
    if state.state == "pending":
        return None
    paid = state.state == "paid"
    return ProviderFact(
        event_id=f"asked.{state.out_no}.{state.state}",
        kind="paid" if paid else "payment_closed",
        out_no=state.out_no,
        part=None,
        amount=state.amount,
        currency=state.currency,
        occurred_at=state.paid_at or state.closed_at or now,
        provider_ref=state.provider_no,
        request_no="",
        parts=tuple(PaymentPart(part.part, part.payee, part.amount) for part in state.parts),
        hold_until=state.hold_until,
    )


def fact_from_release(state: ReleaseState, currency: str, now: datetime) -> ProviderFact | None:
    """What an answer about a release says; None while it is under way."""
    if state.state == "processing":
        return None
    return ProviderFact(
        event_id=f"asked.{state.out_release_no}.{state.state}",
        kind={"succeeded": "released", "partial": "release_partial", "failed": "release_failed"}[state.state],  # type: ignore[arg-type]
        out_no=state.out_no,
        part=state.part,
        amount=sum(line.amount for line in state.lines if line.state == "succeeded"),
        currency=currency,
        occurred_at=state.finished_at or now,
        provider_ref=state.provider_no,
        request_no=state.out_release_no,
        lines=state.lines,
    )


def fact_from_refund(state: RefundState, currency: str, now: datetime) -> ProviderFact | None:
    """What an answer about a refund says; None while it is under way."""
    if state.state == "processing":
        return None
    return ProviderFact(
        event_id=f"asked.{state.out_refund_no}.{state.state}",
        kind="refunded" if state.state == "succeeded" else "refund_failed",
        out_no=state.out_no,
        part=state.part,
        amount=state.amount,
        currency=currency,
        occurred_at=state.finished_at or now,
        provider_ref=state.provider_no,
        request_no=state.out_refund_no,
        code=state.code,
    )


def fact_from_return(state: SplitReturnState, currency: str, now: datetime) -> ProviderFact:
    """What an answer about a split return says: it happens at once or not at all."""
    return ProviderFact(
        event_id=f"asked.{state.out_return_no}.{state.state}",
        kind="split_returned",
        out_no=state.out_no,
        part=state.part,
        amount=state.amount,
        currency=currency,
        occurred_at=now,
        provider_ref=state.provider_no,
        request_no=state.out_return_no,
        lines=(SplitState(payee=state.payee, amount=state.amount, kind=state.kind, state="returned"),),
    )


def wait_before(tries: int, first_seconds: int, longest_seconds: int) -> timedelta:
    """How long to wait after this many tries: doubling, with a ceiling."""
    return timedelta(seconds=min(longest_seconds, first_seconds * 2 ** min(tries, 30)))
