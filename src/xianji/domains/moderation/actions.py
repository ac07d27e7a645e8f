"""The verbs of moderation: report, decide, appeal."""

from datetime import datetime, timedelta

import asyncpg

from xianji.domains import members
from xianji.domains.members import Restrict
from xianji.kernel import audit, text
from xianji.kernel.work import Work

from . import disputes, rules, store, subjects
from .events import CaseAppealed, CaseDecided, SubjectReported
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


_NEED_RULE = frozenset(("hide", "restrict_member"))


async def decide(work: Work, case: str, decision: Decision) -> None:
    """An operator decides a case or an appeal; audited, and both sides are told by an event.

    Refuses `not_allowed`, `unknown_rule`, `move_not_open`, `members_are_not_hidden`, `restriction_needs_kind`,
    `restriction_too_long`, `appeal_needs_other_eyes`, `dispute_is_ruled`.
    """
    work.actor.need_role("moderator")
    row = await store.lock(work, case)
    disputes.judge(row, decision)
    if decision.rule not in policy().rules and (decision.rule or decision.verb in _NEED_RULE):
        raise UNKNOWN_RULE(rule=decision.rule)
    reason = text.body("reason", decision.reason, work.config.get(WORDS_LONGEST), required=True)
    rules.CASE.decide(row["state"], decision.verb, "operator")
    if row["state"] == "appealed":
        _need_other_eyes(work, row)
    if decision.verb in ("hide", "restrict_member"):
        await _punish(work, row, decision, reason)
    elif decision.verb == "restore":
        await _undo(work, row, reason)
    elif decision.verb == "uphold":
        await _confirm(work, row)
    await disputes.reopen(work, row, decision)
    state = await store.move(work, row, decision.verb, "operator", decision.rule, reason)
    facts = {"about": row["subject"], "rule": decision.rule, "state": state}
    await audit.record(work, f"moderation.{decision.verb}", case, reason, **facts)
    reporters = await store.reporters_of(work, case)
    work.tell(CaseDecided(case, row["subject"], row["owner"], reporters, decision.verb, decision.rule, state))


def _need_other_eyes(work: Work, row: asyncpg.Record) -> None:
    same = row["decided_by"] == work.actor.member and "admin" not in work.actor.roles
    if same and work.config.get(OTHER_EYES):
        raise APPEAL_NEEDS_OTHER_EYES()


async def _punish(work: Work, row: asyncpg.Record, decision: Decision, reason: str) -> None:
    evidence = {"snapshot": row["snapshot"], "reports": row["reports"], "reasons": row["reasons"]}
    if decision.verb == "hide":
        until = work.now + timedelta(days=work.config.get(HIDE_DAYS))
        hidden = await subjects.hide(work, row["subject_kind"], row["subject"], row["note"], decision.rule)
        pictures = list(row["snapshot"]["media"]) if decision.hide_media else []
        await subjects.set_media_hidden(work, pictures, True)
        await store.insert_sanction(
            work, row, "hide", decision.rule, reason, until, evidence, hidden=hidden, media=pictures
        )
    elif decision.kind is None:
        raise RESTRICTION_NEEDS_KIND()
    if decision.kind is not None:
        until = _restriction_end(work, decision)
        wish = Restrict(row["owner"], decision.kind, decision.rule, reason, evidence, until)
        restriction = await members.restrict(work, wish)
        await store.insert_sanction(
            work, row, decision.kind, decision.rule, reason, until, evidence, restriction=restriction
        )


def _restriction_end(work: Work, decision: Decision) -> datetime:
    days = decision.days or work.config.get(RESTRICT_DAYS)
    if days > work.config.get(RESTRICT_DAYS_MOST):
        raise RESTRICTION_TOO_LONG(most=work.config.get(RESTRICT_DAYS_MOST))
    return work.now + timedelta(days=days)


async def _undo(work: Work, row: asyncpg.Record, reason: str) -> None:
    for sanction in await store.sanctions_of(work, row["id"]):
        if sanction["hidden"]:
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
    """The owner of the subject (of a refund either side) asks for another look, once, before the sanction has ended.

    Refuses `appeal_too_late`, `move_not_open`, `text_empty`, and `not_found` to everybody else.
    """
    row = await store.lock_own(work, case)
    words = text.body("text", asked.text, work.config.get(WORDS_LONGEST), required=True)
    await store.move(work, row, "appeal", "owner", "", "")
    sanctions = await store.sanctions_of(work, case)
    if row["subject_kind"] == disputes.KIND:
        disputes.judge_appeal(work, row)
    elif all(sanction["until"] <= work.now for sanction in sanctions):
        raise APPEAL_TOO_LATE()
    for sanction in sanctions:
        if sanction["restriction"]:
            await members.set_appeal(work, row["owner"], sanction["restriction"], "asked")
    await store.set_appeal(work, case, words)
    work.tell(CaseAppealed(case, row["subject"], row["owner"]))
