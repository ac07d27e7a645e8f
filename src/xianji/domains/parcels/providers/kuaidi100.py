"""快递100, as its public documents describe it: asking (`/poll/query.do`), following (`/poll`) and its calls to us.

A question is a form of `customer`, `param` (JSON) and `sign`, the upper-case hex MD5 of param + key + customer. A call
is a form of `param` and `sign`, the hex MD5 of param + salt, where the salt was given when following. Times are China
time. The sandbox's carrier speaks the same wire. Never run against the live service.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
import msgspec

from xianji.domains.parcels.provider import (
    Pushed,
    PushRefused,
    Scan,
    ScanKind,
    Told,
    TrackAsk,
    TrackingBusy,
    TrackingRefused,
)

Shape = TypeVar("Shape")
LIVE = "https://poll.kuaidi100.com"
_CHINA = ZoneInfo("Asia/Shanghai")
# Our carriers by their codes there; a carrier that is not here cannot be asked about.
_CODES = {
    "sf": "shunfeng",
    "zto": "zhongtong",
    "yto": "yuantong",
    "sto": "shentong",
    "yunda": "yunda",
    "jtexpress": "jtexpress",
    "ems": "ems",
    "chinapost": "youzhengguonei",
    "jd": "jd",
    "deppon": "debangkuaidi",
}
_OURS = {code: ours for ours, code in _CODES.items()}
# State codes, the finer ones first: a code with more digits refines the one it begins with.
_KINDS: dict[str, ScanKind] = {
    "101": "announced",
    "102": "announced",
    "401": "problem",
    "501": "at_station",
    "1001": "in_transit",
    "1002": "in_transit",
    "1003": "in_transit",
    "10": "in_transit",
    "11": "in_transit",
    "12": "in_transit",
    "13": "problem",
    "14": "refused",
    "0": "in_transit",
    "1": "collected",
    "2": "problem",
    "3": "signed",
    "4": "returning",
    "5": "out_for_delivery",
    "6": "returning",
    "7": "in_transit",
    "8": "in_transit",
}
# The same in words, where a scan has no code of its own.
_WORDS: dict[str, ScanKind] = {
    "揽收": "collected",
    "在途": "in_transit",
    "派件": "out_for_delivery",
    "签收": "signed",
    "退签": "returning",
    "退回": "returning",
    "疑难": "problem",
    "拒签": "refused",
}
_NOTHING_YET = "500"
_LATER = frozenset(("501", "502"))
_FOLLOWED_ALREADY = "501"


class Kuaidi100Account(msgspec.Struct, frozen=True):
    """What 快递100 issues (`customer`, `key`) and what proves its calls to us (`salt`, chosen by us)."""

    customer: str
    key: str
    salt: str

    def __repr__(self) -> str:
        return f"Kuaidi100Account({self.customer!r})"

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read account.json. FileNotFoundError, msgspec.ValidationError or ValueError say what is wrong with it."""
        account = msgspec.json.decode(file.read_bytes(), type=cls)
        if not (account.customer and account.key and account.salt):
            raise ValueError("customer, key and salt may not be empty")
        return account


class _Row(msgspec.Struct, frozen=True):
    context: str
    time: str = ""
    ftime: str = ""
    status: str = ""
    status_code: str = msgspec.field(name="statusCode", default="")


class _Way(msgspec.Struct, frozen=True):
    """An answer to a question, or the `lastResult` of a call."""

    com: str = ""
    nu: str = ""
    state: str | int = ""
    data: list[_Row] = []
    result: bool = True
    return_code: str = msgspec.field(name="returnCode", default="")


class _Push(msgspec.Struct, frozen=True):
    last: _Way = msgspec.field(name="lastResult")


class _Done(msgspec.Struct, frozen=True):
    return_code: str = msgspec.field(name="returnCode")


