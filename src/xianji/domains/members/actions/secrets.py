"""Passwords, and the second factor of operators."""

import base64
import hmac
from datetime import timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from asyncpg import Record as Row

from xianji.domains.members import rules
from xianji.domains.members.model import (
    NAME_LONGEST,
    ONE_TIME_HOURS,
    PASSWORD_NOT_RIGHT,
    PASSWORD_SHORTEST,
    RECOVERY_CODES,
    RESERVED_HANDLES,
    TOTP_ALREADY_SET,
    TOTP_NOT_RIGHT,
    Role,
    SetPassword,
    SignedIn,
    SignInWithPassword,
    TotpCode,
    TotpSetup,
)
from xianji.domains.members.store import entry as rows
from xianji.domains.members.store import people, standing
from xianji.kernel import audit
from xianji.kernel.errors import Refusal
from xianji.kernel.text import line
from xianji.kernel.work import Work

from . import entry

_HASHER = PasswordHasher()
TOTP = "member.totp"
_STEP_SECONDS = 30  # RFC 6238, what every authenticator assumes
_ISSUER = "Xianji"


# --- passwords -------------------------------------------------------------------------------------------------


def hashed(password: str) -> str:
    """The argon2id hash; slow on purpose, so never call it while a transaction is open in a server."""
    return _HASHER.hash(password)


