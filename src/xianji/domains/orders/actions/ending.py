"""How paid orders end: completed with the money released, or refunded in full; and what time does."""

from xianji.domains import fees, items, ledger, payments
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import OrderCompleted, OrderRefunded
from xianji.domains.orders.model import REASON_LONGEST, Cancel, Order
from xianji.kernel import text
from xianji.kernel.work import Work

from .forfeiting import keep_deposit
from .moving import move
from .paying import decide_fee
from .placing import close, free_units
from .purse import give_back, pay_out


async def complete(work: Work, order: Order, verb: str, role: str) -> None:
    """The sale stands: units sold, held money released in the books, the provider asked to pay out."""
    order = await move(work, order, verb, role)
    lines = await store.held_units(work, order.id)
    for line in lines:
        await items.settle(work, line.item, line.quantity)
    split = await settle_money(work, order)
    sold = [line.item for line in lines]
    work.tell(
        OrderCompleted(
            order.id, order.buyer, order.seller, verb, sold, order.total, split.net, split.fee, order.currency
        )
    )


async def settle_money(work: Work, order: Order) -> rules.Settlement:
    """Release what is held, less the fee and what the seller owes from earlier sales."""
    if order.payment is None:
        return rules.settlement(0, fees.NO_CHARGE, 0, 0)
    charge = order.charge or await decide_fee(work, order, order.refunded)
    debt = await ledger.debt_of(work, order.seller, order.currency)
    most = deposits.fee_room(order, work.config.get(payments.FEE_SHARE_PPM))
    split = rules.settlement(order.paid - order.refunded, charge, debt, most)
    await ledger.transfer(work, rules.release_legs(order, split))
    await pay_out(work, order, split)
    return split


async def cancel_paid(work: Work, id: str, ask: Cancel) -> None:
    """Either side calls a paid order off before anything was handed over; the buyer gets everything back.

    Who breaks an earnest as its seller owes the buyer as much again. Refuses `not_found`, and `move_not_open` also to
    the buyer of an earnest, or of something made for them.
    """
    reason = text.line("reason", ask.reason, work.config.get(REASON_LONGEST), required=False)
    order = await store.lock_for(work, id)
    await refund(work, order, "cancel_paid", order.role_of(work.actor.me), reason)


async def refund(work: Work, order: Order, verb: str, role: str, reason: str = "") -> None:
    """The sale is off: units free again, held money back to the buyer in the books and at the provider."""
    order = await move(work, order, verb, role, reason=reason)
    freed = await free_units(work, order, role)
    await payments.close_open(work, order.id)
    amount = order.paid - order.refunded
    await store.add_refunded(work, order.id, amount)
    broken = deposits.penalty_legs(order) if rules.breaks_promise(verb, role) else []
    legs = [*rules.refund_legs(order, "refunded", amount), *rules.kept_fee_legs(order), *broken]
    await ledger.transfer(work, legs)
    await give_back(work, order, amount, verb)
    work.tell(OrderRefunded(order.id, order.buyer, order.seller, verb, role, freed, amount, order.currency))


async def time_out(work: Work, id: str) -> None:
    """Do what the table says time does in this order's state; nothing when its time is not up or it is paused.

    An order whose money has come but is not booked yet is left to the booking.
    """
    order = await store.lock_for_system(work, id)
    if order.due_at is None or order.due_at > work.now or order.paused_at is not None:
        return
    if order.state in deposits.PAYABLE and await payments.is_paid(work, order.id):
        return
    verb = rules.otherwise(order.state, order.terms.deposit, order.extensions)
    if verb == "extend":
        await move(work, order, verb, "time")
        return
    match rules.MACHINE.decide(order.state, verb, "time").money:
        case "release":
            await complete(work, order, verb, "time")
        case "refund":
            await refund(work, order, verb, "time")
        case "forfeit":
            await keep_deposit(work, order, verb, "time")
        case _:
            await close(work, order, verb, "time")
