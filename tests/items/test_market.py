"""The market against a plain oracle: every order and filter shows each thing once, however equal things are."""

from random import Random
from typing import Any

import msgspec
import pytest

from tests.conftest import FakeClock
from tests.items.build import WEST_LAKE, a_member, an_item, snapshot, thing
from xianji.domains import items
from xianji.domains.items import MarketFilter, Place
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY

GRADES = (None, "new", "used")
WAYS: tuple[list[Any], ...] = ([], ["ship"], ["meet"], ["ship", "meet"])
FILTERS = (
    MarketFilter(),
    MarketFilter(category="books"),
    MarketFilter(low=1_000),
    MarketFilter(high=1_000),
    MarketFilter(low=1_000, high=1_000),
    MarketFilter(conditions=("new",)),
    MarketFilter(conditions=("new", "used"), handover="ship"),
    MarketFilter(handover="meet"),
    MarketFilter(free=True),
    MarketFilter(category="books", low=500, high=2_000, conditions=("used",)),
    MarketFilter(low=2_000, high=500),
)
HERE = items.cell_of(*WEST_LAKE)


async def a_market(database: Database, clock: FakeClock, seed: int, count: int) -> list[dict[str, Any]]:
    """Things that are often equal in everything the orders look at."""
    random = Random(seed)
    seller = await a_member(database, "lin", "merchant")
    made = []
    for number in range(count):
        if random.random() < 0.5:
            clock.move(minutes=1)
        gift = random.random() < 0.2
        price = 0 if gift else random.choice((500, 1_000, 1_000, 2_000))
        near = Place(WEST_LAKE[0] + random.choice((0, 0.01, 0.02)), WEST_LAKE[1]) if random.random() < 0.7 else None
        new = thing(
            f"第 {number} 件",
            kind="giveaway" if gift else "sale",
            condition=random.choice(GRADES),
            category=random.choice((None, "books")),
            handover=random.choice(WAYS),
            place=near,
        )
        made.append(await an_item(database, seller, items_with_price(new, price)))
    return [await snapshot(database, item) for item in made]


def items_with_price(new: items.NewItem, price: int) -> items.NewItem:
    return msgspec.structs.replace(new, price=Money(price, "CNY"))


def expected(rows: list[dict[str, Any]], tab: str, only: MarketFilter) -> list[str]:
    kept = [
        row
        for row in rows
        if (only.category is None or row["category"] == only.category)
        and (only.low is None or row["price"] >= only.low)
        and (only.high is None or row["price"] <= only.high)
        and (not only.conditions or row["condition"] in only.conditions)
        and (only.handover is None or not row["handover"] or only.handover in row["handover"])
        and (not only.free or row["kind"] == "giveaway")
        and (tab != "near" or row["cell"] is not None)
    ]
    match tab:
        case "price_asc":
            kept.sort(key=lambda row: (row["price"], row["id"]))
        case "price_desc":
            kept.sort(key=lambda row: (row["price"], row["id"]), reverse=True)
        case _:
            kept.sort(key=lambda row: (row["listed_at"], row["id"]), reverse=True)
            if tab == "near":
                kept.sort(key=lambda row: items.metres_between(HERE, row["cell"]))
    return [row["id"] for row in kept]


async def walked(database: Database, tab: Any, only: MarketFilter, limit: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        async with database.look(NOBODY) as look:
            page = await items.live_items(look, tab, HERE if tab == "near" else None, cursor, only, limit)
        assert len(page.items) <= limit
        found += [card.id for card in page.items]
        if page.next_cursor is None:
            return found
        assert len(page.items) == limit
        cursor = page.next_cursor


@pytest.mark.parametrize("seed", range(3))
async def test_every_order_and_filter_is_a_partition_of_the_oracle(
    database: Database, clock: FakeClock, seed: int
) -> None:
    rows = await a_market(database, clock, seed, 24)
    for tab in ("new", "near", "price_asc", "price_desc"):
        for only in FILTERS:
            want = expected(rows, tab, only)
            for limit in (1, 2, 5, 24):
                assert await walked(database, tab, only, limit) == want, (tab, only, limit)


async def test_a_cursor_of_another_order_is_refused(database: Database, clock: FakeClock) -> None:
    await a_market(database, clock, 0, 4)
    async with database.look(NOBODY) as look:
        page = await items.live_items(look, "price_asc", limit=1)
        with pytest.raises(Refusal) as caught:
            await items.live_items(look, "new", cursor=page.next_cursor)
    assert caught.value.code.name == "cursor_not_valid"