@cache
def _nobody() -> str:
    return _HASHER.hash("the password of nobody")


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; for a missing account the same work is done in vain."""
    decoy = _nobody()
    try:
        return _HASHER.verify(stored or decoy, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


async def knock(work: Work, account: str, origin: str) -> Row | Refusal | None:
    """Count the attempt and find the password row of a phone or a handle. Known or not, the same statements run."""
    named = account.strip().removeprefix("@").lower()
    if rules.is_handle(named):
        return await _attempt(work, named, origin) or await rows.password_by_handle(work, named)
    try:
        named = entry.normal_phone(work, named)
    except Refusal:
        named = "-"
    digest = work.keys.digest(entry.PHONE, named)
    return await _attempt(work, named, origin) or await rows.password_by_phone(work, digest)


async def _attempt(work: Work, named: str, origin: str) -> Refusal | None:
    # Counted apart from phone codes: who floods a password must not shut the owner's other door.
    return await entry.count_attempt(work, work.keys.digest("member.password_account", named), origin)


async def enter_with_password(work: Work, wish: SignInWithPassword, row: Row) -> SignedIn | Refusal:
    """The password fitted: open a session, unless the row has changed meanwhile. A one-time password dies here."""
    if row["one_time"]:
        fresh = row["expires_at"] > work.now and await rows.delete_password(work, row["member"], row["hash"])
        if not fresh:
            return PASSWORD_NOT_RIGHT()
    else:
        now = await rows.password_of(work, row["member"])
        if now is None or now["hash"] != row["hash"]:
            return PASSWORD_NOT_RIGHT()
    return await entry.open_session(work, row["member"], wish.device, "password")


async def own_password(work: Work, wish: SetPassword, origin: str) -> str | Refusal | None:
    """My stored hash to compare with, or None when the code (or having no password yet) proves me already."""
    row = await people.lock_for(work, work.actor.me)
    rules.judge_password(wish.password, work.config.get(PASSWORD_SHORTEST), [row["handle"], row["name"].lower()])
    stored = await rows.password_of(work, row["id"])
    if stored is None:
        return None
    refused = await entry.count_attempt(work, work.keys.digest("member.password", row["id"]), origin)
    if refused:
        return refused
    if wish.code and row["phone_sealed"]:
        phone = work.keys.open(entry.PHONE, row["phone_sealed"])
        return await entry.redeem(work, phone, "set_password", wish.code)
    return str(stored["hash"])


async def keep_password(work: Work, stored: str, proven_by: str | None) -> None:
    """Write the new hash and end the other sessions; refuses when the old one has changed meanwhile."""
    member = work.actor.me
    await people.lock_for(work, member)
    row = await rows.password_of(work, member)
    if proven_by is not None and (row is None or row["hash"] != proven_by):
        raise PASSWORD_NOT_RIGHT()
    await rows.put_password(work, member, stored)
    await rows.delete_sessions(work, member, work.actor.session)


async def make_operator(work: Work, handle: str, name: str, role: Role = "admin") -> str:
    """Make a member with an operator role and a one-time password, which is returned and shown once.

    For the command line, as system or as an admin; audited. Refuses `handle_not_valid`, `handle_taken`.
    """
    work.actor.need_role("admin")
    handle = rules.normal_handle(handle, [word for word in work.config.get(RESERVED_HANDLES) if word != "admin"])
    member = work.new_id("mbr")
    await entry.join(work, member, "zh", handle, line("name", name, work.config.get(NAME_LONGEST)))
    await standing.insert_role(work, member, role)
    password = base64.b32encode(work.random.randbytes(15)).decode().lower()
    expires_at = work.now + timedelta(hours=work.config.get(ONE_TIME_HOURS))
    await rows.put_password(work, member, hashed(password), one_time=True, expires_at=expires_at)
    await audit.record(work, "members.make_operator", member, "", role=role)
    return password


# --- TOTP ------------------------------------------------------------------------------------------------------


async def begin_totp(work: Work) -> TotpSetup:
    """A fresh secret for my authenticator; it counts once a code was shown. Refuses `totp_already_set`."""
    row = await people.lock_for(work, work.actor.me)
    before = await rows.lock_totp(work, row["id"])
    if before and before["confirmed_at"]:
        raise TOTP_ALREADY_SET()
    secret = base64.b32encode(work.random.randbytes(20)).decode()
    await rows.put_totp(work, row["id"], work.keys.seal(TOTP, secret))
    return TotpSetup(secret, pyotp.TOTP(secret).provisioning_uri(name=row["handle"], issuer_name=_ISSUER))


async def try_totp(work: Work, wish: TotpCode, origin: str) -> list[str] | Refusal:
    """Judge a code for this session. The first accepted one confirms the enrolment and returns recovery codes."""
    member = work.actor.me
    refused = await entry.count_attempt(work, work.keys.digest("member.totp_tries", member), origin)
    if refused:
        return refused
    row = await rows.lock_totp(work, member)
    if row is None:
        return TOTP_NOT_RIGHT()
    step = _step_of(work, work.keys.open(TOTP, row["sealed"]), wish.code.strip(), row["last_step"])
    if step is not None:
        await rows.accept_totp(work, member, step)
    elif not await _recovered(work, member, row, wish.code):
        return TOTP_NOT_RIGHT()
    if work.actor.session:
        await rows.mark_totp(work, member, work.actor.session)
    return [] if row["confirmed_at"] else await _recovery_codes(work, member)


def _step_of(work: Work, secret: str, code: str, last_step: int) -> int | None:
    """The time step of a right code that is newer than the last one accepted; one step of drift is fine."""
    now = int(work.now.timestamp()) // _STEP_SECONDS
    for step in (now - 1, now, now + 1):
        right = hmac.compare_digest(pyotp.HOTP(secret).at(step).encode(), code.encode())
        if right and step > last_step:
            return step
    return None


async def _recovered(work: Work, member: str, row: Row, code: str) -> bool:
    if row["confirmed_at"] is None:
        return False
    return await rows.spend_recovery_code(work, member, _recovery_digest(work, member, code))


def _recovery_digest(work: Work, member: str, code: str) -> bytes:
    return work.keys.digest("member.recovery", f"{member}\n{code.strip().lower()}")


async def _recovery_codes(work: Work, member: str) -> list[str]:
    codes = [
        base64.b32encode(work.random.randbytes(10)).decode().lower() for _ in range(work.config.get(RECOVERY_CODES))
    ]
    await rows.put_recovery_codes(work, member, [_recovery_digest(work, member, code) for code in codes])
    return codes


async def try_remove_totp(work: Work, wish: TotpCode, origin: str) -> Refusal | None:
    """Forget my authenticator, proven by a code of it; operator roles fall asleep until a new one is set up."""
    outcome = await try_totp(work, wish, origin)
    if isinstance(outcome, Refusal):
        return outcome
    await _forget_totp(work, work.actor.me)
    return None


async def reset_totp(work: Work, member: str, reason: str) -> None:
    """Forget the authenticator of somebody who has lost it, and end his sessions; admins only, audited."""
    work.actor.need_role("admin")
    await people.lock_for(work, member)
    await _forget_totp(work, member)
    await rows.delete_sessions(work, member, None)
    await audit.record(work, "members.reset_totp", member, reason)


async def _forget_totp(work: Work, member: str) -> None:
    await rows.delete_totp(work, member)
    await rows.forget_totp_marks(work, member)
