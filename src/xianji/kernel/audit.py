"""What operators did: append-only, each entry chained to the one before, so that a gap or an edit shows."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from .work import Look, Work

_LOCK = 7_011_302_206


async def record(work: Work, verb: str, subject: str, reason: str, **facts: Any) -> None:
    """Append one entry. Entries are rare (operators), so a single chain under one lock is fine."""
    await work.db.execute("select pg_advisory_xact_lock($1)", _LOCK)
    before = await work.db.fetchval("select digest from audit order by number desc limit 1")
    digest = _digest(before or b"", work.now.isoformat(), work.actor.member, verb, subject, reason, facts)
    await work.db.execute(
        "insert into audit (at, actor, verb, subject, facts, reason, digest) values ($1, $2, $3, $4, $5, $6, $7)",
        work.now,
        work.actor.member,
        verb,
        subject,
        facts,
        reason,
        digest,
    )


class Entry(msgspec.Struct, frozen=True):
    """One entry as operators read it."""

    number: int
    at: datetime
    actor: str | None
    verb: str
    subject: str
    facts: dict[str, Any]
    reason: str


async def entries(look: Look, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The newest entries, or those before a number; for admins."""
    look.actor.need_role("admin")
    rows = await look.db.fetch(
        "select number, at, actor, verb, subject, facts, reason from audit"
        " where $1::bigint is null or number < $1 order by number desc limit $2",
        before,
        limit,
    )
    return [Entry(**row) for row in rows]


async def first_broken(look: Look) -> int | None:
    """The number of the first entry that does not follow from the one before; None when the chain is whole."""
    before = b""
    for row in await look.db.fetch(
        "select number, at, actor, verb, subject, facts, reason, digest from audit order by number"
    ):
        expected = _digest(
            before,
            row["at"].isoformat(),
            row["actor"],
            row["verb"],
            row["subject"],
            row["reason"],
            row["facts"],
        )
        if row["digest"] != expected:
            return int(row["number"])
        before = row["digest"]
    return None


def _digest(before: bytes, *content: Any) -> bytes:
    return hashlib.sha256(before + msgspec.json.encode(content, order="sorted")).digest()
