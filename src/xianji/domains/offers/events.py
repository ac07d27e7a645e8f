"""What offers tell. The seller's floor is a secret and stands in no event."""

from xianji.kernel.work import Event


class OfferMade(Event, frozen=True, tag="offers.made.v1"):
    offer: str
    item: str
    buyer: str
    seller: str
    amount: int
    currency: str


class OfferMoved(Event, frozen=True, tag="offers.moved.v1"):
    """A move of the machine. `amount` is the price that the move is about."""

    offer: str
    item: str
    buyer: str
    seller: str
    verb: str
    before: str
    after: str
    role: str
    amount: int
    currency: str


class LinkMade(Event, frozen=True, tag="offers.link_made.v1"):
    link: str
    item: str
    seller: str
    buyer: str
    price: int
    currency: str


class LinkMoved(Event, frozen=True, tag="offers.link_moved.v1"):
    """Used, revoked or expired."""

    link: str
    item: str
    seller: str
    buyer: str
    verb: str
    after: str
    role: str


class BundleChanged(Event, frozen=True, tag="offers.bundle_changed.v1"):
    """`count` and `percent` are 0 when the bundle is gone."""

    note: str
    seller: str
    count: int
    percent: int
