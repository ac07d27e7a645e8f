"""A gift as an order: promised, ordered for nothing, handed over or given back."""

import pytest

from tests.build import a_member, a_seller, long_here
from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import items, orders
from xianji.domains.items import ITEM_NOT_FOR_SALE, ITEM_SOLD_OUT
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM


async def promised(market: Market, **facts: object) -> str:
    """A gift that the giver promised to the buyer."""
    async with market.database.work(market.seller) as work:
        gift = items.NewItem("绘本一箱", Money(0), kind="giveaway", **facts)  # type: ignore[arg-type]
        item = await items.publish_item(work, gift)
    await long_here(market.database)
    async with market.database.work(market.buyer) as work:
        await items.ask_for(work, item, "给孩子读")
    async with market.database.work(market.seller) as work:
        await items.pick_request(work, item, market.buyer.me)
    return item


async def request_of(market: Market, item: str) -> str:
    async with market.database.look(SYSTEM) as look:
        return str(await look.db.fetchval("select state from item_requests where item = $1", item))


async def moved(market: Market) -> int:
    """How much the books and the provider have moved."""
    async with market.database.look(SYSTEM) as look:
        return int(
            await look.db.fetchval(
                "select (select count(*) from ledger_transfers) + (select count(*) from payments)"
                " + (select count(*) from payment_calls)"
            )
        )


async def test_a_gift_is_ordered_for_nothing_and_met_for(market: Market) -> None:
    item = await promised(market)
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, orders.PlaceOrder([orders.WantedLine(item)], "meet"))
    assert (quote.money.total, quote.money.fee, quote.lines[0].available) == (Money(0), Money(0), 1)
    order = await market.placed("meet", item)
    page = await market.page(order)
    assert (page.state, page.money.total, page.money.fee, page.pay_url) == (
        "awaiting_meeting",
        Money(0),
        Money(0),
        None,
    )
    assert (await request_of(market, item), await market.stock(item)) == ("taken", ("live", 1, 0))
    with pytest.raises(Refusal):
        async with market.database.work(market.buyer) as work:
            await orders.start_payment(work, order)
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        outcome = await orders.redeem(work, order, orders.Redeem(page.meet_code))
    assert outcome.completed
    assert (await market.page(order)).state == "completed"
    assert (await request_of(market, item), await market.stock(item)) == ("taken", ("sold", 0, 1))
    assert (await market.balances(), await moved(market)) == ({}, 0)


async def test_a_gift_travels_and_is_confirmed_by_time(market: Market, clock: FakeClock) -> None:
    async with market.database.work(SYSTEM) as work:
        policy = {"name": "share", "rate_ppm": 100_000, "cap": None, "includes_shipping": True}
        await set_value(work, "fees.policy", policy, "a fee that a gift must not pay")
    market.database.book.forget()
    order = await market.placed("ship", item := await promised(market))
    page = await market.page(order, market.seller)
    assert (page.state, page.money.fee, page.lines[0].snapshot.kind) == ("awaiting_shipment", Money(0), "giveaway")
    assert page.address is not None
    async with market.database.work(market.seller) as work:
        await orders.ship(work, order, orders.Ship("sf", "SF1234567890123"))
    clock.move(days=10)
    await market.time()
    assert ((await market.page(order)).state, await market.stock(item)) == ("completed", ("sold", 0, 1))
    assert (await market.balances(), await moved(market)) == ({}, 0)


@pytest.mark.parametrize(("ends", "after"), [("buyer", "withdrawn"), ("seller", "passed_over"), ("time", "no_show")])
async def test_a_gift_goes_back_to_its_giver(market: Market, clock: FakeClock, ends: str, after: str) -> None:
    order = await market.placed("meet", item := await promised(market))
    if ends == "time":
        clock.move(days=8)
        await market.time()
    else:
        async with market.database.work(getattr(market, ends)) as work:
            await orders.cancel_paid(work, order, orders.Cancel("不方便了"))
    page = await market.page(order)
    assert (page.state, page.money.refunded, page.actions) == ("refunded", Money(0), [])
    assert (await request_of(market, item), await market.stock(item)) == (after, ("live", 0, 0))
    assert (await market.balances(), await moved(market)) == ({}, 0)
    next_one = await a_member(market.database)
    await long_here(market.database)
    async with market.database.work(next_one) as work:
        await items.ask_for(work, item)
    async with market.database.work(market.seller) as work:
        await items.pick_request(work, item, next_one.me)
    assert await market.stock(item) == ("live", 1, 0)


async def test_only_the_chosen_orders_and_only_one(market: Market) -> None:
    item = await promised(market, stock=2)
    stranger = await a_seller(market.database)
    for actor, quantity, code in ((stranger, 1, ITEM_NOT_FOR_SALE), (market.buyer, 2, ITEM_SOLD_OUT)):
        with pytest.raises(Refusal) as refused:
            async with market.database.work(actor) as work:
                await orders.place_order(work, orders.PlaceOrder([orders.WantedLine(item, quantity)], "meet"))
        assert refused.value.code is code
    assert (await request_of(market, item), await market.stock(item)) == ("chosen", ("live", 1, 0))
    await market.placed("meet", item)
    with pytest.raises(Refusal) as refused:
        await market.placed("meet", item)
    assert refused.value.code is ITEM_NOT_FOR_SALE
