"""The port to whoever knows serial numbers, and the stand-in for development."""

from datetime import date
from typing import Literal, Protocol

import msgspec

from .model import SerialKind

SerialState = Literal["clear", "lost", "locked", "unknown"]


class SerialReport(msgspec.Struct, frozen=True):
    """What a registry says: reported lost, locked to an account, clear, or not known; and when it was activated."""

    state: SerialState
    activated_on: date | None = None


class SerialRegistry(Protocol):
    """A provider of activation and loss state. It receives the plain number and must not keep it."""

    async def look_up(self, kind: SerialKind, plain: str) -> SerialReport: ...


class DevRegistry:
    """Knows numbers by their last digit before the check digit: 7 is lost, 8 is locked, 9 is unknown, others clear."""

    async def look_up(self, kind: SerialKind, plain: str) -> SerialReport:
        digit = plain[13] if kind in ("imei", "imeisv", "meid") else plain[-1]
        states: dict[str, SerialState] = {"7": "lost", "8": "locked", "9": "unknown"}
        return SerialReport(states.get(digit, "clear"), date(2024, 5, 1) if digit == "0" else None)
