"""The signed channel of WeChat Pay APIv3: requests, answers, callbacks. Knows no orders.

Every request is signed over method, path with query, timestamp, nonce and body, a line each; every answer and callback
over timestamp, nonce and raw body. The key of an answer is named by a certificate serial or a public key id.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xianji.domains.payments import provider as port

from . import wire

SCHEME = "WECHATPAY2-SHA256-RSA2048"
# Their names for what other providers say in other words; everything else passes in lower case.
_CODES = {
    "ORDER_NOT_EXIST": "not_found",
    "ORDERNOTEXIST": "not_found",
    "RESOURCE_NOT_EXISTS": "not_found",
    "ORDERPAID": "already_paid",
    "ORDER_CLOSED": "payment_closed",
    "ORDERCLOSED": "payment_closed",
    "OUT_TRADE_NO_USED": "out_no_conflict",
    "NOT_ENOUGH": "not_enough_held",
}
# Nothing was done: too fast, or our own key is wrong, which an operator mends while calls wait.
_TURNED_AWAY = (401, 429)


@dataclass(frozen=True)
class WechatKeys:
    """Our key with its certificate's serial, their keys by id, and the 32 bytes callbacks are sealed with."""

    mchid: str
    serial: str
    private: RSAPrivateKey
    public: Mapping[str, RSAPublicKey]
    secret: bytes


class Resource(msgspec.Struct):
    """What is sealed in a callback."""

    algorithm: Literal["AEAD_AES_256_GCM"]
    nonce: str
    ciphertext: str
    original_type: str = ""
    associated_data: str = ""


class Envelope(msgspec.Struct):
    """A callback around its sealed resource."""

    id: str
    create_time: datetime
    event_type: str
    resource: Resource


class Channel:
    """Signed calls to one institution. `now()` is aware UTC, `nonce()` fresh random text of up to 32 characters."""

    def __init__(
        self,
        base_url: str,
        keys: WechatKeys,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        event_age: timedelta,
        timeout: httpx.Timeout | None,
    ) -> None:
        self.keys = keys
        self._now = now
        self._nonce = nonce
        self._age = event_age.total_seconds()
        self._http = wire.client(base_url, timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(self, method: str, path: str, body: Any = None) -> bytes:
        """A signed call; returns the verified answer. Raises the port's three families."""
        answer = await self._send(method, path, b"" if body is None else msgspec.json.encode(body))
        if not self._answer_is_theirs(answer):
            if answer.status_code in _TURNED_AWAY:
                raise port.ProviderBusy(str(answer.status_code))
            raise port.ProviderUnknown("unsigned_answer")
        if answer.is_success:
            return answer.content
        code = _code_of(answer.content)
        if answer.status_code in _TURNED_AWAY:
            raise port.ProviderBusy(code)
        if answer.is_client_error:
            raise port.ProviderRefused(_CODES.get(code, code.lower()))
        raise port.ProviderUnknown(code)

    async def file(self, path: str) -> bytes:
        """A file of theirs. It comes without a signature: the caller compares its hash with the signed one."""
        answer = await self._send("GET", path, b"")
        if not answer.is_success:
            raise port.ProviderUnknown(str(answer.status_code))
        return answer.content

    async def _send(self, method: str, path: str, body: bytes) -> httpx.Response:
        stamp, nonce = str(int(self._now().timestamp())), self._nonce()
        text = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        facts = {
            "mchid": self.keys.mchid,
            "nonce_str": nonce,
            "timestamp": stamp,
            "serial_no": self.keys.serial,
            "signature": wire.sign(self.keys.private, text),
        }
        headers = {
            "Authorization": f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in facts.items()),
            "Accept": "application/json",
            "User-Agent": "xianji",
            "Wechatpay-Serial": next(iter(self.keys.public)),
        }
        if body:
            headers["Content-Type"] = "application/json"
        return await wire.send(self._http, method, path, body, headers)

    def _answer_is_theirs(self, answer: httpx.Response) -> bool:
        try:
            self._judge(answer.headers, answer.content, self._now())
        except port.EventRefused:
            return False
        return True

    def _judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Age, key, signature over the raw body, in this order. Raises EventRefused."""
        named = {name.lower(): value for name, value in headers.items()}
        stamp, nonce = named.get("wechatpay-timestamp", ""), named.get("wechatpay-nonce", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and nonce):
            raise port.EventRefused("malformed")
        if abs(now.timestamp() - int(stamp)) > self._age:
            raise port.EventRefused("stale")
        key = self.keys.public.get(named.get("wechatpay-serial", ""))
        if key is None:
            raise port.EventRefused("unknown_key")
        text = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        if not wire.is_signed(key, named.get("wechatpay-signature", ""), text):
            raise port.EventRefused("bad_signature")

    def open(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Envelope, bytes]:
        """A callback's envelope and what was sealed in it. Nothing is decrypted before the signature holds."""
        self._judge(headers, body, now)
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
            sealed = envelope.resource
            plain = AESGCM(self.keys.secret).decrypt(
                sealed.nonce.encode(), base64.b64decode(sealed.ciphertext), sealed.associated_data.encode()
            )
        except (msgspec.MsgspecError, ValueError, InvalidTag, RecursionError) as wrong:
            raise port.EventRefused("malformed") from wrong
        return envelope, plain


def _code_of(content: bytes) -> str:
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "unreadable"
    return str(told.get("code", "unreadable"))