class Kuaidi100:
    """Implements `Tracking`."""

    def __init__(
        self,
        account: Kuaidi100Account,
        base_url: str = LIVE,
        *,
        timeout: httpx.Timeout | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._account = account
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout or httpx.Timeout(connect=3.0, read=8.0, write=5.0, pool=3.0),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def aclose(self) -> None:
        """End the connections."""
        await self._http.aclose()

    def knows(self, carrier: str) -> bool:
        """Whether 快递100 has a code for this carrier."""
        return carrier in _CODES

    async def ask(self, parcel: TrackAsk) -> Told:
        """What is known now; nothing when the number was never scanned."""
        param = _json(
            {
                "com": _CODES[parcel.carrier],
                "num": parcel.waybill,
                "phone": parcel.phone,
                "resultv2": "4",
                "show": "0",
                "order": "desc",
            }
        )
        account = self._account
        sign = hashlib.md5(f"{param}{account.key}{account.customer}".encode(), usedforsecurity=False).hexdigest()
        form = {"customer": account.customer, "sign": sign.upper(), "param": param}
        way = _shaped(await self._post("/poll/query.do", form), _Way)
        if way.return_code in ("", "200"):
            return _told(way)
        if way.return_code == _NOTHING_YET:
            return Told(None, ())
        raise TrackingBusy(way.return_code) if way.return_code in _LATER else TrackingRefused(way.return_code)

    async def follow(self, parcel: TrackAsk, notify_url: str) -> None:
        """Ask to be called at `notify_url`; a number that is followed already is followed."""
        param = _json(
            {
                "company": _CODES[parcel.carrier],
                "number": parcel.waybill,
                "key": self._account.key,
                "parameters": {
                    "callbackurl": notify_url,
                    "salt": self._account.salt,
                    "resultv2": "4",
                    "phone": parcel.phone,
                },
            }
        )
        done = _shaped(await self._post("/poll", {"schema": "json", "param": param}), _Done)
        if done.return_code not in ("200", _FOLLOWED_ALREADY):
            raise TrackingRefused(done.return_code)

    def read_push(self, headers: Mapping[str, str], body: bytes) -> Pushed:
        """The parcel of a call whose signature is right."""
        try:
            form = parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=10)
            (param,), (sign,) = form["param"], form["sign"]
        except (ValueError, KeyError) as wrong:
            raise PushRefused("malformed") from wrong
        right = hashlib.md5(f"{param}{self._account.salt}".encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(right.encode(), sign.lower().encode()):
            raise PushRefused("bad_signature")
        try:
            way = msgspec.json.decode(param, type=_Push).last
            return Pushed(_OURS.get(way.com, ""), way.nu, _told(way))
        except (msgspec.MsgspecError, TrackingBusy, RecursionError) as wrong:
            raise PushRefused("malformed") from wrong

    def push_answer(self) -> bytes:
        """The answer that keeps 快递100 from calling again."""
        return _json({"result": True, "returnCode": "200", "message": "成功"}).encode()

    async def _post(self, path: str, form: dict[str, str]) -> bytes:
        try:
            answer = await self._http.post(path, data=form)
        except httpx.HTTPError as wrong:
            raise TrackingBusy(type(wrong).__name__) from wrong
        if not answer.is_success:
            raise TrackingBusy(str(answer.status_code))
        return answer.content


def _json(content: object) -> str:
    return msgspec.json.encode(content).decode()


def _shaped(content: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
        raise TrackingBusy("unreadable_answer") from wrong


def _told(way: _Way) -> Told:
    return Told(_kind(str(way.state), ""), tuple(_scan(row) for row in way.data))


def _scan(row: _Row) -> Scan:
    try:
        at = datetime.fromisoformat(row.ftime or row.time).replace(tzinfo=_CHINA)
    except ValueError as wrong:
        raise TrackingBusy("unreadable_time") from wrong
    return Scan(at, _kind(row.status_code, row.status) or "in_transit", row.context)


def _kind(code: str, words: str) -> ScanKind | None:
    """Our kind of a state: by its code, by what the code refines, or by its words."""
    return _KINDS.get(code) or _KINDS.get(code[:1]) or _WORDS.get(words)
