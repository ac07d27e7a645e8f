"""PostgreSQL, and the only place that commits."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from . import config, outbox, trace
from .clock import Clock, SystemClock
from .crypto import Keys
from .pool import Connection, Pool
from .work import Actor, Look, Work

# What a statement raises when the database has gone away, or is not back yet. The internal error is asyncpg's answer
# on a connection that was told it is over and whose end has not arrived.
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_SETTINGS = {
    "application_name": "xianji",
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}


async def _prepare_connection(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )


class Database:
    """Two pools on one address: `look` hands out connections that cannot write, `work` transactions."""

    def __init__(self, dsn: str, keys: Keys, clock: Clock | None = None, seed: int | None = None) -> None:
        self.dsn = dsn
        self.keys = keys
        self.clock = clock or SystemClock()
        self.random = random.SystemRandom() if seed is None else random.Random(seed)
        self.book = config.Book()
        self._readers: Pool
        self._writers: Pool

    async def open(self, readers: int = 8, writers: int = 8) -> "Database":
        """Connect. Pools grow on demand, so an idle process holds two connections."""
        self._readers = Pool(
            self.dsn, readers, {**_SETTINGS, "default_transaction_read_only": "on"}, _prepare_connection
        )
        self._writers = Pool(self.dsn, writers, _SETTINGS, _prepare_connection)
        for pool in (self._readers, self._writers):
            async with pool.lend():
                pass  # a wrong address shows now
        return self

    async def close(self) -> None:
        """Give all connections back, waiting for those in use."""
        await self._readers.close()
        await self._writers.close()

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[Look]:
        """A read-only view of the committed world; each statement sees the newest commit."""
        async with self._readers.lend() as connection:
            await self.book.refresh(connection)
            now = self.clock.now()
            yield Look(connection, actor, now, self.book.at(now), self.keys)

    @asynccontextmanager
    async def work(self, actor: Actor) -> AsyncIterator[Work]:
        """One transaction. Leaving the block normally commits rows and events together, else nothing happened."""
        async with self._writers.lend() as connection:
            await self.book.refresh(connection)
            now = self.clock.now()
            with trace.span("work") as span:
                async with connection.transaction():
                    work = Work(connection, actor, now, self.book.at(now), self.keys, self.random)
                    yield work
                    await outbox.write(work)
                if span is not None:
                    span.set_attribute("events", [outbox.kind_of(type(event)) for event in work.told])


@asynccontextmanager
async def attempt(work: Work) -> AsyncIterator[None]:
    """A part of a work that may fail alone: leaving by an exception undoes its rows and events, and no others."""
    told = len(work.told)
    try:
        async with work.db.transaction():
            yield
    except BaseException:
        del work.told[told:]
        raise
