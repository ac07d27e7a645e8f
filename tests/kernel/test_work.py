"""One unit of work is one commit: rows and events together, or nothing."""

import asyncpg
import msgspec
import pytest

from tests.conftest import readable
from xianji.kernel import outbox
from xianji.kernel.config import ConfigChanged, set_value
from xianji.kernel.db import Database
from xianji.kernel.idempotency import KEEP_HOURS
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import NOBODY, SYSTEM


async def test_rows_and_events_commit_together(database: Database) -> None:
    async with database.work(SYSTEM) as work:
        number = await set_value(work, KEEP_HOURS.name, 12, "shorter")
    await readable(database)
    async with database.look(NOBODY) as look:
        told = await outbox.read(look, Cursor(), 10)
    assert [(event.kind, msgspec.json.decode(event.body, type=ConfigChanged)) for event in told] == [
        ("kernel.config_changed.v1", ConfigChanged(KEEP_HOURS.name, "", number))
    ]


async def test_an_error_leaves_neither_row_nor_event(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.work(SYSTEM) as work:
            await set_value(work, KEEP_HOURS.name, 12, "shorter")
            raise ZeroDivisionError
    async with database.look(NOBODY) as look:
        assert await outbox.read(look, Cursor(), 10) == []
        assert await look.db.fetchval("select count(*) from config_versions") == 0


async def test_a_look_cannot_write(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.look(SYSTEM) as look:
            await look.db.execute("delete from outbox")


async def test_a_reader_waits_for_an_older_transaction_that_has_not_committed(database: Database) -> None:
    """The older work tells later; a reader that ran between must not step over it."""
    async with database.work(SYSTEM) as older:
        await older.db.execute("select pg_current_xact_id()")
        async with database.work(SYSTEM) as younger:
            await set_value(younger, KEEP_HOURS.name, 24, "younger")
        async with database.look(NOBODY) as look:
            assert await outbox.read(look, Cursor(), 10) == []
        await set_value(older, KEEP_HOURS.name, 36, "older")
    await readable(database)
    async with database.look(NOBODY) as look:
        told = await outbox.read(look, Cursor(), 10)
    assert [msgspec.json.decode(event.body)["version"] for event in told] == [2, 1]
