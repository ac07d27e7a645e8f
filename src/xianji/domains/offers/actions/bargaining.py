"""The verbs of bargaining: offer, counter, accept, decline, withdraw; and what time does."""

from xianji.domains import items, members, screening
from xianji.domains.offers import rules, store
from xianji.domains.offers.events import OfferMade
from xianji.domains.offers.model import (
    BARGAIN_OFF,
    LOWEST_PPM,
    MESSAGE_LONGEST,
    OFFER_OPEN,
    OFFER_TRIES_SPENT,
    OPEN_MOST,
    TOO_MANY_OFFERS,
    TRIES,
    TRIES_HOURS,
    Counter,
    Decline,
    NewOffer,
    Offer,
)
from xianji.kernel import text
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .moving import due, move, need_room_to_hold

# States of a thing in which nobody will buy it any more.
_GONE = ("sold", "removed")


async def make_offer(work: Work, item: str, ask: NewOffer) -> str:
    """Offer a price for one unit; returns the offer's id. A secret floor answers at once with a plain yes or no.

    Refuses `bargain_off`, `offer_open` (one at a time for a buyer and a thing), `offer_not_lower`, `offer_too_low`,
    `offer_tries_spent`, `too_many_offers`, `too_many_holds`, `restricted`, and what buying it would refuse.
    """
    members.need_unrestricted(work.actor, "buy")
    message = said(work, ask.message)
    thing = await items.on_sale(work, item, work.actor.me)
    amount = amount_of(work, ask.amount, thing.currency)
    await _need_turn(work, thing, amount)
    offer = Offer(
        id=work.new_id("ofr"),
        item=item,
        buyer=work.actor.me,
        seller=thing.seller,
        state="open",
        asking=thing.price,
        amount=amount,
        counter=None,
        agreed=None,
        currency=thing.currency,
        version=1,
        due_at=due(work, "open"),
    )
    await store.insert(work, offer, message)
    await store.take_pair(work, offer)
    work.tell(OfferMade(offer.id, item, offer.buyer, offer.seller, amount, offer.currency))
    floor = await store.floor_of(work, item)
    if floor is not None:
        await move(work, offer, rules.floor_says(amount, floor), "floor")
    return offer.id


async def _need_turn(work: Work, thing: items.OnSale, amount: int) -> None:
    """Whether this buyer may make this offer now. What costs a try is judged before the try is counted."""
    if not thing.bargain:
        raise BARGAIN_OFF()
    rules.judge_amount(amount, thing.price, work.config.get(LOWEST_PPM))
    if await need_room_to_hold(work, work.actor.me) >= work.config.get(OPEN_MOST):
        raise TOO_MANY_OFFERS(most=work.config.get(OPEN_MOST))
    hours = work.config.get(TRIES_HOURS)
    person = await members.same_person(work, work.actor.me)
    await store.one_person_at_a_time(work, thing.id, person)
    alive = await store.lock_pair(work, thing.id, work.actor.me, hours)
    if alive is not None:
        raise OFFER_OPEN(offer=alive)
    if await store.tries_of(work, thing.id, person, hours) >= work.config.get(TRIES):
        raise OFFER_TRIES_SPENT(most=work.config.get(TRIES), hours=hours)


def said(work: Work, message: str) -> str:
    """A word with an offer, judged. Refuses `restricted` for who may not speak, and what screening blocks."""
    plain = text.line("message", message, work.config.get(MESSAGE_LONGEST), required=False)
    if plain:
        members.need_unrestricted(work.actor, "speak")
        screening.pass_or_hold(plain, talk=True)
    return plain


def amount_of(work: Work, money: Money, currency: str, field: str = "amount") -> int:
    """Minor units in the thing's currency. Refuses `wrong_currency`."""
    if money.currency != currency:
        raise items.WRONG_CURRENCY(currency=currency, field=field)
    return money.amount


async def counter(work: Work, id: str, ask: Counter) -> str:
    """The other price. The seller's counter waits for the buyer; the buyer's takes this offer back and makes a new one.

    Returns the id of the offer that is alive now. Refuses `not_found`, `move_not_open`, `counter_not_between`, and for
    the buyer whatever `make_offer` refuses.
    """
    offer = await store.lock_for(work, id)
    if work.actor.me == offer.buyer:
        if rules.state_at(offer.state, offer.due_at, work.now) != "countered":
            raise MOVE_NOT_OPEN(state=offer.state, verb="counter")
        await move(work, offer, "withdraw", "buyer")
        return await make_offer(work, offer.item, NewOffer(ask.amount, ask.message))
    answer = said(work, ask.message)
    amount = amount_of(work, ask.amount, offer.currency)
    rules.OFFER.decide(rules.state_at(offer.state, offer.due_at, work.now), "counter", "seller")
    rules.judge_counter(amount, offer.amount, offer.asking)
    await move(work, offer, "counter", "seller", counter=amount, answer=answer)
    return offer.id


async def accept(work: Work, id: str) -> None:
    """Say yes to the price on the table; one unit is kept for the buyer for a time.

    Refuses `not_found`, `move_not_open`, `too_many_holds`, `restricted`, and `item_sold_out` when somebody was quicker.
    """
    offer = await store.lock_for(work, id)
    role = offer.role_of(work.actor.me)
    members.need_unrestricted(work.actor, "buy" if role == "buyer" else "sell")
    rules.OFFER.decide(rules.state_at(offer.state, offer.due_at, work.now), "accept", role)
    await need_room_to_hold(work, offer.buyer)
    await move(work, offer, "accept", role)


async def decline(work: Work, id: str, ask: Decline) -> None:
    """The seller says no, or takes the counter back. Refuses `not_found` and `move_not_open`."""
    offer = await store.lock_for(work, id)
    answer = said(work, ask.message)
    await move(work, offer, "decline", offer.role_of(work.actor.me), answer=answer or None)


async def withdraw(work: Work, id: str) -> None:
    """The buyer takes an offer back, also an agreed one. Refuses `not_found` and `move_not_open`."""
    offer = await store.lock_for(work, id)
    await move(work, offer, "withdraw", offer.role_of(work.actor.me))


async def expire(work: Work, id: str) -> None:
    """Time: what nobody answered ends, and what was agreed but not ordered frees its unit; nothing if not due."""
    offer = await store.lock_for_system(work, id)
    if offer.due_at is not None and offer.due_at <= work.now:
        await move(work, offer, rules.OTHERWISE[offer.state], "time")


async def end_of_item(work: Work, item: str, state: str) -> None:
    """A thing has moved to `state`: when it is gone for good, whatever is still on the table for it ends."""
    if state not in _GONE:
        return
    for id in await store.alive_on(work, item):
        await _end(work, id)


async def end_of_member(work: Work, member: str) -> None:
    """A member has left: their offers and those made to them end."""
    for id in await store.alive_of(work, member):
        await _end(work, id)


async def _end(work: Work, id: str) -> None:
    offer = await store.lock_for_system(work, id)
    if offer.state in rules.TURN:
        await move(work, offer, "end", "system")
