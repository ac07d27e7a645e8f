"""A wrong number on a parcel is put right, as long as no carrier had the parcel in hand."""

from xianji.domains import parcels
from xianji.domains.orders import carriers, store
from xianji.domains.orders.events import WaybillCorrected
from xianji.domains.orders.model import (
    ADDRESS_SEAL,
    NO_MORE_CORRECTIONS,
    WAYBILL_CORRECTIONS,
    WAYBILL_SAME,
    WAYBILL_USED,
    Order,
    Ship,
)
from xianji.domains.parcels import Label
from xianji.kernel.work import Work

from .moving import judge, move
from .travelling import phone_end

_VERB = "correct_waybill"


async def correct_waybill(work: Work, id: str, ask: Ship) -> None:
    """The seller named a wrong number; the parcel travels under this one, and its clocks go on.

    Refuses `not_found`, `move_not_open`, `carrier_unknown`, `waybill_not_valid`, `waybill_same`, `waybill_used`,
    `parcel_seen`, `no_more_corrections`.
    """
    right = Label(ask.carrier, carriers.judge_waybill(ask.carrier, ask.waybill))
    order = await store.lock_for(work, id)
    role = order.role_of(work.actor.me)
    judge(order, _VERB, role)
    before = await store.count_moves(work, order.id, _VERB)
    wrong = await store.label_of(work, order.id)
    phone = phone_end(work, right.carrier, ADDRESS_SEAL, await store.sealed_address(work, order.id))
    await correct_parcel(work, order, order.id, wrong, right, phone, before)
    await store.set_label(work, order.id, right)
    await move(work, order, _VERB, role, carrier=right.carrier, waybill=right.waybill)
    work.tell(WaybillCorrected(order.id, order.buyer, order.seller, right.carrier, right.waybill))


async def correct_parcel(
    work: Work, pair: Order, subject: str, wrong: Label, right: Label, phone: str, before: int
) -> None:
    """Wait for the right parcel, claimed for this pair, instead of the wrong one; corrected `before` so many times.

    Refuses `waybill_same`, `no_more_corrections`, `waybill_used` and `parcel_seen`.
    """
    most = work.config.get(WAYBILL_CORRECTIONS)
    if before >= most:
        raise NO_MORE_CORRECTIONS(most=most)
    if right == wrong:
        raise WAYBILL_SAME()
    await store.lock_waybills(work, (wrong, right))
    if not await store.claim_waybill(work, right.carrier, right.waybill, pair):
        raise WAYBILL_USED()
    if await parcels.correct(work, subject, wrong, right, phone, again=before > 0):
        await store.release_waybill(work, wrong)
