"""Fixtures every suite shares: a real PostgreSQL, a database of one's own, and a clock that moves when told."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import asyncpg
import jinja2
import pytest
from hypothesis import HealthCheck, settings
from litestar import Litestar

from tests.databases import Databases
from tests.server import make_template, server
from xianji import app
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM
from xianji.web import render

# How long an example takes says how busy the machine is; speed is measured in bench/ only.
settings.register_profile("xianji", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("xianji")

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """The address of a PostgreSQL for this run: XIANJI_TEST_DSN, or an embedded one started for the run."""
    given = os.environ.get("XIANJI_TEST_DSN")
    if given:
        yield given
        return
    with server() as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def template(server_dsn: str) -> AsyncIterator[str]:
    """A migrated database that the tests clone: the run's (XIANJI_TEST_TEMPLATE) or one of this session."""
    given = os.environ.get("XIANJI_TEST_TEMPLATE")
    if given:
        yield given
        return
    name = "template_" + uuid.uuid4().hex[:12]
    await make_template(server_dsn, name)
    yield name
    connection = await asyncpg.connect(server_dsn)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.fixture(scope="session")
async def databases(server_dsn: str, template: str) -> AsyncIterator[Databases]:
    """Databases of this run, each lent to one test at a time."""
    lent = Databases(server_dsn, template)
    yield lent
    await lent.close()


@pytest.fixture
async def dsn(databases: Databases) -> AsyncIterator[str]:
    """The address of an empty, migrated database of this test's own."""
    async with databases.one() as address:
        yield address


@pytest.fixture(scope="session")
def rooms() -> Litestar:
    """The routes, built once for a run; each test enters them with a house of its own."""
    return app.rooms()


@pytest.fixture(scope="session")
def templates() -> dict[str, jinja2.Environment]:
    """The templates, compiled once for a run."""
    return render.environments()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys(Ring.new())


@pytest.fixture
async def database(dsn: str, clock: FakeClock, keys: Keys) -> AsyncIterator[Database]:
    """An open Database with a frozen clock and a seeded random."""
    opened = await Database(dsn, keys, clock, seed=7).open()
    yield opened
    await opened.close()


@pytest.fixture
def random() -> Random:
    return Random(7)


async def readable(database: Database) -> None:
    """Wait until every event told so far may be read: other transactions of the same server can hold readers back."""
    async with asyncio.timeout(10):
        while True:
            async with database.look(SYSTEM) as look:
                if await look.db.fetchval(
                    "select coalesce(max(transaction), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                    " from outbox"
                ):
                    return
            await asyncio.sleep(0.005)
