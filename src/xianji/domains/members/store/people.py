"""Rows of the person: members, phones, handles, roles and restrictions as facts."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record as Row

from xianji.domains.members.model import Facts
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work


async def lock_for(work: Work, member: str) -> Row:
    """The member's row, locked. Refuses `not_found` for unknown and deleted members."""
    row = await work.db.fetchrow("select * from members where id = $1 and scrubbed_at is null for update", member)
    if row is None:
        raise NOT_FOUND()
    return row


async def lock_two(work: Work, one: str, other: str) -> None:
    """Lock two members in a fixed order, so that opposite moves cannot wait for each other."""
    rows = await work.db.fetch(
        "select id from members where id = any($1::text[]) and scrubbed_at is null order by id for update", [one, other]
    )
    if len(rows) != 2:
        raise NOT_FOUND()


async def insert_member(work: Work, member: str, handle: str, name: str, language: str, zone: str) -> None:
    """A new row without phone."""
    await work.db.execute(
        "insert into members (id, handle, name, language, zone, joined_at) values ($1, $2, $3, $4, $5, $6)",
        member,
        handle,
        name,
        language,
        zone,
        work.now,
    )


async def claim_handle(work: Work, handle: str, member: str) -> bool:
    """Whether the handle is this member's now: it was free, or it has been his before."""
    owner = await work.db.fetchval(
        "insert into handles (handle, member) values ($1, $2)"
        " on conflict (handle) do update set handle = excluded.handle returning member",
        handle,
        member,
    )
    return bool(owner == member)


async def owner_of_phone(look: Look, digest: bytes) -> str | None:
    """The member this phone belongs to."""
    owner: str | None = await look.db.fetchval("select member from phones where digest = $1", digest)
    return owner


async def claim_phone(work: Work, digest: bytes, member: str) -> str:
    """Who owns the phone after trying to claim it; waits for a twin that claims the same number."""
    claimed = await work.db.fetchval(
        "insert into phones (digest, member) values ($1, $2) on conflict do nothing returning member", digest, member
    )
    if claimed is None:
        claimed = await work.db.fetchval("select member from phones where digest = $1", digest)
    return str(claimed)


async def release_phone(work: Work, member: str, digest: bytes) -> None:
    """Give a phone back."""
    await work.db.execute("delete from phones where digest = $1 and member = $2", digest, member)


async def set_phone(work: Work, member: str, sealed: str, digest: bytes) -> None:
    """Write the sealed phone on the member's row."""
    await work.db.execute(
        "update members set phone_sealed = $2, phone_digest = $3, version = version + 1 where id = $1",
        member,
        sealed,
        digest,
    )


async def suspended(work: Work, member: str) -> Row | None:
    """The restriction on signing in that is in force, if any."""
    row: Row | None = await work.db.fetchrow(
        "select rule, until from restrictions where member = $1 and kind = 'sign_in' and lifted_at is null"
        " and since <= $2 and until > $2 order by until desc limit 1",
        member,
        work.now,
    )
    return row


async def update_profile(work: Work, member: str, new: Mapping[str, Any]) -> None:
    """Write all editable columns but the handle and raise the version."""
    await work.db.execute(
        "update members set name = $2, bio = $3, city = $4, avatar = $5, language = $6, zone = $7,"
        " version = version + 1 where id = $1",
        member,
        new["name"],
        new["bio"],
        new["city"],
        new["avatar"],
        new["language"],
        new["zone"],
    )


async def set_handle(work: Work, member: str, handle: str) -> None:
    """The handle shown from now on; the old one stays the member's and leads to the page."""
    await work.db.execute(
        "update members set handle = $2, handle_changed_at = $3 where id = $1", member, handle, work.now
    )


async def set_seller_type(work: Work, member: str, seller_type: str) -> None:
    """Individual, professional or merchant."""
    await work.db.execute("update members set seller_type = $2 where id = $1", member, seller_type)


async def add_badge(work: Work, member: str, badge: str) -> None:
    """Add a badge that is not there yet."""
    await work.db.execute(
        "update members set badges = array_append(badges, $2) where id = $1 and not $2 = any(badges)", member, badge
    )


async def remove_badge(work: Work, member: str, badge: str) -> None:
    """Remove a badge."""
    await work.db.execute("update members set badges = array_remove(badges, $2) where id = $1", member, badge)


async def count_sale(work: Work, member: str) -> None:
    """One sale more."""
    await work.db.execute("update members set sold_count = sold_count + 1 where id = $1", member)


async def count_live_items(work: Work, member: str, change: int) -> None:
    """Live items, never below zero."""
    await work.db.execute("update members set items_live = greatest(0, items_live + $2) where id = $1", member, change)


async def set_response_minutes(work: Work, member: str, minutes: int | None) -> None:
    """The usual time to answer, in minutes; null when unknown."""
    await work.db.execute("update members set response_minutes = $2 where id = $1", member, minutes)


async def facts_of(look: Look, member: str) -> Facts:
    """What the selling conditions look at. Refuses `not_found`."""
    row = await look.db.fetchrow(
        "select m.id, m.joined_at, m.verified_at, m.avatar, m.badges, m.phone_digest is not null as has_phone,"
        " array(select distinct t.kind from restrictions t where t.member = m.id and t.lifted_at is null"
        "  and t.since <= $2 and t.until > $2) as restrictions"
        " from members m where m.id = $1 and m.scrubbed_at is null",
        member,
        look.now,
    )
    if row is None:
        raise NOT_FOUND()
    return facts_from(row)


def facts_from(row: Row) -> Facts:
    """The same from a row that carries these columns."""
    return Facts(
        row["id"],
        row["joined_at"],
        row["verified_at"],
        row["has_phone"],
        row["avatar"] is not None,
        frozenset(row["badges"]),
        frozenset(row["restrictions"]),
    )
