"""A road for each test."""

import pytest

from tests.conftest import FakeClock
from tests.orders.build import a_market
from xianji.kernel.db import Database

from .road import WAYBILL, Road


@pytest.fixture
async def road(database: Database, clock: FakeClock) -> Road:
    market = await a_market(database)
    return Road(market, clock, await market.shipped(WAYBILL))
