"""The words of offers: what may be proposed, the numbers, and why something is refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import ItemId, LinkId, MemberId, NoteId, OfferId, OrderId
from xianji.kernel.money import Money
from xianji.kernel.text import Line

OfferState = Literal["open", "countered", "accepted", "declined", "expired", "withdrawn", "used"]
LinkState = Literal["open", "used", "revoked", "expired"]
Side = Literal["buyer", "seller"]
By = Literal["offer", "link"]

ANSWER_HOURS = Key("offers.answer_hours", 24, "an offer or a counter without an answer ends after so long")
HOLD_HOURS = Key("offers.hold_hours", 24, "an agreed price and its unit wait for the order so long")
LOWEST_PPM = Key("offers.lowest_ppm", 300_000, "the lowest offer, parts per million of the price asked")
TRIES = Key("offers.tries", 3, "offers of one buyer for one thing within `offers.tries_hours`")
TRIES_HOURS = Key("offers.tries_hours", 72, "after so long a buyer may try a thing anew")
OPEN_MOST = Key("offers.open_most", 30, "offers of one buyer that wait for an answer")
HOLDS_MOST = Key("offers.holds_most", 5, "agreed prices of one buyer that wait for their order")
MESSAGE_LONGEST = Key("offers.message_longest", 100, "characters of what is said with an offer or an answer")
LINK_HOURS = Key("offers.link_hours", 24, "how long a private link is good when nothing is said")
LINK_HOURS_MOST = Key("offers.link_hours_most", 720, "how long a private link may be good")
LINKS_MOST = Key("offers.links_most", 20, "private links of one thing that are good at once")
BUNDLE_COUNT_MOST = Key("offers.bundle_count_most", 20, "the most things a bundle may ask for")
BUNDLE_PERCENT_MOST = Key("offers.bundle_percent_most", 50, "the most a bundle may take off, percent")

BARGAIN_OFF = Code("bargain_off", Kind.CONFLICT)
OFFER_OPEN = Code("offer_open", Kind.CONFLICT)
OFFER_NOT_LOWER = Code("offer_not_lower", Kind.MALFORMED, field="amount")
OFFER_TOO_LOW = Code("offer_too_low", Kind.MALFORMED, field="amount")
OFFER_TRIES_SPENT = Code("offer_tries_spent", Kind.LIMIT)
TOO_MANY_OFFERS = Code("too_many_offers", Kind.LIMIT)
TOO_MANY_HOLDS = Code("too_many_holds", Kind.LIMIT)
OFFER_ONE_UNIT = Code("offer_one_unit", Kind.CONFLICT, field="lines")
OFFER_OTHER_ITEM = Code("offer_other_item", Kind.CONFLICT, field="lines")
COUNTER_NOT_BETWEEN = Code("counter_not_between", Kind.MALFORMED, field="amount")
FLOOR_NOT_VALID = Code("floor_not_valid", Kind.MALFORMED, field="amount")
LINK_PRICE_NOT_VALID = Code("link_price_not_valid", Kind.MALFORMED, field="price")
LINK_TIME_NOT_VALID = Code("link_time_not_valid", Kind.MALFORMED, field="hours")
LINK_FOR_YOURSELF = Code("link_for_yourself", Kind.MALFORMED, field="member")
TOO_MANY_PRIVATE_LINKS = Code("too_many_private_links", Kind.LIMIT)
BUNDLE_NOT_VALID = Code("bundle_not_valid", Kind.MALFORMED, field="count")

# What a link's token is signed for.
LINK_SIGN = "offers.private_link"


class NewOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer would give for one unit, and a word to go with it."""

    amount: Money
    message: Line = ""


class Counter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The other price, and a word."""

    amount: Money
    message: Line = ""


class Decline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word with the no."""

    message: Line = ""


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which price on the answer is yes."""

    amount: Money


class FloorView(msgspec.Struct, frozen=True):
    """The seller's own secret; null when there is none."""

    amount: Money | None


class NewLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price for one member (`member`, an id, or `handle`), good for `hours`."""

    price: Money
    member: MemberId | None = None
    handle: Annotated[str, Meta(max_length=60)] = ""
    hours: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any `count` of the author's things on one note together: `percent` off."""

    count: Annotated[int, Meta(ge=2, le=1_000)]
    percent: Annotated[int, Meta(ge=1, le=99)]


class BundleView(msgspec.Struct, frozen=True):
    """The bundle of a note."""

    note: NoteId
    seller: MemberId
    count: int
    percent: int


class Offer(msgspec.Struct, frozen=True):
    """An offer as a verb needs it."""

    id: OfferId
    item: ItemId
    buyer: MemberId
    seller: MemberId
    state: OfferState
    asking: int
    amount: int
    counter: int | None
    agreed: int | None
    currency: str
    version: int
    due_at: datetime | None

    def role_of(self, member: str) -> Side:
        """Which side this member is; only called for one of the two."""
        return "buyer" if member == self.buyer else "seller"


class Link(msgspec.Struct, frozen=True):
    """A private link as a verb needs it."""

    id: LinkId
    item: ItemId
    seller: MemberId
    buyer: MemberId
    price: int
    currency: str
    state: LinkState
    version: int
    due_at: datetime | None


class Agreed(msgspec.Struct, frozen=True):
    """A price for one unit of a thing that holds for one buyer: by an accepted offer, which also keeps the unit, or
    by a private link, which does not."""

    by: By
    id: str
    item: ItemId
    price: Money

    @property
    def holds_unit(self) -> bool:
        return self.by == "offer"


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """An offer for one of its two sides.

    `turn` says who must act; at `until` time does `otherwise` ("" when nothing is due). `tries_left` is for the buyer.
    """

    id: OfferId
    role: Side
    item: ItemId
    title: str
    picture: str | None
    other: MemberId
    state: OfferState
    asking: Money
    amount: Money
    counter: Money | None
    agreed: Money | None
    message: str
    answer: str
    order: OrderId | None
    turn: Literal["buyer", "seller", "nobody"]
    until: datetime | None
    otherwise: str
    actions: list[str]
    tries_left: int | None
    made_at: datetime
    changed_at: datetime


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A private link. `token` and `path` are what is given to the buyer; the seller and the named buyer see them."""

    id: LinkId
    item: ItemId
    seller: MemberId
    buyer: MemberId
    buyer_name: str
    price: Money
    state: LinkState
    until: datetime
    token: str
    path: str
    made_at: datetime
