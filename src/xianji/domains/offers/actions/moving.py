"""The one way in which an offer changes its state."""

from datetime import datetime, timedelta

import msgspec

from xianji.domains import items
from xianji.domains.offers import rules, store
from xianji.domains.offers.events import OfferMoved
from xianji.domains.offers.model import ANSWER_HOURS, HOLD_HOURS, HOLDS_MOST, TOO_MANY_HOLDS, Offer
from xianji.kernel.work import Work


async def move(
    work: Work, offer: Offer, verb: str, role: str, counter: int | None = None, answer: str | None = None
) -> Offer:
    """Move a locked offer by one row of the machine; returns it as it stands then.

    A yes keeps one unit for the buyer, and whatever ends a yes without an order puts it back. Refuses `move_not_open`
    (also for what is overdue), and for a yes whatever `items.reserve` refuses.
    """
    now_state = offer.state if role in ("time", "system") else rules.state_at(offer.state, offer.due_at, work.now)
    row = rules.OFFER.decide(now_state, verb, role)
    amount = rules.price_of(offer) if counter is None else counter
    after = msgspec.structs.replace(
        offer,
        state=row.to,
        counter=counter if counter is not None else offer.counter,
        agreed=amount if row.to == "accepted" else offer.agreed,
        due_at=due(work, row.to),
    )
    await store.move(work, offer, after, answer)
    after = msgspec.structs.replace(after, version=offer.version + 1)
    await store.insert_move(work, after, after.version, verb, offer.state, role, amount)
    if row.to not in rules.TURN:
        await store.free_pair(work, offer)
    if row.to == "accepted":
        await items.reserve_for(work, offer.item, offer.buyer)
    elif offer.state == "accepted" and row.to != "used":
        await items.release(work, offer.item, 1)
    work.tell(
        OfferMoved(
            offer.id,
            offer.item,
            offer.buyer,
            offer.seller,
            verb,
            offer.state,
            row.to,
            role,
            amount,
            offer.currency,
        )
    )
    return after


def due(work: Work, state: str) -> datetime | None:
    """When time acts in the state that is entered."""
    if state == "accepted":
        return work.now + timedelta(hours=work.config.get(HOLD_HOURS))
    if state in rules.TURN:
        return work.now + timedelta(hours=work.config.get(ANSWER_HOURS))
    return None


async def need_room_to_hold(work: Work, buyer: str) -> int:
    """How many offers of this buyer wait for an answer. Refuses `too_many_holds`: what is kept is kept from others."""
    waiting, held = await store.waiting_of(work, buyer)
    most = work.config.get(HOLDS_MOST)
    if held >= most:
        raise TOO_MANY_HOLDS(most=most)
    return waiting
