"""From paid to handed over: send, deliver, meet, enter the code, confirm, take more time."""

from datetime import timedelta

import msgspec

from xianji.domains.orders import carriers, offline, rules, store
from xianji.domains.orders.events import OrderShipped
from xianji.domains.orders.model import (
    CODE_LOCK_MINUTES,
    CODE_MINUTES,
    CODE_TRIES,
    CONTENT_SEAL,
    DELIVERY_LONGEST,
    MEET_CODE_LOCKED,
    MEET_CODE_WRONG,
    MEETING_SEAL,
    PLACE_LONGEST,
    WAYBILL_USED,
    DeliverInWriting,
    Meeting,
    Redeem,
    Redemption,
    Ship,
)
from xianji.kernel import text
from xianji.kernel.work import Work

from .ending import complete
from .moving import judge, move
from .travelling import follow_parcel


async def ship(work: Work, id: str, ask: Ship) -> None:
    """The seller has handed the parcel to a carrier.

    Refuses `not_found`, `move_not_open`, `carrier_unknown`, `waybill_not_valid`, `waybill_used`.
    """
    waybill = carriers.judge_waybill(ask.carrier, ask.waybill)
    order = await store.lock_for(work, id)
    order = await move(work, order, "ship", order.role_of(work.actor.me), carrier=ask.carrier, waybill=waybill)
    if not await store.claim_waybill(work, ask.carrier, waybill, order):
        raise WAYBILL_USED()
    await store.insert_shipment(work, order.id, ask.carrier, waybill, None)
    await follow_parcel(work, order, ask.carrier, waybill)
    work.tell(OrderShipped(order.id, order.buyer, order.seller, ask.carrier, waybill))


async def deliver_in_writing(work: Work, id: str, ask: DeliverInWriting) -> None:
    """The seller delivers something digital or tells what was done. Refuses `not_found`, `move_not_open`."""
    content = text.body("content", ask.content, work.config.get(DELIVERY_LONGEST), required=True)
    order = await store.lock_for(work, id)
    order = await move(work, order, "no_logistics", order.role_of(work.actor.me))
    await store.insert_shipment(work, order.id, None, None, work.keys.seal(CONTENT_SEAL, content))
    work.tell(OrderShipped(order.id, order.buyer, order.seller, "", ""))


async def arrange(work: Work, id: str, meeting: Meeting) -> None:
    """Write down where and when to meet; only after payment, only for the two. Refuses `not_found`, `move_not_open`."""
    place = text.line("place", meeting.place, work.config.get(PLACE_LONGEST))
    order = await store.lock_for(work, id)
    await move(work, order, "arrange", order.role_of(work.actor.me))
    agreed = msgspec.json.encode(Meeting(place, meeting.at)).decode()
    await store.set_meeting(work, order.id, work.keys.seal(MEETING_SEAL, agreed))


async def redeem(work: Work, id: str, ask: Redeem) -> Redemption:
    """The seller enters the code the buyer shows; the right one completes the order.

    A wrong try is counted, so it is an answer: commit first, then let `must_complete` refuse. Refuses `not_found`,
    `move_not_open`, and `meet_code_locked` while entering is locked.
    """
    order = await store.lock_for(work, id)
    role = order.role_of(work.actor.me)
    judge(order, "redeem", role)
    code = await store.code_of(work, order.id)
    if code.locked_until is not None and code.locked_until > work.now:
        raise MEET_CODE_LOCKED(minutes=_minutes_left(code.locked_until - work.now))
    window = rules.code_window(work.now, work.config.get(CODE_MINUTES))
    late = offline.opens(work.keys, order.id, code.nonce, work.now, ask.code, work.config)
    if late or rules.opens(work.keys, order.id, code.nonce, window, ask.code):
        await store.set_redeemed(work, order.id)
        await complete(work, order, "redeem", role)
        return Redemption(completed=True)
    return await _count_wrong_try(work, order.id, code.tries + 1)


async def _count_wrong_try(work: Work, order: str, tries: int) -> Redemption:
    most = work.config.get(CODE_TRIES)
    if tries < most:
        await store.set_tries(work, order, tries, None)
        return Redemption(completed=False, tries_left=most - tries)
    until = work.now + timedelta(minutes=work.config.get(CODE_LOCK_MINUTES))
    await store.set_tries(work, order, 0, until)
    return Redemption(completed=False, locked_until=until)


def must_complete(outcome: Redemption, work: Work) -> None:
    """Call after the work is committed: refuses `meet_code_wrong` or `meet_code_locked` unless it completed."""
    if outcome.locked_until is not None:
        raise MEET_CODE_LOCKED(minutes=_minutes_left(outcome.locked_until - work.now))
    if not outcome.completed:
        raise MEET_CODE_WRONG(left=outcome.tries_left)


def _minutes_left(wait: timedelta) -> int:
    return max(1, -(-int(wait.total_seconds()) // 60))


async def renew_code(work: Work, id: str) -> None:
    """The buyer calls back every code shown so far. Refuses `not_found` and `move_not_open`."""
    order = await store.lock_for(work, id)
    await move(work, order, "renew_code", order.role_of(work.actor.me))
    await store.set_nonce(work, order.id, f"{work.random.getrandbits(128):032x}")


async def confirm(work: Work, id: str) -> None:
    """The buyer has it and is content; the money goes to the seller. Refuses `not_found`, `move_not_open`."""
    order = await store.lock_for(work, id)
    await complete(work, order, "confirm", order.role_of(work.actor.me))


async def extend(work: Work, id: str) -> None:
    """Take more time, as often as the terms allow. Refuses `not_found`, `move_not_open`, `no_more_extensions`."""
    order = await store.lock_for(work, id)
    await move(work, order, "extend", order.role_of(work.actor.me))
