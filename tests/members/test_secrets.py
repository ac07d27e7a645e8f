"""Passwords, TOTP, passkeys."""

import base64
import hashlib
import json

import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.build import a_member, a_phone, signed_in
from tests.members.test_entry import count, refused, statements
from tests.members.test_people import do, see
from xianji.domains import members
from xianji.domains.members.actions import secrets
from xianji.kernel.config import set_value
from xianji.kernel.work import NOBODY, SYSTEM

GOOD = "correct horse battery"


async def enter(database, account: str, password: str = GOOD) -> members.SignedIn:
    return await members.sign_in_with_password(database, members.SignInWithPassword(account, password))


async def a_member_with_password(database) -> tuple[str, str]:
    phone = a_phone()
    actor = await a_member(database, phone)
    await members.set_password(database, actor, members.SetPassword(GOOD))
    return actor.me, phone


async def test_a_password_opens_by_phone_and_by_handle(database) -> None:
    member, phone = await a_member_with_password(database)
    handle = (await see(database, NOBODY, members.member_page, member)).card.handle
    for account in (phone, "+86" + phone, handle, "@" + handle.upper()):
        came = await enter(database, account)
        assert (came.member, came.new) == (member, False)
    stored = await see(database, SYSTEM, lambda look: look.db.fetchval("select hash from passwords"))
    assert stored.startswith("$argon2id$")


async def test_unknown_account_and_wrong_password_are_one_answer_and_the_same_work(database, monkeypatch) -> None:
    _, phone = await a_member_with_password(database)
    checked = []
    plain = secrets.fits

    def noted(password, stored):
        checked.append(stored is None)
        return plain(password, stored)

    monkeypatch.setattr(secrets, "fits", noted)
    work = []
    for account in (phone, a_phone(), "nobody_here", "???\u0000"):
        with pytest.MonkeyPatch.context() as patch:
            work.append(await statements(database, patch, lambda account=account: enter(database, account, "wrong")))
    assert [len(seen) for seen in work] == [len(work[0])] * 4
    assert {seen[-1] for seen in work} == {"password_not_right"}
    assert work[0] == work[1]
    assert checked == [False, True, True, True]


async def test_password_attempts_run_out_and_are_counted_when_refused(database, clock) -> None:
    _, phone = await a_member_with_password(database)
    await do(database, SYSTEM, set_value, "members.sign_in_rate_account", {"times": 3, "seconds": 3600}, "tight")
    database.book.forget()
    for _ in range(3):
        with refused("password_not_right"):
            await enter(database, phone, "wrong password")
    with refused("too_many_requests"):
        await enter(database, phone)
    clock.move(seconds=60)
    assert not (await signed_in(database, phone)).new  # the other door stays open


async def test_changing_a_password_needs_the_old_one_or_a_code(database, clock) -> None:
    member, phone = await a_member_with_password(database)
    session = (await enter(database, phone)).token
    actor = (await see(database, NOBODY, members.load_session, session)).actor
    with refused("password_not_right"):
        await members.set_password(database, actor, members.SetPassword("another good one", "wrong"))
    with refused("code_not_right"):
        await members.set_password(database, actor, members.SetPassword("another good one", code="000000"))
    with refused("password_too_weak"):
        await members.set_password(database, actor, members.SetPassword("short", GOOD))
    await members.set_password(database, actor, members.SetPassword("another good one", GOOD))
    with refused("password_not_right"):
        await enter(database, phone)
    await do(database, actor, lambda w: members.request_code(w, members.RequestCode(phone, "set_password"), demo=True))
    await members.set_password(database, actor, members.SetPassword("third good one", code="000000"))
    assert (await enter(database, phone, "third good one")).member == member
    assert await see(database, NOBODY, members.load_session, session)


async def test_the_first_operator_comes_in_once_and_wakes_his_role_with_totp(database, clock) -> None:
    password = await do(database, SYSTEM, members.make_operator, "keeper", "守夜人")
    with refused("handle_taken"):
        await do(database, SYSTEM, members.make_operator, "keeper", "守夜人")
    came = await enter(database, "keeper", password)
    with refused("password_not_right"):
        await enter(database, "keeper", password)
    session = await see(database, NOBODY, members.load_session, came.token)
    assert session.roles_asleep == {"admin"}
    setup = await do(database, session.actor, members.begin_totp)
    totp = pyotp.TOTP(setup.secret)
    assert setup.uri.startswith("otpauth://totp/Xianji:keeper?")
    with refused("totp_not_right"):
        await members.verify_totp(database, session.actor, members.TotpCode("000000"))
    code = totp.at(clock.now())
    recovery = await members.verify_totp(database, session.actor, members.TotpCode(code))
    assert len(set(recovery)) == 10
    awake = await see(database, NOBODY, members.load_session, came.token)
    assert (awake.actor.roles, awake.roles_asleep) == ({"admin"}, frozenset())
    with refused("totp_not_right"):  # replayed
        await members.verify_totp(database, session.actor, members.TotpCode(code))
    with refused("totp_already_set"):
        await do(database, session.actor, members.begin_totp)
    clock.move(hours=12)
    assert (await see(database, NOBODY, members.load_session, came.token)).roles_asleep == {"admin"}
    assert await members.verify_totp(database, session.actor, members.TotpCode(recovery[0].upper())) == []
    assert (await see(database, NOBODY, members.load_session, came.token)).actor.roles == {"admin"}
    with refused("totp_not_right"):
        await members.verify_totp(database, session.actor, members.TotpCode(recovery[0]))
    assert setup.secret not in repr(await see(database, SYSTEM, lambda look: look.db.fetch("table totp_secrets")))
    await members.remove_totp(database, session.actor, members.TotpCode(totp.at(clock.now())))
    assert (await see(database, NOBODY, members.load_session, came.token)).roles_asleep == {"admin"}
    assert await count(database, "recovery_codes") == 0


