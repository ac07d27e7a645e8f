"""What the provider says about an order's money becomes state and books, in one transaction."""

from xianji.domains import ledger, payments
from xianji.domains.orders import rules, store
from xianji.domains.orders.events import OrderPaid, PaymentReturned
from xianji.domains.orders.model import Order
from xianji.kernel.ids import PaymentId
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .moving import move

_TOO_LATE = "the order could not be paid any more"


async def apply_payment_fact(work: Work, provider: str, event_id: str) -> None:
    """Book a stored fact once: state, legs and follow-up in this one work. Callback and return page both end here.

    Facts of kinds that no rule books yet stay unbooked, and the proof lists them.
    """
    stored = await payments.fact_to_book(work, provider, event_id)
    if stored is None:
        return
    fact, legs = stored.fact, []
    match fact.kind:
        case "paid":
            for part in sorted(fact.parts, key=lambda part: part.part):
                legs += await _paid(work, stored.payment, part)
        case "released" | "release_partial":
            legs = await _released(work, fact)
        case "refunded":
            legs = await _refunded(work, fact)
        case _:
            return
    await ledger.transfer(work, legs)
    await payments.mark_booked(work, stored)


async def _paid(work: Work, payment: PaymentId, part: payments.PaymentPart) -> list[ledger.Leg]:
    """Hold the money for its order, or send it straight back when the order cannot take it any more."""
    order = await store.lock_for_system(work, part.part)
    legs = rules.hold_legs(order, payment, part.amount)
    if order.state == "awaiting_payment":
        await store.set_paid(work, order.id, payment, part.amount)
        await enter_paid(work, order, "provider")
        return legs
    await payments.request_refund(work, payment, order.id, part.amount, _TOO_LATE)
    work.tell(PaymentReturned(order.id, order.buyer, part.amount, order.currency))
    return legs + rules.refund_legs(order, f"refunded:{payment}", part.amount)


async def enter_paid(work: Work, order: Order, role: str) -> Order:
    """A paid (or free) order begins its handover."""
    order = await move(work, order, rules.pay_verb(order.handover), role)
    if order.state == "awaiting_meeting":
        await store.insert_code(work, order.id, f"{work.random.getrandbits(128):032x}")
    work.tell(OrderPaid(order.id, order.buyer, order.seller, order.handover, order.total, order.currency))
    return order


async def _released(work: Work, fact: payments.ProviderFact) -> list[ledger.Leg]:
    assert fact.part is not None, "payments keeps only releases that answer one of ours"
    order = await store.lock_for_system(work, fact.part)
    legs = []
    for line in fact.lines:
        if line.state != "succeeded":
            continue
        money = Money(line.amount, fact.currency)
        if line.kind == "seller":
            legs.append(
                ledger.Leg("paid_out", order.id, f"paid_out:{fact.request_no}", money, debit_owner=order.seller)
            )
        else:
            legs.append(ledger.Leg("fee_collected", order.id, f"fee_collected:{fact.request_no}", money))
    return legs


async def _refunded(work: Work, fact: payments.ProviderFact) -> list[ledger.Leg]:
    assert fact.part is not None, "payments keeps only refunds that answer one of ours"
    order = await store.lock_for_system(work, fact.part)
    money = Money(fact.amount, fact.currency)
    return [ledger.Leg("refund_sent", order.id, f"refund_sent:{fact.request_no}", money, debit_owner=order.buyer)]
