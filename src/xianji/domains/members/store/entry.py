"""Rows of the ways in: phone codes, sessions, passwords, passkeys, TOTP."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record as Row

from xianji.kernel.work import Look, Work

# --- phone codes -----------------------------------------------------------------------------------------------


async def lock_code(work: Work, phone: bytes, purpose: str) -> Row | None:
    """The code in flight for this phone and purpose, locked."""
    row: Row | None = await work.db.fetchrow(
        "select code, tries, sent_at, expires_at from phone_codes where phone = $1 and purpose = $2 for update",
        phone,
        purpose,
    )
    return row


async def put_code(work: Work, phone: bytes, purpose: str, code: bytes, expires_at: datetime) -> None:
    """Replace whatever code was in flight."""
    await work.db.execute(
        "insert into phone_codes (phone, purpose, code, sent_at, expires_at) values ($1, $2, $3, $4, $5)"
        " on conflict (phone, purpose) do update set code = excluded.code, tries = 0,"
        " sent_at = excluded.sent_at, expires_at = excluded.expires_at",
        phone,
        purpose,
        code,
        work.now,
        expires_at,
    )


async def count_try(work: Work, phone: bytes, purpose: str) -> None:
    """One wrong try more."""
    await work.db.execute("update phone_codes set tries = tries + 1 where phone = $1 and purpose = $2", phone, purpose)


async def spend_code(work: Work, phone: bytes, purpose: str) -> None:
    """A code works once. The row stays until it expires, so that the pause before a resend still holds."""
    await work.db.execute("update phone_codes set code = ''::bytea where phone = $1 and purpose = $2", phone, purpose)


# --- sessions --------------------------------------------------------------------------------------------------


async def insert_session(
    work: Work, member: str, session: str, digest: bytes, device: str, way: str, expires_at: datetime
) -> None:
    """Open a session."""
    await work.db.execute(
        "insert into sessions (member, id, digest, device, way, created_at, seen_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $6, $7)",
        member,
        session,
        digest,
        device,
        way,
        work.now,
        expires_at,
    )


async def touch_session(work: Work, member: str, session: str, before: datetime, expires_at: datetime) -> None:
    """Write down that the session is used, unless that was done after `before`."""
    await work.db.execute(
        "update sessions set seen_at = $3, expires_at = $4"
        " where member = $1 and id = $2 and seen_at <= $5 and expires_at > $3",
        member,
        session,
        work.now,
        expires_at,
        before,
    )


async def delete_session(work: Work, member: str, session: str) -> bool:
    """End one session of the member; whether there was one."""
    gone = await work.db.fetchval("delete from sessions where member = $1 and id = $2 returning true", member, session)
    return gone is not None


async def delete_sessions(work: Work, member: str, but: str | None) -> int:
    """End all sessions of the member except `but`; how many."""
    done = await work.db.execute("delete from sessions where member = $1 and id is distinct from $2", member, but)
    return int(done.split()[-1])


async def mark_totp(work: Work, member: str, session: str) -> None:
    """The session has shown a TOTP code just now."""
    await work.db.execute("update sessions set totp_at = $3 where member = $1 and id = $2", member, session, work.now)


# --- passwords -------------------------------------------------------------------------------------------------


async def password_by_phone(look: Look, digest: bytes) -> Row | None:
    """The password row behind a phone."""
    row: Row | None = await look.db.fetchrow(
        "select w.member, w.hash, w.one_time, w.expires_at from phones p"
        " join passwords w on w.member = p.member where p.digest = $1",
        digest,
    )
    return row


async def password_by_handle(look: Look, handle: str) -> Row | None:
    """The password row behind a handle."""
    row: Row | None = await look.db.fetchrow(
        "select w.member, w.hash, w.one_time, w.expires_at from handles h"
        " join passwords w on w.member = h.member where h.handle = $1",
        handle,
    )
    return row


async def password_of(look: Look, member: str) -> Row | None:
    """The member's own password row."""
    row: Row | None = await look.db.fetchrow(
        "select member, hash, one_time, expires_at from passwords where member = $1", member
    )
    return row


async def put_password(
    work: Work, member: str, hashed: str, one_time: bool = False, expires_at: datetime | None = None
) -> None:
    """Set or replace the password."""
    await work.db.execute(
        "insert into passwords (member, hash, one_time, expires_at, set_at) values ($1, $2, $3, $4, $5)"
        " on conflict (member) do update set hash = excluded.hash, one_time = excluded.one_time,"
        " expires_at = excluded.expires_at, set_at = excluded.set_at",
        member,
        hashed,
        one_time,
        expires_at,
        work.now,
    )


async def delete_password(work: Work, member: str, hashed: str) -> bool:
    """Use up a one-time password; False when a twin has used it already."""
    gone = await work.db.fetchval(
        "delete from passwords where member = $1 and hash = $2 returning true", member, hashed
    )
    return gone is not None


