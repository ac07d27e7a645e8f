"""Lending connections: no more than agreed, the last one again, none that was interrupted or lost."""

import asyncio

import asyncpg
import pytest

from xianji.kernel.db import Database
from xianji.kernel.pool import Pool


async def prepare(connection: asyncpg.Connection) -> None:
    await connection.execute("set application_name = 'pool'")


@pytest.fixture
async def pool(dsn: str):
    made = Pool(dsn, 2, {"timezone": "UTC"}, prepare)
    yield made
    await made.close()


async def backend(pool: Pool) -> int:
    async with pool.lend() as connection:
        return await connection.fetchval("select pg_backend_pid()")


async def test_one_after_the_other_gets_the_same_connection(pool: Pool) -> None:
    assert await backend(pool) == await backend(pool)
    async with pool.lend() as connection:
        assert await connection.fetchval("show application_name") == "pool"
        assert await connection.fetchval("show timezone") == "UTC"


async def test_who_comes_when_all_are_lent_waits(pool: Pool) -> None:
    async with pool.lend(), pool.lend():
        third = asyncio.create_task(backend(pool))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not third.done()
    assert await third > 0


async def test_an_interrupted_statement_takes_its_connection_along(pool: Pool) -> None:
    used: list[int] = []

    async def slow() -> None:
        async with pool.lend() as connection:
            used.append(await connection.fetchval("select pg_backend_pid()"))
            await connection.execute("select pg_sleep(30)")

    task = asyncio.create_task(slow())
    async with pool.lend() as watching:
        while not await watching.fetchval("select count(*) from pg_stat_activity where query like 'select pg_sleep%'"):
            pass
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = {await backend(pool) for _ in range(3)}
    assert len(used) == 1
    assert used[0] not in found
    async with pool.lend() as one, pool.lend() as other:
        assert await one.fetchval("select 1") + await other.fetchval("select 1") == 2


async def test_a_mistake_in_a_statement_keeps_the_connection(pool: Pool) -> None:
    before = await backend(pool)
    with pytest.raises(asyncpg.UndefinedColumnError):
        async with pool.lend() as connection:
            await connection.fetchval("select nothing_of_the_kind")
    assert await backend(pool) == before


async def test_a_connection_the_server_ended_is_replaced(pool: Pool) -> None:
    async with pool.lend() as first, pool.lend() as second:
        ended = await first.fetchval("select pg_backend_pid()")
        await second.fetchval("select pg_terminate_backend($1)", ended)
        while not first.is_closed():
            await asyncio.sleep(0)
    found = {await backend(pool) for _ in range(3)}
    assert ended not in found


async def test_one_snapshot_serves_until_a_version_begins(database: Database, clock) -> None:
    first = database.book.at(clock.now())
    clock.move(days=3)
    assert database.book.at(clock.now()) is first
