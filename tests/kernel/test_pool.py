"""Lending connections: no more than agreed, the last one again, none that was interrupted or lost."""

import asyncio
import contextlib
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from xianji.kernel.db import LOST, Database
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


@contextlib.asynccontextmanager
async def a_network_that_hides_the_end(dsn: str):
    """The address over a wire that carries every word, and that the server hung up only once the event is set."""
    address, shown = urlsplit(dsn), asyncio.Event()
    socket = f"{parse_qs(address.query)['host'][0]}/.s.PGSQL.{address.port or 5432}"

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(65536):
            writer.write(content)
        await shown.wait()
        writer.close()

    async def connect(asked: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        answered, ask = await asyncio.open_unix_connection(socket)
        with contextlib.suppress(OSError):
            await asyncio.gather(carry(asked, ask), carry(answered, answer))

    async with await asyncio.start_server(connect, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://{address.username or 'postgres'}@127.0.0.1:{port}{address.path}?sslmode=disable", shown


async def test_a_statement_after_the_last_words_of_a_server_finds_it_lost(dsn: str) -> None:
    """The end of a killed server can arrive a while after its last words."""
    async with a_network_that_hides_the_end(dsn) as (wire, shown):
        pool = Pool(wire, 1, {"timezone": "UTC"}, prepare)
        over, other = await backend(pool), await asyncpg.connect(dsn)
        assert await other.fetchval("select pg_terminate_backend($1, 5000)", over)
        await other.close()
        with pytest.raises(LOST):
            await backend(pool)
        assert await backend(pool) != over
        shown.set()
        await pool.close()


async def test_one_snapshot_serves_until_a_version_begins(database: Database, clock) -> None:
    first = database.book.at(clock.now())
    clock.move(days=3)
    assert database.book.at(clock.now()) is first
