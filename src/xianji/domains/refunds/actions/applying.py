"""A buyer asks for their money, or takes the question back."""

from xianji.domains import orders
from xianji.domains.orders import Order
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.model import (
    REFUND_OPEN_ALREADY,
    REFUND_OTHER_CURRENCY,
    REFUND_REASON_UNKNOWN,
    REFUND_TOO_LATE,
    WORDS_LONGEST,
    Apply,
    Refund,
    Step,
)
from xianji.kernel import text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .moving import judged_evidence, move, tell_move


async def apply(work: Work, order_id: str, ask: Apply) -> str:
    """Ask for a refund of an order of mine; returns the refund's id. The order's clock stops meanwhile.

    What was not handed over yet is granted at once, unless it was made for this buyer. Refuses `not_found` (to the
    seller too), `refund_open_already`, `refund_kind_not_open`, `refund_too_late`, `refund_reason_unknown`, what is
    wrong with the amount (`refund_…`), `evidence_needed`, `media_not_yours`.
    """
    order = await orders.lock_for(work, order_id)
    if order.buyer != work.actor.me:
        raise NOT_FOUND()
    if await store.open_refund_of(work, order.id):
        raise REFUND_OPEN_ALREADY()
    rules.judge_kind(ask.kind, order)
    await _judge_time(work, order)
    reason, step = await _why(work, ask, order.state == "completed")
    refundable = order.paid - await orders.refunded_so_far(work, order)
    amount = rules.judge_amount(ask.kind, in_currency(ask.amount, order), refundable)
    refund = _new(work, order, ask, reason, amount)
    await store.insert_refund(work, refund)
    await store.insert_move(work, refund, 1, "apply", refund.state, "buyer", step)
    tell_move(work, refund, "apply", "buyer", "")
    if ask.kind == "unshipped" and not orders.needs_consent(order.terms):
        await move(work, order, refund, "grant", "system")
    elif order.state != "completed":
        await orders.pause(work, order, refund.id)
    return refund.id


async def _judge_time(work: Work, order: Order) -> None:
    """An after-sale claim comes soon or not at all."""
    if order.state == "completed":
        until = await orders.ended_at(work, order.id) + rules.after_sale_time(order.handover, work.config)
        if work.now > until:
            raise REFUND_TOO_LATE()


async def _why(work: Work, ask: Apply, after_sale: bool) -> tuple[str, Step]:
    """The reason's code and what the buyer tells and shows."""
    longest = work.config.get(WORDS_LONGEST)
    reason, words = text.body("reason", ask.reason, longest, required=True), ask.words
    known = rules.reasons_open(ask.kind, after_sale)
    if reason not in known:
        if "other" not in known:
            raise REFUND_REASON_UNKNOWN(reason=reason)
        reason, words = "other", f"{reason}\n{words}".strip()
    told = text.body("words", words, longest, required=rules.needs_words(ask.kind, reason))
    evidence = await judged_evidence(work, ask.evidence, needed=rules.needs_pictures(ask.kind, reason))
    return reason, Step(told, evidence, {"reason": reason})


def in_currency(amount: Money | None, order: Order) -> int | None:
    """Minor units of the order's currency. Refuses `refund_other_currency`."""
    if amount is None:
        return None
    if amount.currency != order.currency:
        raise REFUND_OTHER_CURRENCY(currency=order.currency)
    return amount.amount


def _new(work: Work, order: Order, ask: Apply, reason: str, amount: int) -> Refund:
    allowed = rules.time_allowed("waiting_seller", False, work.config)
    assert allowed is not None
    return Refund(
        id=work.new_id("rfd"),
        order_id=order.id,
        buyer=order.buyer,
        seller=order.seller,
        kind=ask.kind,
        state="waiting_seller",
        reason=reason,
        asked=amount,
        amount=amount,
        currency=order.currency,
        after_sale=order.state == "completed",
        due_at=work.now + allowed,
    )


async def withdraw(work: Work, id: str) -> None:
    """The buyer takes the question back; the order goes on. Refuses `not_found` and `move_not_open`."""
    order, refund = await store.lock_for(work, id)
    await move(work, order, refund, "withdraw", refund.role_of(work.actor.me))
