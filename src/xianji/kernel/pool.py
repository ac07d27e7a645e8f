"""Connections that are open already, lent one at a time.

asyncpg's own pool shields every return in a task of its own and lends a stand-in for each connection. Here a session
is told nothing that outlives its block, so lending is a pop and giving back an append; a connection whose borrower
was interrupted, or who left a transaction open, is closed instead.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = Any

# Every statement of the house is prepared once for each connection; asyncpg would keep a hundred, for five minutes.
_STATEMENTS = 400


class Pool:
    """At most `size` connections to one address, opened on demand, the most recently used lent first."""

    def __init__(
        self, dsn: str, size: int, settings: dict[str, str], prepare: Callable[[Connection], Awaitable[None]]
    ) -> None:
        self._dsn = dsn
        self._size = size
        self._settings = settings
        self._prepare = prepare
        self._free = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Connection]:
        """One connection for the block; waits while all are lent."""
        async with self._free:
            connection = await self._take()
            try:
                yield connection
            except (asyncio.CancelledError, TimeoutError, GeneratorExit):
                connection.terminate()  # a statement may still be running
                raise
            finally:
                self._take_back(connection)

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        connection = await asyncpg.connect(
            self._dsn,
            server_settings=self._settings,
            statement_cache_size=_STATEMENTS,
            max_cached_statement_lifetime=0,
        )
        await self._prepare(connection)
        return connection

    def _take_back(self, connection: Connection) -> None:
        if not connection.is_closed():
            if connection.is_in_transaction():
                connection.terminate()
            else:
                self._idle.append(connection)

    async def close(self) -> None:
        """Close everything, waiting for what is lent."""
        for _ in range(self._size):
            await self._free.acquire()
        while self._idle:
            await self._idle.pop().close()
