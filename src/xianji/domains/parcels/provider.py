"""The port to whoever knows where parcels are: ask about one, be told about it, and nothing else.

What comes back is the carrier's word: times are theirs, order and repetition are left to us. An adapter raises only
the families below.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

ScanKind = Literal[
    "announced",
    "collected",
    "in_transit",
    "out_for_delivery",
    "at_station",
    "signed",
    "refused",
    "returning",
    "problem",
]


class TrackingBusy(Exception):
    """Nothing was learned: not reached, no answer in time, or told to come later. Asking again is right."""


class TrackingRefused(Exception):
    """The service says no (a key, a number, a contract). `code` is its own; asking again soon will not help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PushRefused(Exception):
    """A call that says it comes from the service and is not to be believed."""


class TrackAsk(msgspec.Struct, frozen=True):
    """Which parcel: our code of the carrier, the waybill, the last digits of a number where the carrier wants them."""

    carrier: str
    waybill: str
    phone: str = ""


class Scan(msgspec.Struct, frozen=True):
    """One thing a carrier wrote down. `at` is aware and the carrier's word, not our clock."""

    at: datetime
    kind: ScanKind
    words: str


class Told(msgspec.Struct, frozen=True):
    """What is known of a parcel: as a whole (None when nothing is known yet), and scan by scan in any order."""

    whole: ScanKind | None
    scans: tuple[Scan, ...]


class Pushed(msgspec.Struct, frozen=True):
    """A believable call of the service about one parcel, by its own code of the carrier."""

    carrier: str
    waybill: str
    told: Told


class Tracking(Protocol):
    """What every adapter offers."""

    def knows(self, carrier: str) -> bool:
        """Whether this carrier can be asked about at all."""

    async def ask(self, parcel: TrackAsk) -> Told:
        """What is known now. Raises `TrackingBusy` or `TrackingRefused`."""

    async def follow(self, parcel: TrackAsk, notify_url: str) -> None:
        """Ask to be told at `notify_url` when something happens (repeating is safe). Raises the same."""

    def read_push(self, headers: Mapping[str, str], body: bytes) -> Pushed:
        """A call to `notify_url`, proven. Raises `PushRefused`."""

    def push_answer(self) -> bytes:
        """What the service wants to hear, as JSON, to know that its call arrived."""
