"""Coming in: phone codes, sign-in, sessions.

Verbs that judge a guess *return* their refusal instead of raising it, so that the attempt is committed and counts;
`outside.py` raises it after the commit.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from xianji.domains.members import rules
from xianji.domains.members.events import MemberJoined, PhoneChanged, SignedInAnew
from xianji.domains.members.model import (
    APPEAL_PASS_MINUTES,
    APPEAL_PASS_OVER,
    CODE_MINUTES,
    CODE_NOT_RIGHT,
    CODE_RATE_ORIGIN,
    CODE_RATE_PHONE,
    CODE_RESEND_SECONDS,
    CODE_SENT_RECENTLY,
    CODE_TRIES,
    HANDLE_TAKEN,
    PHONE_REGIONS,
    PHONE_TAKEN,
    PROVE_YOURSELF,
    SESSION_DAYS,
    SESSION_TOUCH_MINUTES,
    SIGN_IN_RATE_ACCOUNT,
    SIGN_IN_RATE_ORIGIN,
    SIGN_IN_SUSPENDED,
    AskPhoneCodes,
    ChangePhone,
    RequestCode,
    Session,
    SignedIn,
    SignIn,
)
from xianji.domains.members.store import entry, people
from xianji.kernel import rates
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.installation import LANGUAGE, PHONE_REGION, ZONE
from xianji.kernel.rates import Rate
from xianji.kernel.text import line
from xianji.kernel.work import Actor, Look, Work

from . import texts

DEMO_CODE = "000000"
PHONE = "member.phone"
APPEAL = "members.appeal"


def normal_phone(work: Work, text: str) -> str:
    """The phone in E.164 under the installation's rules."""
    return rules.normal_phone(text, work.config.get(PHONE_REGION), work.config.get(PHONE_REGIONS))


async def request_code(work: Work, wish: RequestCode, origin: str = "", demo: bool = False, language: str = "") -> None:
    """Send a code. Does the same work whether or not the phone is known, and answers nothing.

    `language` is that of the message, or else the installation's. `origin` is the network address (kept only as a
    hash). In demo mode the code is 000000 and nothing is sent.
    Refuses `phone_not_valid`, `phone_region_closed`, `code_sent_recently`, `too_many_requests`.
    """
    phone = normal_phone(work, wish.phone)
    digest = work.keys.digest(PHONE, phone)
    before = await entry.lock_code(work, digest, wish.purpose)
    if before:
        wait = before["sent_at"] + timedelta(seconds=work.config.get(CODE_RESEND_SECONDS)) - work.now
        if wait > timedelta(0):
            raise CODE_SENT_RECENTLY(wait_seconds=max(1, int(wait.total_seconds())))
    await rates.count(work, "members.code_phone", digest.hex(), work.config.get(CODE_RATE_PHONE))
    await rates.count(work, "members.code_origin", _origin(work, origin), work.config.get(CODE_RATE_ORIGIN))
    code = DEMO_CODE if demo else f"{work.random.randrange(1_000_000):06d}"
    expires_at = work.now + timedelta(minutes=work.config.get(CODE_MINUTES))
    await entry.put_code(work, digest, wish.purpose, _code_digest(work, phone, wish.purpose, code), expires_at)
    if not demo:
        await texts.text(work, phone, "code", language or work.config.get(LANGUAGE), code)


def _origin(work: Work, origin: str) -> str:
    return work.keys.digest("member.origin", origin).hex()


def _code_digest(work: Work, phone: str, purpose: str, code: str) -> bytes:
    return work.keys.digest("member.code", f"{phone}\n{purpose}\n{code}")


async def count_attempt(work: Work, account: bytes, origin: str) -> Refusal | None:
    """Count one attempt to come in, against the account and against the network address."""
    account_rate, origin_rate = work.config.get(SIGN_IN_RATE_ACCOUNT), work.config.get(SIGN_IN_RATE_ORIGIN)
    return await counted(work, "members.sign_in_account", account.hex(), account_rate) or await counted(
        work, "members.sign_in_origin", _origin(work, origin), origin_rate
    )


