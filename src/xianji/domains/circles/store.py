"""SQL that serves writing. A row comes with its lock and with the actor's right to it."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work


async def lock_for_host(work: Work, circle: str) -> asyncpg.Record:
    """The circle, locked, for one of its hosts or an operator; `not_found` for everybody else."""
    row = await work.db.fetchrow(
        "select c.* from circles c where c.id = $1 and ($3 or exists (select 1 from circle_members m"
        " where m.circle = c.id and m.member = $2 and m.role = 'host')) for no key update",
        circle,
        work.actor.member,
        bool(work.actor.roles & {"admin", "moderator"}) or work.actor.system,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def need_host(look: Look, circle: str) -> None:
    """Refuses `not_found` to everybody who is neither a host of the circle nor an operator."""
    allowed = await look.db.fetchval(
        "select exists (select from circles c where c.id = $1 and ($3 or exists (select from circle_members m"
        " where m.circle = c.id and m.member = $2 and m.role = 'host')))",
        circle,
        look.actor.member,
        bool(look.actor.roles & {"admin", "moderator"}) or look.actor.system,
    )
    if not allowed:
        raise NOT_FOUND()


async def lock(work: Work, circle: str) -> asyncpg.Record:
    """The circle, locked against changes of its counts."""
    row = await work.db.fetchrow("select * from circles where id = $1 for no key update", circle)
    if row is None:
        raise NOT_FOUND()
    return row


async def insert_member(work: Work, circle: str, member: str, role: str) -> bool:
    """Add a member and count it; False when they were in already."""
    added = await work.db.fetchval(
        "insert into circle_members (circle, member, role, joined_at) values ($1, $2, $3, $4)"
        " on conflict do nothing returning true",
        circle,
        member,
        role,
        work.now,
    )
    if added:
        await work.db.execute("update circles set members = members + 1 where id = $1", circle)
    return bool(added)


async def delete_member(work: Work, circle: str, member: str) -> bool:
    """Take a member out and count it; False when they were not in."""
    gone = await work.db.fetchval(
        "delete from circle_members where circle = $1 and member = $2 returning true", circle, member
    )
    if gone:
        await work.db.execute("update circles set members = members - 1 where id = $1", circle)
    return bool(gone)


async def founded_by(work: Work, member: str) -> int:
    """How many circles this member has founded."""
    count: int = await work.db.fetchval("select count(*) from circles where created_by = $1", member)
    return count


async def newest_values(look: Look, circle: str, names: Sequence[str]) -> dict[str, Any]:
    """What was set last for this circle under these names, whenever it begins to hold."""
    rows = await look.db.fetch(
        "select distinct on (name) name, value from config_versions where scope = $1 and name = any($2)"
        " order by name, number desc",
        circle,
        list(names),
    )
    return {row["name"]: row["value"] for row in rows}


async def member_with_handle(work: Work, circle: str, handle: str) -> str | None:
    """The id of the circle's member who is known by this handle."""
    found: str | None = await work.db.fetchval(
        "select m.id from members m join circle_members c on c.circle = $1 and c.member = m.id where m.handle = $2",
        circle,
        handle,
    )
    return found


async def other_hosts(work: Work, circle: str, member: str) -> int:
    """How many hosts remain when this member is not counted."""
    count: int = await work.db.fetchval(
        "select count(*) from circle_members where circle = $1 and role = 'host' and member <> $2", circle, member
    )
    return count


async def scrub(work: Work, member: str) -> None:
    """Take a leaving member out of every circle and off the founders' list."""
    await work.db.execute(
        "with gone as (delete from circle_members where member = $1 returning circle)"
        " update circles set members = members - 1 where id in (select circle from gone)",
        member,
    )
    await work.db.execute("update circles set created_by = '' where created_by = $1", member)
