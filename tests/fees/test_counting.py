"""How much somebody sells is counted by the installation's months and years, one sale after the other."""

import asyncio
from datetime import UTC, datetime

from tests.build import a_seller
from tests.conftest import FakeClock
from xianji.domains import fees
from xianji.domains.fees import Standing
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM


async def sell(database: Database, seller: str, amount: int, currency: str = "CNY") -> Standing:
    async with database.work(SYSTEM) as work:
        return await fees.record_sale(work, seller, amount, currency)


async def test_months_and_years_are_those_of_the_installation(database: Database, clock: FakeClock) -> None:
    seller = (await a_seller(database)).me
    clock.moment = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert await sell(database, seller, 100) == Standing(1, 100, 100)
    clock.moment = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # the first of December there
    assert await sell(database, seller, 30) == Standing(1, 30, 130)
    assert await sell(database, seller, 5, "USD") == Standing(1, 5, 5)
    clock.moment = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the first of January
    assert await sell(database, seller, 7) == Standing(1, 7, 7)
    async with database.look(SYSTEM) as look:
        months = (await fees.export_for(look, seller))["sales_by_month"]
    assert [(str(row["month"]), row["currency"], row["orders"], row["total"]) for row in months] == [
        ("2026-11-01", "CNY", 1, 100),
        ("2026-12-01", "CNY", 1, 30),
        ("2026-12-01", "USD", 1, 5),
        ("2027-01-01", "CNY", 1, 7),
    ]


async def test_two_sales_at_once_are_counted_one_after_the_other(database: Database) -> None:
    seller = (await a_seller(database)).me
    found = await asyncio.gather(*(sell(database, seller, 10) for _ in range(8)))
    assert sorted(standing.month_orders for standing in found) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sorted(standing.year_sum for standing in found) == [10, 20, 30, 40, 50, 60, 70, 80]