async def counted(work: Work, what: str, whom: str, rate: Rate) -> Refusal | None:
    """Count one attempt; a full window is returned, so that the caller's other writes stay."""
    try:
        await rates.count(work, what, whom, rate)
    except Refusal as full:
        return full
    return None


async def redeem(work: Work, phone: str, purpose: str, code: str) -> Refusal | None:
    """Judge a code; a wrong one uses up a try. One refusal for wrong, spent, expired and never asked for."""
    digest = work.keys.digest(PHONE, phone)
    row = await entry.lock_code(work, digest, purpose)
    expected = row["code"] if row else b""
    right = hmac.compare_digest(expected, _code_digest(work, phone, purpose, code.strip()))
    if row and right and row["tries"] < work.config.get(CODE_TRIES) and row["expires_at"] > work.now:
        await entry.spend_code(work, digest, purpose)
        return None
    await entry.count_try(work, digest, purpose)
    return CODE_NOT_RIGHT()


async def try_sign_in(work: Work, wish: SignIn, origin: str) -> SignedIn | Refusal:
    """Come in with a phone code; makes the member when the phone is new."""
    phone = normal_phone(work, wish.phone)
    digest = work.keys.digest(PHONE, phone)
    refused = await count_attempt(work, digest, origin) or await redeem(work, phone, "sign_in", wish.code)
    if refused:
        return refused
    member = await people.owner_of_phone(work, digest)
    new = member is None
    if member is None:
        member, new = await _join_with_phone(work, phone, digest, wish.language or work.config.get(LANGUAGE))
    return await open_session(work, member, wish.device, "code", new)


async def _join_with_phone(work: Work, phone: str, digest: bytes, language: str) -> tuple[str, bool]:
    member = work.new_id("mbr")
    owner = await people.claim_phone(work, digest, member)
    if owner != member:
        return owner, False
    await join(work, member, language)
    await people.set_phone(work, member, work.keys.seal(PHONE, phone), digest)
    work.tell(MemberJoined(member))
    return member, True


async def join(work: Work, member: str, language: str, handle: str = "", name: str = "") -> None:
    """Insert a member with a friendly handle and name, unless they are given. Refuses `handle_taken`."""
    friendly, friendly_name = rules.friendly_names(work.random.getrandbits(32), language)
    while not await people.claim_handle(work, handle or friendly, member):
        if handle:
            raise HANDLE_TAKEN()
        friendly, friendly_name = rules.friendly_names(work.random.getrandbits(32), language)
    zone = work.config.get(ZONE)
    await people.insert_member(work, member, handle or friendly, name or friendly_name, language, zone)


async def open_session(work: Work, member: str, device: str, way: str, new: bool = False) -> SignedIn | Refusal:
    """A fresh session. The token names its member, so that it is found inside the member's aggregate."""
    stop = await people.suspended(work, member)
    if stop:
        facts = {"rule": stop["rule"], "until": stop["until"].isoformat()}
        return SIGN_IN_SUSPENDED(**facts, appeal_pass=_appeal_pass(work, member))
    secret = base64.urlsafe_b64encode(work.random.randbytes(32)).decode().rstrip("=")
    token = f"{member.removeprefix('mbr_')}.{secret}"
    session = work.new_id("ses")
    expires_at = work.now + timedelta(days=work.config.get(SESSION_DAYS))
    device = line("device", device, 200, required=False)
    await entry.insert_session(work, member, session, token_digest(token), device, way, expires_at)
    work.tell(SignedInAnew(member, session, way))
    return SignedIn(token, member, new)


def _appeal_pass(work: Work, member: str) -> str:
    """What lets somebody who has proven who they are appeal against their suspension, and do nothing else."""
    until = work.now + timedelta(minutes=work.config.get(APPEAL_PASS_MINUTES))
    said = f"{member}.{int(until.timestamp())}"
    return f"{said}.{work.keys.sign(APPEAL, said)}"


