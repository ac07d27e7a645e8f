"""The adapter against a server that knows only the public documents: strings to sign are put together here by hand."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from xianji.domains.parcels import PushRefused, Scan, TrackAsk, TrackingBusy, TrackingRefused
from xianji.domains.parcels.providers import Kuaidi100, Kuaidi100Account

ACCOUNT = Kuaidi100Account("5FBA04A8FDB4", "JNVdxSqH4104", "nfds09jdfaldfa2wewe823")
PARCEL = TrackAsk("yto", "YT1234567890123")
ROWS = [
    {"ftime": "2026-03-02 18:30:00", "context": "已签收", "status": "签收", "statusCode": "301"},
    {"time": "2026-03-02 08:05:00", "ftime": "2026-03-02 08:05:00", "context": "派件中", "status": "派件"},
    {"ftime": "2026-03-01 21:00:00", "context": "已揽收", "status": "揽收", "statusCode": "103"},
    {"time": "2026-03-01 20:00:00", "context": "已下单", "status": "已下单", "statusCode": "101"},
]  # fmt: skip
ANSWER = {"message": "ok", "nu": "YT1234567890123", "com": "yuantong", "ischeck": "1", "state": "3", "status": "200"}


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class Institute:
    """Judges every request by the documents and gives the answers it was told to give."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        form = {name: values for name, (values,) in parse_qs(body.decode(), strict_parsing=True).items()}
        kind = dict(scope["headers"])[b"content-type"]
        assert (scope["method"], kind) == ("POST", b"application/x-www-form-urlencoded")
        if scope["path"] == "/poll/query.do":
            assert set(form) == {"customer", "sign", "param"}
            assert form["sign"] == md5(form["param"] + "JNVdxSqH4104" + "5FBA04A8FDB4").upper()
        else:
            assert scope["path"] == "/poll"
            assert (set(form), form["schema"]) == ({"schema", "param"}, "json")
        self.asked.append((scope["path"], json.loads(form["param"])))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer if isinstance(answer, tuple) else (200, json.dumps(answer).encode())
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})


@pytest.fixture
def institute() -> Institute:
    return Institute()


@pytest.fixture
async def port(institute: Institute) -> Any:
    found = Kuaidi100(ACCOUNT, "https://poll.example", transport=httpx.ASGITransport(app=institute))
    yield found
    await found.aclose()


async def test_a_question_is_signed_as_documented_and_its_answer_read(institute: Institute, port: Kuaidi100) -> None:
    institute.answers = [ANSWER | {"data": ROWS}]
    told = await port.ask(PARCEL)
    ((_, param),) = institute.asked
    assert (param["com"], param["num"], param["phone"]) == ("yuantong", "YT1234567890123", "")
    assert told.whole == "signed"
    assert told.scans == (
        Scan(datetime(2026, 3, 2, 10, 30, tzinfo=UTC), "signed", "已签收"),
        Scan(datetime(2026, 3, 2, 0, 5, tzinfo=UTC), "out_for_delivery", "派件中"),
        Scan(datetime(2026, 3, 1, 13, 0, tzinfo=UTC), "collected", "已揽收"),
        Scan(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "announced", "已下单"),
    )


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("0", "in_transit"), ("1", "collected"), ("2", "problem"), ("3", "signed"), ("4", "returning"),
        ("5", "out_for_delivery"), ("6", "returning"), ("7", "in_transit"), ("8", "in_transit"), ("14", "refused"),
        ("101", "announced"), ("103", "collected"), ("1001", "in_transit"), ("501", "at_station"), ("304", "signed"),
        ("401", "problem"), ("", None), ("99", None),
    ],
)  # fmt: skip
async def test_every_documented_state(institute: Institute, port: Kuaidi100, state: str, kind: str | None) -> None:
    institute.answers = [ANSWER | {"state": state, "data": []}]
    assert (await port.ask(PARCEL)).whole == kind


async def test_the_end_of_the_number_goes_with_a_question_that_needs_it(institute: Institute, port: Kuaidi100) -> None:
    institute.answers = [ANSWER | {"data": []}]
    await port.ask(TrackAsk("sf", "SF1234567890123", "5678"))
    assert (institute.asked[0][1]["com"], institute.asked[0][1]["phone"]) == ("shunfeng", "5678")


