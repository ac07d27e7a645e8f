"""A desk for each test."""

import pytest

from tests.refunds.build import Desk, a_desk
from xianji.kernel.db import Database


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await a_desk(database)
