"""Ids, money, states, keys, texts, configuration: the small things everything stands on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import START, FakeClock
from xianji.kernel import text
from xianji.kernel.config import SETTING_IN_THE_PAST, SETTING_NOT_VALID, set_value
from xianji.kernel.crypto import Keys, Ring, Sealed, load_ring, read_ring, store_ring
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.idempotency import KEEP_HOURS
from xianji.kernel.ids import is_id, new_id
from xianji.kernel.money import Money, as_text, parse_decimal, rate_half_up, split_by_weight
from xianji.kernel.pages import CURSOR_NOT_VALID, decode_cursor, encode_cursor
from xianji.kernel.states import machine, move
from xianji.kernel.work import SYSTEM

# --- ids


@given(st.integers(0, 2**40), st.integers(1, 10**6), st.integers())
def test_ids_sort_by_time_and_have_their_shape(start: int, later: int, seed: int) -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start)
    random = Random(seed)
    one, two = new_id("itm", first, random), new_id("itm", first + timedelta(milliseconds=later), random)
    assert one < two
    assert is_id("itm", one)
    assert not is_id("ord", one)


def test_an_id_is_a_version_7_uuid_in_26_letters() -> None:
    shown = new_id("itm", START, Random(1)).removeprefix("itm_")
    number = 0
    for letter in shown:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    assert (number >> 76 & 15, number >> 62 & 3) == (7, 2)
    assert number >> 80 == int(START.timestamp() * 1000)


# --- money


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("12", "CNY", 1200),
        ("12.5", "CNY", 1250),
        ("¥1,200.05", "CNY", 120005),
        ("0.01", "CNY", 1),
        ("0.001", "CNY", None),
        ("-1", "CNY", None),
        ("1e5", "CNY", None),
        ("十二", "CNY", None),
        ("", "CNY", None),
        ("500", "JPY", 500),
        ("500.5", "JPY", None),
        ("9" * 12, "CNY", None),
    ],
)
def test_what_people_type_as_money(typed: str, currency: str, amount: int | None) -> None:
    assert parse_decimal(typed, currency) == amount


def test_money_shows_as_people_write_it() -> None:
    assert as_text(1250, "CNY") == "¥12.50"
    assert as_text(120000, "CNY") == "¥1,200"
    assert as_text(1250, "USD", "en_US") == "$12.50"
    assert as_text(500, "JPY", "en_US") == "¥500"


def test_two_currencies_never_meet_in_a_sum() -> None:
    with pytest.raises(AssertionError):
        Money(1, "CNY") + Money(1, "USD")


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_a_split_sums_to_the_whole_and_gives_nothing_to_nobody(total: int, weights: list[int]) -> None:
    parts = split_by_weight(total, weights)
    assert sum(parts) == total
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert min(parts) >= 0


@pytest.mark.parametrize(("base", "fee"), [(100_000, 600), (50, 0), (83, 0), (84, 1), (250, 2), (0, 0)])
def test_a_rate_rounds_half_up(base: int, fee: int) -> None:
    assert rate_half_up(base, 6_000) == fee


# --- states


def test_a_machine_refuses_what_its_table_does_not_hold() -> None:
    door = machine(
        "door", ["open", "shut"], move("open", "close", "shut", "guest"), move("shut", "open", "open", "host")
    )
    assert door.decide("open", "close", "guest").to == "shut"
    for state, verb, who in [("open", "close", "host"), ("shut", "close", "guest"), ("open", "open", "host")]:
        with pytest.raises(Refusal) as refused:
            door.decide(state, verb, who)
        assert refused.value.code is MOVE_NOT_OPEN
    assert door.open_to("open", "guest") == ["close"]
    assert door.final == frozenset()


# --- keys


def test_a_sealed_value_opens_only_for_its_purpose_and_after_rotation() -> None:
    before = Keys(Ring.new())
    sealed = before.seal("member.phone", "13800138000")
    after = Keys(before.ring.rotated())
    assert "138" not in sealed
    assert after.open("member.phone", sealed) == "13800138000"
    assert not after.is_current(sealed)
    assert after.is_current(after.seal("member.phone", "x"))
    assert after.digest("member.phone", "13800138000") == before.digest("member.phone", "13800138000")
    with pytest.raises(Sealed):
        after.open("member.name", sealed)
    with pytest.raises(Sealed):
        before.open("member.phone", after.seal("member.phone", "x"))


def test_a_running_process_finds_a_key_that_was_made_after_its_start(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring.json"
    reads: list[int] = []

    def read_again() -> Ring:
        reads.append(1)
        return read_ring(path)

    running = Keys(load_ring(path), read_again)
    store_ring(path, running.ring.rotated())
    newer = Keys(read_ring(path))
    assert running.seal("member.phone", "x").startswith("k1.")
    assert running.open("member.phone", newer.seal("member.phone", "13800138000")) == "13800138000"
    assert newer.is_current(running.seal("member.phone", "x"))
    assert newer.open("member.phone", running.seal("member.phone", "x")) == "x"
    assert reads == [1]
    with pytest.raises(Sealed):
        running.open("member.phone", "k9.AAAA")


def test_the_ring_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring.json"
    made = load_ring(path)
    assert load_ring(path) == made
    store_ring(path, made.rotated())
    assert load_ring(path).current == "k2"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_signatures_are_bound_to_purpose_and_text(keys: Keys) -> None:
    mark = keys.sign("csrf", "token")
    assert keys.signed_by_us("csrf", "token", mark)
    assert not keys.signed_by_us("csrf", "other", mark)
    assert not keys.signed_by_us("link", "token", mark)
    assert not keys.signed_by_us("csrf", "token", "\u5047")


# --- texts


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "text_empty"),
        ("  ", "text_empty"),
        ("x" * 21, "text_too_long"),
        ("a\x00b", "text_has_control_characters"),
        ("a\nb", "text_has_control_characters"),
        ("a\ud800", "text_has_control_characters"),
        ("price \u202e001", "text_turns_direction"),
        ("e" + "\u0301" * 7, "text_stacks_marks"),
    ],
)
def test_a_line_is_refused_by_name(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        text.line("title", typed, 20)
    assert refused.value.code.name == code
    assert refused.value.facts["field"] == "title"


@pytest.mark.parametrize("typed", ["搬家清仓", "👨‍👩‍👧 全家桶", "שלום", "café", "a" * 20])
def test_honest_text_is_kept_as_typed(typed: str) -> None:
    assert text.line("title", f"  {typed} ", 20) == typed


# --- cursors


@pytest.mark.parametrize("cursor", ["", "%%%", "e30", "bnVsbA", "W10", "é", "x" * 500])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal) as refused:
        decode_cursor(cursor, tuple[int, str])
    assert refused.value.code is CURSOR_NOT_VALID


def test_a_cursor_comes_back_as_it_went() -> None:
    assert decode_cursor(encode_cursor(5, "itm_x"), tuple[int, str]) == (5, "itm_x")


# --- configuration


async def test_a_setting_holds_from_its_moment_and_falls_back_by_scope(database: Database, clock: FakeClock) -> None:
    async with database.work(SYSTEM) as work:
        await set_value(work, KEEP_HOURS.name, 12, "everywhere", valid_from=START + timedelta(hours=1))
        await set_value(work, KEEP_HOURS.name, 6, "one circle", scope="cir_x")

    async def now() -> tuple[int, int, int]:
        database.book.forget()
        async with database.look(SYSTEM) as look:
            config = look.config
            return config.get(KEEP_HOURS), config.get(KEEP_HOURS, "cir_x"), config.version(KEEP_HOURS)

    assert await now() == (48, 6, 0)
    clock.move(hours=1)
    assert await now() == (12, 6, 1)


async def test_a_setting_of_the_wrong_type_or_in_the_past_is_refused(database: Database, clock: FakeClock) -> None:
    for value, moment, code in [
        ("many", None, SETTING_NOT_VALID),
        (12, START - timedelta(seconds=1), SETTING_IN_THE_PAST),
    ]:
        with pytest.raises(Refusal) as refused:
            async with database.work(SYSTEM) as work:
                await set_value(work, KEEP_HOURS.name, value, "why", valid_from=moment)
        assert refused.value.code is code
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from config_versions") == 0
