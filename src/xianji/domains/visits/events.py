"""What visits tell; addresses stay in the slot."""

from xianji.kernel.work import Event


class VisitTaken(Event, frozen=True, tag="visits.taken.v1"):
    slot: str
    seller: str
    member: str


class VisitLeft(Event, frozen=True, tag="visits.left.v1"):
    slot: str
    seller: str
    member: str


class SlotCalledOff(Event, frozen=True, tag="visits.slot_called_off.v1"):
    """The seller cannot have visitors then; `guests` were coming."""

    slot: str
    seller: str
    guests: list[str]
