"""The verbs of moderation: report, hold, restrict, decide, appeal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from xianji.domains import members
from xianji.domains.members import Restrict
from xianji.kernel import audit, text
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.work import Work

from . import rules, store, subjects
from .events import CaseAppealed, CaseDecided, SubjectHeld, SubjectReported
from .model import (
    APPEAL_NEEDS_OTHER_EYES,
    APPEAL_TOO_LATE,
    HIDE_DAYS,
    OTHER_EYES,
    OWN_SUBJECT,
    REPORTED_ALREADY,
    REPORTS_A_DAY,
    RESTRICT_DAYS,
    RESTRICT_DAYS_MOST,
    RESTRICTION_NEEDS_KIND,
    RESTRICTION_TOO_LONG,
    TOO_MANY_REPORTS,
    UNKNOWN_REASON,
    UNKNOWN_RULE,
    WORDS_LONGEST,
    Appeal,
    Decision,
    Report,
    Restriction,
)
from .policy import policy


async def report(work: Work, asked: Report) -> str:
    """Report a thing, a note, a comment or a member; reports on one subject gather in one case. Returns the case's id.

    Refuses `unknown_reason`, `own_subject`, `reported_already` (one open report each), `too_many_reports`, `not_found`.
    """
    me = work.actor.me
    if asked.reason not in policy().reasons:
        raise UNKNOWN_REASON(reason=asked.reason)
    words = text.body("words", asked.words, work.config.get(WORDS_LONGEST))
    subject = await subjects.find(work, asked.subject)
    if subject.owner == me:
        raise OWN_SUBJECT()
    if await store.reports_since(work, me, timedelta(days=1)) >= work.config.get(REPORTS_A_DAY):
        raise TOO_MANY_REPORTS(most=work.config.get(REPORTS_A_DAY))
    case, first = await store.case_for(work, subject)
    if not await store.add_report(work, case, asked.reason, words):
        raise REPORTED_ALREADY()
    work.tell(SubjectReported(case, subject.id, me, asked.reason, first))
    return case


async def hold(work: Work, subject: str, held: Sequence[str]) -> None:
    """Rules of screening hold something: open a case in the operators' queue, or renew the one that waits.

    What its owner has taken back meanwhile opens none.
    """
    try:
        found = await subjects.find(work, subject, held=True)
    except Refusal as gone:
        if gone.code is not NOT_FOUND:
            raise
        return
    case, first = await store.case_for(work, found)
    await store.hold(work, case, found, held)
    if first:
        work.tell(SubjectHeld(case, subject, found.owner, list(held)))


async def item_moved(work: Work, item: str, before: str, after: str) -> None:
    """A seller took back what was held: nobody need look any more. Nothing happens when nothing waits."""
    if before != "screening" or after not in ("removed", "sold"):
        return
    row = await store.lock_waiting(work, item)
    if row is not None:
        await store.move(work, row, "lapse", "system", "", "")


async def restrict_by_hand(work: Work, wish: Restriction) -> str:
    """An operator restricts a member; the case it makes can be appealed like any other. Returns the case's id.

    Refuses `not_allowed`, `not_found`, `own_subject`, `unknown_rule`, `restriction_too_long`, and texts that are empty.
    """
    work.actor.need_role("moderator")
    if wish.member == work.actor.member:
        raise OWN_SUBJECT()
    evidence = text.body("evidence", wish.evidence, work.config.get(WORDS_LONGEST), required=True)
    case, _ = await store.case_for(work, await subjects.find(work, wish.member))
    decision = Decision("restrict_member", wish.reason, wish.rule, wish.kind, wish.days)
    await _decide(work, await store.lock(work, case), decision, {"by_hand": evidence})
    return case


_NEED_RULE = frozenset(("hide", "reject", "restrict_member"))


async def decide(work: Work, case: str, decision: Decision) -> None:
    """An operator decides a case or an appeal; audited, and both sides are told by an event.

    Refuses `not_allowed`, `unknown_rule`, `move_not_open`, `members_are_not_hidden`, `restriction_needs_kind`,
    `restriction_too_long`, `appeal_needs_other_eyes`.
    """
    work.actor.need_role("moderator")
    await _decide(work, await store.lock(work, case), decision, {})


async def _decide(work: Work, row: asyncpg.Record, decision: Decision, more: dict[str, str]) -> None:
    case = row["id"]
    if decision.rule not in policy().rules and (decision.rule or decision.verb in _NEED_RULE):
        raise UNKNOWN_RULE(rule=decision.rule)
    reason = text.body("reason", decision.reason, work.config.get(WORDS_LONGEST), required=True)
    if decision.verb not in rules.open_verbs(row["state"], row["waits"], ""):
        raise MOVE_NOT_OPEN(state=row["state"], verb=decision.verb)
    if row["state"] == "appealed":
        _need_other_eyes(work, row)
    if decision.verb == "release":
        await subjects.let_through(work, row["subject_kind"], row["subject"], row["note"], reason)
    elif decision.verb in ("hide", "reject", "restrict_member"):
        await _punish(work, row, decision, reason, more)
    elif decision.verb == "restore":
        await _undo(work, row, reason)
    elif decision.verb == "uphold":
        await _confirm(work, row)
    state = await store.move(work, row, decision.verb, "operator", decision.rule, reason)
    facts = {"about": row["subject"], "rule": decision.rule, "state": state}
    await audit.record(work, f"moderation.{decision.verb}", case, reason, **facts)
    reporters = await store.reporters_of(work, case)
    work.tell(CaseDecided(case, row["subject"], row["owner"], reporters, decision.verb, decision.rule, state))


def _need_other_eyes(work: Work, row: asyncpg.Record) -> None:
    same = row["decided_by"] == work.actor.member and "admin" not in work.actor.roles
    if same and work.config.get(OTHER_EYES):
        raise APPEAL_NEEDS_OTHER_EYES()


async def _punish(work: Work, row: asyncpg.Record, decision: Decision, reason: str, more: dict[str, str]) -> None:
    facts = {name: row[name] for name in ("snapshot", "reports", "reasons", "held")}
    evidence = {**facts, **more}
    if decision.verb in ("hide", "reject"):
        await _take_from_sight(work, row, decision, reason, evidence)
    elif decision.kind is None:
        raise RESTRICTION_NEEDS_KIND()
    if decision.kind is not None:
        until = _restriction_end(work, decision)
        wish = Restrict(row["owner"], decision.kind, decision.rule, reason, evidence, until)
        restriction = await members.restrict(work, wish)
        await store.insert_sanction(
            work, row, decision.kind, decision.rule, reason, until, evidence, restriction=restriction
        )


async def _take_from_sight(
    work: Work, row: asyncpg.Record, decision: Decision, reason: str, evidence: dict[str, Any]
) -> None:
    kind, subject, rule = row["subject_kind"], row["subject"], decision.rule
    until = work.now + timedelta(days=work.config.get(HIDE_DAYS))
    if decision.verb == "hide":
        hidden = await subjects.hide(work, kind, subject, row["note"], rule)
    else:
        hidden = await subjects.keep_out(work, kind, subject, rule)
    pictures = list(row["snapshot"]["media"]) if decision.hide_media else []
    await subjects.set_media_hidden(work, pictures, True)
    await store.insert_sanction(work, row, "hide", rule, reason, until, evidence, hidden=hidden, media=pictures)


def _restriction_end(work: Work, decision: Decision) -> datetime:
    days = decision.days or work.config.get(RESTRICT_DAYS)
    if days > work.config.get(RESTRICT_DAYS_MOST):
        raise RESTRICTION_TOO_LONG(most=work.config.get(RESTRICT_DAYS_MOST))
    return work.now + timedelta(days=days)


async def _undo(work: Work, row: asyncpg.Record, reason: str) -> None:
    for sanction in await store.sanctions_of(work, row["id"]):
        if sanction["hidden"] and await subjects.may_be_shown(work, row["subject_kind"], row["subject"]):
            await subjects.show(work, row["subject_kind"], row["subject"], row["note"], reason)
        await subjects.set_media_hidden(work, sanction["media"], False)
        if sanction["restriction"]:
            await members.set_appeal(work, row["owner"], sanction["restriction"], "overturned")
    await store.lift_sanctions(work, row["id"])


async def _confirm(work: Work, row: asyncpg.Record) -> None:
    for sanction in await store.sanctions_of(work, row["id"]):
        if sanction["restriction"]:
            await members.set_appeal(work, row["owner"], sanction["restriction"], "upheld")


async def appeal(work: Work, case: str, asked: Appeal) -> None:
    """The owner of the subject asks for another look, once, before the sanction has ended.

    Refuses `appeal_too_late`, `move_not_open`, `text_empty`, and `not_found` to everybody else.
    """
    row = await store.lock_own(work, case)
    words = text.body("text", asked.text, work.config.get(WORDS_LONGEST), required=True)
    await store.move(work, row, "appeal", "owner", "", "")
    sanctions = await store.sanctions_of(work, case)
    if all(sanction["until"] <= work.now for sanction in sanctions):
        raise APPEAL_TOO_LATE()
    for sanction in sanctions:
        if sanction["restriction"]:
            await members.set_appeal(work, row["owner"], sanction["restriction"], "asked")
    await store.set_appeal(work, case, words)
    work.tell(CaseAppealed(case, row["subject"], row["owner"]))
