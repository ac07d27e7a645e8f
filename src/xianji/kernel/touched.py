"""Which ids were written about since a process last asked.

Triggers note them in the writing transaction itself (`0150_kernel_touched.sql`), whoever writes. Unlike the outbox
this is not read in order but at once: a reader begins where the oldest transaction was that still ran when it read
last, so whatever it could not see then is behind that place.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from .work import Look, Work

_KEPT = timedelta(hours=1)


class Heard(msgspec.Struct, frozen=True):
    """`begin` is where the next reading begins, `oldest` the first transaction still on record, `server` its start."""

    begin: int
    oldest: int
    server: datetime
    touches: list[tuple[int, str]]


async def since(look: Look, begin: int) -> Heard:
    """What was touched by transactions from `begin` on, as (number, id); some of it may have been told before."""
    row: Any = await look.db.fetchrow(
        "select pg_snapshot_xmin(s)::text::bigint as begin, pg_postmaster_start_time() as server,"
        " coalesce((select min(transaction) from touched), 0) as oldest,"
        " array(select (number, id) from touched where transaction >= $1) as touches from pg_current_snapshot() as s",
        begin,
    )
    return Heard(**row)


async def forget_old(work: Work) -> None:
    """Delete what is older than an hour but the last of it, by which a reader that comes late sees that it is late."""
    await work.db.execute(
        "delete from touched where transaction < (select max(transaction) from touched where at < $1)",
        work.now - _KEPT,
    )
