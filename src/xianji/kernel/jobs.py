"""Work for right now, done by the worker outside the request: provider calls, media, mail.

The job is a row of PgQueuer's queue written in the caller's transaction, so there is no lost and no ghost job.
Whatever is due later is not a job: it is a domain row found by a `Due` (the queue compares with the database's
clock, ours can be injected).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from .work import Look, Work


async def enqueue(work: Work, name: str, payload: msgspec.Struct, pause: timedelta | None = None) -> None:
    """Queue job `name`; the worker sees it when this work commits, or after a pause when it is tried again."""
    from . import queue  # imported late: see there

    await queue.enqueue(work, name, msgspec.json.encode(payload), pause)


@dataclass(frozen=True, slots=True)
class Due:
    """Something that becomes due: how to find it at `look.now`, and the verb to call for each id found.

    The verb runs in a work of its own and must tolerate that the thing is no longer due.
    """

    name: str
    find: Callable[[Look, int], Awaitable[Sequence[str]]]
    act: Callable[[Work, str], Awaitable[object]]
