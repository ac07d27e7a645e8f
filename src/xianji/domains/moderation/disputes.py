"""Disputed refunds in the operators' queue: they are ruled on in the refund, and the ruling may be appealed here."""

from datetime import timedelta

import asyncpg

from xianji.domains import refunds
from xianji.kernel.work import Look, Work

from . import store
from .events import CaseDecided
from .model import APPEAL_TOO_LATE, DISPUTE_IS_RULED, RULING_APPEAL_HOURS, Decision, SubjectKind
from .subjects import Subject

KIND: SubjectKind = "refund"


async def open_dispute(work: Work, refund: str) -> str:
    """The case of a disputed refund, opened when there is none. Returns its id."""
    facts = await refunds.case_facts(work, refund)
    snapshot = {"title": facts.title, "body": facts.body, "media": facts.media}
    case, _first = await store.case_for(work, Subject(refund, KIND, facts.seller, None, snapshot, facts.buyer))
    return case


async def close_dispute(work: Work, refund: str, rule: str, reason: str, by: str) -> None:
    """An operator has ruled (`by`), or the two have settled it (""); the case follows. Nothing when there is none."""
    row = await store.lock_open(work, refund)
    if row is None:
        return
    verb, who = ("rule", "operator") if by else ("settle", "system")
    state = await store.move(work, row, verb, who, rule, reason, by=by or None)
    work.tell(CaseDecided(row["id"], refund, row["owner"], [row["other"]], verb, rule, state))


async def reopen(work: Work, row: asyncpg.Record, decision: Decision) -> None:
    """The ruling was wrong: a new dispute about the same order, linked to the old refund, which stays as it ended."""
    if row["subject_kind"] == KIND and decision.verb == "restore":
        await refunds.reopen(work, row["subject"], decision.reason)


def judge(row: asyncpg.Record, decision: Decision) -> None:
    """Refuses `dispute_is_ruled`: how a refund ends is said in the refund, not in its case."""
    if row["subject_kind"] == KIND and decision.verb not in ("uphold", "restore"):
        raise DISPUTE_IS_RULED()


def may_appeal(look: Look, row: asyncpg.Record) -> bool:
    """Whether a ruling is fresh enough for another look."""
    hours = timedelta(hours=look.config.get(RULING_APPEAL_HOURS))
    return row["decided_at"] is not None and look.now <= row["decided_at"] + hours


def judge_appeal(work: Work, row: asyncpg.Record) -> None:
    """Refuses `appeal_too_late`."""
    if not may_appeal(work, row):
        raise APPEAL_TOO_LATE()
