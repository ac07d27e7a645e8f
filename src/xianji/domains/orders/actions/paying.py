"""What the provider says about an order's money becomes state and books, in one transaction."""

from collections.abc import Sequence

from xianji.domains import fees, items, ledger, payments
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import DepositPaid, OrderCompleted, OrderPaid, PaymentReturned
from xianji.domains.orders.model import Order
from xianji.kernel.ids import PaymentId
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .claiming import taken_back
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
        case "split_returned":
            legs = await taken_back(work, stored)
        case "hold_released":
            legs = await _hold_ended(work, fact)
            if not legs:
                return
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
    if order.state in deposits.PAYABLE and order.confirmed and amount == deposits.due_now(order):
        await payments.close_open(work, order.id)
        if amount < order.total - order.paid:
            await _keep(work, payment, order, amount)
        else:
            await _paid_up(work, payment, order, amount)
        return legs
    await payments.request_refund(work, payment, order.id, amount, _TOO_LATE)
    work.tell(PaymentReturned(order.id, order.buyer, amount, order.currency))
    return legs + rules.refund_legs(order, f"refunded:{payment}", amount)


async def _keep(work: Work, payment: PaymentId, order: Order, amount: int) -> None:
    """The deposit is there: the thing is kept for the buyer until the rest is due."""
    deposit, rest = order.terms.deposit, order.total - amount
    assert deposit is not None, "only a deposit is less than everything"
    await store.set_deposit(work, order.id, payment, amount)
    await move(work, order, "pay_deposit", "provider", amount=amount)
    work.tell(DepositPaid(order.id, order.buyer, order.seller, deposit.kind, amount, rest, order.currency))


async def _paid_up(work: Work, payment: PaymentId, order: Order, amount: int) -> None:
    await store.set_paid(work, order.id, payment, amount)
    if order.terms.fee.charge_at == "payment":
        await decide_fee(work, order, refunded=0)
    await enter_paid(work, order, "provider")


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


async def _hold_ended(work: Work, fact: payments.ProviderFact) -> list[ledger.Leg]:
    """The provider could hold no longer and paid the seller: the order completes, and its fee is owed by the seller.

    What does not fit the order as it stands (part of it was on its way back) stays unbooked for an operator.
    """
    assert fact.part is not None, "a hold ends part by part"
    order = await store.lock_for_system(work, fact.part)
    if order.state not in rules.OPEN or fact.amount != order.paid - order.refunded:
        return []
    order = await move(work, order, "hold_ended", "provider")
    await store.set_paused(work, order.id, None, None)
    lines = await store.held_units(work, order.id)
    for line in lines:
        await items.settle(work, line.item, line.quantity)
    charge = order.charge or await decide_fee(work, order, order.refunded)
    money, sold = Money(fact.amount, order.currency), [line.item for line in lines]
    work.tell(
        OrderCompleted(
            order.id,
            order.buyer,
            order.seller,
            "hold_ended",
            sold,
            order.total,
            fact.amount,
            charge.total,
            order.currency,
        )
    )
    return [
        ledger.Leg("released", order.id, "released", money, order.id, order.seller),
        ledger.Leg("fee_owed", order.id, "fee_owed", Money(charge.total, order.currency), order.seller),
        ledger.Leg("paid_out", order.id, f"paid_out:{fact.event_id}", money, order.seller),
    ]
