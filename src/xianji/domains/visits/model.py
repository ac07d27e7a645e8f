"""The words of visits: what a seller offers, the numbers, why something is refused, and what a reader sees."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import AddressId, MemberId, VisitSlotId

SLOTS_MOST = Key("visits.slots_most", 20, "slots of one seller that lie ahead")
GUESTS_MOST = Key("visits.guests_most", 10, "people who may come in one slot")
DAYS_AHEAD = Key("visits.days_ahead", 30, "how far ahead a slot may begin")
HOURS_LONGEST = Key("visits.hours_longest", 12, "how long a slot may last")

SLOT_TIMES_NOT_VALID = Code("slot_times_not_valid", Kind.MALFORMED, field="begins_at")
SLOT_TOO_MANY_GUESTS = Code("slot_too_many_guests", Kind.MALFORMED, field="capacity")
TOO_MANY_SLOTS = Code("too_many_slots", Kind.LIMIT)
SLOT_FULL = Code("slot_full", Kind.CONFLICT)
SLOT_OVER = Code("slot_over", Kind.CONFLICT)

ADDRESS_SEAL = "visits.address"


class OfferSlot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time (aware) at which up to `capacity` people may come to one of the seller's own addresses."""

    begins_at: datetime
    ends_at: datetime
    address: AddressId
    capacity: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Slot(msgspec.Struct, frozen=True):
    """A slot as a verb needs it."""

    id: VisitSlotId
    seller: MemberId
    begins_at: datetime
    ends_at: datetime
    capacity: int
    called_off_at: datetime | None


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """A slot for its seller or somebody accepted. `guests` is for the seller, `address` for them and who comes."""

    id: VisitSlotId
    seller: MemberId
    begins_at: datetime
    ends_at: datetime
    capacity: int
    left: int
    mine: bool
    coming: bool
    guests: list[MemberId]
    address: dict[str, Any] | None
