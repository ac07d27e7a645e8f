"""When a parcel is asked about, and what a way looks like. Pure: no rows, no clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from xianji.kernel.config import Config

from . import model
from .model import Parcel
from .provider import Scan, ScanKind

# Kinds that put an end to asking.
_OVER: frozenset[ScanKind] = frozenset(("signed",))
# What the seller's own label makes: nobody has had the parcel in hand yet.
_ON_PAPER: frozenset[ScanKind] = frozenset(("announced",))
# Of two scans of the same minute the later stage is the latest.
_STAGES: tuple[ScanKind, ...] = (
    "announced",
    "collected",
    "in_transit",
    "out_for_delivery",
    "at_station",
    "problem",
    "refused",
    "returning",
    "signed",
)


def key_of(carrier: str, waybill: str) -> str:
    """The key of a parcel."""
    return f"{carrier}:{waybill}"


def in_hand(kinds: Iterable[ScanKind]) -> bool:
    """Whether a carrier has had the parcel in its hands."""
    return any(kind not in _ON_PAPER for kind in kinds)


def latest(scans: Iterable[Scan]) -> Scan:
    """The last of some scans by the carrier's own time."""
    return max(scans, key=lambda scan: (scan.at, _STAGES.index(scan.kind)))


def after_answer(parcel: Parcel, now: datetime, config: Config) -> datetime | None:
    """When to ask again after an answer; exactly at the alarm while nothing was seen; None when it is over."""
    if parcel.signed_at is not None or now >= parcel.watch_until:
        return None
    again = now + timedelta(minutes=config.get(model.LOOK_MINUTES))
    return min(again, parcel.unseen_at) if parcel.unseen_at > now and not parcel.unseen_told else again


def after_failure(parcel: Parcel, now: datetime, config: Config) -> datetime | None:
    """When to ask again after silence: twice as long each time, up to the longest pause."""
    if now >= parcel.watch_until:
        return None
    longest = config.get(model.FAILED_LONGEST_MINUTES)
    pause = config.get(model.LEASE_MINUTES) * 2 ** min(parcel.failures, 12)
    return now + timedelta(minutes=min(pause, longest))


def is_over(whole: ScanKind | None) -> bool:
    """Whether the carrier says that the parcel reached somebody's hands."""
    return whole in _OVER
