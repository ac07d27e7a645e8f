"""After a new key: what a domain keeps sealed is sealed again, in small steps, by one loop for all of them."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from .work import Work

# Rows with a column `sealed` whose key is not the one named by the prefix, locked, up to a limit.
Find = Callable[[Work, str, int], Awaitable[Sequence[asyncpg.Record]]]
# Writes the newly sealed value where the row was found.
Put = Callable[[Work, asyncpg.Record, str], Awaitable[None]]


async def reseal(work: Work, limit: int, kept: Sequence[tuple[str, Find, Put]]) -> int:
    """Seal up to `limit` values again with the current key; how many were. `kept` is purpose, finder and writer."""
    prefix = work.keys.ring.current + "."
    done = 0
    for purpose, find, put in kept:
        for row in await find(work, prefix, limit - done):
            await put(work, row, work.keys.seal(purpose, work.keys.open(purpose, row["sealed"])))
            done += 1
    return done
