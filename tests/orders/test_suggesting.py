"""The way of handing over that fits the price is suggested, by limits that are settings, and never forced."""

import pytest

from tests.orders.build import Market
from xianji.domains import orders
from xianji.kernel import config
from xianji.kernel.work import SYSTEM


@pytest.mark.parametrize(
    ("price", "ways", "suggested"),
    [
        (9_999, ["meet", "ship"], "meet"),
        (9_999, ["ship"], None),
        (10_000, ["meet", "ship"], None),
        (50_000, ["meet", "ship"], None),
        (50_001, ["meet", "ship"], "ship"),
        (50_001, ["meet"], None),
        (50_001, ["digital"], None),
        (50_001, [], "ship"),
    ],
)
async def test_each_price_has_its_way(market: Market, price: int, ways: list[str], suggested: str | None) -> None:
    item = await market.item(price, handover=ways)
    way = ways[0] if ways else "meet"
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, orders.PlaceOrder([orders.WantedLine(item)], way))  # type: ignore[arg-type]
    assert quote.suggested == suggested
    assert (await market.page(await market.placed(way, item))).handover == way


async def test_the_limits_are_settings(market: Market) -> None:
    item = await market.item(9_000)
    async with market.database.work(SYSTEM) as work:
        await config.set_value(work, "orders.meet_below", 5_000, "small town")
    market.database.book.forget()
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, orders.PlaceOrder([orders.WantedLine(item)], "meet"))
    assert quote.suggested is None
