"""What an open refund does to its order: its clock stands still, money goes back, and the order goes on or ends."""

from datetime import timedelta
from typing import Literal

import msgspec

from xianji.domains import items, ledger
from xianji.domains.orders import rules, store
from xianji.domains.orders.events import OrderCompleted, OrderRefunded
from xianji.domains.orders.model import Order
from xianji.kernel.work import Work

from .ending import settle_money
from .moving import move
from .placing import free_units
from .purse import give_back

_ROLE = "refund"
Goods = Literal["shelf", "back", "gone"]


async def pause(work: Work, order: Order, refund: str) -> Order:
    """Stop the clock of an order that the caller has locked. Refuses `move_not_open` and `order_paused`."""
    order = await move(work, order, "pause", _ROLE, refund=refund)
    await store.set_paused(work, order.id, work.now, order.due_at)
    return msgspec.structs.replace(order, paused_at=work.now)


async def resume(work: Work, order: Order, refund: str, at_least: timedelta) -> Order:
    """Let the clock go on with what was left when it stopped, and never less than `at_least`."""
    assert order.paused_at is not None
    order = await move(work, order, "resume", _ROLE, refund=refund)
    assert order.due_at is not None, "an open order has a deadline"
    assert order.paused_at is not None
    due_at = work.now + max(order.due_at - order.paused_at, at_least)
    await store.set_paused(work, order.id, None, due_at)
    return msgspec.structs.replace(order, paused_at=None, due_at=due_at)


async def refund_part(work: Work, order: Order, refund: str, amount: int) -> Order:
    """A part of the held money goes back to the buyer; the order goes on for the rest."""
    assert 0 < amount < order.paid - order.refunded
    order = await move(work, order, "refund_part", _ROLE, refund=refund, amount=amount)
    await store.add_refunded(work, order.id, amount)
    await ledger.transfer(work, rules.refund_legs(order, f"refunded:{refund}", amount))
    await give_back(work, order, amount, refund)
    return rules.after_refund(order, amount)


async def refund_all(work: Work, order: Order, refund: str, goods: Goods) -> None:
    """All that is held goes back to the buyer and the order ends.

    `goods`: never left the seller (on the shelf again), came back (the seller looks first), or stay with the buyer.
    """
    amount = order.paid - order.refunded
    order = await move(work, order, "refund_all", _ROLE, refund=refund, amount=amount)
    await store.set_paused(work, order.id, None, None)
    units = await _units(work, order, goods)
    await store.add_refunded(work, order.id, amount)
    await ledger.transfer(work, [*rules.refund_legs(order, f"refunded:{refund}", amount), *rules.kept_fee_legs(order)])
    await give_back(work, order, amount, refund)
    work.tell(OrderRefunded(order.id, order.buyer, order.seller, "refund_all", _ROLE, units, amount, order.currency))


async def complete_rest(work: Work, order: Order, refund: str) -> None:
    """The goods came back and a part of the money was kept by agreement: the seller gets the rest, nothing is sold."""
    order = await move(work, order, "complete_rest", _ROLE, refund=refund)
    await store.set_paused(work, order.id, None, None)
    await _units(work, order, "back")
    split = await settle_money(work, order)
    work.tell(
        OrderCompleted(
            order.id, order.buyer, order.seller, "complete_rest", [], order.total, split.net, split.fee, order.currency
        )
    )


async def _units(work: Work, order: Order, goods: Goods) -> list[str]:
    """Where the units go; returns the items that are on the shelf again."""
    if goods == "shelf":
        return await free_units(work, order, _ROLE)
    for line in await store.held_units(work, order.id):
        if goods == "back":
            await items.take_back(work, line.item, line.quantity)
        else:
            await items.write_off(work, line.item, line.quantity)
    return []
