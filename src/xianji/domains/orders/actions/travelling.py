"""A parcel on its way: wait for what its carrier says, and what a signature or a missing scan means for the order."""

from typing import Any

import msgspec

from xianji.domains import parcels
from xianji.domains.orders import carriers, store
from xianji.domains.orders.events import OrderDelivered, OrderUnseen
from xianji.domains.orders.model import ADDRESS_SEAL, WAYBILL_USED, Order
from xianji.kernel import ids
from xianji.kernel.work import Work

from .moving import move

_PHONE_END = 4


async def follow_parcel(work: Work, order: Order, carrier: str, waybill: str) -> None:
    """Wait for the parcel that travels to the buyer. Refuses `waybill_used` for one that travelled before."""
    sealed = await store.sealed_address(work, order.id)
    if not await parcels.watch(work, carrier, waybill, order.id, phone_end(work, carrier, ADDRESS_SEAL, sealed)):
        raise WAYBILL_USED()


def phone_end(work: Work, carrier: str, purpose: str, sealed: str | None) -> str:
    """The last digits of the number in a sealed address, only for a carrier that tells nobody else."""
    if sealed is None or not carriers.all_carriers()[carrier].asks_phone:
        return ""
    address = msgspec.json.decode(work.keys.open(purpose, sealed), type=dict[str, Any])
    return str(address["phone"])[-_PHONE_END:]


async def deliver(work: Work, id: str) -> None:
    """The carrier (or a moderator who looked it up) says the parcel was signed for; looking time starts."""
    work.actor.need_role("moderator")
    await _arrive(work, await store.lock_for_system(work, id))


async def _arrive(work: Work, order: Order) -> None:
    await move(work, order, "deliver", "carrier" if work.actor.system else "operator")
    work.tell(OrderDelivered(order.id, order.buyer, order.seller))


async def note_signed(work: Work, subject: str, carrier: str, waybill: str) -> None:
    """The carrier says that a parcel was signed for: looking time starts, if it is an order's and on its way."""
    work.actor.need_role("moderator")
    if not ids.is_id("ord", subject):
        return
    order = await store.lock_for_system(work, subject)
    if order.state == "shipped" and await parcels.waits_for(work, order.id, carrier, waybill):
        await _arrive(work, order)


async def note_unseen(work: Work, subject: str, carrier: str, waybill: str, hours: int) -> None:
    """The carrier has never seen a parcel said to be sent `hours` ago: both sides are told, the clocks stay.

    Nothing when the number was corrected meanwhile: the right one has an alarm of its own.
    """
    if not ids.is_id("ord", subject):
        return
    order = await store.lock_for_system(work, subject)
    waits = await parcels.waits_for(work, order.id, carrier, waybill)
    if order.state == "shipped" and order.paused_at is None and waits:
        await move(work, order, "unseen", "time", hours=hours)
        work.tell(OrderUnseen(order.id, order.buyer, order.seller, hours))
