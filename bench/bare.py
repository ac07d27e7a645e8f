"""The limit: a bare ASGI application over asyncpg, without framework, that answers with prepared bytes.

It makes as many round trips as the house does for the same address, each one a select by primary key; the last brings
the very bytes the house answered with. It knows nothing: no permission, no language, no template. Served by the same
Granian with the same number of workers and the same pool.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from .pages import variant

Message = dict[str, Any]

POOL = 8  # what a web process of the house holds for reading


class Bare:
    """`bench.steps` holds what the round trips before the last one fetch, `bench.answers` the answers."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: asyncpg.Pool[asyncpg.Record]

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path, query = scope["path"], scope["query_string"].decode()
        names = dict(scope["headers"])
        kind = variant(b"cookie" in names or b"authorization" in names, b"accept-encoding" in names)
        key = f"{path}?{query}" if query else path
        async with self._pool.acquire() as connection:
            for step in range(self._trips[key, kind] - 1):
                await connection.fetchrow("select number, name, value from bench.steps where number = $1", step)
            row = await connection.fetchrow(
                "select media_type, encoding, body from bench.answers where path = $1 and variant = $2", key, kind
            )
        headers = [(b"content-type", row[0]), (b"content-length", str(len(row[2])).encode())]
        if row[1]:
            headers.append((b"content-encoding", row[1]))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": row[2], "more_body": False})

    async def _live(
        self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(self._dsn, min_size=1, max_size=POOL, reset=_leave_as_is)
        rows = await self._pool.fetch("select path, variant, trips from bench.answers")
        self._trips = {(row["path"], row["variant"]): row["trips"] for row in rows}
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _leave_as_is(connection: Any) -> None:
    """No reset between uses, as in the house: it would cost a round trip."""


def create() -> Bare:
    """For Granian's --factory."""
    return Bare(os.environ["DATABASE_URL"])
