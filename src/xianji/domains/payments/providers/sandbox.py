"""The adapter to the sandbox provider. Written from docs/domains/payments-wire.md, shares no code with it."""

import base64
import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from xianji.domains.payments import provider as port

_SCHEME = "XIANJI-SANDBOX-ED25519"
_KINDS: dict[str, port.FactKind] = {
    "payment.paid": "paid",
    "payment.closed": "payment_closed",
    "release.succeeded": "released",
    "release.partial": "release_partial",
    "release.failed": "release_failed",
    "refund.succeeded": "refunded",
    "refund.failed": "refund_failed",
    "split.returned": "split_returned",
    "hold.expiring": "hold_expiring",
    "hold.released": "hold_released",
}
Shape = TypeVar("Shape")


class _Resource(msgspec.Struct):
    algorithm: Literal["AES-256-GCM"]
    nonce: str
    associated_data: str
    ciphertext: str


class _Envelope(msgspec.Struct):
    id: str
    type: str
    created: datetime
    resource: _Resource


class _Facts(msgspec.Struct, kw_only=True):
    event_id: str
    type: str
    merchant: str
    out_no: str
    part: str | None
    amount: int
    currency: str
    request_no: str
    provider_ref: str
    occurred_at: datetime
    parts: tuple[port.PaymentPart, ...]
    lines: tuple[port.SplitState, ...]
    code: str | None
    hold_until: datetime | None


