"""Work for right now, done by the worker outside the request: provider calls, media, mail.

The job is a row of PgQueuer's queue written in the caller's transaction, so there is no lost and no ghost job.
Whatever is due later is not a job: it is a domain row found by a `Due` (the queue compares with the database's
clock, ours can be injected).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from .work import Look, Work


class _Driver(AsyncpgDriver):
    """PgQueuer hands its headers over as JSON text; our connections would encode them once more."""

    async def fetch(self, query: str, *values: Any) -> list[dict[str, Any]]:
        *others, headers = values
        return await super().fetch(query, *others, [msgspec.Raw(header.encode()) for header in headers])


async def enqueue(work: Work, name: str, payload: msgspec.Struct) -> None:
    """Queue job `name`; the worker sees it when this work commits."""
    await Queries(_Driver(work.db)).enqueue(name, msgspec.json.encode(payload))  # type: ignore[arg-type]


async def install(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Create or upgrade the queue's own tables; part of migrating."""
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()


@dataclass(frozen=True, slots=True)
class Due:
    """Something that becomes due: how to find it at `look.now`, and the verb to call for each id found.

    The verb runs in a work of its own and must tolerate that the thing is no longer due.
    """

    name: str
    find: Callable[[Look, int], Awaitable[Sequence[str]]]
    act: Callable[[Work, str], Awaitable[object]]
