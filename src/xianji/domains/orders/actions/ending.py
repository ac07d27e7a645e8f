"""How paid orders end: completed with the money released, or refunded in full; and what time does."""

from xianji.domains import fees, items, ledger, payments
from xianji.domains.orders import rules, store
from xianji.domains.orders.events import OrderCompleted, OrderRefunded
from xianji.domains.orders.model import REASON_LONGEST, Cancel, Order
from xianji.kernel import text
from xianji.kernel.work import Work

from .moving import move
from .paying import decide_fee
from .placing import close, free_units


async def complete(work: Work, order: Order, verb: str, role: str) -> None:
    """The sale stands: units sold, held money released in the books, the provider asked to pay out."""
    order = await move(work, order, verb, role)
    lines = await store.held_units(work, order.id)
    for line in lines:
        await items.settle(work, line.item, line.quantity)
    split = await _settle(work, order)
    sold = [line.item for line in lines]
    work.tell(
        OrderCompleted(
            order.id, order.buyer, order.seller, verb, sold, order.total, split.net, split.fee, order.currency
        )
    )


async def _settle(work: Work, order: Order) -> rules.Settlement:
    """Release what is held, less the fee and what the seller owes from earlier sales."""
    if order.payment is None:
        return rules.settlement(0, fees.NO_CHARGE, 0, 0)
    charge = order.charge or await decide_fee(work, order, order.refunded)
    debt = await ledger.debt_of(work, order.seller, order.currency)
    most = order.paid * work.config.get(payments.FEE_SHARE_PPM) // 1_000_000
    split = rules.settlement(order.paid - order.refunded, charge, debt, most)
    await ledger.transfer(work, rules.release_legs(order, split))
    await payments.request_release(
        work, order.payment, order.id, order.seller, split.net - split.recovered, split.fee + split.recovered
    )
    return split


async def cancel_paid(work: Work, id: str, ask: Cancel) -> None:
    """Either side calls a paid order off before anything was handed over; the buyer gets everything back.

    Refuses `not_found` and `move_not_open`.
    """
    reason = text.line("reason", ask.reason, work.config.get(REASON_LONGEST), required=False)
    order = await store.lock_for(work, id)
    await refund(work, order, "cancel_paid", order.role_of(work.actor.me), reason)


async def refund(work: Work, order: Order, verb: str, role: str, reason: str = "") -> None:
    """The sale is off: units free again, held money back to the buyer in the books and at the provider."""
    order = await move(work, order, verb, role, reason=reason)
    freed = await free_units(work, order, role)
    amount = order.paid - order.refunded
    await store.add_refunded(work, order.id, amount)
    await ledger.transfer(work, [*rules.refund_legs(order, "refunded", amount), *rules.kept_fee_legs(order)])
    if order.payment is not None:
        await payments.request_refund(work, order.payment, order.id, amount, verb)
    work.tell(OrderRefunded(order.id, order.buyer, order.seller, verb, role, freed, amount, order.currency))


async def time_out(work: Work, id: str) -> None:
    """Do what the table says time does in this order's state; nothing when its time is not up or it is paused.

    An order whose money has come but is not booked yet is left to the booking.
    """
    order = await store.lock_for_system(work, id)
    if order.due_at is None or order.due_at > work.now or order.paused_at is not None:
        return
    if order.state == "awaiting_payment" and await payments.is_paid(work, order.id):
        return
    verb = rules.OTHERWISE[order.state]
    match rules.MACHINE.decide(order.state, verb, "time").money:
        case "release":
            await complete(work, order, verb, "time")
        case "refund":
            await refund(work, order, verb, "time")
        case _:
            await close(work, order, verb, "time")
