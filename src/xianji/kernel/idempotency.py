"""One key, one effect.

The key belongs to the member (or to nobody), is bound to the route and the body, and lives in the same
transaction as the work it protects. Cases: a first call works; a repeat with the same body gets the stored
answer; the same key with another body or route is refused; a twin in progress is `busy`; a refused or failed
call stores nothing, so it may be repeated; another member's equal key is another key.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from .config import Key
from .errors import BUSY, Code, Kind
from .work import Work

KEY_USED_FOR_ANOTHER_REQUEST = Code("key_used_for_another_request", Kind.CONFLICT)
KEEP_HOURS = Key("kernel.idempotency_keep_hours", 48, "how long a stored answer can be asked for again")


class Answer(msgspec.Struct, frozen=True):
    """A stored answer: HTTP status, location header (may be empty) and body."""

    status: int
    location: str
    body: bytes


async def once(work: Work, key: str, request: bytes, do: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run `do` at most once for this key. `request` is whatever must be equal for a repeat (route and body).

    Refuses `busy` while a twin runs and `key_used_for_another_request`.
    """
    owner = work.actor.member or ""
    digest = hashlib.sha256(request).digest()
    lock = int.from_bytes(hashlib.sha256(f"{owner}\n{key}".encode()).digest()[:8], signed=True)
    if not await work.db.fetchval("select pg_try_advisory_xact_lock($1)", lock):
        raise BUSY()
    stored = await work.db.fetchrow(
        "select digest, status, location, body from idempotency where owner = $1 and key = $2", owner, key
    )
    if stored:
        if stored["digest"] != digest:
            raise KEY_USED_FOR_ANOTHER_REQUEST()
        return Answer(stored["status"], stored["location"], stored["body"])
    answer = await do()
    await work.db.execute(
        "insert into idempotency (owner, key, digest, status, location, body, at) values ($1, $2, $3, $4, $5, $6, $7)",
        owner,
        key,
        digest,
        answer.status,
        answer.location,
        answer.body,
        work.now,
    )
    return answer


async def forget_old(work: Work) -> int:
    """Delete answers older than the configured time; returns how many."""
    keep = timedelta(hours=work.config.get(KEEP_HOURS))
    done = await work.db.execute("delete from idempotency where at < $1", work.now - keep)
    return int(done.split()[-1])


async def forget_owner(work: Work, owner: str) -> None:
    """Delete the stored answers of a member who leaves: they may quote what the member wrote."""
    await work.db.execute("delete from idempotency where owner = $1", owner)
