"""What sending costs: said by the seller, frozen in the order, paid, held and released with the rest."""

import pytest

from tests.build import long_here
from tests.orders.build import Market
from xianji.domains import items, orders
from xianji.domains.items.model import SHIPPING_OVER_CAP
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

EIGHT, TWELVE = Money(800), Money(1200)


async def test_sending_is_paid_and_frozen(market: Market) -> None:
    first = await market.item(shipping=EIGHT, stock=3)
    second = await market.item(5_000, shipping=TWELVE)
    free = await market.item(1_000, shipping=Money(0))
    address = await market.address()
    lines = [orders.WantedLine(first, 2), orders.WantedLine(second), orders.WantedLine(free)]
    async with market.database.look(market.buyer) as look:
        quotes = {
            way: (await orders.quote(look, orders.PlaceOrder(lines, way))).money  # type: ignore[arg-type]
            for way in ("ship", "meet")
        }
    assert (quotes["ship"].goods, quotes["ship"].shipping, quotes["ship"].total) == (
        Money(31_800), Money(2_000), Money(33_800),
    )  # fmt: skip
    assert (quotes["meet"].shipping, quotes["meet"].total) == (Money(0), Money(31_800))
    async with market.database.work(market.buyer) as work:
        order = await orders.place_order(work, orders.PlaceOrder(lines, "ship", address))
    async with market.database.work(market.seller) as work:
        await items.edit_item(work, first, items.EditItem(1, shipping=None))
    page = await market.page(order)
    assert (page.money.shipping, page.money.total, page.money.net) == (Money(2_000), Money(33_800), Money(33_800))
    assert {line.item: line.snapshot.shipping for line in page.lines} == {first: 800, second: 1200, free: None}
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    async with market.database.work(market.seller) as work:
        await orders.ship(work, order, orders.Ship("sf", "SF1234567890123"))
    async with market.database.work(market.buyer) as work:
        await orders.confirm(work, order)
    assert await market.balances() == {"provider_clearing": -33_800, f"seller_payable:{market.seller.me}": 33_800}
    async with market.database.look(market.buyer) as look:
        assert (await items.item_page(look, first)).shipping is None
        assert (await items.item_page(look, second)).shipping == TWELVE


async def test_sending_a_gift_is_paid_by_who_gets_it_without_a_fee(market: Market) -> None:
    async with market.database.work(market.seller) as work:
        gift = items.NewItem("绘本一箱", Money(0), kind="giveaway", way="first_come", shipping=EIGHT)
        item = await items.publish_item(work, gift)
    await long_here(market.database)
    async with market.database.work(market.buyer) as work:
        assert await items.ask_for(work, item)
    page = await market.page(await market.placed("ship", item))
    assert (page.state, page.money.total, page.money.fee) == ("awaiting_payment", EIGHT, Money(0))


async def test_sending_may_not_cost_more_than_the_limit(market: Market) -> None:
    with pytest.raises(Refusal) as refused:
        await market.item(shipping=Money(50_001))
    assert refused.value.code is SHIPPING_OVER_CAP
    assert refused.value.facts == {"cap": 50_000, "currency": "CNY"}
    async with market.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from items") == 0
