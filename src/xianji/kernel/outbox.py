"""Events as rows, written in the transaction that caused them and read in commit order.

A row is readable only when every transaction that started before its own has ended: then no later commit
can slip in behind a reader's cursor. The order is (transaction, sequence). A long-running write therefore
delays readers; the lag is a metric and bulk imports commit in small pieces.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from .work import Event, Look, Work


class Cursor(NamedTuple):
    """How far a consumer has read."""

    transaction: int = 0
    sequence: int = 0


class Told(msgspec.Struct, frozen=True):
    """One event as stored: its place, its id, its tag and its JSON body."""

    transaction: int
    sequence: int
    id: str
    kind: str
    body: bytes
    at: datetime

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.transaction, self.sequence)


async def write(work: Work) -> None:
    """Store what the work told. Called once, by `Database.work`, before the commit."""
    if not work.told:
        return
    await work.db.execute(
        "insert into outbox (id, kind, body, at)"
        " select * from unnest($1::text[], $2::text[], $3::bytea[]), (select $4::timestamptz) as moment",
        [work.new_id("evt") for _ in work.told],
        [str(event.__struct_config__.tag) for event in work.told],
        [msgspec.json.encode(event) for event in work.told],
        work.now,
    )


async def read(look: Look, after: Cursor, limit: int) -> Sequence[Told]:
    """Up to `limit` events behind `after`, in commit order, none of which can be overtaken."""
    rows = await look.db.fetch(
        "select transaction, sequence, id, kind, body, at from outbox"
        " where (transaction, sequence) > ($1, $2)"
        " and transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " order by transaction, sequence limit $3",
        after.transaction,
        after.sequence,
        limit,
    )
    return [Told(**row) for row in rows]


async def head(look: Look) -> Cursor:
    """The place of the newest readable event; a consumer that starts here sees only what follows."""
    return (await newest(look))[0]


async def newest(look: Look) -> tuple[Cursor, str]:
    """The place and the id of the newest readable event; the beginning and no id when there is none."""
    row = await look.db.fetchrow(
        "select transaction, sequence, id from outbox"
        " where transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " order by transaction desc, sequence desc limit 1"
    )
    return (Cursor(row["transaction"], row["sequence"]), row["id"]) if row else (Cursor(), "")


async def cursor_of(look: Look, consumer: str) -> Cursor:
    """Where this consumer stands; the beginning when it has never read."""
    row = await look.db.fetchrow("select transaction, sequence from outbox_cursors where consumer = $1", consumer)
    return Cursor(*row) if row else Cursor()


async def advance(work: Work, consumer: str, to: Cursor) -> None:
    """Remember that this consumer has handled everything up to `to`."""
    await work.db.execute(
        "insert into outbox_cursors (consumer, transaction, sequence) values ($1, $2, $3)"
        " on conflict (consumer) do update set transaction = excluded.transaction, sequence = excluded.sequence"
        " where (outbox_cursors.transaction, outbox_cursors.sequence) < (excluded.transaction, excluded.sequence)",
        consumer,
        to.transaction,
        to.sequence,
    )


async def first_time(work: Work, event_id: str, reaction: str) -> bool:
    """Mark a reaction to an event as done; False when it was done before (then do nothing)."""
    done = await work.db.fetchval(
        "insert into outbox_reactions (event_id, reaction, done_at) values ($1, $2, $3)"
        " on conflict do nothing returning true",
        event_id,
        reaction,
        work.now,
    )
    return done is not None


async def park(work: Work, told: Told, reaction: str, why: str) -> None:
    """Put an event aside that a reaction failed on again and again, for an operator to look at."""
    await work.db.execute(
        "insert into outbox_parked (event_id, reaction, kind, body, why, at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict do nothing",
        told.id,
        reaction,
        told.kind,
        told.body,
        why,
        work.now,
    )


class Parked(msgspec.Struct, frozen=True):
    """An event that a reaction failed on, and why."""

    event_id: str
    reaction: str
    kind: str
    why: str
    at: datetime


async def parked(look: Look, limit: int = 200) -> list[Parked]:
    """Events put aside, the newest first; for admins."""
    look.actor.need_role("admin")
    rows = await look.db.fetch(
        "select event_id, reaction, kind, why, at from outbox_parked order by at desc limit $1", limit
    )
    return [Parked(**row) for row in rows]


def kind_of(event: type[Event]) -> str:
    """The tag an event type is stored under."""
    return str(event.__struct_config__.tag)
