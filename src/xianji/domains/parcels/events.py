"""What parcels tell, once for every order or refund that waits for the parcel."""

from xianji.kernel.work import Event


class ParcelScanned(Event, frozen=True, tag="parcels.scanned.v1"):
    """Something new is known of it; `kind` and `words` of the latest scan."""

    subject: str
    carrier: str
    waybill: str
    kind: str
    words: str


class ParcelSigned(Event, frozen=True, tag="parcels.signed.v1"):
    """The carrier, asked by us, says that it was signed for."""

    subject: str
    carrier: str
    waybill: str


class ParcelUnseen(Event, frozen=True, tag="parcels.unseen.v1"):
    """Said to be sent `hours` ago, and the carrier, asked by us just now, has never seen it."""

    subject: str
    carrier: str
    waybill: str
    hours: int
