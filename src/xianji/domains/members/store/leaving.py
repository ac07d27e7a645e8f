"""Rows of leaving, and of keys that grow old."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record as Row

from xianji.kernel import rates
from xianji.kernel.work import Look, Work


async def forget_person(work: Work, member: str, handle: str) -> None:
    """Empty every personal column; the row, its figures and its id stay for the books."""
    await work.db.execute(
        "update members set handle = $2, name = '', bio = '', city = '', avatar = null, badges = '{}',"
        " phone_sealed = null, phone_digest = null, verified_at = null, handle_changed_at = null, items_live = 0,"
        " followers_count = 0, following_count = 0, version = version + 1, scrubbed_at = $3 where id = $1",
        member,
        handle,
        work.now,
    )


async def forget_belongings(work: Work, member: str) -> None:
    """Delete the rows that are nothing but the person. Restrictions stay (rule and dates) without their texts."""
    await work.db.execute("delete from phones where member = $1", member)
    await work.db.execute("delete from handles where member = $1", member)
    await work.db.execute("delete from sessions where member = $1", member)
    await work.db.execute("delete from passwords where member = $1", member)
    await work.db.execute("delete from passkeys where member = $1", member)
    await work.db.execute("delete from passkey_challenges where member = $1", member)
    await work.db.execute("delete from totp_secrets where member = $1", member)
    await work.db.execute("delete from recovery_codes where member = $1", member)
    await work.db.execute("delete from member_roles where member = $1", member)
    await work.db.execute("delete from addresses where member = $1", member)
    await work.db.execute("update restrictions set reason = '', evidence = '{}'::jsonb where member = $1", member)


async def forget_phone(work: Work, phone: bytes) -> None:
    """A code in flight for the phone, and how often it was used."""
    await work.db.execute("delete from phone_codes where phone = $1", phone)
    await rates.forget(work, phone.hex())


async def forget_identity(work: Work, member: str) -> None:
    """The real-name verdict and the member's share of the number."""
    await work.db.execute(
        "update identity_numbers set members = array_remove(members, $1) where digest ="
        " (select id_digest from verifications where member = $1)",
        member,
    )
    await work.db.execute(
        "delete from identity_numbers where members = '{}' and digest ="
        " (select id_digest from verifications where member = $1)",
        member,
    )
    await work.db.execute("delete from verifications where member = $1", member)


async def forget_ties(work: Work, member: str) -> None:
    """Both sides of every tie; the figures of the others follow."""
    await work.db.execute(
        "update members set followers_count = followers_count - 1 where id in"
        " (select other from ties where member = $1 and kind = 'follows')",
        member,
    )
    await work.db.execute(
        "update members set following_count = following_count - 1 where id in"
        " (select other from ties where member = $1 and kind = 'followed_by')",
        member,
    )
    await work.db.execute(
        "delete from ties t using ties mine where mine.member = $1 and t.member = mine.other and t.other = $1", member
    )
    await work.db.execute("delete from ties where member = $1", member)


async def lock_tied(work: Work, member: str) -> None:
    """Lock the member and everybody tied to him, in order of id as all tie verbs do."""
    await work.db.execute(
        "select id from members where id = $1 or id in (select other from ties where member = $1)"
        " order by id for update",
        member,
    )


async def member_row(look: Look, member: str) -> Row | None:
    """All columns of a living member."""
    row: Row | None = await look.db.fetchrow("select * from members where id = $1 and scrubbed_at is null", member)
    return row


async def belongings(look: Look, member: str) -> dict[str, Any]:
    """Everything else kept about the member, as rows by table name."""
    found: dict[str, Sequence[Row]] = {
        "handles": await look.db.fetch("select handle from handles where member = $1", member),
        "sessions": await look.db.fetch(
            "select id, device, way, created_at, seen_at, expires_at from sessions where member = $1", member
        ),
        "passkeys": await look.db.fetch("select name, created_at, used_at from passkeys where member = $1", member),
        "roles": await look.db.fetch("select role, granted_at from member_roles where member = $1", member),
        "restrictions": await look.db.fetch(
            "select id, kind, rule, reason, since, until, appeal, lifted_at from restrictions where member = $1", member
        ),
        "ties": await look.db.fetch(
            "select kind, other, at from ties where member = $1 and kind <> 'blocked_by'", member
        ),
        "addresses": await look.db.fetch(
            "select id, country, sealed, is_default, created_at from addresses where member = $1", member
        ),
        "verification": await look.db.fetch(
            "select state, name_sealed, asked_at, decided_at from verifications where member = $1", member
        ),
    }
    return {name: [dict(row) for row in rows] for name, rows in found.items()}


# --- keys that grow old ----------------------------------------------------------------------------------------


async def old_phones(work: Work, key: str, limit: int) -> Sequence[Row]:
    """Sealed phones whose key is not `key`, locked."""
    return await work.db.fetch(
        "select id as member, phone_sealed as sealed from members"
        " where phone_sealed is not null and not starts_with(phone_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def old_addresses(work: Work, key: str, limit: int) -> Sequence[Row]:
    """Sealed addresses whose key is not `key`, locked."""
    return await work.db.fetch(
        "select member, id, sealed from addresses where not starts_with(sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def old_secrets(work: Work, key: str, limit: int) -> Sequence[Row]:
    """Sealed TOTP secrets whose key is not `key`, locked."""
    return await work.db.fetch(
        "select member, sealed from totp_secrets where not starts_with(sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def old_names(work: Work, key: str, limit: int) -> Sequence[Row]:
    """Sealed real names whose key is not `key`, locked."""
    return await work.db.fetch(
        "select member, name_sealed as sealed from verifications"
        " where name_sealed <> '' and not starts_with(name_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def put_phone(work: Work, row: Row, sealed: str) -> None:
    """The same phone under the current key."""
    await work.db.execute("update members set phone_sealed = $2 where id = $1", row["member"], sealed)


async def put_address(work: Work, row: Row, sealed: str) -> None:
    """The same address under the current key."""
    await work.db.execute(
        "update addresses set sealed = $3 where member = $1 and id = $2", row["member"], row["id"], sealed
    )


async def put_secret(work: Work, row: Row, sealed: str) -> None:
    """The same TOTP secret under the current key."""
    await work.db.execute("update totp_secrets set sealed = $2 where member = $1", row["member"], sealed)


async def put_name(work: Work, row: Row, sealed: str) -> None:
    """The same real name under the current key."""
    await work.db.execute("update verifications set name_sealed = $2 where member = $1", row["member"], sealed)
