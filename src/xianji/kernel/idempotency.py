"""One key, one effect.

The key belongs to the member (or to the place a stranger asks from), is bound to the route and the body, and lives in
the same transaction as the work it protects; where a provider is asked between two works, it is taken before the
first. Cases: a first call works; a repeat with the same body gets the stored answer; the same key with another body or
route is refused; a twin in progress is `busy`; a refused or failed call stores nothing, so it may be repeated; another
member's equal key is another key.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from .config import Key
from .db import Database
from .errors import BUSY, Code, Kind
from .work import Actor, Work

KEY_USED_FOR_ANOTHER_REQUEST = Code("key_used_for_another_request", Kind.CONFLICT)
RUNNING_SECONDS = Key(
    "kernel.idempotency_running_seconds", 60, "when a request that never got its answer may be sent again"
)
KEEP_HOURS = Key("kernel.idempotency_keep_hours", 48, "how long a stored answer can be asked for again")

_RUNNING = 0  # the status of a key whose answer is still to come
_SEAL = "kernel.answer"


class Answer(msgspec.Struct, frozen=True):
    """A stored answer: HTTP status, location header (may be empty) and body."""

    status: int
    location: str
    body: bytes


async def once(
    work: Work, key: str, request: bytes, do: Callable[[], Awaitable[Answer]], owner: str | None = None
) -> Answer:
    """Run `do` at most once for this key. `request` is whatever must be equal for a repeat (route and body).

    `owner` is whose key it is when nobody is signed in. Refuses `busy` while a twin runs and
    `key_used_for_another_request`.
    """
    owner = work.actor.member or "" if owner is None else owner
    stored = await _take(work, owner, key, request)
    if stored is not None:
        return stored
    answer = await do()
    await _keep(work, owner, key, answer)
    return answer


async def once_outside(
    database: Database, actor: Actor, owner: str, key: str, request: bytes, do: Callable[[], Awaitable[Answer]]
) -> Answer:
    """The same for what talks to a provider between works of its own: the key is taken before and answered after.

    When we die in between, the key is free again after the configured seconds; such verbs bear being repeated.
    """
    async with database.work(actor) as work:
        stored = await _take(work, owner, key, request)
    if stored is not None:
        return stored
    try:
        answer = await do()
    except Exception:
        async with database.work(actor) as work:
            await work.db.execute(
                "delete from idempotency where owner = $1 and key = $2 and status = $3", owner, key, _RUNNING
            )
        raise
    async with database.work(actor) as work:
        await _keep(work, owner, key, answer)
    return answer


async def _take(work: Work, owner: str, key: str, request: bytes) -> Answer | None:
    """Take the key for a request that begins now, or give the answer that is stored."""
    digest = hashlib.sha256(request).digest()
    lock = int.from_bytes(hashlib.sha256(f"{owner}\n{key}".encode()).digest()[:8], signed=True)
    if not await work.db.fetchval("select pg_try_advisory_xact_lock($1)", lock):
        raise BUSY()
    stored = await work.db.fetchrow(
        "select digest, status, location, body, at from idempotency where owner = $1 and key = $2", owner, key
    )
    if stored is None:
        await work.db.execute(
            "insert into idempotency (owner, key, digest, status, location, body, at)"
            " values ($1, $2, $3, $4, '', '', $5)",
            owner,
            key,
            digest,
            _RUNNING,
            work.now,
        )
        return None
    if stored["digest"] != digest:
        raise KEY_USED_FOR_ANOTHER_REQUEST()
    if stored["status"] != _RUNNING:
        return Answer(stored["status"], stored["location"], work.keys.open(_SEAL, stored["body"].decode()).encode())
    if stored["at"] > work.now - timedelta(seconds=work.config.get(RUNNING_SECONDS)):
        raise BUSY()
    await work.db.execute("update idempotency set at = $3 where owner = $1 and key = $2", owner, key, work.now)
    return None


async def _keep(work: Work, owner: str, key: str, answer: Answer) -> None:
    # Sealed, because an answer may hold a session's token or an address.
    await work.db.execute(
        "update idempotency set status = $3, location = $4, body = $5, at = $6 where owner = $1 and key = $2",
        owner,
        key,
        answer.status,
        answer.location,
        work.keys.seal(_SEAL, answer.body.decode()).encode(),
        work.now,
    )


async def forget_old(work: Work) -> int:
    """Delete answers older than the configured time; returns how many."""
    keep = timedelta(hours=work.config.get(KEEP_HOURS))
    done = await work.db.execute("delete from idempotency where at < $1", work.now - keep)
    return int(done.split()[-1])


async def forget_owner(work: Work, owner: str) -> None:
    """Delete the stored answers of a member who leaves: they may quote what the member wrote."""
    await work.db.execute("delete from idempotency where owner = $1", owner)
