"""The words of parcels: the numbers, the job, and what a reader sees."""

from datetime import datetime

import msgspec

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind

from .provider import ScanKind

LOOK_MINUTES = Key("parcels.look_minutes", 240, "between two questions about a parcel on its way")
LEASE_MINUTES = Key("parcels.lease_minutes", 30, "a question without an answer is asked again after so long, at first")
FAILED_LONGEST_MINUTES = Key("parcels.failed_longest_minutes", 1_440, "the longest pause after failed questions")
UNSEEN_HOURS = Key("parcels.unseen_hours", 48, "a parcel said to be sent should be scanned within so long")
WATCH_DAYS = Key("parcels.watch_days", 45, "a parcel is asked about for so long at most")
WORDS_LONGEST = Key("parcels.words_longest", 300, "characters kept of what a carrier wrote")
SCANS_MOST = Key("parcels.scans_most", 200, "scans kept of one parcel")

PARCEL_SEEN = Code("parcel_seen", Kind.CONFLICT, field="waybill")

LOOK = "parcels.look"
PHONE_SEAL = "parcels.phone"


class LookAt(msgspec.Struct, frozen=True):
    """The payload of the job that asks about one parcel."""

    parcel: str


class Label(msgspec.Struct, frozen=True):
    """What stands on a parcel: its carrier and its number, as they are stored."""

    carrier: str
    waybill: str


class Parcel(msgspec.Struct, frozen=True):
    """A parcel as a verb needs it."""

    id: str
    carrier: str
    waybill: str
    phone_sealed: str | None
    followed_at: datetime | None
    look_at: datetime | None
    failures: int
    answered_at: datetime | None
    unseen_at: datetime
    unseen_told: bool
    signed_at: datetime | None
    watch_until: datetime


class SeenScan(msgspec.Struct, frozen=True):
    """A scan for a reader; `at` is the carrier's time, `heard_at` when we learned of it."""

    at: datetime
    kind: ScanKind
    words: str
    heard_at: datetime
