"""The goods go back, arrive, are looked at; a replacement is sent."""

import msgspec

from xianji.domains import orders, parcels
from xianji.domains.orders import Order
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.model import RETURN_SEAL, WORDS_LONGEST, RefuseReceived, Replacement, ShipBack, Step
from xianji.kernel import ids, text
from xianji.kernel.work import Work

from .moving import judged_evidence, move


async def ship_back(work: Work, id: str, ask: ShipBack) -> None:
    """The buyer has handed the goods to a carrier, with pictures of how they were packed.

    Refuses `not_found`, `move_not_open`, `carrier_unknown`, `waybill_not_valid`, `waybill_used`, `evidence_needed`.
    """
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "ship_back", role)
    evidence = await judged_evidence(work, ask.evidence, needed=True)
    waybill = await _claim(work, order, ask.carrier, ask.waybill, sender=order.buyer)
    step = Step("", evidence, {"carrier": ask.carrier, "waybill": waybill})
    await move(work, order, refund, "ship_back", role, step, carrier=ask.carrier, waybill=waybill, signed_at=None)
    phone = orders.phone_end(work, ask.carrier, RETURN_SEAL, refund.address_sealed)
    await parcels.watch(work, ask.carrier, waybill, refund.id, phone)


async def correct_return(work: Work, id: str, ask: orders.Ship) -> None:
    """The buyer named a wrong number of what goes back; it travels under this one, and the clock goes on.

    Refuses what `orders.correct_waybill` refuses.
    """
    right = parcels.Label(ask.carrier, orders.judge_waybill(ask.carrier, ask.waybill))
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "correct_waybill", role)
    assert refund.carrier is not None, "what goes back has a number"
    assert refund.waybill is not None
    wrong = parcels.Label(refund.carrier, refund.waybill)
    before = await store.count_moves(work, refund.id, "correct_waybill")
    phone = orders.phone_end(work, right.carrier, RETURN_SEAL, refund.address_sealed)
    await orders.correct_parcel(work, _sent_by(order, order.buyer), refund.id, wrong, right, phone, before)
    named = msgspec.structs.asdict(right)
    await move(work, order, refund, "correct_waybill", role, Step("", [], named), **named)


def _sent_by(order: Order, sender: str) -> Order:
    """The pair of people a number belongs to: who sends is its seller."""
    receiver = order.seller if sender == order.buyer else order.buyer
    return msgspec.structs.replace(order, seller=sender, buyer=receiver)


async def _claim(work: Work, order: Order, carrier: str, waybill: str, sender: str) -> str:
    """A waybill that nobody used for another parcel, as it is stored."""
    plain = orders.judge_waybill(carrier, waybill)
    if not await orders.claim_waybill(work, carrier, plain, _sent_by(order, sender)):
        raise orders.WAYBILL_USED()
    return plain


async def mark_signed(work: Work, id: str) -> None:
    """The carrier, or a moderator who looked it up, says that the returned parcel was signed for.

    Refuses `not_allowed`, `not_found`, `move_not_open`.
    """
    work.actor.need_role("moderator")
    order, refund = await store.lock_for_system(work, id)
    role = "carrier" if work.actor.system else "operator"
    await move(work, order, refund, "signed", role, signed_at=refund.signed_at or work.now)


async def note_signed(work: Work, subject: str, carrier: str, waybill: str) -> None:
    """The carrier says that a parcel was signed for: time to look starts, if it is a return's and on its way."""
    if not ids.is_id("rfd", subject):
        return
    _, refund = await store.lock_for_system(work, subject)
    waits = await parcels.waits_for(work, refund.id, carrier, waybill)
    if waits and refund.state == "returning" and refund.signed_at is None:
        await mark_signed(work, subject)


async def receive(work: Work, id: str) -> None:
    """The seller has the goods and they are in order: the money goes back, or a replacement is due.

    Refuses `not_found` and `move_not_open`.
    """
    order, refund = await store.lock_for(work, id)
    await move(work, order, refund, rules.receive_verb(refund.kind), refund.role_of(work.actor.me))


async def refuse_received(work: Work, id: str, ask: RefuseReceived) -> None:
    """What came back is swapped, damaged or incomplete; the operators compare it with what was sent.

    Refuses `not_found`, `move_not_open`, `evidence_needed`.
    """
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "refuse_received", role)
    words = text.body("reason", ask.reason, work.config.get(WORDS_LONGEST), required=True)
    evidence = await judged_evidence(work, ask.evidence, needed=True)
    await move(work, order, refund, "refuse_received", role, Step(words, evidence, {"problem": ask.problem}))


async def replace(work: Work, id: str, ask: Replacement) -> None:
    """The seller has sent the replacement; the order goes on with time to receive and look at it.

    Refuses `not_found`, `move_not_open`, `carrier_unknown`, `waybill_not_valid`, `waybill_used`.
    """
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "replace", role)
    waybill = await _claim(work, order, ask.carrier, ask.waybill, sender=order.seller)
    step = Step("", [], {"carrier": ask.carrier, "waybill": waybill})
    await move(work, order, refund, "replace", role, step)
    await orders.follow_parcel(work, order, ask.carrier, waybill)
