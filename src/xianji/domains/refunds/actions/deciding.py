"""What ends a refund without the two: time, an operator's ruling, and the provider that cannot take money back."""

from datetime import timedelta

from xianji.domains import members, orders
from xianji.domains.orders import Order
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.events import DisputeEnded, RefundDisputed, RefundShort
from xianji.domains.refunds.model import (
    FREIGHT_NEEDED,
    REFUND_AMOUNT_NEEDED,
    RETRY_HOURS,
    RULING_NO_GOODS,
    RULING_OWN_REFUND,
    RULING_UNKNOWN_RULE,
    SALE_RETRY_MINUTES,
    SELLER_HAS_NO_ADDRESS,
    WORDS_LONGEST,
    Refund,
    RuleOn,
    Step,
)
from xianji.domains.refunds.policy import rulings
from xianji.kernel import audit, text
from xianji.kernel.work import Work

from .answering import sealed_address
from .applying import in_currency
from .moving import move, tell_move

_VERBS = {"return": "rule_return", "release": "rule_release", "repay": "rule_repay"}


async def time_out(work: Work, id: str) -> None:
    """Do what the table says time does for this kind in this state; nothing when its time is not up."""
    order, refund = await store.lock_for_system(work, id)
    if refund.due_at is None or refund.due_at > work.now:
        return
    address = None
    if refund.state == "waiting_seller" and refund.kind == "return":
        address = await members.default_address_of(work, refund.seller)
    verb = rules.time_verb(refund, order.state == "delivered", address is not None)
    if verb == "time_return" and address is not None:
        await move(work, order, refund, verb, "time", address_sealed=sealed_address(work, address))
    else:
        await move(work, order, refund, verb, "time")


async def rule(work: Work, id: str, ask: RuleOn) -> None:
    """An operator rules on a disputed refund by a named rule; both sides see it, and it is in the audit chain.

    Refuses `not_allowed`, `not_found`, `move_not_open`, `ruling_unknown_rule`, `ruling_own_refund`,
    `seller_has_no_address`, `ruling_no_goods`, `freight_needed`, `nothing_to_repay`, and what is wrong with the amount
    (`refund_…`).
    """
    work.actor.need_role("moderator")
    reason = text.body("reason", ask.reason, work.config.get(WORDS_LONGEST), required=True)
    if ask.rule not in rulings():
        raise RULING_UNKNOWN_RULE(rule=ask.rule)
    order, refund = await store.lock_for_system(work, id)
    if work.actor.member in (refund.buyer, refund.seller):
        raise RULING_OWN_REFUND()
    verb = _VERBS.get(ask.outcome, "rule_refund")
    rules.MACHINE.decide(refund.state, verb, "operator")
    back = await orders.refunded_so_far(work, order)
    refundable = order.paid - back
    facts = {"outcome": ask.outcome, "rule": ask.rule, "currency": order.currency}
    match ask.outcome:
        case "return":
            sealed = await _address_of_seller(work, order, refund)
            step, amount = Step(reason, [], facts), rules.judge_amount("return", None, refundable)
            await move(work, order, refund, verb, "operator", step, address_sealed=sealed, kind="return", amount=amount)
        case "release":
            await move(work, order, refund, verb, "operator", Step(reason, [], facts))
        case "repay":
            amount = rules.judge_repay(in_currency(ask.amount, order), order, back)
            await move(work, order, refund, verb, "operator", Step(reason, [], {**facts, "amount": amount}))
            await orders.repay(work, order, refund.id, amount)
        case _:
            amount, kind = _ruled(refund, order, ask, refundable)
            step = Step(reason, [], {**facts, "amount": amount})
            await move(work, order, refund, verb, "operator", step, amount=amount, kind=kind)
    work.tell(DisputeEnded(refund.id, verb, ask.outcome, ask.rule, reason, work.actor.me))
    await audit.record(work, "refunds.rule", refund.id, reason, outcome=ask.outcome, rule=ask.rule)


