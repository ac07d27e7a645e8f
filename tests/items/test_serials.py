"""Serial numbers: every vector right, only a hash is kept, one serial on sale once."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.items.build import a_member, an_item, refused, snapshot, thing
from xianji.domains import items
from xianji.domains.items import serials
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal

GOOD = [
    ("490154203237518", "imei", "490154203237518"),
    (" 49-015420-323751-8 ", "imei", "490154203237518"),
    ("000000000000018", "imei", "000000000000018"),
    ("4901542032375101", "imeisv", "4901542032375101"),
    ("A0000000002329", "meid", "A0000000002329"),
    ("af012345012345c", "serial", "AF012345012345C"),
    ("C02XK1ABJGH5", "serial", "C02XK1ABJGH5"),
    ("x7r2k9m4q1", "serial", "X7R2K9M4Q1"),
]
BAD = [
    "490154203237517", "49015420323751", "", "1234", "0" * 15, "000000000000000", "１２３４５６７８９０１２３４５",
    "A" * 31, "序列号12345", "111111", "C02XK1_ABJGH5",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "plain"), GOOD)
def test_well_formed(typed: str, kind: str, plain: str) -> None:
    assert serials.read(typed) == (kind, plain)


@pytest.mark.parametrize("typed", [bad for bad in BAD if bad != "49015420323751"])
def test_malformed(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        serials.read(typed)
    assert caught.value.code.name == "serial_not_valid"


def test_fourteen_digits_are_no_imei() -> None:
    assert serials.read("49015420323751")[0] == "serial"


@given(st.text("0123456789", min_size=14, max_size=14).filter(lambda text: len(set(text)) > 2))
def test_exactly_one_check_digit_fits_and_every_single_slip_is_caught(payload: str) -> None:
    fitting = [digit for digit in "0123456789" if serials.is_imei(payload + digit)]
    assert len(fitting) == 1
    whole = payload + fitting[0]
    for place in range(15):
        slipped = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
        assert not serials.is_imei(slipped)


async def test_only_a_hash_is_kept(database: Database) -> None:
    item = await an_item(database, await a_member(database, "lin"), thing(serial="490154203237518"))
    row = await snapshot(database, item)
    assert (row["serial_kind"], len(row["serial_digest"])) == ("imei", 32)
    assert "49015420323751" not in repr(row)


async def test_a_serial_is_on_sale_once_under_concurrency(database: Database) -> None:
    sellers = [await a_member(database, f"seller{number}") for number in range(12)]
    new = thing(serial="490154203237518")
    outcome = await asyncio.gather(*(an_item(database, seller, new) for seller in sellers), return_exceptions=True)
    won = [result for result in outcome if isinstance(result, str)]
    assert len(won) == 1
    assert {result.code.name for result in outcome if isinstance(result, Refusal)} == {"serial_on_sale"}
    assert len([result for result in outcome if isinstance(result, Refusal)]) == 11


async def test_a_serial_is_free_again_when_its_item_is_over(database: Database) -> None:
    one, two = await a_member(database, "lin"), await a_member(database, "bo")
    first = await an_item(database, one, thing(serial="490154203237518"))
    draft = await an_item(database, two, thing(serial="4901542032375101", draft=True))
    with pytest.raises(Refusal) as caught:
        async with database.work(two) as work:
            await items.take_from_draft(work, draft)
    assert refused(caught) == ("serial_on_sale", {})
    async with database.work(one) as work:
        await items.expire(work, first)
    async with database.work(two) as work:
        await items.take_from_draft(work, draft)
    with pytest.raises(Refusal) as caught:
        async with database.work(one) as work:
            await items.relist(work, first)
    assert refused(caught) == ("serial_on_sale", {})


async def test_the_registry_is_asked_and_a_lost_thing_is_held(database: Database) -> None:
    seller = await a_member(database, "lin")
    lost = "4901542032375" + "7" + serials.luhn_digit("49015420323757")
    fine = await an_item(database, seller, thing(serial="490154203237518"))
    gone = await an_item(database, seller, thing(serial=lost))
    registry = items.DevRegistry()
    with pytest.raises(Refusal) as caught:
        await items.check_serial(database, registry, seller, fine, lost)
    assert refused(caught) == ("serial_other", {})
    assert (await items.check_serial(database, registry, seller, fine, "490154203237518")).state == "clear"
    assert (await items.check_serial(database, registry, seller, gone, lost)).state == "lost"
    rows = [await snapshot(database, fine), await snapshot(database, gone)]
    assert [(row["state"], row["serial_state"]) for row in rows] == [("live", "clear"), ("screening", "lost")]
