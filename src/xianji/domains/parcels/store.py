"""The rows of parcels and their scans."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xianji.kernel.work import Look, Work

from .model import Parcel
from .provider import Scan


async def upsert(work: Work, parcel: Parcel) -> None:
    """A parcel to watch; one that is known already is asked about now, and its phone digits are renewed."""
    await work.db.execute(
        "insert into parcels (id, carrier, waybill, phone_sealed, look_at, unseen_at, unseen_told, watch_until)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set look_at = excluded.look_at,"
        " phone_sealed = excluded.phone_sealed, watch_until = excluded.watch_until",
        parcel.id,
        parcel.carrier,
        parcel.waybill,
        parcel.phone_sealed,
        parcel.look_at,
        parcel.unseen_at,
        parcel.unseen_told,
        parcel.watch_until,
    )


async def insert_subject(work: Work, parcel: str, subject: str) -> bool:
    """Let an order or refund wait for a parcel; False when it did already."""
    done = await work.db.execute(
        "insert into parcel_subjects (parcel, subject) values ($1, $2) on conflict do nothing", parcel, subject
    )
    return done == "INSERT 0 1"


async def lock(work: Work, id: str) -> Parcel | None:
    """A parcel, locked; None when nobody ever waited for it."""
    row = await work.db.fetchrow(
        "select id, carrier, waybill, phone_sealed, followed_at, look_at, failures, answered_at, unseen_at,"
        " unseen_told, signed_at, watch_until from parcels where id = $1 for update",
        id,
    )
    return None if row is None else Parcel(**row)


async def find(look: Look, id: str) -> Parcel | None:
    """A parcel as it is now."""
    row = await look.db.fetchrow(
        "select id, carrier, waybill, phone_sealed, followed_at, look_at, failures, answered_at, unseen_at,"
        " unseen_told, signed_at, watch_until from parcels where id = $1",
        id,
    )
    return None if row is None else Parcel(**row)


async def put(work: Work, parcel: Parcel) -> None:
    """Write what changed of a locked parcel."""
    await work.db.execute(
        "update parcels set followed_at = $2, look_at = $3, failures = $4, answered_at = $5, unseen_told = $6,"
        " signed_at = $7, phone_sealed = $8 where id = $1",
        parcel.id,
        parcel.followed_at,
        parcel.look_at,
        parcel.failures,
        parcel.answered_at,
        parcel.unseen_told,
        parcel.signed_at,
        parcel.phone_sealed,
    )


async def waiting_for(work: Work, parcel: str) -> list[str]:
    """The orders and refunds that still wait for a parcel, in the order of their ids."""
    rows = await work.db.fetch(
        "select subject from parcel_subjects where parcel = $1 and ended_at is null order by subject", parcel
    )
    return [row["subject"] for row in rows]


async def kinds_of(work: Work, parcel: str) -> list[Any]:
    """The kind of every scan of a parcel."""
    rows = await work.db.fetch("select kind from parcel_scans where parcel = $1", parcel)
    return [row["kind"] for row in rows]


async def kinds_for(work: Work, subject: str) -> list[Any]:
    """The kind of every scan of the parcels that somebody waits or waited for."""
    rows = await work.db.fetch(
        "select n.kind from parcel_subjects s join parcel_scans n on n.parcel = s.parcel where s.subject = $1", subject
    )
    return [row["kind"] for row in rows]


async def forget(work: Work, parcel: str, subject: str) -> bool:
    """This subject never meant the parcel (locked); True when nobody else ever did, and nothing is left of it."""
    await work.db.execute("delete from parcel_subjects where parcel = $1 and subject = $2", parcel, subject)
    if await work.db.fetchval("select exists(select from parcel_subjects where parcel = $1)", parcel):
        await _rest(work, parcel)
        return False
    await work.db.execute("delete from parcel_scans where parcel = $1", parcel)
    await work.db.execute("delete from parcels where id = $1", parcel)
    return True


async def _rest(work: Work, parcel: str) -> None:
    """A parcel that nobody waits for any more is left alone and forgets digits."""
    await work.db.execute(
        "update parcels p set look_at = null, phone_sealed = null where p.id = $1"
        " and not exists (select from parcel_subjects o where o.parcel = p.id and o.ended_at is null)",
        parcel,
    )


async def insert_scans(work: Work, parcel: str, scans: Sequence[Scan]) -> int:
    """Keep the scans that are new; returns how many were."""
    rows = await work.db.fetch(
        "insert into parcel_scans (parcel, at, words, kind, heard_at)"
        " select $1, t.at, t.words, t.kind, $5 from unnest($2::timestamptz[], $3::text[], $4::text[])"
        " as t (at, words, kind) on conflict do nothing returning at",
        parcel,
        [scan.at for scan in scans],
        [scan.words for scan in scans],
        [scan.kind for scan in scans],
        work.now,
    )
    return len(rows)


async def end_subject(work: Work, subject: str) -> None:
    """Nobody waits any more on this subject's account."""
    await work.db.execute(
        "update parcel_subjects set ended_at = $2 where subject = $1 and ended_at is null", subject, work.now
    )
    for row in await work.db.fetch("select parcel from parcel_subjects where subject = $1 order by parcel", subject):
        await _rest(work, row["parcel"])


async def due(look: Look, limit: int) -> list[str]:
    """Parcels to ask about at `look.now`."""
    rows = await look.db.fetch("select id from parcels where look_at <= $1 order by look_at limit $2", look.now, limit)
    return [row["id"] for row in rows]


async def set_look_at(work: Work, id: str, at: datetime | None) -> None:
    """When a parcel is asked about (None: never again), unless nobody waits for it any more."""
    await work.db.execute("update parcels set look_at = $2 where id = $1 and look_at is not null", id, at)


async def old_phones(work: Work, key: str, limit: int) -> list[Any]:
    """Parcels whose digits are sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select id, phone_sealed as sealed from parcels where phone_sealed is not null"
        " and not starts_with(phone_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def put_phone(work: Work, row: Any, sealed: str) -> None:
    """The same digits under the current key."""
    await work.db.execute("update parcels set phone_sealed = $2 where id = $1", row["id"], sealed)
