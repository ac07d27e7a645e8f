"""Coming in by phone code: one member per phone, nothing told about who is known, guesses run out."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import ANY

import asyncpg
import msgspec
import pytest

from tests.build import a_member, a_phone, signed_in
from tests.conftest import FakeClock
from xianji.domains import members
from xianji.domains.members.model import CODE_RATE_PHONE, SESSION_DAYS
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM


@contextmanager
def refused(code: str, **facts: object):
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code.name == code
    assert {name: caught.value.facts[name] for name in facts} == facts


async def ask(database: Database, phone: str, origin: str = "", demo: bool = True) -> None:
    async with database.work(NOBODY) as work:
        await members.request_code(work, members.RequestCode(phone), origin, demo)


async def enter(database: Database, phone: str, code: str = "000000", origin: str = "") -> members.SignedIn:
    return await members.sign_in(database, members.SignIn(phone, code, "手机"), origin)


async def count(database: Database, table: str) -> int:
    async with database.look(SYSTEM) as look:
        return await look.db.fetchval(f"select count(*) from {table}")


async def test_the_first_sign_in_makes_the_member_and_the_second_finds_him(database, clock: FakeClock) -> None:
    phone = a_phone()
    first = await signed_in(database, phone)
    clock.move(seconds=60)
    second = await signed_in(database, "+86 " + phone)
    assert (first.new, second.new) == (True, False)
    assert first.member == second.member
    assert first.token != second.token
    assert await count(database, "members") == await count(database, "phones") == await count(database, "handles") == 1
    async with database.look(NOBODY) as look:
        session = await members.load_session(look, second.token)
        page = await members.member_page(look, first.member)
    assert session.badge == members.MemberBadge(
        first.member, page.card.handle, page.card.name, None, "zh", "Asia/Shanghai", False, False
    )
    assert session.actor.member == first.member
    assert session.actor.roles == session.actor.restrictions == frozenset()


async def test_phone_and_code_are_never_stored_in_clear(database, clock: FakeClock) -> None:
    phone = a_phone()
    await ask(database, phone, demo=False)
    sent = []

    class Sender:
        async def send(self, message: members.TextMessage) -> None:
            sent.append(message)

    async with database.look(SYSTEM) as look:
        payload = await look.db.fetchval("select payload from pgqueuer where entrypoint = $1", members.SEND_TEXT)
    await members.send_text(database, payload, Sender())
    [message] = sent
    code = message.code
    assert (message.to, message.kind) == ("+86" + phone, "code")
    assert message.text == f"【闲集】验证码 {code}，10 分钟内有效。谁来要都别给。"
    assert len(code) == 6
    assert code.isdigit()
    assert phone.encode() not in payload
    assert code.encode() not in payload
    came = await enter(database, phone, code)
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select * from members where id = $1", came.member)
        codes = await look.db.fetchrow("select * from phone_codes")
    assert phone not in repr(dict(row))
    assert code not in repr(dict(codes))
    assert database.keys.open("member.phone", row["phone_sealed"]) == "+86" + phone


async def test_the_demo_code_is_worth_nothing_outside_demo_mode(database) -> None:
    phone = a_phone()
    await ask(database, phone, demo=False)
    with refused("code_not_right"):
        await enter(database, phone, "000000")
    assert await count(database, "members") == 0


async def test_a_code_works_once(database) -> None:
    phone = a_phone()
    await ask(database, phone)
    await enter(database, phone)
    with refused("code_not_right"):
        await enter(database, phone)
    assert await count(database, "sessions") == 1


async def test_wrong_tries_are_committed_and_spend_the_code(database) -> None:
    phone = a_phone()
    await ask(database, phone)
    for guess in range(1, 6):
        with refused("code_not_right"):
            await enter(database, phone, f"{guess:06d}")
    with refused("code_not_right"):
        await enter(database, phone, "000000")
    assert await count(database, "members") == 0


async def test_four_wrong_tries_leave_one_good_one(database) -> None:
    phone = a_phone()
    await ask(database, phone)
    for guess in range(1, 5):
        with refused("code_not_right"):
            await enter(database, phone, f"{guess:06d}")
    assert (await enter(database, phone)).new


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False)])
async def test_a_code_ends_after_ten_minutes(database, clock: FakeClock, seconds: int, good: bool) -> None:
    phone = a_phone()
    await ask(database, phone)
    clock.move(seconds=seconds)
    if good:
        assert (await enter(database, phone)).new
    else:
        with refused("code_not_right"):
            await enter(database, phone)


async def test_a_resend_waits_a_minute_and_replaces_the_code(database, clock: FakeClock) -> None:
    phone = a_phone()
    await ask(database, phone)
    clock.move(seconds=59)
    with refused("code_sent_recently", wait_seconds=1):
        await ask(database, phone)
    clock.move(seconds=1)
    await ask(database, phone, demo=False)
    with refused("code_not_right"):
        await enter(database, phone)


async def test_codes_per_phone_and_per_origin_run_out(database, clock: FakeClock) -> None:
    async with database.work(SYSTEM) as work:
        await set_value(work, CODE_RATE_PHONE.name, {"times": 2, "seconds": 86_400}, "tight")
        await set_value(work, "members.code_rate_origin", {"times": 3, "seconds": 3_600}, "tight")
    database.book.forget()
    phone = a_phone()
    for _ in range(2):
        await ask(database, phone, "10.0.0.1")
        clock.move(seconds=60)
    with refused("too_many_requests", wait_seconds=ANY):
        await ask(database, phone, "10.0.0.9")
    await ask(database, a_phone(), "10.0.0.1")
    with refused("too_many_requests", wait_seconds=ANY):
        await ask(database, a_phone(), "10.0.0.1")
    await ask(database, a_phone(), "10.0.0.2")


async def statements(database: Database, monkeypatch, call) -> list[str]:
    seen: list[str] = []
    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        plain = getattr(asyncpg.Connection, name)

        async def noted(self, query, *args, _plain=plain, **options):
            if "from config_versions" not in query:  # asked once a second by the kernel
                seen.append(query)
            return await _plain(self, query, *args, **options)

        monkeypatch.setattr(asyncpg.Connection, name, noted)
    try:
        await call()
    except Refusal as refusal:
        seen.append(refusal.code.name)
    monkeypatch.undo()
    return seen


async def test_known_and_unknown_phones_get_the_same_answer_and_the_same_work(
    database, clock: FakeClock, monkeypatch
) -> None:
    known, unknown = a_phone(), a_phone()
    await signed_in(database, known)
    clock.move(minutes=11)
    for call in (ask, lambda d, p: ask(d, p, demo=False), lambda d, p: enter(d, p, "999999")):
        work = [
            await statements(database, monkeypatch, lambda phone=phone, call=call: call(database, phone))
            for phone in (known, unknown)
        ]
        assert work[0] == work[1]
        assert len(work[0]) >= 3
        clock.move(minutes=11)


async def test_two_sign_ups_at_once_with_one_phone_make_one_member(database) -> None:
    phone = a_phone()
    await ask(database, phone)
    outcomes = await asyncio.gather(*(enter(database, phone) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, members.SignedIn) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 3
    assert await count(database, "members") == await count(database, "phones") == 1


async def test_two_joins_that_met_before_the_phone_was_claimed_make_one_member(database) -> None:
    """Both have passed the code; the one that commits second takes its own row back and comes in as the first."""
    from xianji.domains.members.actions import entry

    digest = database.keys.digest("member.phone", "+8613900000000")

    async def join():
        async with database.work(NOBODY) as work:
            return await entry._join_with_phone(work, "+8613900000000", digest, "zh")

    (one, first), (other, second) = await asyncio.gather(join(), join())
    assert one == other
    assert {first, second} == {True, False}
    assert await count(database, "members") == await count(database, "handles") == await count(database, "phones") == 1


@pytest.mark.parametrize("phone", ["12345", "01088888888", "not a phone", "+86 138", ""])
async def test_what_is_no_mobile_number_is_refused(database, phone: str) -> None:
    with refused("phone_not_valid"):
        await ask(database, phone)


async def test_a_session_slides_and_ends(database, clock: FakeClock) -> None:
    came = await signed_in(database, a_phone())
    days = SESSION_DAYS.default

    async def load():
        async with database.look(NOBODY) as look:
            return await members.load_session(look, came.token)

    assert not (await load()).stale
    clock.move(minutes=60)
    session = await load()
    assert session.stale
    async with database.work(session.actor) as work:
        await members.touch_session(work, session)
    assert not (await load()).stale
    clock.move(days=days, seconds=-1)
    assert await load()
    clock.move(seconds=1)
    assert await load() is None


async def test_sessions_are_listed_and_revoked(database, clock: FakeClock) -> None:
    phone = a_phone()
    tokens = []
    for device in ("手机", "电脑", "平板"):
        tokens.append((await signed_in(database, phone, device)).token)
        clock.move(seconds=60)
    stranger = await a_member(database)

    async def load(token):
        async with database.look(NOBODY) as look:
            return await members.load_session(look, token)

    phone_session, desk, tablet = [await load(token) for token in tokens]
    async with database.look(desk.actor) as look:
        lines = await members.list_sessions(look)
    assert [(line.device, line.is_this) for line in lines] == [("平板", False), ("电脑", True), ("手机", False)]
    with refused("not_found"):
        async with database.work(stranger) as work:
            await members.revoke_session(work, tablet.id)
    async with database.work(desk.actor) as work:
        await members.revoke_session(work, tablet.id)
    assert await load(tokens[2]) is None
    async with database.work(desk.actor) as work:
        assert await members.revoke_others(work) == 1
    assert await load(tokens[0]) is None
    assert phone_session.id != desk.id
    async with database.work(desk.actor) as work:
        await members.sign_out(work)
    assert await load(tokens[1]) is None
    assert await count(database, "sessions") == 1  # the stranger's


@pytest.mark.parametrize("token", ["", ".", "x", "a.b", "0" * 26 + ".abc", "\u0000", "mbr_" + "0" * 26])
async def test_a_made_up_token_is_nobody(database, token: str) -> None:
    async with database.look(NOBODY) as look:
        assert await members.load_session(look, token) is None


async def test_a_session_loads_with_one_statement(database, monkeypatch) -> None:
    came = await signed_in(database, a_phone())
    async with database.look(NOBODY) as look:
        seen = await statements(database, monkeypatch, lambda: members.load_session(look, came.token))
    assert len(seen) == 1


async def texts(database) -> list[tuple[str, str]]:
    """Kind and number of every message in the queue."""
    sent = []

    class Sender:
        async def send(self, message: members.TextMessage) -> None:
            sent.append((message.kind, message.to))

    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select payload from pgqueuer where entrypoint = $1 order by id", members.SEND_TEXT)
    for row in rows:
        await members.send_text(database, row["payload"], Sender())
    return sent


async def test_a_password_proves_the_member_and_then_the_old_number_gets_no_code(database, clock: FakeClock) -> None:
    old, new = a_phone(), a_phone()
    actor = await a_member(database, old)
    await members.set_password(database, actor, members.SetPassword("correct horse battery"))
    async with database.work(actor) as work:
        assert not await members.ask_phone_codes(work, members.AskPhoneCodes(new), demo=True)
    with refused("prove_yourself"):
        await members.change_phone(database, actor, members.ChangePhone(new, "000000"))
    with refused("password_not_right"):
        await members.change_phone(database, actor, members.ChangePhone(new, "000000", password="wrong horse battery"))
    wish = members.ChangePhone(new, "000000", password="correct horse battery")
    await members.change_phone(database, actor, wish)
    clock.move(seconds=61)
    assert not (await signed_in(database, new)).new


async def test_moving_to_another_phone(database, clock: FakeClock) -> None:
    old, new, taken = a_phone(), a_phone(), a_phone()
    actor = await a_member(database, old)
    await a_member(database, taken)
    clock.move(minutes=11)

    async def move(to: str, **proof: str) -> None:
        async with database.work(actor) as work:
            assert await members.ask_phone_codes(work, members.AskPhoneCodes(to), demo=True)
        await members.change_phone(database, actor, members.ChangePhone(to, "000000", **proof))
        clock.move(seconds=61)

    with refused("prove_yourself"):
        await move(new)
    clock.move(seconds=61)
    with refused("prove_yourself"):
        await move(new, old_code="111111")
    clock.move(seconds=61)
    with refused("phone_taken"):
        await move(taken, old_code="000000")
    clock.move(seconds=61)
    await move(new, old_code="000000")
    assert await texts(database) == [("phone_left", "+86" + old), ("phone_taken_up", "+86" + new)]
    async with database.look(actor) as look:
        assert (await members.me(look)).phone == f"{new[:3]}****{new[-4:]}"
    clock.move(seconds=60)
    assert not (await signed_in(database, new)).new
    assert (await signed_in(database, old)).new


async def test_input_structs_refuse_unknown_fields() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"phone":"1","code":"2","admin":true}', type=members.SignIn)
    assert timedelta(days=SESSION_DAYS.default) == timedelta(days=30)