async def test_a_one_time_password_ends_after_a_day(database, clock) -> None:
    password = await do(database, SYSTEM, members.make_operator, "keeper", "守夜人")
    clock.move(hours=24)
    with refused("password_not_right"):
        await enter(database, "keeper", password)


async def test_totp_guesses_run_out(database, clock) -> None:
    actor = await a_member(database)
    await do(database, actor, members.begin_totp)
    for _ in range(20):
        with refused("totp_not_right"):
            await members.verify_totp(database, actor, members.TotpCode("123"))
    with refused("too_many_requests"):
        await members.verify_totp(database, actor, members.TotpCode("123"))


# --- passkeys: a small authenticator in software -----------------------------------------------------------------

SITE = members.Site("xianji.example", "https://xianji.example")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """Makes one ES256 key and signs with it, as a phone would."""

    def __init__(self, origin: str = SITE.origin) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = b"credential-one-0"
        self.origin = origin
        self.count = 0
        self.user = b""

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(SITE.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def make(self, options: dict) -> dict:
        self.user = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        numbers = self.key.public_key().public_numbers()
        # CBOR by hand: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + numbers.x.to_bytes(32)
        cose += b"\x22\x58\x20" + numbers.y.to_bytes(32)
        data = self._data(0x45) + bytes(16) + len(self.credential).to_bytes(2) + self.credential + cose
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def sign(self, options: dict, user: bytes = b"", count: int = 1) -> dict:
        self.count += count
        client, data = self._client("webauthn.get", options["challenge"]), self._data(0x05)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(user or self.user),
            }
        )

    def _answer(self, response: dict) -> dict:
        name = b64(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


async def a_passkey(database, actor) -> Authenticator:
    device = Authenticator()
    begun = await do(database, actor, members.begin_passkey, SITE)
    answer = members.FinishPasskey(begun.id, device.make(begun.options), "我的手机")
    await do(database, actor, members.finish_passkey, answer, SITE)
    return device


async def come_in(database, device: Authenticator, **options) -> members.SignedIn:
    begun = await do(database, NOBODY, members.begin_passkey_sign_in, SITE)
    answer = members.FinishPasskey(begun.id, device.sign(begun.options, **options))
    return await members.sign_in_with_passkey(database, answer, SITE, "手机")


async def test_a_passkey_is_made_and_opens(database) -> None:
    actor = await a_member(database)
    device = await a_passkey(database, actor)
    [line] = await see(database, actor, members.my_passkeys)
    assert (line.name, line.used_at) == ("我的手机", None)
    assert (await come_in(database, device)).member == actor.me
    assert (await see(database, actor, members.me)).passkeys == 1
    await do(database, actor, members.remove_passkey, line.id)
    with refused("passkey_not_right"):
        await come_in(database, device)


async def test_a_passkey_is_refused(database, clock) -> None:
    actor, other = await a_member(database), await a_member(database)
    device = await a_passkey(database, actor)
    with refused("passkey_not_right"):  # of another member
        await come_in(database, device, user=other.me.encode())
    with refused("passkey_not_right"):
        await come_in(database, device, user=b"\xff\x00")
    await come_in(database, device)
    with refused("passkey_not_right"):  # a counter that went back: a copy of the key
        await come_in(database, device, count=-1)
    begun = await do(database, NOBODY, members.begin_passkey_sign_in, SITE)
    late = members.FinishPasskey(begun.id, device.sign(begun.options, count=9))
    clock.move(minutes=5)
    with refused("passkey_not_right"):
        await members.sign_in_with_passkey(database, late, SITE)
    device.origin = "https://evil.example"
    with refused("passkey_not_right"):
        await come_in(database, device, count=20)
    for nonsense in ({}, {"id": 1, "response": {"userHandle": None}}, {"id": "a", "response": []}):
        with refused("passkey_not_right"):
            await members.sign_in_with_passkey(database, members.FinishPasskey("chl_x", nonsense), SITE)
    assert await count(database, "sessions") == 3


async def test_a_challenge_answers_once_and_only_its_member(database) -> None:
    actor, other = await a_member(database), await a_member(database)
    device = Authenticator()
    begun = await do(database, actor, members.begin_passkey, SITE)
    answer = members.FinishPasskey(begun.id, device.make(begun.options))
    with refused("passkey_not_right"):
        await do(database, other, members.finish_passkey, answer, SITE)
    await do(database, actor, members.finish_passkey, answer, SITE)
    with refused("passkey_not_right"):
        await do(database, actor, members.finish_passkey, answer, SITE)
    assert await count(database, "passkeys") == 1
    assert (await signed_in(database, a_phone())).new
