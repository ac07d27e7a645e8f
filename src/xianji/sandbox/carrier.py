"""The sandbox's carrier over HTTP: it answers questions, takes followers, and calls them when a parcel moves.

The wire is the documented one of 快递100; `docs/domains/parcels.md` says what is spoken and how parcels are scripted.
"""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.sandbox import model
from xianji.sandbox.books import Books
from xianji.sandbox.crypto import CarrierAccount
from xianji.sandbox.parcels import SCRIPTS, Parcel, digest

_ROUND_SECONDS = 1.0
_SILENT_SECONDS = 12.0
_AGAIN = timedelta(seconds=30)


class Carrier(msgspec.Struct, frozen=True):
    """What the carrier's handlers need."""

    books: Books
    account: CarrierAccount


class ScriptRequest(msgspec.Struct, forbid_unknown_fields=True):
    """How a parcel shall move from now on."""

    script: str


def _carrier(request: Request[Any, Any, State]) -> Carrier:
    found: Carrier = request.app.state.carrier
    return found


async def _form(request: Request[Any, Any, State]) -> dict[str, str]:
    found = parse_qs((await request.body()).decode("utf-8", "replace"))
    return {name: values[0] for name, values in found.items()}


def _said(code: str, message: str) -> Response[bytes]:
    return _json({"result": code == "200", "returnCode": code, "message": message})


def _json(body: object) -> Response[bytes]:
    return Response(msgspec.json.encode(body), media_type="application/json", status_code=200)


def _param(form: dict[str, str]) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(form.get("param", ""))
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@post("/poll/query.do")
async def query(request: Request[Any, Any, State]) -> Response[bytes]:
    """Where a parcel is. Speaks only to who signs; 顺丰 only to who knows the end of a number."""
    carrier, form = _carrier(request), await _form(request)
    account, ask = carrier.account, _param(form)
    if form.get("customer") != account.customer:
        return _said("601", "key已过期")
    if form.get("sign") != digest(form.get("param", ""), account.key, account.customer):
        return _said("503", "验证签名失败")
    if not ask.get("com") or not ask.get("num"):
        return _said("400", "提交的数据不完整")
    if ask["com"] == "shunfeng" and not ask.get("phone"):
        return _said("408", "快递公司参数异常：验证码错误")
    now = carrier.books.clock()
    parcel = carrier.books.parcels.find(ask["com"], ask["num"], now)
    carrier.books.keep_parcel(parcel)
    if parcel.script == "silent":
        await asyncio.sleep(_SILENT_SECONDS)
        return _said("502", "服务器繁忙")
    return _json(carrier.books.parcels.answer(parcel, now))


@post("/poll")
async def follow(request: Request[Any, Any, State]) -> Response[bytes]:
    """Call this address when the parcel moves."""
    carrier, ask = _carrier(request), _param(await _form(request))
    more = ask.get("parameters") or {}
    if ask.get("key") != carrier.account.key:
        return _said("601", "POLL:KEY已过期")
    if not ask.get("company") or not ask.get("number") or not more.get("callbackurl"):
        return _said("700", "订阅方的订阅数据存在错误")
    parcel = carrier.books.parcels.find(ask["company"], ask["number"], carrier.books.clock())
    if parcel.notify_url:
        return _said("501", "重复订阅")
    parcel.notify_url, parcel.salt = more["callbackurl"], more.get("salt", "")
    carrier.books.keep_parcel(parcel)
    return _said("200", "提交成功")


@post("/admin/parcels/{number:str}")
async def script(request: Request[Any, Any, State], number: FromPath[str]) -> Response[bytes]:
    """Let a parcel move by another script, beginning now; its follower hears of it anew."""
    carrier = _carrier(request)
    try:
        wanted = msgspec.json.decode(await request.body(), type=ScriptRequest).script
    except msgspec.MsgspecError as wrong:
        raise model.SandboxRefused("bad_request", 400) from wrong
    if wanted not in SCRIPTS:
        raise model.SandboxRefused("bad_request", 400)
    parcel = carrier.books.parcels.find("", number, carrier.books.clock())
    parcel.script, parcel.started, parcel.told = wanted, carrier.books.clock(), 0
    carrier.books.keep_parcel(parcel)
    return _json({"script": wanted})


class Postman:
    """Calls followers about parcels that moved; one loop."""

    def __init__(self, carrier: Carrier, timeout_seconds: float) -> None:
        self._carrier = carrier
        self._http = httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False, trust_env=False)

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(_ROUND_SECONDS)

    async def round(self) -> None:
        """Call everybody once who has something to hear."""
        for parcel in self._carrier.books.parcels.due(self._carrier.books.clock()):
            await self._tell(parcel)

    async def _tell(self, parcel: Parcel) -> None:
        books = self._carrier.books
        now = books.clock()
        steps = len(books.parcels.steps(parcel, now))
        result = books.parcels.answer(parcel, now)
        over = result["ischeck"] == "1"
        param = msgspec.json.encode(
            {"status": "shutdown" if over else "polling", "billstatus": "", "message": "", "lastResult": result}
        ).decode()
        form = {"sign": digest(param, parcel.salt), "param": param}
        try:
            answer = await self._http.post(parcel.notify_url, data=form)
            heard = answer.is_success and answer.json().get("result") is True
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            heard = False
        parcel.told, parcel.try_at = (steps, None) if heard else (parcel.told, now + _AGAIN)
        books.keep_parcel(parcel)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


ROUTES: list[ControllerRouterHandler] = [query, follow, script]
