"""Connections that are open already, lent one at a time.

asyncpg's own pool shields every return in a task of its own and lends a stand-in for each connection. Here a session
is told nothing that outlives its block, so lending is a pop and giving back an append; a connection whose borrower
was interrupted is closed instead.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
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

    def lend(self) -> AbstractAsyncContextManager[Connection]:
        """One connection for the block; waits while all are lent."""
        return _Loan(self)

    async def take(self) -> Connection:
        """A connection to be given back; for the block of `lend`."""
        await self._free.acquire()
        try:
            return await self._open()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Lend it to the next one, unless it is closed by then."""
        self._idle.append(connection)
        self._free.release()

    async def _open(self) -> Connection:
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

    async def close(self) -> None:
        """Close everything, waiting for what is lent."""
        for _ in range(self._size):
            await self._free.acquire()
        while self._idle:
            await self._idle.pop().close()


class _Loan(AbstractAsyncContextManager[Connection]):
    """The block for which a connection is lent; a class because a generator takes longer than the lending."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, asyncio.CancelledError | TimeoutError | GeneratorExit):
            self._connection.terminate()  # a statement may still be running
        self._pool.give_back(self._connection)
