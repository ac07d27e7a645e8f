"""Rows of cases for writing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import rules
from .model import CaseState
from .subjects import Subject


async def lock(work: Work, case: str) -> asyncpg.Record:
    """A case, locked; the caller has checked the right to it."""
    row = await work.db.fetchrow("select * from cases where id = $1 for update", case)
    if row is None:
        raise NOT_FOUND()
    return row


async def lock_own(work: Work, case: str) -> asyncpg.Record:
    """A case about something of the actor's, locked; everybody else's is `not_found`."""
    row = await lock(work, case)
    if row["owner"] != work.actor.me:
        raise NOT_FOUND()
    return row


async def case_for(work: Work, subject: Subject) -> tuple[str, bool]:
    """The open case of a subject, opened when there is none; True when it is new. Twins wait for each other."""
    fresh = work.new_id("cse")
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", subject.id)
    found = await work.db.fetchval("select case_id from open_cases where subject = $1", subject.id)
    if found:
        return str(found), False
    await work.db.execute(
        "insert into cases (id, subject, subject_kind, note, owner, state, snapshot, opened_at)"
        " values ($1, $2, $3, $4, $5, 'open', $6, $7)",
        fresh,
        subject.id,
        subject.kind,
        subject.note,
        subject.owner,
        subject.snapshot,
        work.now,
    )
    await work.db.execute("insert into open_cases (subject, case_id) values ($1, $2)", subject.id, fresh)
    return fresh, True


async def hold(work: Work, case: str, subject: Subject, held: Sequence[str]) -> None:
    """The case's subject is out of sight as it is now, for the sake of these rules."""
    await work.db.execute(
        "update cases set waits = true, held = $2, snapshot = $3 where id = $1", case, list(held), subject.snapshot
    )


async def lock_waiting(work: Work, subject: str) -> asyncpg.Record | None:
    """The open case of something that is held, locked."""
    row: asyncpg.Record | None = await work.db.fetchrow(
        "select c.* from open_cases o join cases c on c.id = o.case_id"
        " where o.subject = $1 and c.waits for update of c",
        subject,
    )
    return row


async def add_report(work: Work, case: str, reason: str, words: str) -> bool:
    """Add the actor's report and count it; False when they have one in this case."""
    added = await work.db.fetchval(
        "insert into reports (case_id, reporter, id, reason, words, at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict do nothing returning true",
        case,
        work.actor.me,
        work.new_id("rpt"),
        reason,
        words,
        work.now,
    )
    if added:
        await work.db.execute(
            "update cases set reports = reports + 1,"
            " reasons = case when $2 = any(reasons) then reasons else array_append(reasons, $2) end where id = $1",
            case,
            reason,
        )
    return bool(added)


async def reports_since(look: Look, member: str, time: timedelta) -> int:
    """How many reports this member made in this time."""
    count: int = await look.db.fetchval(
        "select count(*) from reports where reporter = $1 and at > $2", member, look.now - time
    )
    return count


async def reporters_of(look: Look, case: str) -> list[str]:
    """Who reported."""
    rows = await look.db.fetch("select reporter from reports where case_id = $1 order by at, reporter", case)
    return [row["reporter"] for row in rows]


async def move(work: Work, row: asyncpg.Record, verb: str, who: str, rule: str, reason: str) -> CaseState:
    """Move a locked case by the machine; the only function that writes `state`. Refuses `move_not_open`."""
    to: CaseState = rules.CASE.decide(row["state"], verb, who).to  # type: ignore[assignment]
    decides = who == "operator"
    version = await work.db.fetchval(
        "update cases set state = $3, version = version + 1,"
        " decided_at = case when $4 then $5 else decided_at end, decided_by = case when $4 then $6 else decided_by end,"
        " closed_at = case when $3 in ('dismissed', 'released', 'upheld', 'overturned') then $5 end"
        " where id = $1 and state = $2 returning version",
        row["id"],
        row["state"],
        to,
        decides,
        work.now,
        work.actor.member,
    )
    assert version is not None, "a locked case changed its state"
    await work.db.execute(
        "insert into case_moves (case_id, version, verb, from_state, to_state, role, actor, rule, reason, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row["id"],
        version,
        verb,
        row["state"],
        to,
        who,
        work.actor.member,
        rule,
        reason,
        work.now,
    )
    if row["state"] == "open":
        await work.db.execute("update cases set waits = false where id = $1", row["id"])
        await work.db.execute("delete from open_cases where subject = $1", row["subject"])
    return to


async def set_appeal(work: Work, case: str, words: str) -> None:
    """Keep the owner's words."""
    await work.db.execute("update cases set appeal = $2, appealed_at = $3 where id = $1", case, words, work.now)


async def insert_sanction(
    work: Work,
    row: asyncpg.Record,
    kind: str,
    rule: str,
    reason: str,
    until: datetime,
    evidence: dict[str, Any],
    restriction: str | None = None,
    hidden: bool = False,
    media: list[str] | None = None,
) -> None:
    """Write down what was decided against the owner of a case."""
    await work.db.execute(
        "insert into sanctions (case_id, id, member, kind, rule, reason, evidence, restriction, hidden, media, since,"
        " until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row["id"],
        work.new_id("snc"),
        row["owner"],
        kind,
        rule,
        reason,
        evidence,
        restriction,
        hidden,
        media or [],
        work.now,
        until,
    )


async def sanctions_of(look: Look, case: str) -> list[asyncpg.Record]:
    """What this case's decisions set and nothing has lifted."""
    return await look.db.fetch("select * from sanctions where case_id = $1 and lifted_at is null order by id", case)


async def lift_sanctions(work: Work, case: str) -> None:
    """All sanctions of a case end now."""
    await work.db.execute(
        "update sanctions set lifted_at = $2 where case_id = $1 and lifted_at is null", case, work.now
    )
