"""Cases as operators, owners, reporters and the public see them."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from xianji.domains import members, screening
from xianji.domains.members import MemberCard
from xianji.domains.screening import Finding
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import disputes, rules
from .model import CaseState, SubjectKind


class CaseCard(msgspec.Struct, frozen=True):
    """A case in the queue: what is reported, how often and why, whose it is, and how long it waits.

    `held` are the rules of screening that keep it out of sight; `waits` while it is.
    """

    id: str
    subject: str
    subject_kind: SubjectKind
    title: str
    owner: MemberCard
    state: CaseState
    reports: int
    reasons: list[str]
    held: list[str]
    waits: bool
    opened_at: datetime
    appealed_at: datetime | None
    sanctions_before: int


class ReportLine(msgspec.Struct, frozen=True):
    """One report in a case; only operators see who made it."""

    reporter: str
    reason: str
    words: str
    at: datetime


class MoveLine(msgspec.Struct, frozen=True):
    """One step of a case."""

    verb: str
    to_state: str
    role: str
    actor: str | None
    rule: str
    reason: str
    at: datetime


class SanctionLine(msgspec.Struct, frozen=True):
    """What was decided: the rule, the words, from when until when."""

    kind: str
    rule: str
    reason: str
    since: datetime
    until: datetime
    lifted_at: datetime | None


class CasePage(msgspec.Struct, frozen=True):
    """A case with everything an operator needs in one place. `note` is where a reported comment stands."""

    card: CaseCard
    note: str | None
    snapshot: dict[str, Any]
    findings: list[Finding]
    reports: list[ReportLine]
    moves: list[MoveLine]
    sanctions: list[SanctionLine]
    appeal: str | None
    actions: list[str]


class OwnCase(msgspec.Struct, frozen=True):
    """A decision about something of mine: the rules that held it, the evidence in words. Who reported is not told."""

    id: str
    subject: str
    subject_kind: SubjectKind
    title: str
    state: CaseState
    sanctions: list[SanctionLine]
    held: list[str]
    evidence: list[str]
    appeal: str | None
    opened_at: datetime
    decided_at: datetime | None
    actions: list[str]


class OwnReport(msgspec.Struct, frozen=True):
    """A report of mine and where it stands."""

    case: str
    subject: str
    subject_kind: SubjectKind
    reason: str
    words: str
    state: CaseState
    at: datetime


class Figures(msgspec.Struct, frozen=True):
    """What moderation did in a time: for everybody to read. `hours_to_decide` is the median, None without decisions."""

    days: int
    reports: int
    cases: int
    waiting: int
    dismissed: int
    hidden: int
    restricted: int
    appeals: int
    overturned: int
    hours_to_decide: float | None


async def queue(
    look: Look, state: CaseState = "open", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[CaseCard]:
    """Cases in one state, the longest waiting first; for moderators."""
    look.actor.need_role("moderator")
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select c.*, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count, (select count(*) from sanctions s where s.member = c.owner and s.since < c.opened_at) as before"
        " from cases c join members m on m.id = c.owner"
        " where c.state = $1 and ($2::timestamptz is null or (c.opened_at, c.id) > ($2, $3))"
        " order by c.opened_at, c.id limit $4",
        state,
        at,
        after,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["opened_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([_card(row) for row in rows[:limit]], more)


async def case_page(look: Look, case: str) -> CasePage:
    """One case with its reports, its history and the verbs open to this operator; for moderators."""
    look.actor.need_role("moderator")
    row = await look.db.fetchrow(
        "select c.*, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count,"
        " (select count(*) from sanctions s where s.member = c.owner and s.since < c.opened_at) as before,"
        " array(select (reporter, reason, words, at) from reports where case_id = c.id order by at) as told,"
        " array(select (verb, to_state, role, actor, rule, reason, at) from case_moves where case_id = c.id"
        " order by version) as moves,"
        " array(select (kind, rule, reason, since, until, lifted_at) from sanctions where case_id = c.id"
        " order by id) as sanctions"
        " from cases c join members m on m.id = c.owner where c.id = $1",
        case,
    )
    if row is None:
        raise NOT_FOUND()
    return CasePage(
        card=_card(row),
        note=row["note"],
        snapshot=row["snapshot"],
        reports=[ReportLine(*line) for line in row["told"]],
        moves=[MoveLine(*line) for line in row["moves"]],
        sanctions=[SanctionLine(*line) for line in row["sanctions"]],
        appeal=row["appeal"],
        findings=_findings(row),
        actions=rules.open_verbs(row["state"], row["waits"], row["subject_kind"]),
    )


async def my_cases(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[OwnCase]:
    """Decisions about what is mine, newest first; reports that led to nothing are not told."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select c.*, array(select (kind, rule, reason, since, until, lifted_at) from sanctions where case_id = c.id"
        " order by id) as sanctions, array(select evidence ->> 'by_hand' from sanctions where case_id = c.id) as noted"
        " from cases c where (c.owner = $1 or c.other = $1)"
        " and (c.waits or c.state not in ('open', 'dismissed', 'released'))"
        " and ($2::timestamptz is null or (c.opened_at, c.id) < ($2, $3))"
        " order by c.opened_at desc, c.id desc limit $4",
        look.actor.me,
        at,
        after,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["opened_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([_own(look, row) for row in rows[:limit]], more)


async def my_case(look: Look, case: str) -> OwnCase:
    """One decision about what is mine. Refuses `not_found` to everybody else, and for reports that led to nothing."""
    row = await look.db.fetchrow(
        "select c.*, array(select (kind, rule, reason, since, until, lifted_at) from sanctions where case_id = c.id"
        " order by id) as sanctions, array(select evidence ->> 'by_hand' from sanctions where case_id = c.id) as noted"
        " from cases c where c.id = $1 and (c.owner = $2 or c.other = $2)"
        " and (c.waits or c.state not in ('open', 'dismissed', 'released'))",
        case,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return _own(look, row)


async def my_suspension(look: Look) -> OwnCase | None:
    """The decision that keeps me from signing in, when there is one to appeal against."""
    case = await look.db.fetchval(
        "select s.case_id from sanctions s where s.member = $1 and s.kind = 'sign_in' and s.lifted_at is null"
        " and s.until > $2 order by s.until desc limit 1",
        look.actor.me,
        look.now,
    )
    return await my_case(look, case) if case else None


async def my_reports(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[OwnReport]:
    """What I reported and how it ended, newest first."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select r.case_id as case, c.subject, c.subject_kind, r.reason, r.words, c.state, r.at from reports r"
        " join cases c on c.id = r.case_id where r.reporter = $1"
        " and ($2::timestamptz is null or (r.at, r.case_id) < ($2, $3)) order by r.at desc, r.case_id desc limit $4",
        look.actor.me,
        at,
        after,
        limit + 1,
    )
    lines = [OwnReport(**row) for row in rows]
    more = encode_cursor(lines[limit - 1].at, lines[limit - 1].case) if len(lines) > limit else None
    return Page(lines[:limit], more)


async def figures(look: Look, days: int = 30) -> Figures:
    """What was reported and decided in the last days; anybody may read it."""
    row = await look.db.fetchrow(
        "select (select count(*) from reports where at > $1) as reports,"
        " (select count(*) from cases where opened_at > $1) as cases,"
        " (select count(*) from cases where state in ('open', 'appealed')) as waiting,"
        " (select count(*) from case_moves where at > $1 and verb = 'dismiss') as dismissed,"
        " (select count(*) from case_moves where at > $1 and verb in ('hide', 'reject')) as hidden,"
        " (select count(*) from sanctions where since > $1 and kind <> 'hide') as restricted,"
        " (select count(*) from case_moves where at > $1 and verb = 'appeal') as appeals,"
        " (select count(*) from case_moves where at > $1 and verb = 'restore') as overturned,"
        " (select round((percentile_cont(0.5) within group (order by extract(epoch from m.at - c.opened_at)) / 3600)"
        "::numeric, 1)::float8 from case_moves m join cases c on c.id = m.case_id"
        " where m.at > $1 and m.from_state = 'open') as hours_to_decide",
        look.now - timedelta(days=days),
    )
    assert row is not None
    return Figures(days=days, **row)


def _card(row: asyncpg.Record) -> CaseCard:
    return CaseCard(
        id=row["id"],
        subject=row["subject"],
        subject_kind=row["subject_kind"],
        title=_title(row),
        owner=members.card_of(row, "owner"),
        state=row["state"],
        reports=row["reports"],
        reasons=list(row["reasons"]),
        held=list(row["held"]),
        waits=row["waits"],
        opened_at=row["opened_at"],
        appealed_at=row["appealed_at"],
        sanctions_before=row["before"],
    )


def _findings(row: asyncpg.Record) -> list[Finding]:
    """What screening finds in the words as they were when they were held."""
    said = f"{row['snapshot'].get('title', '')}\n{row['snapshot'].get('body', '')}"
    return [one for one in screening.judge(said) if one.rule in row["held"]]


def _title(row: asyncpg.Record) -> str:
    snapshot = row["snapshot"]
    return str(snapshot.get("title") or snapshot.get("body", "")[:60])


def _evidence(row: asyncpg.Record) -> list[str]:
    """What an operator wrote down by hand, then the words it is about as they were; once decided, not before."""
    by_hand = [text for text in dict.fromkeys(row["noted"]) if text]
    said = [row["snapshot"].get("title", ""), row["snapshot"].get("body", "")]
    about = said if row["subject_kind"] != "member" else []
    return [*by_hand, *(text for text in about if text)]


def _own(look: Look, row: asyncpg.Record) -> OwnCase:
    sanctions = [SanctionLine(*line) for line in row["sanctions"]]
    dispute = row["subject_kind"] == disputes.KIND
    open_still = disputes.may_appeal(look, row) if dispute else any(line.until > look.now for line in sanctions)
    return OwnCase(
        id=row["id"],
        subject=row["subject"],
        subject_kind=row["subject_kind"],
        title=_title(row),
        state=row["state"],
        sanctions=sanctions,
        held=list(row["held"]),
        evidence=_evidence(row),
        appeal=row["appeal"],
        opened_at=row["opened_at"],
        decided_at=row["decided_at"],
        actions=list(rules.CASE.open_to(row["state"], "owner")) if open_still else [],
    )
