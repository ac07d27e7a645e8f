"""Parcels: what carriers say of a waybill, for the orders and refunds that wait for it.

Every scan is kept once, with the carrier's time as data; nothing of ours is timed by it. A call of the carrier is a
hint: what it says is written down, but a signature counts, and an alarm is raised, only after we asked and were
answered. Asking is spaced, slows down when it fails, and ends with the last one who waits.
"""

from .actions import correct, let_go, note_push, reseal, watch
from .events import ParcelScanned, ParcelSigned, ParcelUnseen
from .jobs import DUE
from .model import LOOK, PARCEL_SEEN, UNSEEN_HOURS, Label, SeenScan
from .outside import carry_out_look
from .provider import (
    Pushed,
    PushRefused,
    Scan,
    ScanKind,
    Told,
    TrackAsk,
    Tracking,
    TrackingBusy,
    TrackingRefused,
)
from .rules import in_hand
from .views import waits_for, way_of

__all__ = [
    "DUE",
    "LOOK",
    "PARCEL_SEEN",
    "UNSEEN_HOURS",
    "Label",
    "ParcelScanned",
    "ParcelSigned",
    "ParcelUnseen",
    "PushRefused",
    "Pushed",
    "Scan",
    "ScanKind",
    "SeenScan",
    "Told",
    "TrackAsk",
    "Tracking",
    "TrackingBusy",
    "TrackingRefused",
    "carry_out_look",
    "correct",
    "in_hand",
    "let_go",
    "note_push",
    "reseal",
    "waits_for",
    "watch",
    "way_of",
]
