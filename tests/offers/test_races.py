"""The same thing wanted at once, on real connections: whoever is second is told so, and nothing is promised twice."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from tests.build import a_member, a_seller
from tests.offers.build import Bargain
from xianji.domains import items, offers, orders
from xianji.domains.offers import model
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

SEEDS = 25


@pytest.fixture
async def crowd(market: Bargain) -> AsyncIterator[Bargain]:
    """The same market on twenty connections."""
    opened = await Database(market.database.dsn, market.database.keys, market.database.clock, seed=9).open(writers=20)
    yield Bargain(opened, market.provider, market.seller, market.buyer)
    await opened.close()


async def at_once(*calls: Any) -> tuple[list[Any], list[Refusal]]:
    """(results, refusals); anything else that is raised fails the test."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
            raise outcome
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    return [outcome for outcome in outcomes if not isinstance(outcome, Refusal)], refusals


async def test_one_offer_of_a_buyer_is_alive_however_often_the_button_is_pressed(crowd: Bargain) -> None:
    item = await crowd.item()
    made, refusals = await at_once(*(crowd.offer(item, 9_000 + number) for number in range(10)))
    assert len(made) == 1
    assert {refusal.code for refusal in refusals} == {model.OFFER_OPEN}
    assert (await crowd.rows())["tries"] == 1


async def test_two_yeses_for_the_last_unit(crowd: Bargain) -> None:
    other = await a_member(crowd.database)
    for seed in range(SEEDS):
        item = await crowd.item()
        both = [await crowd.offer(item), await crowd.offer(item, actor=other)]
        Random(seed).shuffle(both)
        done, refusals = await at_once(*(crowd.do(crowd.seller, offers.accept, one) for one in both))
        assert (len(done), [refusal.code for refusal in refusals]) == (1, [items.ITEM_SOLD_OUT])
        assert await crowd.stock(item) == ("live", 1, 0)
        async with crowd.database.look(SYSTEM) as look:
            alive = await look.db.fetch("select id, buyer, state from offers where item = $1", item)
        assert sorted(row["state"] for row in alive) == ["accepted", "open"]
        for row in alive:
            await crowd.do(Actor(member=row["buyer"]), offers.withdraw, row["id"])


async def test_a_yes_against_a_buyer_who_does_not_ask(crowd: Bargain) -> None:
    other = await a_member(crowd.database)
    wins = set()
    for seed in range(SEEDS):
        item = await crowd.item()
        offer = await crowd.offer(item)
        calls = [crowd.do(crowd.seller, offers.accept, offer), crowd.buy(item, actor=other)]
        Random(seed).shuffle(calls)
        done, refusals = await at_once(*calls)
        assert (len(done), [refusal.code for refusal in refusals]) == (1, [items.ITEM_SOLD_OUT])
        assert await crowd.stock(item) == ("live", 1, 0)
        wins.add((await crowd.see(offer)).state)
        await crowd.do(crowd.buyer, offers.withdraw, offer)
    assert wins <= {"accepted", "open"}


async def test_a_yes_against_time(crowd: Bargain, clock: Any) -> None:
    for seed in range(SEEDS):
        item = await crowd.item()
        offer = await crowd.offer(item)
        if seed % 2:
            clock.move(hours=24)
        calls = [crowd.do(crowd.seller, offers.accept, offer), crowd.do(SYSTEM, offers.expire, offer)]
        Random(seed).shuffle(calls)
        done, refusals = await at_once(*calls)
        if seed % 2:
            assert [refusal.code for refusal in refusals] == [MOVE_NOT_OPEN]
            assert ((await crowd.see(offer)).state, await crowd.stock(item)) == ("expired", ("live", 0, 0))
        else:
            assert (len(done), (await crowd.see(offer)).state) == (2, "accepted")
            await crowd.do(crowd.buyer, offers.withdraw, offer)


async def test_the_order_against_the_end_of_the_agreed_price(crowd: Bargain, clock: Any) -> None:
    """One moment before the end the order has it, at the end it does not; the unit is never lost nor doubled."""
    for seed in range(SEEDS):
        item = await crowd.item()
        offer = await crowd.accepted(item)
        clock.move(hours=24, seconds=0 if seed % 2 else -1)
        calls = [crowd.buy(item, offer=offer), crowd.do(SYSTEM, offers.expire, offer)]
        if seed % 3 == 0:
            calls.append(crowd.do(crowd.buyer, offers.withdraw, offer))
        Random(seed).shuffle(calls)
        await at_once(*calls)
        state = (await crowd.see(offer)).state
        kept = 1 if state == "used" else 0
        assert await crowd.stock(item) == ("live", kept, 0)
        assert state == "used" or state in ("expired", "withdrawn")


async def test_a_private_link_is_used_once_by_two_tabs(crowd: Bargain) -> None:
    for _ in range(5):
        item = await crowd.item(stock=5)
        id = await crowd.do(crowd.seller, offers.make_link, item, offers.NewLink(Money(9_000), crowd.buyer.me))
        async with crowd.database.look(crowd.seller) as look:
            token = (await offers.link_page(look, id)).token
        done, refusals = await at_once(*(crowd.buy(item, link=token) for _ in range(4)))
        assert (len(done), len(refusals)) == (1, 3)
        assert await crowd.stock(item) == ("live", 1, 0)


async def fifty_check_out(crowd: Bargain, seeds: range) -> None:
    """Fifty buyers check out one unit and something of another seller, once for each seed: one of them gets both."""
    other = Bargain(crowd.database, crowd.provider, await a_seller(crowd.database), crowd.buyer)
    buyers = [await a_member(crowd.database) for _ in range(50)]
    plenty = await other.item(stock=999)

    async def check_out(buyer: Actor, *things: str) -> str:
        lines = [orders.WantedLine(thing) for thing in things]
        return str(await crowd.do(buyer, orders.place_checkout, orders.PlaceCheckout(lines, "meet")))

    for won, seed in enumerate(seeds, 1):
        item = await crowd.item()
        Random(seed).shuffle(buyers)
        # Half of them name the things the other way round: nobody waits for anybody in a ring.
        calls = [
            check_out(buyer, *((item, plenty) if number % 2 else (plenty, item))) for number, buyer in enumerate(buyers)
        ]
        done, refusals = await at_once(*calls)
        assert len(done) == 1
        assert {refusal.code for refusal in refusals} == {items.ITEM_SOLD_OUT}
        assert (await crowd.stock(item), await other.stock(plenty)) == (("live", 1, 0), ("live", won, 0))
    async with crowd.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from orders") == len(seeds) * 2


async def test_fifty_buyers_of_one_unit_make_exactly_one_order(crowd: Bargain) -> None:
    await fifty_check_out(crowd, range(SEEDS))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, 1_000, 100))
async def test_fifty_buyers_for_a_thousand_seeds(
    crowd: Bargain, capsys: pytest.CaptureFixture[str], first: int
) -> None:
    await fifty_check_out(crowd, range(first, first + 100))
    with capsys.disabled():
        print(f"\nfifty buyers for one unit: seeds {first} to {first + 99}, one order each")
