"""A market for each test."""

import pytest

from tests.offers.build import Bargain, a_bargain
from xianji.kernel.db import Database


@pytest.fixture
async def market(database: Database) -> Bargain:
    return await a_bargain(database)