async def test_nothing_found_yet_is_an_answer(institute: Institute, port: Kuaidi100) -> None:
    institute.answers = [{"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}]
    told = await port.ask(PARCEL)
    assert (told.whole, told.scans) == (None, ())


@pytest.mark.parametrize("code", ["501", "502"])
async def test_trouble_there_is_asked_again(institute: Institute, port: Kuaidi100, code: str) -> None:
    institute.answers = [{"result": False, "returnCode": code, "message": "服务器繁忙"}]
    with pytest.raises(TrackingBusy):
        await port.ask(PARCEL)


@pytest.mark.parametrize("code", ["400", "408", "503", "601"])
async def test_a_no_names_its_code(institute: Institute, port: Kuaidi100, code: str) -> None:
    institute.answers = [{"result": False, "returnCode": code, "message": "不行"}]
    with pytest.raises(TrackingRefused) as no:
        await port.ask(PARCEL)
    assert no.value.code == code


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"), (302, b""), (200, b"<html>"), (200, b"[" * 100_000), (200, b"\xff"),
        ANSWER | {"data": [{"context": "x", "ftime": "gestern"}]}, ANSWER | {"data": "x"},
        httpx.ReadTimeout("slow"), httpx.ConnectError("down"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_teaches_nothing(institute: Institute, port: Kuaidi100, answer: Any) -> None:
    institute.answers = [answer]
    with pytest.raises(TrackingBusy):
        await port.ask(PARCEL)


async def test_following_gives_the_address_and_the_salt(institute: Institute, port: Kuaidi100) -> None:
    institute.answers = [{"result": True, "returnCode": "200"}, {"result": False, "returnCode": "501"}]
    await port.follow(TrackAsk("sf", "SF1234567890123", "5678"), "https://us.example/hooks/parcels/kuaidi100")
    await port.follow(PARCEL, "https://us.example/hooks/parcels/kuaidi100")
    path, param = institute.asked[0]
    assert (path, param["company"], param["number"], param["key"]) == (
        "/poll", "shunfeng", "SF1234567890123", "JNVdxSqH4104",
    )  # fmt: skip
    assert param["parameters"]["callbackurl"] == "https://us.example/hooks/parcels/kuaidi100"
    assert (param["parameters"]["salt"], param["parameters"]["phone"]) == ("nfds09jdfaldfa2wewe823", "5678")
    institute.answers = [{"result": False, "returnCode": "701", "message": "拒绝订阅的快递公司"}]
    with pytest.raises(TrackingRefused):
        await port.follow(PARCEL, "https://us.example")


def pushed(param: str, sign: str | None = None) -> bytes:
    return urlencode(
        {"sign": md5(param + "nfds09jdfaldfa2wewe823").upper() if sign is None else sign, "param": param}
    ).encode()


PARAM = json.dumps({"status": "shutdown", "message": "", "lastResult": ANSWER | {"data": ROWS[:1]}}, ensure_ascii=False)


async def test_a_call_is_believed_for_its_signature_alone(port: Kuaidi100) -> None:
    found = port.read_push({}, pushed(PARAM))
    assert (found.carrier, found.waybill, found.told.whole) == ("yto", "YT1234567890123", "signed")
    assert found.told.scans[0].words == "已签收"
    assert port.read_push({}, pushed(PARAM, md5(PARAM + "nfds09jdfaldfa2wewe823"))) == found
    assert json.loads(port.push_answer()) == {"result": True, "returnCode": "200", "message": "成功"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"param=x", pushed(PARAM, ""), pushed(PARAM, "é"), pushed(PARAM, md5(PARAM)),
        pushed(PARAM.replace("301", "103"), md5(PARAM + "nfds09jdfaldfa2wewe823")),
        pushed(PARAM, md5(PARAM + "JNVdxSqH4104")), pushed("[" * 50_000), pushed('{"lastResult":[]}'), pushed("{}"),
        b"&".join([b"a=b"] * 40),
    ],
)  # fmt: skip
async def test_no_other_call_is_believed(port: Kuaidi100, body: bytes) -> None:
    with pytest.raises(PushRefused):
        port.read_push({}, body)


def test_what_it_says_of_itself_holds_no_secret() -> None:
    assert "JNVd" not in repr(ACCOUNT)
    assert "nfds" not in repr(ACCOUNT)
