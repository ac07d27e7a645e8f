"""An earnest deposit is lost: the buyer gives it up, or does not pay the rest in time."""

from xianji.domains import fees, ledger, payments
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import OrderForfeited
from xianji.domains.orders.model import REASON_LONGEST, Cancel, Order
from xianji.kernel import text
from xianji.kernel.work import Work

from .moving import move
from .placing import free_units
from .purse import give_back, pay_out


async def forfeit(work: Work, id: str, ask: Cancel) -> None:
    """The buyer calls an order with an earnest off: the deposit is the seller's, what was paid besides comes back.

    Refuses `not_found` and `move_not_open`.
    """
    reason = text.line("reason", ask.reason, work.config.get(REASON_LONGEST), required=False)
    order = await store.lock_for(work, id)
    await keep_deposit(work, order, "forfeit", order.role_of(work.actor.me), reason)


async def keep_deposit(work: Work, order: Order, verb: str, role: str, reason: str = "") -> None:
    """Money "forfeit": the deposit goes to the seller without a fee, the rest to the buyer, the units are free."""
    order = await move(work, order, verb, role, reason=reason)
    freed = await free_units(work, order, role)
    await payments.close_open(work, order.id)
    back = order.paid - order.deposit
    debt = await ledger.debt_of(work, order.seller, order.currency)
    await store.add_refunded(work, order.id, back)
    await give_back(work, order, back, verb)
    order = rules.after_refund(order, back)
    share = work.config.get(payments.FEE_SHARE_PPM)
    split = rules.settlement(order.deposit, fees.NO_CHARGE, debt, deposits.fee_room(order, share))
    await pay_out(work, order, split)
    legs = [*rules.refund_legs(order, "refunded", back), *rules.release_legs(order, split)]
    await ledger.transfer(work, [*legs, *rules.kept_fee_legs(order)])
    work.tell(OrderForfeited(order.id, order.buyer, order.seller, role, freed, order.deposit, order.currency))
