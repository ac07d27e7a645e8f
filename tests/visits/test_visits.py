"""Times at which a seller receives people: for the accepted alone, never more than there are places."""

import asyncio
from datetime import timedelta

import pytest

from tests.build import a_member, long_here
from tests.conftest import FakeClock
from tests.orders.build import ADDRESS, Market, a_market
from xianji.domains import items, offers, orders, visits
from xianji.domains.visits import OfferSlot, SlotView
from xianji.domains.visits.model import (
    SLOT_FULL,
    SLOT_OVER,
    SLOT_TIMES_NOT_VALID,
    SLOT_TOO_MANY_GUESTS,
    TOO_MANY_SLOTS,
)
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Code, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

HOUR = timedelta(hours=1)


@pytest.fixture
async def market(database: Database) -> Market:
    return await a_market(database)


async def slot(market: Market, begin: int = 24, hours: int = 2, capacity: int = 1) -> str:
    address = await market.address(market.seller)
    begins = market.database.clock.now() + begin * HOUR
    async with market.database.work(market.seller) as work:
        return await visits.offer_slot(work, OfferSlot(begins, begins + hours * HOUR, address, capacity))


async def take(market: Market, id: str, actor: Actor | None = None) -> None:
    async with market.database.work(actor or market.buyer) as work:
        await visits.take_slot(work, id)


async def seen(market: Market, actor: Actor | None = None) -> list[SlotView]:
    async with market.database.look(actor or market.buyer) as look:
        return await visits.slots_for_me(look)


async def refused(market: Market, id: str, code: Code, actor: Actor | None = None) -> None:
    with pytest.raises(Refusal) as no:
        await take(market, id, actor)
    assert no.value.code is code


async def test_a_paid_order_opens_the_slots_and_taking_one_opens_the_door(market: Market) -> None:
    id = await slot(market)
    order = await market.placed()
    assert await seen(market) == []
    await refused(market, id, NOT_FOUND)
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    (before,) = await seen(market)
    assert (before.left, before.coming, before.address, before.guests) == (1, False, None, [])
    await take(market, id)
    await take(market, id)
    (after,) = await seen(market)
    assert (after.left, after.coming) == (0, True)
    assert after.address is not None
    assert after.address["lines"] == ADDRESS.lines
    (hers,) = await seen(market, market.seller)
    assert (hers.mine, hers.guests, hers.address is not None) == (True, [market.buyer.me], True)
    async with market.database.work(market.buyer) as work:
        await orders.cancel_paid(work, order, orders.Cancel(""))
    (gone,) = await seen(market)
    assert (gone.coming, gone.address) == (True, None), "who is not accepted any more reads no door"


async def test_an_agreed_offer_and_a_promised_gift_open_them_too(market: Market) -> None:
    id = await slot(market, capacity=2)
    bargainer, receiver = await a_member(market.database), await a_member(market.database)
    item = await market.item()
    async with market.database.work(bargainer) as work:
        offer = await offers.make_offer(work, item, offers.NewOffer(Money(10_000)))
    await refused(market, id, NOT_FOUND, bargainer)
    async with market.database.work(market.seller) as work:
        await offers.accept(work, offer)
    await long_here(market.database)
    async with market.database.work(market.seller) as work:
        gift = await items.publish_item(work, items.NewItem("绘本一箱", Money(0), kind="giveaway", way="first_come"))
    async with market.database.work(receiver) as work:
        await items.ask_for(work, gift)
    await take(market, id, bargainer)
    await take(market, id, receiver)
    assert {guest for one in await seen(market, market.seller) for guest in one.guests} == {bargainer.me, receiver.me}


async def test_of_two_who_want_the_last_place_one_gets_it(market: Market) -> None:
    id = await slot(market)
    rival = Market(market.database, market.provider, market.seller, await a_member(market.database))
    await market.paid()
    await rival.paid()
    came = await asyncio.gather(take(market, id), take(rival, id), return_exceptions=True)
    (no,) = [one for one in came if one is not None]
    assert isinstance(no, Refusal)
    assert no.code is SLOT_FULL
    loser = market if came[0] is no else rival
    winner = rival if loser is market else market
    async with market.database.work(winner.buyer) as work:
        await visits.leave_slot(work, id)
    await take(loser, id)
    assert [one.guests for one in await seen(market, market.seller)] == [[loser.buyer.me]]


async def test_a_slot_called_off_is_gone_and_its_address_forgotten(market: Market) -> None:
    id = await slot(market)
    await market.paid()
    await take(market, id)
    with pytest.raises(Refusal) as no:
        async with market.database.work(market.buyer) as work:
            await visits.call_off_slot(work, id)
    assert no.value.code is NOT_FOUND
    async with market.database.work(market.seller) as work:
        await visits.call_off_slot(work, id)
    assert await seen(market) == await seen(market, market.seller) == []
    await refused(market, id, NOT_FOUND)
    async with market.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select address_sealed from visit_slots") is None


async def test_a_slot_that_is_over_is_neither_shown_nor_taken(market: Market, clock: FakeClock) -> None:
    id = await slot(market)
    await market.paid()
    clock.move(hours=26)
    assert await seen(market) == []
    await refused(market, id, SLOT_OVER)


@pytest.mark.parametrize(("begin", "hours"), [(-1, 2), (24, 0), (24, -1), (24, 13), (24 * 31, 1)])
async def test_times_that_make_no_sense_are_refused(market: Market, begin: int, hours: int) -> None:
    with pytest.raises(Refusal) as no:
        await slot(market, begin, hours)
    assert no.value.code is SLOT_TIMES_NOT_VALID


async def test_there_are_limits_and_only_ones_own_door(market: Market) -> None:
    with pytest.raises(Refusal) as no:
        await slot(market, capacity=11)
    assert no.value.code is SLOT_TOO_MANY_GUESTS
    foreign, begins = await market.address(), market.database.clock.now() + HOUR
    with pytest.raises(Refusal) as no:
        async with market.database.work(market.seller) as work:
            await visits.offer_slot(work, OfferSlot(begins, begins + HOUR, foreign))
    assert no.value.code is NOT_FOUND
    address = await market.address(market.seller)
    async with market.database.work(market.seller) as work:
        for _ in range(20):
            await visits.offer_slot(work, OfferSlot(begins, begins + HOUR, address))
    with pytest.raises(Refusal) as no:
        await slot(market)
    assert no.value.code is TOO_MANY_SLOTS


async def test_who_leaves_the_house_receives_nobody(market: Market) -> None:
    await slot(market)
    await market.paid()
    async with market.database.look(SYSTEM) as look:
        kept = await visits.export_for(look, market.seller.me)
    assert len(kept["visit_slots"]) == 1
    async with market.database.work(SYSTEM) as work:
        await visits.scrub(work, market.seller.me)
    assert await seen(market) == []


async def test_two_at_once_do_not_get_past_the_most_times(market: Market) -> None:
    async with market.database.work(SYSTEM) as work:
        await set_value(work, "visits.slots_most", 2, "two")
    market.database.book.forget()
    await slot(market)
    made = await asyncio.gather(*(slot(market, begin) for begin in (30, 40, 50)), return_exceptions=True)
    assert [str(one)[:3] for one in made].count("vst") == 1
    assert [one.code for one in made if isinstance(one, Refusal)] == [TOO_MANY_SLOTS] * 2
    async with market.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from visit_slots") == 2
