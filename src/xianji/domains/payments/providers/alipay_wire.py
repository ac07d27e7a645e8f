"""The signed gateway of Alipay's open platform: sorted parameters signed by RSA2, answers signed over their raw node.

Knows no trades. A callback is a form whose fields are signed like a request's, without `sign` and `sign_type`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from xianji.domains.payments import provider as port

from . import wire

_CODES = {
    "ACQ.TRADE_NOT_EXIST": "not_found",
    "ACQ.TRADE_HAS_SUCCESS": "already_paid",
    "ACQ.TRADE_HAS_CLOSE": "payment_closed",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": "not_enough_held",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "not_enough_held",
    "ACQ.CONTEXT_INCONSISTENT": "out_no_conflict",
}
_DONE = "10000"
_UNSURE = ("20000",)
_TOO_FAST = ("40005",)
_UNSURE_SUB = ("ACQ.SYSTEM_ERROR", "ACQ.TRADE_SETTLE_ERROR")
# Our own key or permission is wrong: nothing was done, an operator mends it while calls wait.
_TURNED_AWAY_SUB = ("isv.invalid-signature", "isv.invalid-app-id", "isv.insufficient-isv-permissions")
Shape = TypeVar("Shape")


@dataclass(frozen=True)
class AlipayKeys:
    """Our application's key and Alipay's."""

    app_id: str
    private: RSAPrivateKey
    public: RSAPublicKey


class _Head(msgspec.Struct):
    code: str
    msg: str = ""
    sub_code: str = ""


def stamp(moment: datetime) -> str:
    """A moment as Alipay writes it, in China's time."""
    return moment.astimezone(wire.CHINA).strftime("%Y-%m-%d %H:%M:%S")


def moment(text: str) -> datetime:
    """What Alipay wrote as a moment; ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=wire.CHINA)


def signed_text(fields: Mapping[str, str], *without: str) -> bytes:
    """What is signed: name=value of every field that holds something, by name, joined with "&"."""
    return "&".join(
        f"{name}={fields[name]}" for name in sorted(fields) if fields[name] and name not in without
    ).encode()


class Gateway:
    """Signed calls to one gateway. `now()` is aware UTC."""

    def __init__(self, url: str, keys: AlipayKeys, now: Callable[[], datetime], timeout: httpx.Timeout | None) -> None:
        self.url = url
        self._keys = keys
        self._now = now
        self._http = wire.client("", timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def fields(self, method: str, content: Mapping[str, Any], **more: str) -> dict[str, str]:
        """Every parameter of a call with its signature."""
        fields = {
            "app_id": self._keys.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": stamp(self._now()),
            "version": "1.0",
            "biz_content": msgspec.json.encode(content).decode(),
            **more,
        }
        return fields | {"sign": wire.sign(self._keys.private, signed_text(fields, "sign"))}

    async def call(self, method: str, content: Mapping[str, Any], shape: type[Shape], **more: str) -> Shape:
        """A signed call; returns the verified answer. Raises the port's three families."""
        body = urlencode(self.fields(method, content, **more)).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        answer = await wire.send(self._http, "POST", self.url, body, headers)
        if answer.status_code == 429:
            raise port.ProviderBusy("429")
        if not answer.is_success:
            raise port.ProviderUnknown(str(answer.status_code))
        whole = wire.shaped(answer.content, dict[str, msgspec.Raw])
        node = whole.get(method.replace(".", "_") + "_response") or whole.get("error_response")
        signature = wire.shaped(bytes(whole["sign"]), str) if "sign" in whole else ""
        if node is None or not wire.is_signed(self._keys.public, signature, bytes(node)):
            raise port.ProviderUnknown("unsigned_answer")
        _judge(wire.shaped(bytes(node), _Head))
        return wire.shaped(bytes(node), shape)

    async def file(self, url: str) -> bytes:
        """A file behind an address that a signed answer named; nothing of ours is sent along."""
        answer = await wire.send(self._http, "GET", url, b"", {})
        if not answer.is_success:
            raise port.ProviderUnknown(str(answer.status_code))
        return answer.content

    def open(self, body: bytes) -> dict[str, str]:
        """A callback's fields once its signature holds. Raises EventRefused."""
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=200)
        except (UnicodeDecodeError, ValueError) as wrong:
            raise port.EventRefused("malformed") from wrong
        fields = dict(pairs)
        if len(fields) < len(pairs) or fields.get("sign_type") != "RSA2":
            raise port.EventRefused("malformed")
        text = signed_text(fields, "sign", "sign_type")
        if not wire.is_signed(self._keys.public, fields.get("sign", ""), text):
            raise port.EventRefused("bad_signature")
        if fields.get("app_id") != self._keys.app_id:
            raise port.EventRefused("wrong_merchant")
        return fields


def _judge(head: _Head) -> None:
    if head.code == _DONE:
        return
    code = head.sub_code or head.code
    if head.code in _TOO_FAST or head.sub_code in _TURNED_AWAY_SUB:
        raise port.ProviderBusy(code)
    if head.code in _UNSURE or head.sub_code in _UNSURE_SUB:
        raise port.ProviderUnknown(code)
    raise port.ProviderRefused(_CODES.get(code, code.removeprefix("ACQ.").lower()))
