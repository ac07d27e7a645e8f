"""The words of orders: what is asked, what is agreed, the numbers, and why something is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from xianji.domains.fees import Charge, FeePolicy
from xianji.domains.parcels import SeenScan
from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import AddressId, CheckoutId, ItemId, MemberId, OfferId, OrderId, PaymentId
from xianji.kernel.money import Money
from xianji.kernel.text import Body, Line

from .offline import OfflineCode, OfflineProof

Handover = Literal["ship", "meet", "digital"]
Role = Literal["buyer", "seller"]
State = Literal[
    "awaiting_payment",
    "awaiting_balance",
    "awaiting_shipment",
    "awaiting_meeting",
    "shipped",
    "delivered",
    "completed",
    "closed",
    "refunded",
    "forfeited",
]
DepositKind = Literal["refundable", "earnest"]
Silent = Literal["refund", "forfeit", "extend"]


PAY_MINUTES = Key("orders.pay_minutes", 30, "an unpaid order closes after so long")
SHIP_HOURS = Key("orders.ship_hours", 72, "a paid order should be sent within so long")
SHIP_GRACE_HOURS = Key("orders.ship_grace_hours", 24, "unsent so long after that, the buyer gets the money back")
SHIP_EXTENSIONS = Key("orders.ship_extensions", 1, "how often the seller may take more time to send")
SHIP_EXTENSION_HOURS = Key("orders.ship_extension_hours", 48, "how much more time that is")
WAYBILL_CORRECTIONS = Key("orders.waybill_corrections", 2, "how often a wrong waybill may be put right")
RECEIVE_HOURS = Key("orders.receive_hours", 240, "sent but never seen arriving: confirmed after so long")
INSPECT_HOURS = Key("orders.inspect_hours", 72, "time to look at what arrived before it counts as confirmed")
RECEIVE_EXTENSIONS = Key("orders.receive_extensions", 1, "how often the buyer may take more time to receive or look")
RECEIVE_EXTENSION_HOURS = Key("orders.receive_extension_hours", 72, "how much more time that is")
MEET_HOURS = Key("orders.meet_hours", 168, "meet within so long, or the buyer gets the money back")
MEET_EXTENSIONS = Key("orders.meet_extensions", 2, "how often a meeting may be put off")
MEET_EXTENSION_HOURS = Key("orders.meet_extension_hours", 168, "by how much that is")
CART_MOST = Key("orders.cart_most", 100, "things in one cart")
CHECKOUT_SELLERS_MOST = Key("orders.checkout_sellers_most", 20, "sellers in one checkout")
LINES_MOST = Key("orders.lines_most", 50, "lines in one order")
CODE_MINUTES = Key("orders.meet_code_minutes", 10, "how long a meeting code is shown before the next one")
CODE_TRIES = Key("orders.meet_code_tries", 5, "wrong meeting codes before entering is locked")
CODE_LOCK_MINUTES = Key("orders.meet_code_lock_minutes", 10, "how long it is locked then")
MEET_BELOW = Key("orders.meet_below", 10_000, "goods for less (minor units) are suggested to be handed over in person")
SHIP_ABOVE = Key("orders.ship_above", 50_000, "goods for more (minor units) are suggested to be held and posted")
NOTE_LONGEST = Key("orders.note_longest", 200, "characters of a note to the seller")
REASON_LONGEST = Key("orders.reason_longest", 200, "characters of a reason")
DELIVERY_LONGEST = Key("orders.delivery_longest", 5_000, "characters of something delivered in writing")
PLACE_LONGEST = Key("orders.meeting_place_longest", 200, "characters of a meeting place")
PROOF_HOUR = Key("orders.proof_hour", 3, "from this hour of the night on the books are proved, in the house's zone")
PROOF_RETRY_MINUTES = Key("orders.proof_retry_minutes", 60, "a nightly proof that came to nothing is tried again")
PROOF_LATE_HOURS = Key("orders.proof_late_hours", 30, "without a proof for so long the metrics say so")
PROOF_KEEPS = Key("orders.proof_keeps", 50, "of what does not fit, so many lines are kept a night")

EARNEST_PERCENT_MOST = Key(
    "orders.earnest_percent_most", 20, "the largest earnest deposit, percent of the goods (Civil Code art. 586)"
)
DEPOSIT_PERCENT_MOST = Key("orders.deposit_percent_most", 30, "the largest refundable deposit, percent of the goods")
BALANCE_HOURS_MOST = Key(
    "orders.balance_hours_most", 168, "the longest time for the rest; well within what providers hold"
)
BALANCE_EXTENSIONS = Key("orders.balance_extensions", 1, "how often there is as much time again for the rest")
THANKS_LONGEST = Key("orders.thanks_longest", 100, "characters of a word of thanks")
HISTORY_MOST = Key("orders.history_most", 5, "so many sales back the history of a thing is told")

SEVERAL_SELLERS = Code("several_sellers", Kind.MALFORMED, field="lines")
LINE_TWICE = Code("line_twice", Kind.MALFORMED, field="lines")
TOO_MANY_LINES = Code("too_many_lines", Kind.MALFORMED, field="lines")
HANDOVER_NOT_OFFERED = Code("handover_not_offered", Kind.CONFLICT, field="handover")
ADDRESS_NEEDED = Code("address_needed", Kind.MALFORMED, field="address")
BUYING_RESTRICTED = Code("buying_restricted", Kind.FORBIDDEN)
RECONFIRM_FIRST = Code("reconfirm_first", Kind.CONFLICT)
ORDER_CHANGED = Code("order_changed", Kind.CONFLICT, field="version")
PRICE_NOT_LOWER = Code("price_not_lower", Kind.MALFORMED, field="goods")
NOTHING_SENT = Code("nothing_sent", Kind.MALFORMED, field="shipping")
SAME_PRICE = Code("same_price", Kind.MALFORMED, field="goods")
TOO_MANY_SELLERS = Code("too_many_sellers", Kind.MALFORMED, field="lines")
CART_FULL = Code("cart_full", Kind.LIMIT)
CART_TOO_MANY = Code("cart_too_many", Kind.CONFLICT, field="quantity")
NOTHING_TO_PAY = Code("nothing_to_pay", Kind.CONFLICT)
CARRIER_UNKNOWN = Code("carrier_unknown", Kind.MALFORMED, field="carrier")
WAYBILL_NOT_VALID = Code("waybill_not_valid", Kind.MALFORMED, field="waybill")
WAYBILL_USED = Code("waybill_used", Kind.CONFLICT, field="waybill")
WAYBILL_SAME = Code("waybill_same", Kind.MALFORMED, field="waybill")
NO_MORE_CORRECTIONS = Code("no_more_corrections", Kind.CONFLICT, field="waybill")
NO_MORE_EXTENSIONS = Code("no_more_extensions", Kind.CONFLICT)
ORDER_PAUSED = Code("order_paused", Kind.CONFLICT)
MEET_CODE_WRONG = Code("meet_code_wrong", Kind.CONFLICT, field="code")
MEET_CODE_LOCKED = Code("meet_code_locked", Kind.LIMIT, field="code")
DEPOSIT_NOT_OFFERED = Code("deposit_not_offered", Kind.CONFLICT, field="deposit")
DEPOSIT_TOO_LARGE = Code("deposit_too_large", Kind.MALFORMED, field="percent")
DEPOSIT_TOO_LONG = Code("deposit_too_long", Kind.MALFORMED, field="hours")
DEPOSIT_NEVER_KEPT = Code("deposit_never_kept", Kind.MALFORMED, field="silent")
EARNEST_NOT_UNDERSTOOD = Code("earnest_not_understood", Kind.MALFORMED, field="understood")
SELLER_OWES = Code("seller_owes", Kind.CONFLICT, field="kind")
RESOLD_ALREADY = Code("resold_already", Kind.CONFLICT)
THANKED_ALREADY = Code("thanked_already", Kind.CONFLICT)


# What each sealed value is sealed for.
ADDRESS_SEAL = "orders.address"
MEETING_SEAL = "orders.meeting"
CONTENT_SEAL = "orders.content"


class WantedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of an item."""

    item: ItemId
    quantity: Annotated[int, Meta(ge=1, le=9_999)] = 1


class PlaceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Buy these things of one seller. `address` (one of the buyer's own) is needed to ship.

    An accepted offer sets the price of its line by itself; `offer` insists on one, `link` is a private link's token.
    `deposit` pays a part first as the seller of the one thing offers it; an earnest must be `understood`.
    """

    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=500)]
    handover: Handover
    address: AddressId | None = None
    note: Line = ""
    offer: OfferId | None = None
    link: Annotated[str, Meta(max_length=80)] | None = None
    deposit: bool = False
    understood: bool = False


class PlaceCheckout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Buy these things of one or several sellers: an order for each seller, one payment for all.

    `handover` is for every seller but those in `handovers`; `notes` say something to a seller. Both by member id.
    """

    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=500)]
    handover: Handover
    address: AddressId | None = None
    handovers: Annotated[dict[MemberId, Handover], Meta(max_length=500)] = {}
    notes: Annotated[dict[MemberId, Line], Meta(max_length=500)] = {}


class PutInCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a thing, in all: saying it twice changes nothing."""

    item: ItemId
    quantity: Annotated[int, Meta(ge=1, le=9_999)] = 1


class ChangePrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the things and the sending cost now; what is left out stays. `version` is the one the seller saw."""

    version: int
    goods: Money | None = None
    shipping: Money | None = None


class Reconfirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The buyer has seen the order as it stands in this version."""

    version: int


class Ship(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which carrier took it under which number."""

    carrier: Annotated[str, Meta(max_length=20)]
    waybill: Annotated[str, Meta(max_length=60)]


class DeliverInWriting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the buyer gets without a carrier: a link, a code, a word on what was done."""

    content: Body


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why; shown to the other side."""

    reason: Line = ""


class Meeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and when the two meet, in their own words and as a moment."""

    place: Line
    at: datetime | None = None


class Redeem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Six digits, the content of the buyer's QR picture, or the long code for places without a network."""

    code: Annotated[str, Meta(max_length=200)]


class SetDeposit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a thing may be kept for a part of its price; without `kind` it may not.

    `hours` for the rest; `silent` is what happens when it does not come. An earnest must be `understood`.
    """

    kind: DepositKind | None = None
    percent: Annotated[int, Meta(ge=1, le=49)] = 10
    hours: Annotated[int, Meta(ge=1)] = 72
    silent: Silent = "refund"
    understood: bool = False


class Deposit(msgspec.Struct, frozen=True):
    """A deposit as it was agreed; `extensions` is how often there may be as much time again."""

    kind: DepositKind
    percent: int
    hours: int
    silent: Silent
    extensions: int


class Resell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the things of an order goes on; the first one when it is left out."""

    item: ItemId | None = None


class Thank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A short word of thanks, for everybody to read; `named` shows the writer's name with it."""

    words: Line
    named: bool = False


class Terms(msgspec.Struct, frozen=True):
    """The rules of one order, frozen when it was made; later configuration does not touch it.

    The fee policy is the one its seller agreed to: in force when the thing was last confirmed.
    """

    pay_minutes: int
    ship_hours: int
    ship_grace_hours: int
    ship_extensions: int
    ship_extension_hours: int
    receive_hours: int
    inspect_hours: int
    receive_extensions: int
    receive_extension_hours: int
    meet_hours: int
    meet_extensions: int
    meet_extension_hours: int
    fee: FeePolicy
    fee_version: int
    deposit: Deposit | None = None
    consent: bool = False  # made or done for this buyer: once paid it is not called off without the seller
    protected: bool = True  # False: made while no provider was connected, nothing is held and nobody is protected


class Order(msgspec.Struct, frozen=True):
    """An order as a verb needs it."""

    id: OrderId
    buyer: MemberId
    seller: MemberId
    state: State
    handover: Handover
    currency: str
    goods: int
    shipping: int
    total: int
    paid: int
    refunded: int
    charge: Charge | None
    payment: PaymentId | None
    terms: Terms
    version: int
    extensions: int
    due_at: datetime | None
    paused_at: datetime | None
    bundle: int = 0
    lowered: int = 0
    confirmed: bool = True
    checkout: CheckoutId | None = None
    deposit: int = 0
    deposit_payment: PaymentId | None = None

    def role_of(self, member: str) -> Role:
        """Which side of the trade this member is; only called for one of the two."""
        return "buyer" if member == self.buyer else "seller"


class Redemption(msgspec.Struct, frozen=True):
    """How entering a code went. A wrong try must be counted, so it is an answer, not a refusal, until committed."""

    completed: bool
    tries_left: int = 0
    locked_until: datetime | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """A thing as it was offered when the order was made."""

    title: str
    description: str
    condition: str | None
    category: str | None
    attributes: dict[str, Any]
    media: list[str]
    kind: str
    handover: list[str]
    place_label: str | None
    shipping: int | None = None
    deal: "Deal | None" = None


