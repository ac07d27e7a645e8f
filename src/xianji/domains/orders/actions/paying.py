"""What the provider says about an order's money becomes state and books, in one transaction."""

from collections.abc import Sequence

from xianji.domains import fees, ledger, payments
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
            legs = await _paid(work, stored.payment, fact.parts)
        case "released" | "release_partial":
            legs = await _released(work, fact)
        case "refunded":
            legs = await _refunded(work, fact)
        case _:
            return
    await ledger.transfer(work, legs)
    await payments.mark_booked(work, stored)


async def _paid(work: Work, payment: PaymentId, parts: Sequence[payments.PaymentPart]) -> list[ledger.Leg]:
    """Take every part in. Orders are locked by id, then sellers' months by seller: payments never wait in a ring."""
    orders = [(await store.lock_for_system(work, part.part), part.amount) for part in sorted(parts, key=_by_order)]
    legs = []
    for order, amount in sorted(orders, key=_by_seller):
        legs += await _part_paid(work, payment, order, amount)
    return legs


def _by_order(part: payments.PaymentPart) -> str:
    return part.part


def _by_seller(paid: tuple[Order, int]) -> str:
    return paid[0].seller


async def _part_paid(work: Work, payment: PaymentId, order: Order, amount: int) -> list[ledger.Leg]:
    """Hold the money for its order, or send it straight back when the order cannot take it any more."""
    legs = rules.hold_legs(order, payment, amount)
    if order.state == "awaiting_payment":
        await store.set_paid(work, order.id, payment, amount)
        if order.terms.fee.charge_at == "payment":
            await decide_fee(work, order, refunded=0)
        await enter_paid(work, order, "provider")
        return legs
    await payments.request_refund(work, payment, order.id, amount, _TOO_LATE)
    work.tell(PaymentReturned(order.id, order.buyer, amount, order.currency))
    return legs + rules.refund_legs(order, f"refunded:{payment}", amount)


async def decide_fee(work: Work, order: Order, refunded: int) -> fees.Charge:
    """Count the sale for its seller and write down the fee, once and for all."""
    base = fees.base_of(order.terms.fee, order.goods, order.shipping, refunded)
    standing = await fees.record_sale(work, order.seller, order.total - refunded, order.currency)
    charge = fees.charge(order.terms.fee, base, standing)
    await store.set_charge(work, order.id, charge)
    return charge


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