# --- passkeys --------------------------------------------------------------------------------------------------


async def put_challenge(
    work: Work, challenge_id: str, purpose: str, member: str | None, challenge: bytes, expires_at: datetime
) -> None:
    """Remember a challenge until it expires."""
    await work.db.execute(
        "insert into passkey_challenges (id, purpose, member, challenge, expires_at) values ($1, $2, $3, $4, $5)",
        challenge_id,
        purpose,
        member,
        challenge,
        expires_at,
    )


async def take_challenge(work: Work, challenge_id: str, purpose: str, member: str | None) -> bytes | None:
    """The challenge, once, while it is fresh and for the one it was made for."""
    found: bytes | None = await work.db.fetchval(
        "delete from passkey_challenges where id = $1 and purpose = $2 and member is not distinct from $3"
        " and expires_at > $4 returning challenge",
        challenge_id,
        purpose,
        member,
        work.now,
    )
    return found


async def credentials_of(look: Look, member: str) -> Sequence[bytes]:
    """The credential ids of the member's passkeys."""
    rows = await look.db.fetch("select credential from passkeys where member = $1", member)
    return [row["credential"] for row in rows]


async def insert_passkey(
    work: Work, member: str, credential: bytes, public_key: bytes, sign_count: int, name: str
) -> None:
    """Keep a new passkey."""
    await work.db.execute(
        "insert into passkeys (member, credential, public_key, sign_count, name, created_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        member,
        credential,
        public_key,
        sign_count,
        name,
        work.now,
    )


async def lock_passkey(work: Work, member: str, credential: bytes) -> Row | None:
    """One passkey of the member, locked."""
    row: Row | None = await work.db.fetchrow(
        "select public_key, sign_count from passkeys where member = $1 and credential = $2 for update",
        member,
        credential,
    )
    return row


async def use_passkey(work: Work, member: str, credential: bytes, sign_count: int) -> None:
    """Write the new counter."""
    await work.db.execute(
        "update passkeys set sign_count = $3, used_at = $4 where member = $1 and credential = $2",
        member,
        credential,
        sign_count,
        work.now,
    )


async def delete_passkey(work: Work, member: str, credential: bytes) -> bool:
    """Forget a passkey; whether there was one."""
    gone = await work.db.fetchval(
        "delete from passkeys where member = $1 and credential = $2 returning true", member, credential
    )
    return gone is not None


# --- TOTP ------------------------------------------------------------------------------------------------------


async def lock_totp(work: Work, member: str) -> Row | None:
    """The TOTP secret of the member, locked."""
    row: Row | None = await work.db.fetchrow(
        "select sealed, last_step, confirmed_at from totp_secrets where member = $1 for update", member
    )
    return row


async def put_totp(work: Work, member: str, sealed: str) -> None:
    """Begin (or begin again) an enrolment that is not confirmed."""
    await work.db.execute(
        "insert into totp_secrets (member, sealed, created_at) values ($1, $2, $3)"
        " on conflict (member) do update set sealed = excluded.sealed, last_step = 0, created_at = excluded.created_at",
        member,
        sealed,
        work.now,
    )


async def accept_totp(work: Work, member: str, step: int) -> None:
    """Remember the time step of an accepted code, so that it cannot be replayed."""
    await work.db.execute(
        "update totp_secrets set last_step = $2, confirmed_at = coalesce(confirmed_at, $3) where member = $1",
        member,
        step,
        work.now,
    )


async def put_recovery_codes(work: Work, member: str, digests: list[bytes]) -> None:
    """Replace the recovery codes."""
    await work.db.execute("delete from recovery_codes where member = $1", member)
    await work.db.execute("insert into recovery_codes (member, digest) select $1, unnest($2::bytea[])", member, digests)


async def spend_recovery_code(work: Work, member: str, digest: bytes) -> bool:
    """Use up a recovery code; whether it was one."""
    gone = await work.db.fetchval(
        "delete from recovery_codes where member = $1 and digest = $2 returning true", member, digest
    )
    return gone is not None


async def delete_totp(work: Work, member: str) -> None:
    """Forget the secret and its recovery codes."""
    await work.db.execute("delete from totp_secrets where member = $1", member)
    await work.db.execute("delete from recovery_codes where member = $1", member)


# --- cleaning --------------------------------------------------------------------------------------------------


async def delete_expired(work: Work) -> None:
    """Forget codes, challenges and sessions whose time is over."""
    await work.db.execute("delete from phone_codes where expires_at <= $1", work.now)
    await work.db.execute("delete from passkey_challenges where expires_at <= $1", work.now)
    await work.db.execute("delete from sessions where expires_at <= $1", work.now)


async def forget_totp_marks(work: Work, member: str) -> None:
    """No session of the member counts as having shown a code."""
    await work.db.execute("update sessions set totp_at = null where member = $1", member)
