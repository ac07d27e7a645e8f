"""The one way in which an order changes its state."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import parcels
from xianji.domains.orders import rules, store
from xianji.domains.orders.model import NO_MORE_EXTENSIONS, ORDER_PAUSED, Order
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.states import Move
from xianji.kernel.work import Work


def judge(order: Order, verb: str, role: str) -> Move:
    """The row of the machine for this verb. Refuses `move_not_open`, and `order_paused` while a refund is open."""
    if not rules.may(order, verb, role):
        raise MOVE_NOT_OPEN(state=order.state, verb=verb)
    row = rules.MACHINE.decide(order.state, verb, role)
    if order.paused_at is not None and verb not in rules.WHILE_PAUSED:
        raise ORDER_PAUSED()
    return row


async def move(work: Work, order: Order, verb: str, role: str, **facts: Any) -> Order:
    """Move a locked order by one row of the machine; returns it as it stands then.

    Refuses `move_not_open`, `order_paused` (nearly nothing happens while a refund is open) and `no_more_extensions`.
    """
    row = judge(order, verb, role)
    due_at, extensions = _deadline(work, order, verb, row.to)
    await store.move_order(work, order, row.to, due_at, extensions)
    version = order.version + 1
    await store.insert_move(work, order.id, version, verb, order.state, row.to, role, facts)
    if order.handover == "ship" and row.to in rules.MACHINE.final:
        await parcels.let_go(work, order.id)
    return msgspec.structs.replace(order, state=row.to, version=version, due_at=due_at, extensions=extensions)


def _deadline(work: Work, order: Order, verb: str, to: str) -> tuple[datetime | None, int]:
    """When time acts in the state that is entered, and how many extensions are used in it."""
    if verb == "extend":
        allowed = rules.extension(order.state, order.terms)
        if order.extensions >= allowed.most:
            raise NO_MORE_EXTENSIONS(most=allowed.most)
        assert order.due_at is not None, "a state that can be extended has a deadline"
        return order.due_at + allowed.by, order.extensions + 1
    if to == order.state and verb != "change_price":
        return order.due_at, order.extensions
    allowed_time = rules.time_allowed(to, order.terms)
    return (None if allowed_time is None else work.now + allowed_time), 0
