"""Fixtures every suite shares: a real PostgreSQL, a database of one's own, and a clock that moves when told."""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import asyncpg
import pytest

from xianji.host.embedded import EmbeddedPostgres
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database
from xianji.kernel.migrations import migrate
from xianji.kernel.work import SYSTEM

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
    folder = Path(tempfile.mkdtemp(prefix="xianji-test-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user and must get in
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    yield server.dsn("postgres")
    server.stop()
    shutil.rmtree(folder)


def _named(dsn: str, database: str) -> str:
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + "/" + database + ("?" + query if query else "")


@pytest.fixture(scope="session")
async def template(server_dsn: str) -> AsyncIterator[str]:
    """A migrated database that the tests clone."""
    name = "template_" + uuid.uuid4().hex[:12]
    server = await asyncpg.connect(server_dsn)
    await server.execute(f'create database "{name}"')
    await migrate(_named(server_dsn, name))
    yield name
    await server.execute(f'drop database "{name}" with (force)')
    await server.close()


@asynccontextmanager
async def cloned(server_dsn: str, template: str) -> AsyncIterator[str]:
    name = "test_" + uuid.uuid4().hex[:12]
    server = await asyncpg.connect(server_dsn)
    try:
        await server.execute(f'create database "{name}" template "{template}" strategy file_copy')
        yield _named(server_dsn, name)
        await server.execute(f'drop database "{name}" with (force)')
    finally:
        await server.close()


@pytest.fixture
async def dsn(server_dsn: str, template: str) -> AsyncIterator[str]:
    """The address of an empty, migrated database of this test's own."""
    async with cloned(server_dsn, template) as address:
        yield address


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
