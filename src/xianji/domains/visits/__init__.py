"""Visits: a seller with many things says when people may come and choose. Only whom the seller has accepted (a paid
order to meet, an agreed offer, a promised gift) sees a slot and takes a place in it, never more people than there are
places, and only who takes one reads the address, for as long as they are accepted."""

from .actions import call_off_slot, leave_slot, offer_slot, reseal, take_slot
from .events import SlotCalledOff, VisitLeft, VisitTaken
from .model import OfferSlot, SlotView
from .store import scrub
from .views import export_for, slots_for_me

__all__ = [
    "OfferSlot",
    "SlotCalledOff",
    "SlotView",
    "VisitLeft",
    "VisitTaken",
    "call_off_slot",
    "export_for",
    "leave_slot",
    "offer_slot",
    "reseal",
    "scrub",
    "slots_for_me",
    "take_slot",
]
