"""The queue behind `jobs`: PgQueuer's tables, its way of enqueueing, and its installation.

It stands apart because PgQueuer takes half a second to import, which only the worker and the first enqueue need.
"""

from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from .work import Work


class _Driver(AsyncpgDriver):
    """PgQueuer hands its headers over as JSON text; our connections would encode them once more."""

    async def fetch(self, query: str, *values: Any) -> list[dict[str, Any]]:
        *others, headers = values
        return await super().fetch(query, *others, [msgspec.Raw(header.encode()) for header in headers])


async def enqueue(work: Work, name: str, body: bytes, pause: timedelta | None = None) -> None:
    """Write the job's row in the caller's transaction."""
    await Queries(_Driver(work.db)).enqueue(name, body, execute_after=pause)


async def install(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Create or upgrade the queue's own tables; part of migrating."""
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()
