"""The meeting code for places without a network: the seller's phone can judge it alone, we judge it again later.

The buyer holds a long code of the present stretch of time, from our key and the order's nonce. The seller holds a proof
(a hash) of every code until the deadline: enough to recognise a code that is shown, useless to make one (80 bits). What
the phone recognised is sent as soon as there is a network; a code called back meanwhile has another nonce and fails.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from xianji.kernel.config import Config, Key
from xianji.kernel.crypto import Keys

HOURS = Key("orders.meet_offline_hours", 12, "how long a meeting code for places without a network stays the same")
GRACE_HOURS = Key("orders.meet_offline_grace_hours", 72, "how long after that it may still be handed in")

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_MARK = "XJ2"
_PROOFS_MOST = 40


class OfflineCode(msgspec.Struct, frozen=True):
    """For the buyer: the code as it is read out, and as the QR picture says it; shown until `until`."""

    code: str
    qr: str
    until: datetime


class OfflineProof(msgspec.Struct, frozen=True):
    """For the seller's phone: between these moments a shown code hashes to `digest` (hex, see `proof_of`)."""

    since: datetime
    until: datetime
    digest: str


def code_now(keys: Keys, order: str, nonce: str, now: datetime, config: Config) -> OfflineCode:
    """What the buyer shows now."""
    hours = config.get(HOURS)
    window = _window(now, hours)
    code = _code(keys, order, nonce, window)
    return OfflineCode(code, f"{_MARK}.{order}.{code}", _begin(window + 2, hours))


def proofs(
    keys: Keys, order: str, nonce: str, now: datetime, until: datetime | None, config: Config
) -> list[OfflineProof]:
    """What the seller's phone must know to judge alone until the order's deadline; a code lives two stretches."""
    hours = config.get(HOURS)
    first, last = _window(now, hours) - 1, _window(until or now, hours)
    return [
        OfflineProof(
            _begin(window, hours), _begin(window + 2, hours), proof_of(order, _code(keys, order, nonce, window))
        )
        for window in range(first, min(last, first + _PROOFS_MOST) + 1)
    ]


def proof_of(order: str, code: str) -> str:
    """The hash by which a code is recognised: SHA-256 of the order, a line feed and the code."""
    return sha256(f"{order}\n{code}".encode()).hexdigest()


def opens(keys: Keys, order: str, nonce: str, now: datetime, entered: str, config: Config) -> bool:
    """Whether what was entered is a code that could be shown until now, or so long ago that it may still come in."""
    plain = entered.strip().removeprefix(f"{_MARK}.{order}.").upper().replace(" ", "").replace("-", "")
    if len(plain) != _LENGTH:
        return False
    hours = config.get(HOURS)
    oldest = _window(now - timedelta(hours=config.get(GRACE_HOURS)), hours) - 1
    return any(plain == _code(keys, order, nonce, window) for window in range(oldest, _window(now, hours) + 1))


def _window(moment: datetime, hours: int) -> int:
    return int(moment.timestamp()) // (hours * 3600)


def _begin(window: int, hours: int) -> datetime:
    return datetime.fromtimestamp(window * hours * 3600, UTC)


def _code(keys: Keys, order: str, nonce: str, window: int) -> str:
    number = int.from_bytes(keys.digest("orders.meet_offline", f"{order}\n{nonce}\n{window}")[:10])
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
