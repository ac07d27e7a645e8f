"""What every adapter to an institution needs: what we asked before, RSA, and sending without wishful thinking."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Literal, Protocol, TypeVar

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from xianji.domains.payments import provider as port

CHINA = timezone(timedelta(hours=8))
Shape = TypeVar("Shape")
_YUAN = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2})0*)?")


class AskedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as we asked for it."""

    out_no: str
    currency: str
    parts: tuple[port.PaymentPart, ...]
    provider_no: str = ""


class AskedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A release, refund or return as we asked for it, by our number."""

    number: str
    out_no: str
    part: str
    amount: int
    splits: tuple[port.Split, ...] = ()


class Records(Protocol):
    """Our own memory of what was asked. Institutions want to be told again what a number of ours belongs to."""

    async def payment(self, out_no: str) -> AskedPayment:
        """Refuses (`ProviderRefused`) `not_found`."""

    async def request(self, number: str) -> AskedRequest:
        """Refuses `not_found`."""

    async def account_of(self, payee: str) -> str:
        """The payee's account at this institution; refuses `payee_without_account`."""


async def send(
    http: httpx.AsyncClient, method: str, url: str, content: bytes, headers: Mapping[str, str]
) -> httpx.Response:
    """One call. `ProviderBusy` when it cannot have arrived, `ProviderUnknown` when it may have."""
    try:
        return await http.request(method, url, content=content, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as wrong:
        raise port.ProviderBusy("not_reached") from wrong
    except httpx.HTTPError as wrong:
        raise port.ProviderUnknown(type(wrong).__name__) from wrong


def client(base_url: str, timeout: httpx.Timeout | None) -> httpx.AsyncClient:
    """A client that follows nobody elsewhere and takes no proxy from the environment."""
    limits = timeout or httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)
    return httpx.AsyncClient(base_url=base_url, timeout=limits, follow_redirects=False, trust_env=False)


def shaped(content: bytes, shape: type[Shape]) -> Shape:
    """An answer as its struct; `ProviderUnknown` when it is not one."""
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise port.ProviderUnknown("unreadable_answer") from wrong


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """RSA with SHA-256 and PKCS #1 v1.5, in base64: what both Chinese institutions ask for."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: RSAPublicKey, signature: str, text: bytes) -> bool:
    """Whether `signature` (base64) is this key's over `text`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def private_key(pem: bytes) -> RSAPrivateKey:
    """Our RSA key; ValueError for anything else."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("an RSA key is needed")
    return key


def public_key(pem: bytes) -> RSAPublicKey:
    """An institution's RSA key, bare or in a certificate; ValueError for anything else."""
    certificate = b"BEGIN CERTIFICATE" in pem
    key = load_pem_x509_certificate(pem).public_key() if certificate else load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("an RSA key is needed")
    return key


def yuan(amount: int) -> str:
    """Fen as the text these institutions write: 12900 → "129.00"."""
    return f"{amount // 100}.{amount % 100:02d}"


def fen(text: str) -> int:
    """Text in yuan as fen, exactly; ValueError for anything else."""
    match = _YUAN.fullmatch(text.strip().removeprefix("`"))
    if match is None:
        raise ValueError(f"not an amount: {text[:20]}")
    size = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0")[:2])
    return -size if match[1] else size


def part_state(part: port.PaymentPart, held: int, paid: bool) -> port.PartState:
    """A part of which only what is still held is known."""
    gone = part.amount - held if paid else 0
    return port.PartState(part.part, part.payee, part.amount, held, 0, gone, 0, 0)


def release_end(lines: tuple[port.SplitState, ...]) -> Literal["processing", "succeeded", "partial", "failed"]:
    """How a release stands, by its lines."""
    states = {line.state for line in lines}
    if "processing" in states:
        return "processing"
    if len(states) > 1:
        return "partial"
    return "failed" if states == {"failed"} else "succeeded"


def until(paid_at: datetime | None, days: int) -> datetime | None:
    """When a hold of so many days ends."""
    return None if paid_at is None else paid_at + timedelta(days=days)
