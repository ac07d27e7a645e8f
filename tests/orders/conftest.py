"""A market for each test."""

import pytest

from tests.orders.build import Market, a_market
from xianji.kernel.db import Database


@pytest.fixture
async def market(database: Database) -> Market:
    return await a_market(database)
