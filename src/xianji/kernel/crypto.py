"""Personal data at rest: encrypted with a key ring, searchable only by keyed hash.

A sealed value is `<key id>.<base64 of nonce + ciphertext>`, AES-256-GCM, with the purpose as associated data so
that a sealed phone cannot be moved into another column. The ring is a small JSON file in the data folder, readable by
its owner only. Rotation adds a key and makes it the current one; old values open with the key they name, and
`members.reseal` rewrites them. The hash key never rotates silently: it is what makes a phone number unique.
"""

import base64
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Sealed(Exception):
    """A value cannot be opened: its key is missing or it was tampered with."""


class Ring(msgspec.Struct):
    """The keys as stored: `current` names one of `keys`; values are base64 of 32 random bytes."""

    current: str
    keys: dict[str, str]
    hash_key: str
    sign_key: str

    @classmethod
    def new(cls) -> "Ring":
        """A fresh ring with one key."""
        return cls("k1", {"k1": _fresh()}, _fresh(), _fresh())

    def rotated(self) -> "Ring":
        """The same ring with one more key, which is now the current one."""
        name = f"k{len(self.keys) + 1}"
        return Ring(name, {**self.keys, name: _fresh()}, self.hash_key, self.sign_key)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


class Keys:
    """Seals, opens, hashes and signs.

    `read_again` gives the ring as it is stored now: a value under a key made after this process started makes it look
    once more, so that keys can be rotated while others run.
    """

    def __init__(self, ring: Ring, read_again: Callable[[], Ring] | None = None) -> None:
        self._read_again = read_again
        self._hash_key = base64.b64decode(ring.hash_key)
        self._sign_key = base64.b64decode(ring.sign_key)
        self._take(ring)

    def _take(self, ring: Ring) -> None:
        self.ring = ring
        self._ciphers = {name: AESGCM(base64.b64decode(key)) for name, key in ring.keys.items()}

    def _cipher(self, name: str) -> AESGCM | None:
        if name not in self._ciphers and self._read_again is not None:
            self._take(self._read_again())
        return self._ciphers.get(name)

    def seal(self, purpose: str, text: str) -> str:
        """`text` encrypted for `purpose`, e.g. "member.phone"."""
        nonce = secrets.token_bytes(12)
        data = self._ciphers[self.ring.current].encrypt(nonce, text.encode(), purpose.encode())
        return f"{self.ring.current}.{base64.b64encode(nonce + data).decode()}"

    def open(self, purpose: str, sealed: str) -> str:
        """The text of a sealed value; raises `Sealed` when key, purpose or bytes do not fit."""
        name, _, payload = sealed.partition(".")
        cipher = self._cipher(name)
        data = base64.b64decode(payload)
        if cipher is None:
            raise Sealed(f"no key {name}")
        try:
            return cipher.decrypt(data[:12], data[12:], purpose.encode()).decode()
        except InvalidTag:
            raise Sealed("value and purpose do not fit") from None

    def is_current(self, sealed: str) -> bool:
        """Whether the value is sealed with the newest key."""
        return sealed.startswith(self.ring.current + ".")

    def digest(self, purpose: str, text: str) -> bytes:
        """32 bytes that are equal exactly for equal (purpose, text): what a unique index may hold."""
        return hmac.digest(self._hash_key, f"{purpose}\n{text}".encode(), "sha256")

    def sign(self, purpose: str, text: str) -> str:
        """A short URL-safe signature of `text` for `purpose`."""
        mac = hmac.digest(self._sign_key, f"{purpose}\n{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac[:18]).decode()

    def signed_by_us(self, purpose: str, text: str, signature: str) -> bool:
        """Whether `signature` is ours, compared in constant time."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())


def load_ring(path: Path) -> Ring:
    """The ring at `path`; made (folder 0700, file 0600) when there is none."""
    if path.exists():
        return read_ring(path)
    ring = Ring.new()
    store_ring(path, ring)
    return ring


def read_ring(path: Path) -> Ring:
    """The ring at `path`; FileNotFoundError when there is none."""
    return msgspec.json.decode(path.read_bytes(), type=Ring)


def store_ring(path: Path, ring: Ring) -> None:
    """Write the ring atomically, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(ring))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
