"""The wire of Stripe: form-encoded nested parameters, one key per call, webhooks signed with a shared secret."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from xianji.domains.payments import provider as port

from . import wire

VERSION = "2024-06-20"
_CODES = {
    "resource_missing": "not_found",
    "balance_insufficient": "not_enough_held",
    "charge_already_refunded": "not_enough_held",
    "idempotency_error": "out_no_conflict",
}
# Nothing was done: too fast, another call with this key is under way, or our own key is wrong (an operator mends it).
_TURNED_AWAY = (401, 403, 409, 429)
# Counted here in whole units, there in hundredths.
_HUNDREDTHS_THERE = ("ISK", "UGX")
Shape = TypeVar("Shape")


class _Error(msgspec.Struct):
    type: str = ""
    code: str = ""


class _Wrong(msgspec.Struct):
    error: _Error


def amount_there(amount: int, currency: str) -> int:
    """Our minor units as Stripe counts them. Zero-decimal currencies travel as they are, but two do not."""
    return amount * 100 if currency in _HUNDREDTHS_THERE else amount


def amount_here(amount: int, currency: str) -> int:
    """Stripe's count in our minor units."""
    return amount // 100 if currency in _HUNDREDTHS_THERE else amount


def pairs(content: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as form fields: {"a": {"b": [1]}} becomes a[b][0]=1."""
    for name, value in content.items():
        place = f"{inside}[{name}]" if inside else name
        if isinstance(value, Mapping):
            yield from pairs(value, place)
        elif isinstance(value, list):
            yield from pairs({str(number): one for number, one in enumerate(value)}, place)
        else:
            yield place, str(value)


class Line:
    """Calls with our secret key."""

    def __init__(self, base_url: str, key: str, timeout: httpx.Timeout | None) -> None:
        self._key = key
        self._http = wire.client(base_url, timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, content: Mapping[str, Any], shape: type[Shape]) -> Shape:
        """Look at something."""
        asked = urlencode(list(pairs(content)))
        return await self._call("GET", f"{path}?{asked}" if asked else path, b"", "", shape)

    async def post(self, path: str, content: Mapping[str, Any], key: str, shape: type[Shape]) -> Shape:
        """Do something once under `key`."""
        return await self._call("POST", path, urlencode(list(pairs(content))).encode(), key, shape)

    async def _call(self, method: str, path: str, body: bytes, key: str, shape: type[Shape]) -> Shape:
        headers = {"Authorization": f"Bearer {self._key}", "Stripe-Version": VERSION}
        if method == "POST":
            headers |= {"Idempotency-Key": key, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await wire.send(self._http, method, path, body, headers)
        if answer.is_success:
            return wire.shaped(answer.content, shape)
        code = _code_of(answer.content)
        if answer.status_code in _TURNED_AWAY:
            raise port.ProviderBusy(code)
        if answer.is_client_error and code:
            raise port.ProviderRefused(_CODES.get(code, code))
        raise port.ProviderUnknown(code or str(answer.status_code))


def _code_of(content: bytes) -> str:
    try:
        told = msgspec.json.decode(content, type=_Wrong).error
    except msgspec.MsgspecError:
        return ""
    return told.type if told.type == "idempotency_error" else told.code or told.type


def judge_event(secret: str, header: str, body: bytes, now: datetime, tolerance: timedelta) -> None:
    """Age, then the signature over "t.body" by any of the v1 values. Raises EventRefused."""
    given = [pair.partition("=") for pair in header.split(",")]
    stamps = [value for name, _, value in given if name.strip() == "t"]
    marks = [value for name, _, value in given if name.strip() == "v1"]
    if len(stamps) != 1 or not marks or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise port.EventRefused("malformed")
    if abs(now.timestamp() - int(stamps[0])) > tolerance.total_seconds():
        raise port.EventRefused("stale")
    true = hmac.new(secret.encode(), f"{stamps[0]}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(true.encode(), mark.encode()) for mark in marks):
        raise port.EventRefused("bad_signature")
