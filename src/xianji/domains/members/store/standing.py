"""Rows of standing: roles, restrictions, real-name verdicts."""

from datetime import datetime
from typing import Any

from asyncpg import Record as Row

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work


async def insert_role(work: Work, member: str, role: str) -> bool:
    """Give a role; whether it is new."""
    given = await work.db.fetchval(
        "insert into member_roles (member, role, granted_by, granted_at) values ($1, $2, $3, $4)"
        " on conflict do nothing returning true",
        member,
        role,
        work.actor.member,
        work.now,
    )
    return given is not None


async def delete_role(work: Work, member: str, role: str) -> bool:
    """Take a role; whether there was one."""
    gone = await work.db.fetchval(
        "delete from member_roles where member = $1 and role = $2 returning true", member, role
    )
    return gone is not None


async def insert_restriction(
    work: Work,
    member: str,
    restriction: str,
    kind: str,
    rule: str,
    reason: str,
    evidence: dict[str, Any],
    until: datetime,
) -> None:
    """A restriction in force from now."""
    await work.db.execute(
        "insert into restrictions (member, id, kind, rule, reason, evidence, since, until, set_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        member,
        restriction,
        kind,
        rule,
        reason,
        evidence,
        work.now,
        until,
        work.actor.member,
    )


async def lock_restriction(work: Work, member: str, restriction: str) -> Row:
    """One restriction of this member. Refuses `not_found`."""
    row = await work.db.fetchrow(
        "select id, member, kind, until, appeal, lifted_at from restrictions where member = $1 and id = $2 for update",
        member,
        restriction,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def lift(work: Work, member: str, restriction: str) -> None:
    """End a restriction now."""
    await work.db.execute(
        "update restrictions set lifted_at = $3, lifted_by = $4 where member = $1 and id = $2",
        member,
        restriction,
        work.now,
        work.actor.member,
    )


async def restrictions_over(look: Look, limit: int) -> list[str]:
    """Restrictions whose time is over and that nobody has lifted or ended, as `member/id`."""
    rows = await look.db.fetch(
        "select member, id from restrictions where lifted_at is null and ended_at is null and until <= $1"
        " order by until limit $2",
        look.now,
        limit,
    )
    return [f"{row['member']}/{row['id']}" for row in rows]


async def end_restriction(work: Work, restriction: str) -> Row | None:
    """Write down that a restriction (`member/id`) has ended; None when that is done, or not yet so."""
    member, _, one = restriction.partition("/")
    row: Row | None = await work.db.fetchrow(
        "update restrictions set ended_at = $3 where member = $1 and id = $2 and lifted_at is null"
        " and ended_at is null and until <= $3 returning member, id, kind",
        member,
        one,
        work.now,
    )
    return row


async def set_appeal(work: Work, member: str, restriction: str, appeal: str) -> None:
    """Where the appeal stands."""
    await work.db.execute(
        "update restrictions set appeal = $3 where member = $1 and id = $2", member, restriction, appeal
    )


async def verification_of(work: Work, member: str) -> Row | None:
    """The member's question to the provider, locked."""
    row: Row | None = await work.db.fetchrow(
        "select request, state, id_digest from verifications where member = $1 for update", member
    )
    return row


async def put_question(work: Work, member: str, request: str, digest: bytes, name_sealed: str) -> None:
    """What is being asked; replaces an earlier attempt."""
    await work.db.execute(
        "insert into verifications (member, request, state, id_digest, name_sealed, asked_at)"
        " values ($1, $2, 'asked', $3, $4, $5) on conflict (member) do update set request = excluded.request,"
        " state = 'asked', id_digest = excluded.id_digest, name_sealed = excluded.name_sealed,"
        " asked_at = excluded.asked_at, decided_at = null",
        member,
        request,
        digest,
        name_sealed,
        work.now,
    )


async def put_verdict(work: Work, member: str, state: str) -> None:
    """The answer; a name that was not confirmed is forgotten with its number."""
    await work.db.execute(
        "update verifications set state = $2, decided_at = $3,"
        " name_sealed = case when $2 = 'verified' then name_sealed else '' end,"
        " id_digest = case when $2 = 'verified' then id_digest else ''::bytea end where member = $1",
        member,
        state,
        work.now,
    )


async def claim_id_number(work: Work, digest: bytes, member: str, shares: int) -> bool:
    """Whether one of the number's `shares` is this member's now."""
    claimed = await work.db.fetchval(
        "insert into identity_numbers as n (digest, members) values ($1, array[$2::text])"
        " on conflict (digest) do update set members = array_append(array_remove(n.members, $2), $2)"
        " where cardinality(array_remove(n.members, $2)) < $3 returning true",
        digest,
        member,
        shares,
    )
    return claimed is not None


async def same_person(look: Look, member: str) -> list[str]:
    """Every member confirmed with this member's identity number, in order; without one the member alone."""
    found = await look.db.fetchval(
        "select n.members from verifications v join identity_numbers n on n.digest = v.id_digest"
        " where v.member = $1 and v.state = 'verified'",
        member,
    )
    return sorted({member, *(found or ())})


async def mark_verified(work: Work, member: str) -> None:
    """The member's real name is confirmed."""
    await work.db.execute("update members set verified_at = $2 where id = $1", member, work.now)
