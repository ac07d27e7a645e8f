"""The sandbox's carrier as a process of its own, spoken to by the house's adapter and by hand."""

import hashlib
import itertools
import json
import time
from urllib.parse import parse_qs

import httpx
import pytest
from tests.sandbox.conftest import HTTP

from xianji.domains.parcels import TrackAsk, TrackingBusy, TrackingRefused
from xianji.domains.parcels.providers import Kuaidi100, Kuaidi100Account

ROAD = (("in_transit", 2), ("in_transit", 3))
HOP = (("in_transit", 2), ("in_transit", 2))
_numbers = itertools.count(1_000_000)


def number(ending: str = "900") -> str:
    return f"YT{next(_numbers):010d}{ending}"


@pytest.fixture
def account(process):
    return Kuaidi100Account.load(process.folder / "keys" / "carrier.json")


@pytest.fixture
async def carrier(process, account):
    found = Kuaidi100(account, process.url, timeout=httpx.Timeout(2.0))
    yield found
    await found.aclose()


async def way(carrier, process, waybill, *minutes):
    """The kinds told after each pause, and how the parcel stands as a whole."""
    found = []
    for pause in minutes:
        process.advance(pause * 60)
        told = await carrier.ask(TrackAsk("yto", waybill))
        found.append((told.whole, len(told.scans)))
    return found


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("900", [(None, 0), ("collected", 1), *ROAD, ("out_for_delivery", 4), ("signed", 5)]),
        ("001", [(None, 0)] * 6),
        ("002", [(None, 0), ("collected", 1), ("in_transit", 2), ("problem", 3), ("problem", 3), ("problem", 3)]),
        ("003", [(None, 0), ("collected", 1), *HOP, ("out_for_delivery", 3), ("returning", 5)]),
        ("006", [("announced", 1)] * 6),
    ],
)  # fmt: skip
async def test_each_script_moves_as_written(process, carrier, ending, expected):
    assert await way(carrier, process, number(ending), 0, 1, 1, 1, 1, 2) == expected


async def test_an_untidy_carrier_repeats_and_shuffles(process, carrier):
    waybill = number("004")
    await carrier.ask(TrackAsk("yto", waybill))
    process.advance(360)
    told = await carrier.ask(TrackAsk("yto", waybill))
    assert len(told.scans) == 10
    assert len(set(told.scans)) == 5
    assert list(told.scans) != sorted(told.scans, key=lambda scan: scan.at)


async def test_a_silent_carrier_is_given_up(process, account):
    port = Kuaidi100(account, process.url, timeout=httpx.Timeout(0.3))
    with pytest.raises(TrackingBusy):
        await port.ask(TrackAsk("yto", number("005")))
    await port.aclose()


async def test_who_does_not_sign_or_says_no_number_is_turned_away(process, account):
    wrong = Kuaidi100(Kuaidi100Account(account.customer, "wrong", "x"), process.url)
    with pytest.raises(TrackingRefused, match="503"):
        await wrong.ask(TrackAsk("yto", number()))
    with pytest.raises(TrackingRefused, match="601"):
        await wrong.follow(TrackAsk("yto", number()), "http://127.0.0.1:9/x")
    await wrong.aclose()
    right = Kuaidi100(account, process.url)
    with pytest.raises(TrackingRefused, match="408"):
        await right.ask(TrackAsk("sf", number()))
    assert (await right.ask(TrackAsk("sf", number(), "5678"))).scans == ()
    await right.aclose()
    assert HTTP.post(process.url + "/poll/query.do", content=b"\xff[[").json()["returnCode"] == "601"
    assert HTTP.post(process.url + "/poll", data={"param": "[" * 9_000}).json()["returnCode"] == "601"


async def test_a_follower_is_called_when_the_parcel_moves_and_again_until_it_hears(process, carrier, account, receiver):
    waybill = number()
    await carrier.follow(TrackAsk("yto", waybill), receiver.url)
    await carrier.follow(TrackAsk("yto", waybill), receiver.url)
    process.advance(70)
    _wait(receiver, 1)
    form = {name: value for name, (value,) in parse_qs(receiver.got[0][1].decode()).items()}
    assert form["sign"] == hashlib.md5((form["param"] + account.salt).encode()).hexdigest().upper()
    assert json.loads(form["param"])["lastResult"]["nu"] == waybill
    pushed = carrier.read_push({}, receiver.got[0][1])
    assert (pushed.carrier, pushed.waybill, pushed.told.whole) == ("yto", waybill, "collected")
    process.advance(31)
    _wait(receiver, 2)


def _wait(receiver, count: int) -> None:
    until = time.monotonic() + 10
    while len(receiver.got) < count:
        assert time.monotonic() < until, "nobody was called"
        time.sleep(0.05)


async def test_a_parcel_is_remembered_over_a_restart_and_may_be_scripted_by_hand(new_process):
    process = new_process()
    process.admin("/clock", freeze_at="2026-03-01T02:00:00Z")
    port = Kuaidi100(Kuaidi100Account.load(process.folder / "keys" / "carrier.json"), process.url)
    waybill = number()
    await port.ask(TrackAsk("yto", waybill))
    process.advance(60)
    process.kill()
    process.start()
    assert (await port.ask(TrackAsk("yto", waybill))).whole == "collected"
    process.admin(f"/parcels/{waybill}", script="never")
    assert (await port.ask(TrackAsk("yto", waybill))).scans == ()
    assert process.signed("admin", "POST", f"/admin/parcels/{waybill}", b'{"script":"fly"}').status_code == 400
    await port.aclose()