def _ruled(refund: Refund, order: Order, ask: RuleOn, refundable: int) -> tuple[int, str]:
    """What the buyer gets by this ruling, and of which kind the refund is then."""
    came_back = refund.waybill is not None
    kind = "return" if came_back else {"exchange": "keep_goods", "return": "keep_goods"}.get(refund.kind, refund.kind)
    match ask.outcome:
        case "refund_full":
            return rules.judge_amount("keep_goods", None, refundable), "keep_goods" if kind == "partial" else kind
        case "refund_part":
            amount = in_currency(ask.amount, order)
            if amount is None:
                raise REFUND_AMOUNT_NEEDED()
            return rules.judge_amount("keep_goods", amount, refundable), kind
        case _:
            freight = in_currency(ask.freight, order)
            if not came_back:
                raise RULING_NO_GOODS()
            if not freight:
                raise FREIGHT_NEEDED()
            wanted = refund.amount or refundable
            return rules.half_freight(wanted, freight, ask.freight_paid_by, refundable), kind


async def _address_of_seller(work: Work, order: Order, refund: Refund) -> str:
    """Where the goods go by a ruling: the address the seller gave, or their default one."""
    if order.handover == "digital" or refund.waybill is not None:
        raise RULING_NO_GOODS()
    if refund.address_sealed is not None:
        return refund.address_sealed
    address = await members.default_address_of(work, refund.seller)
    if address is None:
        raise SELLER_HAS_NO_ADDRESS()
    return sealed_address(work, address)


async def reopen(work: Work, id: str, reason: str) -> str | None:
    """An appeal found a ruling wrong: a new dispute beside the ended refund, which stays as it is.

    Returns its id; None when another refund of the order is open meanwhile, or the order was never paid.
    """
    work.actor.need_role("moderator")
    order, old = await store.lock_for_system(work, id)
    left = order.paid - await orders.refunded_so_far(work, order)
    if order.state == "closed" or await store.open_refund_of(work, order.id):
        return None
    kind = old.kind if old.kind in rules.kinds_in(order.state, order.handover) else "keep_goods"
    refund = store.changed(
        old,
        id=work.new_id("rfd"),
        kind=kind,
        state="disputed",
        asked=min(old.asked, left),
        amount=min(old.asked, left),
        after_sale=order.state == "completed",
        counter_kind=None,
        counter_amount=None,
        again_of=old.id,
        short=0,
        version=1,
        due_at=None,
    )
    await store.insert_refund(work, refund)
    await store.insert_move(work, refund, 1, "reopen", "disputed", "operator", Step(reason, [], {"refund": old.id}))
    tell_move(work, refund, "reopen", "operator", "")
    work.tell(RefundDisputed(refund.id, order.id, refund.buyer, refund.seller, "reopen"))
    if order.state not in orders.MACHINE.final:
        await orders.pause(work, order, refund.id)
    return refund.id


async def note_short(work: Work, id: str, receiver: str) -> None:
    """The provider could not take all back from the seller: they owe it, and it is asked for again later."""
    if receiver != "seller":
        return
    order, refund = await store.lock_for_system(work, id)
    short = await _short(work, order, id)
    await store.set_short(work, refund.id, short, work.now + timedelta(hours=work.config.get(RETRY_HOURS)))
    if not refund.short:
        work.tell(RefundShort(refund.id, refund.order_id, refund.buyer, refund.seller, short, refund.currency))


async def note_returned(work: Work, id: str, receiver: str) -> None:
    """The provider has taken it back from the seller: what another payment of the order lacks is still owed."""
    if receiver != "seller":
        return
    order, refund = await store.lock_for_system(work, id)
    short = await _short(work, order, id)
    await store.set_short(work, refund.id, short, refund.retry_at if short else None)


async def _short(work: Work, order: Order, id: str) -> int:
    return sum(missing for _, missing in await orders.still_owed(work, order, id))


async def hurry(work: Work, seller: str) -> None:
    """A sale of this seller completed: what they owe is asked for as soon as the provider has paid it out."""
    await store.hurry(work, seller, work.now + timedelta(minutes=work.config.get(SALE_RETRY_MINUTES)))


async def retry(work: Work, id: str) -> None:
    """Ask the provider once more for what the seller owes; nothing when it is not due."""
    order, refund = await store.lock_for_system(work, id)
    if refund.retry_at is not None and refund.retry_at <= work.now:
        await orders.claim_again(work, order, refund.id)
        await store.set_short(work, refund.id, refund.short, None)
