"""Keys, signatures and sealed callbacks of the sandbox; the format is docs/domains/payments-wire.md."""

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from xianji.sandbox.model import Delivery, Event

SCHEME = "XIANJI-SANDBOX-ED25519"
_OLD = timedelta(hours=1)


@dataclass(frozen=True)
class Keys:
    """The provider's own key, the keys it knows callers by, and the merchant's callback key."""

    merchant: str
    provider: Ed25519PrivateKey
    merchant_public: Ed25519PublicKey
    admin_public: Ed25519PublicKey
    callback_key: bytes

    @property
    def serial(self) -> str:
        """The serial of the provider's key."""
        return serial_of(self.provider.public_key())


class CarrierAccount(msgspec.Struct, frozen=True):
    """Who asks the carrier, the key that signs questions, and the salt our side gives when it follows a parcel."""

    customer: str
    key: str
    salt: str


def serial_of(key: Ed25519PublicKey) -> str:
    """A key's serial: the first 16 hex digits of SHA-256 over its raw bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def open_keys(folder: Path, merchant: str) -> Keys:
    """Load the key folder, making what is missing: folder 0700, every file 0600."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    provider, caller, admin = (_private(folder, name) for name in ("provider", "merchant", "admin"))
    secret = folder / "callback_key.hex"
    if not secret.exists():
        _write(secret, secrets.token_hex(32).encode())
    public = {"merchant": merchant, "provider_serial": serial_of(provider.public_key())}
    _write(folder / "merchant.json", msgspec.json.encode(public))
    return Keys(merchant, provider, caller.public_key(), admin.public_key(), bytes.fromhex(secret.read_text("ascii")))


def open_carrier(folder: Path) -> CarrierAccount:
    """What the carrier of the sandbox issued to us, made when it is missing; the same file is read by our side."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "carrier.json"
    if not file.exists():
        fresh = CarrierAccount("xianji", secrets.token_hex(8), secrets.token_hex(16))
        _write(file, msgspec.json.encode(fresh))
    return msgspec.json.decode(file.read_bytes(), type=CarrierAccount)


def _private(folder: Path, name: str) -> Ed25519PrivateKey:
    path = folder / f"{name}_private.pem"
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        _write(path, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(folder / f"{name}_public.pem", public)
    return key


def _write(path: Path, data: bytes) -> None:
    """Write a whole file at 0600 or leave the old one: a reader never sees half a key."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    part.replace(path)


@dataclass(frozen=True)
class Credentials:
    """The parts of an Authorization header."""

    merchant: str
    serial: str
    timestamp: int
    nonce: str
    signature: bytes


def read_authorization(header: str) -> Credentials | None:
    """Take the Authorization header apart; None for anything that is not exactly our scheme."""
    scheme, _, rest = header.partition(" ")
    fields = dict(pair.partition("=")[::2] for pair in rest.split(","))
    if scheme != SCHEME or set(fields) != {"merchant", "serial", "timestamp", "nonce", "signature"}:
        return None
    try:
        signature = base64.b64decode(fields["signature"], validate=True)
        stamp = int(fields["timestamp"])
    except ValueError:
        return None
    if not 8 <= len(fields["nonce"]) <= 64:
        return None
    return Credentials(fields["merchant"], fields["serial"], stamp, fields["nonce"], signature)


def request_is_signed(key: Ed25519PublicKey, credentials: Credentials, method: str, target: str, body: bytes) -> bool:
    """Check METHOD, target (path and query), timestamp, nonce and raw body against the signature."""
    head = f"{method}\n{target}\n{credentials.timestamp}\n{credentials.nonce}\n".encode()
    try:
        key.verify(credentials.signature, head + body + b"\n")
    except InvalidSignature:
        return False
    return credentials.serial == serial_of(key)


def sign_answer(keys: Keys, status: int, now: datetime, nonce: str, body: bytes) -> dict[str, str]:
    """Headers that sign an answer; `nonce` is the request's own, so an answer fits one request only."""
    stamp = str(int(now.timestamp()))
    text = f"{status}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
    return _headers(keys.provider, keys.serial, stamp, nonce, text)


def seal_event(keys: Keys, event: Event, delivery: Delivery, now: datetime) -> tuple[dict[str, str], bytes]:
    """Build one callback (headers, body), wearing the delivery's disguise if it has one."""
    facts = dict(event.facts)
    if delivery.disguise == "wrong_amount":
        facts["amount"] = int(str(facts["amount"])) + 1
    secret, about = secrets.token_bytes(12), f"{event.id}|{event.type}"
    sealed = AESGCM(keys.callback_key).encrypt(secret, msgspec.json.encode(facts), about.encode())
    resource = {
        "algorithm": "AES-256-GCM",
        "nonce": base64.b64encode(secret).decode(),
        "associated_data": about,
        "ciphertext": base64.b64encode(sealed).decode(),
    }
    created = event.created.isoformat()
    body = msgspec.json.encode({"id": event.id, "type": event.type, "created": created, "resource": resource})
    signer = Ed25519PrivateKey.generate() if delivery.disguise == "forged_signature" else keys.provider
    sent = now - _OLD if delivery.disguise == "old_timestamp" else now
    stamp, nonce = str(int(sent.timestamp())), secrets.token_hex(16)
    return _headers(signer, keys.serial, stamp, nonce, f"{stamp}\n{nonce}\n".encode() + body + b"\n"), body


def _headers(key: Ed25519PrivateKey, serial: str, stamp: str, nonce: str, text: bytes) -> dict[str, str]:
    signature = base64.b64encode(key.sign(text)).decode()
    return {"X-Serial": serial, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}