@dataclass(frozen=True)
class SandboxKeys:
    """What the house keeps of the key exchange."""

    merchant: str
    private: Ed25519PrivateKey
    provider: Ed25519PublicKey
    callback_key: bytes

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the key folder the sandbox made at its first start; FileNotFoundError until it has."""
        about = msgspec.json.decode((folder / "merchant.json").read_bytes())
        private = load_pem_private_key((folder / "merchant_private.pem").read_bytes(), password=None)
        public = load_pem_public_key((folder / "provider_public.pem").read_bytes())
        assert isinstance(private, Ed25519PrivateKey)
        assert isinstance(public, Ed25519PublicKey)
        secret = bytes.fromhex((folder / "callback_key.hex").read_text("ascii"))
        return cls(about["merchant"], private, public, secret)


def _serial(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


class SandboxProvider:
    """Implements `PaymentProvider`. `now()` is aware UTC, `nonce()` fresh random text, 8 to 64 characters."""

    def __init__(
        self,
        base_url: str,
        keys: SandboxKeys,
        *,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        timeout: httpx.Timeout | None = None,
        event_age: timedelta = timedelta(minutes=5),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._keys = keys
        self._now = now
        self._nonce = nonce
        self._event_age = event_age
        limits = timeout or httpx.Timeout(connect=2.0, read=8.0, write=5.0, pool=2.0)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=limits,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def create_payment(self, ask: port.PaymentAsk) -> port.PaymentState:
        """See the port."""
        return await self._call("POST", "/v1/payments", ask, port.PaymentState)

    async def query(self, out_no: str) -> port.PaymentState:
        """See the port."""
        return await self._call("GET", f"/v1/payments/{_safe(out_no)}", None, port.PaymentState)

    async def close(self, out_no: str) -> port.PaymentState:
        """See the port."""
        return await self._call("POST", f"/v1/payments/{_safe(out_no)}/close", None, port.PaymentState)

    async def hold_status(self, out_no: str) -> port.HoldState:
        """See the port."""
        return await self._call("GET", f"/v1/payments/{_safe(out_no)}/hold", None, port.HoldState)

    async def release(
        self, out_no: str, *, part: str, out_release_no: str, splits: tuple[port.Split, ...]
    ) -> port.ReleaseState:
        """See the port."""
        ask = {"out_release_no": out_release_no, "part": part, "lines": splits}
        return await self._call("POST", f"/v1/payments/{_safe(out_no)}/releases", ask, port.ReleaseState)

    async def query_release(self, out_release_no: str) -> port.ReleaseState:
        """See the port."""
        return await self._call("GET", f"/v1/releases/{_safe(out_release_no)}", None, port.ReleaseState)

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> port.RefundState:
        """See the port."""
        ask = {"out_refund_no": out_refund_no, "part": part, "amount": amount, "reason": reason}
        return await self._call("POST", f"/v1/payments/{_safe(out_no)}/refunds", ask, port.RefundState)

    async def query_refund(self, out_refund_no: str) -> port.RefundState:
        """See the port."""
        return await self._call("GET", f"/v1/refunds/{_safe(out_refund_no)}", None, port.RefundState)

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: port.SplitKind, amount: int
    ) -> port.SplitReturnState:
        """See the port."""
        ask = {"out_return_no": out_return_no, "payee": payee, "kind": kind, "amount": amount}
        path = f"/v1/releases/{_safe(out_release_no)}/returns"
        return await self._call("POST", path, ask, port.SplitReturnState)

    async def bill(self, day: date) -> tuple[port.BillLine, ...]:
        """See the port."""
        content = await self._send("GET", f"/v1/bills/{day.isoformat()}", b"")
        try:
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            return tuple(msgspec.convert(row, port.BillLine, strict=False) for row in rows)
        except (ValueError, csv.Error, msgspec.ValidationError) as wrong:
            raise port.ProviderUnknown("unreadable_answer") from wrong

    def verify_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> port.ProviderFact:
        """See the port. Order: age, key, signature over the raw body; only then is anything decrypted."""
        named = {name.lower(): value for name, value in headers.items()}
        stamp, nonce = named.get("x-timestamp", ""), named.get("x-nonce", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and nonce):
            raise port.EventRefused("malformed")
        if abs(now.timestamp() - int(stamp)) > self._event_age.total_seconds():
            raise port.EventRefused("stale")
        if named.get("x-serial") != _serial(self._keys.provider):
            raise port.EventRefused("unknown_key")
        signed = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        if not self._is_signed(named.get("x-signature", ""), signed):
            raise port.EventRefused("bad_signature")
        return self._fact(body)

    def _fact(self, body: bytes) -> port.ProviderFact:
        try:
            envelope = msgspec.json.decode(body, type=_Envelope)
            sealed, about = envelope.resource, f"{envelope.id}|{envelope.type}"
            nonce, text = base64.b64decode(sealed.nonce), base64.b64decode(sealed.ciphertext)
            plain = AESGCM(self._keys.callback_key).decrypt(nonce, text, about.encode())
            facts = msgspec.json.decode(plain, type=_Facts)
        except (msgspec.MsgspecError, ValueError, InvalidTag, RecursionError) as wrong:
            raise port.EventRefused("malformed") from wrong
        if facts.merchant != self._keys.merchant:
            raise port.EventRefused("wrong_merchant")
        kind = _KINDS.get(facts.type)
        if kind is None or (facts.event_id, facts.type) != (envelope.id, envelope.type):
            raise port.EventRefused("malformed")
        return port.ProviderFact(
            event_id=facts.event_id,
            kind=kind,
            out_no=facts.out_no,
            part=facts.part,
            amount=facts.amount,
            currency=facts.currency,
            occurred_at=facts.occurred_at.astimezone(UTC),
            provider_ref=facts.provider_ref,
            request_no=facts.request_no,
            parts=facts.parts,
            lines=facts.lines,
            code=facts.code,
            hold_until=facts.hold_until,
        )

    async def _call(self, method: str, path: str, ask: object, shape: type[Shape]) -> Shape:
        content = await self._send(method, path, b"" if ask is None else msgspec.json.encode(ask))
        try:
            return msgspec.json.decode(content, type=shape)
        except msgspec.MsgspecError as wrong:
            raise port.ProviderUnknown("unreadable_answer") from wrong

    async def _send(self, method: str, path: str, body: bytes) -> bytes:
        nonce = self._nonce()
        headers = {"Authorization": self._authorization(method, path, nonce, body)}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._http.request(method, path, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as wrong:
            raise port.ProviderBusy("not_reached") from wrong
        except httpx.HTTPError as wrong:
            raise port.ProviderUnknown(type(wrong).__name__) from wrong
        return self._read(answer, nonce)

    def _authorization(self, method: str, path: str, nonce: str, body: bytes) -> str:
        stamp = int(self._now().timestamp())
        text = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64encode(self._keys.private.sign(text)).decode()
        serial = _serial(self._keys.private.public_key())
        return (
            f"{_SCHEME} merchant={self._keys.merchant},serial={serial},"
            f"timestamp={stamp},nonce={nonce},signature={signature}"
        )

    def _read(self, answer: httpx.Response, nonce: str) -> bytes:
        """Believe only an answer signed for this request; a bare 429 or 503 is the gate's: not applied."""
        head, content = answer.headers, answer.content
        stamp = head.get("x-timestamp", "")
        text = f"{answer.status_code}\n{stamp}\n{nonce}\n".encode() + content + b"\n"
        known = head.get("x-serial") == _serial(self._keys.provider)
        if not (known and self._is_signed(head.get("x-signature", ""), text)):
            if answer.status_code in (429, 503):
                raise port.ProviderBusy(str(answer.status_code))
            raise port.ProviderUnknown("unsigned_answer")
        if answer.is_success:
            return content
        # Our key or our clock is not accepted: nothing happened, and once that is mended the same call will do.
        if answer.status_code in (401, 403, 429, 503):
            raise port.ProviderBusy(str(answer.status_code))
        if answer.is_client_error:
            raise port.ProviderRefused(_code_of(content))
        raise port.ProviderUnknown(str(answer.status_code))

    def _is_signed(self, signature: str, text: bytes) -> bool:
        try:
            self._keys.provider.verify(base64.b64decode(signature, validate=True), text)
        except (InvalidSignature, ValueError):
            return False
        return True


def _safe(number: str) -> str:
    return quote(number, safe="")


def _code_of(content: bytes) -> str:
    try:
        told: Any = msgspec.json.decode(content, type=dict[str, str])
    except msgspec.MsgspecError:
        return "unreadable"
    code: str = told.get("code", "unreadable")
    return code
