"""A seller with many things lets people come and choose; who was accepted takes a place, and may give it back."""

from datetime import timedelta

import msgspec

from xianji.domains import members
from xianji.kernel import sealing
from xianji.kernel.work import Work

from . import store
from .events import SlotCalledOff, VisitLeft, VisitTaken
from .model import (
    ADDRESS_SEAL,
    DAYS_AHEAD,
    GUESTS_MOST,
    HOURS_LONGEST,
    SLOT_FULL,
    SLOT_OVER,
    SLOT_TIMES_NOT_VALID,
    SLOT_TOO_MANY_GUESTS,
    SLOTS_MOST,
    TOO_MANY_SLOTS,
    OfferSlot,
    Slot,
)


async def offer_slot(work: Work, ask: OfferSlot) -> str:
    """Let people come at this time. Returns the slot's id.

    Refuses `slot_times_not_valid` (past, upside down, too long, too far ahead), `slot_too_many_guests`,
    `too_many_slots`, and `not_found` for an address of somebody else's.
    """
    me = work.actor.me
    _judge_times(work, ask)
    most = work.config.get(GUESTS_MOST)
    if ask.capacity > most:
        raise SLOT_TOO_MANY_GUESTS(most=most)
    address = await members.address_for(work, ask.address, work.actor)
    slots = work.config.get(SLOTS_MOST)
    await store.lock_slots_of(work, me)
    if await store.ahead_of(work, me) >= slots:
        raise TOO_MANY_SLOTS(most=slots)
    slot = Slot(work.new_id("vst"), me, ask.begins_at, ask.ends_at, ask.capacity, None)
    await store.insert_slot(work, slot, work.keys.seal(ADDRESS_SEAL, msgspec.json.encode(address).decode()))
    return slot.id


def _judge_times(work: Work, ask: OfferSlot) -> None:
    days, hours = work.config.get(DAYS_AHEAD), work.config.get(HOURS_LONGEST)
    aware = ask.begins_at.tzinfo is not None and ask.ends_at.tzinfo is not None
    if not aware or not (
        work.now < ask.begins_at < ask.ends_at <= ask.begins_at + timedelta(hours=hours)
        and ask.begins_at <= work.now + timedelta(days=days)
    ):
        raise SLOT_TIMES_NOT_VALID(days=days, hours=hours)


async def take_slot(work: Work, id: str) -> None:
    """Come at this time; taking it twice is taking it once. Refuses `not_found`, `slot_over` and `slot_full`."""
    slot = await store.lock_accepted(work, id)
    if slot.ends_at <= work.now:
        raise SLOT_OVER()
    guests = await store.guests_of(work, id)
    if work.actor.me in guests:
        return
    if len(guests) >= slot.capacity:
        raise SLOT_FULL()
    await store.put_visit(work, id)
    work.tell(VisitTaken(id, slot.seller, work.actor.me))


async def leave_slot(work: Work, id: str) -> None:
    """Not come after all; the place is free again. Refuses `not_found`."""
    slot = await store.lock_visited(work, id)
    await store.end_visit(work, id)
    work.tell(VisitLeft(id, slot.seller, work.actor.me))


async def call_off_slot(work: Work, id: str) -> None:
    """The seller cannot have visitors then. Refuses `not_found`."""
    slot = await store.lock_mine(work, id)
    guests = await store.guests_of(work, id)
    await store.call_off(work, id)
    work.tell(SlotCalledOff(id, slot.seller, guests))


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` addresses again with the current key; how many were."""
    return await sealing.reseal(work, limit, [(ADDRESS_SEAL, store.old_addresses, store.put_address)])
