"""How often somebody may do something: fixed windows counted in rows, so that every process agrees.

The count is written in its own small transaction by the caller's door, because a refused attempt must count too.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from .errors import TOO_MANY_REQUESTS
from .work import Work


class Rate(msgspec.Struct, frozen=True):
    """At most `times` in each window of `seconds`."""

    times: int
    seconds: int


def window_start(now: datetime, rate: Rate) -> datetime:
    """The beginning of the window that `now` falls into."""
    return datetime.fromtimestamp(now.timestamp() // rate.seconds * rate.seconds, UTC)


async def count(work: Work, what: str, whom: str, rate: Rate) -> None:
    """Count one attempt. Refuses `too_many_requests` with the seconds to wait when the window is full."""
    starts = window_start(work.now, rate)
    used: int = await work.db.fetchval(
        "insert into rate_windows (what, whom, starts, count) values ($1, $2, $3, 1)"
        " on conflict (what, whom, starts) do update set count = rate_windows.count + 1 returning count",
        what,
        whom,
        starts,
    )
    if used > rate.times:
        wait = starts + timedelta(seconds=rate.seconds) - work.now
        raise TOO_MANY_REQUESTS(wait_seconds=max(1, int(wait.total_seconds())))


async def forget_old(work: Work) -> None:
    """Delete windows that ended more than a day ago."""
    await work.db.execute("delete from rate_windows where starts < $1", work.now - timedelta(days=2))


async def forget(work: Work, whom: str) -> None:
    """Delete what was counted for somebody who leaves."""
    await work.db.execute("delete from rate_windows where whom = $1", whom)