class Deal(msgspec.Struct, frozen=True):
    """Why a line does not cost what was asked: `asking` was the public price of a unit.

    `by` is offer, link (with its id) or bundle (with the note's id, its rule, and `off`, what it took off the line).
    """

    asking: int
    by: Literal["offer", "link", "bundle"]
    id: str
    count: int = 0
    percent: int = 0
    off: int = 0


class MoneyLines(msgspec.Struct, frozen=True):
    """Every money line. Buyer: goods - bundle - lowered + shipping = total. Seller: total - refunded - fee = net.

    `fee` is likely until it is decided (`fee_decided`); `fee_owed` of it could not be taken from the sale.
    """

    goods: Money
    bundle: Money
    lowered: Money
    shipping: Money
    total: Money
    fee: Money
    fee_decided: bool
    fee_owed: Money
    net: Money
    paid: Money
    held: Money
    released: Money
    refunded: Money
    fee_policy: str
    fee_policy_version: int


class DepositView(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit beside its order: `amount` first, `balance` within `hours` after it.

    `penalty` is what a seller who broke an earnest owes the buyer besides; `penalty_paid` of it has reached the buyer.
    """

    kind: DepositKind
    percent: int
    hours: int
    silent: Silent
    amount: Money
    balance: Money
    penalty: Money
    penalty_paid: Money


class OrderLine(msgspec.Struct, frozen=True):
    """One line of an order page. `digest` (hex) proves that the snapshot is the one that was frozen.

    `fee` is the line's share of the order's fee.
    """

    item: ItemId
    quantity: int
    price: Money
    off: Money
    amount: Money
    version: int
    snapshot: Snapshot
    digest: str
    fee: Money


class TimelineEntry(msgspec.Struct, frozen=True):
    """One move. `role`: buyer, seller, time, provider, carrier, operator or system."""

    verb: str
    state: State
    role: str
    at: datetime
    facts: dict[str, Any]


class Waiting(msgspec.Struct, frozen=True):
    """Who must act, until when, and the verb that time does otherwise ("" when nothing happens by itself).

    `code` names the sentence for this reader in `words/waiting/orders.toml`; its fact is `until`.
    """

    code: str
    turn: Role | Literal["nobody"]
    until: datetime | None
    otherwise: str
    paused: bool


class Deadline(msgspec.Struct, frozen=True):
    """Something that should have happened by `at`, under its name."""

    name: str
    at: datetime


class ShipmentView(msgspec.Struct, frozen=True):
    """How it travels; `content` for what is delivered in writing, buyer and seller only.

    `way` is what carriers wrote down, by their own times. `unseen`: sent long ago, and never scanned.
    """

    carrier: str | None
    carrier_name: str | None
    waybill: str | None
    content: str | None
    shipped_at: datetime
    way: list[SeenScan] = []
    unseen: bool = False


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """An order for one of its two sides."""

    id: OrderId
    role: Role
    buyer: MemberId
    seller: MemberId
    state: State
    handover: Handover
    version: int
    waiting: Waiting
    deadlines: list[Deadline]
    actions: list[str]
    money: MoneyLines
    lines: list[OrderLine]
    timeline: list[TimelineEntry]
    note: str
    unpaid: bool
    confirmed: bool
    checkout: CheckoutId | None
    address: dict[str, Any] | None
    meeting: Meeting | None
    shipment: ShipmentView | None
    meet_code: str | None
    meet_qr: str | None
    meet_code_until: datetime | None
    meet_offline: OfflineCode | None
    meet_proofs: list[OfflineProof]
    pay_url: str | None
    placed_at: datetime
    protected: bool
    deposit: DepositView | None


class OrderCard(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: OrderId
    role: Role
    other: MemberId
    state: State
    handover: Handover
    total: Money
    title: str
    picture: str | None
    count: int
    waiting: Waiting
    unpaid: bool
    placed_at: datetime
    protected: bool


class UnsettledOrder(msgspec.Struct, frozen=True):
    """An order whose held money does not fit its state."""

    order: OrderId
    state: State
    paid: int
    held: int
