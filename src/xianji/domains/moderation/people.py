"""What is kept of one member: for their copy of their data, and for forgetting them."""

from typing import Any

from xianji.kernel.work import Look, Work


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """The member's reports, and the decisions about what was theirs; never who reported them."""
    reported = await look.db.fetch(
        "select c.subject, r.reason, r.words, r.at from reports r join cases c on c.id = r.case_id"
        " where r.reporter = $1 order by r.at",
        member,
    )
    decided = await look.db.fetch(
        "select c.subject, s.kind, s.rule, s.reason, s.since, s.until, s.lifted_at, c.appeal from sanctions s"
        " join cases c on c.id = s.case_id where s.member = $1 order by s.since, s.id",
        member,
    )
    return {"reports": [dict(row) for row in reported], "sanctions": [dict(row) for row in decided]}


async def scrub(work: Work, member: str) -> None:
    """Forget the member's words: reports, appeals and copies of what they wrote; the figures and the rules stay."""
    await work.db.execute("update reports set words = '' where reporter = $1", member)
    emptied = {"title": "", "body": "", "media": []}
    await work.db.execute(
        "update cases set appeal = null, snapshot = $2 where owner = $1 or other = $1", member, emptied
    )
    await work.db.execute("update sanctions set evidence = '{}' where member = $1", member)
