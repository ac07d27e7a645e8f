"""The proof of the books by itself, once a night: asked for by time, made in a job, kept as a row."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from xianji.kernel import jobs
from xianji.kernel.db import Database
from xianji.kernel.installation import ZONE
from xianji.kernel.work import SYSTEM, Look, Work

from .events import BooksBroken
from .model import PROOF_HOUR, PROOF_KEEPS, PROOF_LATE_HOURS, PROOF_RETRY_MINUTES
from .proof import BooksProof, prove_books

PROVE = "orders.prove_books"


class Prove(msgspec.Struct, frozen=True):
    """The payload of job `orders.prove_books`: the night (ISO date) it is kept under."""

    night: str


class NightProof(msgspec.Struct, frozen=True, kw_only=True):
    """How a night's proof went. `off` counts what does not fit, `wrong` are the first of them in plain words."""

    night: date
    state: Literal["asked", "holds", "broken"]
    orders: int
    off: int
    wrong: list[str]
    at: datetime


async def due_nights(look: Look, limit: int) -> Sequence[str]:
    """Tonight, from its hour on until its proof was made; a job that came to nothing is asked for again."""
    here = look.now.astimezone(ZoneInfo(look.config.get(ZONE)))
    night = (here - timedelta(hours=look.config.get(PROOF_HOUR))).date()
    done = await look.db.fetchval(
        "select exists (select from book_proofs where night = $1 and (try_at is null or try_at > $2))", night, look.now
    )
    return [] if done else [night.isoformat()][:limit]


async def ask_for_proof(work: Work, night: str) -> None:
    """Queue the proof of a night."""
    again = work.now + timedelta(minutes=work.config.get(PROOF_RETRY_MINUTES))
    await _put(work, night, "asked", 0, [], again)
    await jobs.enqueue(work, PROVE, Prove(night))


async def carry_out_proof(database: Database, payload: bytes) -> None:
    """The job: prove everything, keep what came of it, and say so when the books do not hold."""
    asked = msgspec.json.decode(payload, type=Prove)
    async with database.look(SYSTEM) as look:
        proof = await prove_books(look)
        count: int = await look.db.fetchval("select count(*) from orders")
    wrong = _in_words(proof)
    async with database.work(SYSTEM) as work:
        await _put(work, asked.night, "broken" if wrong else "holds", count, wrong, None)
        if wrong:
            work.tell(BooksBroken(asked.night, len(wrong), wrong[: work.config.get(PROOF_KEEPS)]))


def _in_words(proof: BooksProof) -> list[str]:
    """Every thing that does not fit, one line each; empty when the books hold."""
    sums = [f"{currency} {total}" for currency, total in sorted(proof.ledger.currencies_not_zero.items())]
    accounts = [f"account {key}" for key in proof.ledger.accounts_off]
    equations = [f"{one.reference}: {msgspec.json.encode(one).decode()}" for one in proof.ledger.orders_off]
    held = [f"{one.order} {one.state}: {one.held} held of {one.paid}" for one in proof.orders_off]
    return [*sums, *accounts, *equations, *held]


async def _put(work: Work, night: str, state: str, count: int, wrong: list[str], try_at: datetime | None) -> None:
    await work.db.execute(
        "insert into book_proofs (night, state, orders, off, wrong, try_at, at) values ($1, $2, $3, $4, $5, $6, $7)"
        " on conflict (night) do update set state = $2, orders = $3, off = $4, wrong = $5, try_at = $6, at = $7",
        date.fromisoformat(night),
        state,
        count,
        len(wrong),
        wrong[: work.config.get(PROOF_KEEPS)],
        try_at,
        work.now,
    )


async def night_proofs(look: Look, limit: int = 14) -> list[NightProof]:
    """The latest nights, newest first; for finance."""
    look.actor.need_role("finance")
    rows = await look.db.fetch(
        "select night, state, orders, off, wrong, at from book_proofs order by night desc limit $1", limit
    )
    return [NightProof(**row) for row in rows]


async def books_troubles(look: Look) -> dict[str, int]:
    """Counts for the metrics: books_broken (of the last proof made), proof_late (1 when it is too long ago)."""
    row = await look.db.fetchrow(
        "select coalesce((select off from book_proofs where state <> 'asked' order by night desc limit 1), 0) as off,"
        " exists (select from orders) and not exists (select from book_proofs where state <> 'asked' and at > $1)"
        " as late",
        look.now - timedelta(hours=look.config.get(PROOF_LATE_HOURS)),
    )
    assert row is not None, "a select without from has one row"
    return {"books_broken": row["off"], "proof_late": int(row["late"])}