def holder_of(look: Look, appeal_pass: str) -> Actor:
    """Whose pass this is, as an actor without a session. Refuses `appeal_pass_over`, also for a made-up one."""
    said, _, signature = appeal_pass.rpartition(".")
    member, _, until = said.partition(".")
    if not look.keys.signed_by_us(APPEAL, said, signature) or int(until) <= look.now.timestamp():
        raise APPEAL_PASS_OVER()
    return Actor(member, restrictions=frozenset(("sign_in",)))


def token_digest(token: str) -> bytes:
    """What is stored of a session token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


async def ask_phone_codes(work: Work, wish: AskPhoneCodes, origin: str = "", demo: bool = False) -> bool:
    """Send a code to the new number and, to a member without a password, one to the present number.

    Whether the new number belongs to somebody makes no difference. Returns whether the present number got a code.
    """
    row = await people.lock_for(work, work.actor.me)
    await request_code(work, RequestCode(wish.phone, "new_phone"), origin, demo, row["language"])
    if await entry.password_of(work, row["id"]) is not None or not row["phone_sealed"]:
        return False
    present = RequestCode(work.keys.open(PHONE, row["phone_sealed"]), "old_phone")
    await request_code(work, present, origin, demo, row["language"])
    return True


async def password_to_prove(work: Work, wish: ChangePhone, origin: str) -> str | Refusal | None:
    """My stored hash when I prove myself by the password; None when a code of my present number is to prove me."""
    row = await people.lock_for(work, work.actor.me)
    stored = await entry.password_of(work, row["id"])
    if wish.old_code and row["phone_sealed"]:
        return None
    if not wish.password or stored is None:
        return PROVE_YOURSELF(field="password" if stored else "old_code")
    refused = await count_attempt(work, work.keys.digest("member.password", row["id"]), origin)
    return refused or str(stored["hash"])


async def try_change_phone(work: Work, wish: ChangePhone, origin: str, proven: bool) -> Refusal | None:
    """Move the account to another phone, proven by a code sent there; other sessions end, both numbers are told.

    Unless the password has `proven` the member, a code of the present number must.
    """
    row = await people.lock_for(work, work.actor.me)
    phone = normal_phone(work, wish.phone)
    digest = work.keys.digest(PHONE, phone)
    before = work.keys.open(PHONE, row["phone_sealed"]) if row["phone_sealed"] else None
    refused = await count_attempt(work, digest, origin) or await redeem(work, phone, "new_phone", wish.code)
    if refused is None and not proven:
        wrong = await redeem(work, before or "", "old_phone", wish.old_code)
        refused = PROVE_YOURSELF() if wrong else None
    if refused:
        return refused
    if await people.claim_phone(work, digest, row["id"]) != row["id"]:
        return PHONE_TAKEN()
    if row["phone_digest"] and row["phone_digest"] != digest:
        await people.release_phone(work, row["id"], row["phone_digest"])
    await people.set_phone(work, row["id"], work.keys.seal(PHONE, phone), digest)
    await entry.delete_sessions(work, row["id"], work.actor.session)
    if before and before != phone:
        await texts.text(work, before, "phone_left", row["language"])
    await texts.text(work, phone, "phone_taken_up", row["language"])
    work.tell(PhoneChanged(row["id"]))
    return None


async def touch_session(work: Work, session: Session) -> None:
    """Slide the session's end, at most once in the configured minutes."""
    before = work.now - timedelta(minutes=work.config.get(SESSION_TOUCH_MINUTES))
    expires_at = work.now + timedelta(days=work.config.get(SESSION_DAYS))
    await entry.touch_session(work, session.badge.id, session.id, before, expires_at)


async def revoke_session(work: Work, session: str) -> None:
    """End one of my sessions. Refuses `not_found`."""
    if not await entry.delete_session(work, work.actor.me, session):
        raise NOT_FOUND()


async def revoke_others(work: Work) -> int:
    """End all my sessions but this one; how many."""
    return await entry.delete_sessions(work, work.actor.me, work.actor.session)


async def sign_out(work: Work) -> None:
    """End this session; fine when it is over already."""
    if work.actor.session:
        await entry.delete_session(work, work.actor.me, work.actor.session)
