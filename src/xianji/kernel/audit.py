"""What operators did: append-only, each entry chained to the one before, so that a gap or an edit shows."""

import hashlib
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
