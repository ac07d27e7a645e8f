"""Whoever knows where parcels are, played in memory: answers are scripted, questions are counted."""

from collections.abc import Mapping
from datetime import datetime

from xianji.domains import parcels
from xianji.domains.parcels import Scan, ScanKind, Told


class FakeTracking:
    def __init__(self) -> None:
        self.told = Told(None, ())
        self.wrong: Exception | None = None
        self.asked: list[parcels.TrackAsk] = []
        self.followed: list[str] = []

    def knows(self, carrier: str) -> bool:
        return carrier != "other"

    async def ask(self, parcel: parcels.TrackAsk) -> Told:
        self.asked.append(parcel)
        if self.wrong is not None:
            raise self.wrong
        return self.told

    async def follow(self, parcel: parcels.TrackAsk, notify_url: str) -> None:
        self.followed.append(notify_url)

    def read_push(self, headers: Mapping[str, str], body: bytes) -> parcels.Pushed:
        raise parcels.PushRefused("not played")

    def push_answer(self) -> bytes:
        return b"{}"

    def scan(self, at: datetime, kind: ScanKind, words: str) -> None:
        """The carrier writes something down, and the parcel stands so as a whole."""
        self.told = Told(kind, (*self.told.scans, Scan(at, kind, words)))
