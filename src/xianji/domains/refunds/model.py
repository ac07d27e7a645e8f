"""The words of refunds: kinds, states, reasons, what is asked and answered, the numbers, the refusals."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from xianji.domains.parcels import SeenScan
from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import AddressId, MediaId, MemberId, OrderId, RefundId
from xianji.kernel.money import Money
from xianji.kernel.text import Body

RefundKind = Literal["unshipped", "not_received", "keep_goods", "return", "partial", "exchange"]
RefundState = Literal[
    "waiting_seller",
    "waiting_buyer",
    "waiting_return",
    "returning",
    "waiting_replacement",
    "refused",
    "disputed",
    "refunded",
    "exchanged",
    "closed",
]
RefundRole = Literal["buyer", "seller", "operator"]
CounterKind = Literal["keep_goods", "return", "partial", "exchange"]
Problem = Literal["swapped", "damaged", "missing"]
Outcome = Literal["refund_full", "refund_part", "return", "release", "split_freight", "repay"]
Payout = Literal["none", "on_its_way", "sent", "owed", "amends_owed", "amends_paid"]

SELLER_HOURS = Key("refunds.seller_hours", 48, "the seller should answer a refund within so long")
COUNTER_HOURS = Key("refunds.counter_hours", 48, "the buyer should answer a counter-offer within so long")
RETURN_HOURS = Key("refunds.return_hours", 168, "goods should be sent back within so long")
SIGNED_HOURS = Key("refunds.return_signed_hours", 72, "time to look at goods that came back, once signed for")
UNSEEN_HOURS = Key("refunds.return_unseen_hours", 240, "goods sent back but never seen arriving: operators look then")
REPLACE_HOURS = Key("refunds.replace_hours", 72, "a replacement should be sent within so long")
REFUSED_HOURS = Key("refunds.refused_hours", 72, "a refused refund may be taken to the operators within so long")
RESUME_HOURS = Key("refunds.resume_hours", 24, "what an order has left at least when its refund has ended")
EXCHANGED_HOURS = Key("refunds.exchanged_hours", 240, "what an order has left at least when a replacement was sent")
AFTER_SALE_HOURS = Key(
    "refunds.after_sale_hours", 168, "a hidden fault or a fake may be claimed so long after the sale"
)
AFTER_SALE_MEET_HOURS = Key("refunds.after_sale_meet_hours", 72, "the same for things handed over in person")
RETRY_HOURS = Key("refunds.retry_hours", 24, "how often the provider is asked again for what a seller still owes")
SALE_RETRY_MINUTES = Key("refunds.sale_retry_minutes", 10, "and so long after the seller's next sale has completed")
RECORD_DAYS = Key("refunds.record_days", 180, "over how long a buyer's partial refunds are counted")
RISK_SELLERS = Key("refunds.risk_sellers", 3, "partial refunds from so many sellers in that time are pointed out")
EVIDENCE_MOST = Key("refunds.evidence_most", 9, "pictures with one step of a refund")
WORDS_LONGEST = Key("refunds.words_longest", 500, "characters of a reason or an answer")

REFUND_OPEN_ALREADY = Code("refund_open_already", Kind.CONFLICT)
REFUND_KIND_NOT_OPEN = Code("refund_kind_not_open", Kind.CONFLICT, field="kind")
REFUND_TOO_LATE = Code("refund_too_late", Kind.CONFLICT)
NOTHING_TO_REFUND = Code("nothing_to_refund", Kind.CONFLICT)
REFUND_TOO_MUCH = Code("refund_too_much", Kind.MALFORMED, field="amount")
REFUND_AMOUNT_NEEDED = Code("refund_amount_needed", Kind.MALFORMED, field="amount")
NOTHING_TO_REPAY = Code("nothing_to_repay", Kind.CONFLICT)
REFUND_OTHER_CURRENCY = Code("refund_other_currency", Kind.MALFORMED, field="amount")
REFUND_ALL_OR_NOTHING = Code("refund_all_or_nothing", Kind.MALFORMED, field="amount")
REFUND_PART_MEANS_LESS = Code("refund_part_means_less", Kind.MALFORMED, field="amount")
REFUND_REASON_UNKNOWN = Code("refund_reason_unknown", Kind.MALFORMED, field="reason")
EVIDENCE_NEEDED = Code("evidence_needed", Kind.MALFORMED, field="evidence")
TOO_MUCH_EVIDENCE = Code("too_much_evidence", Kind.MALFORMED, field="evidence")
RETURN_ADDRESS_NEEDED = Code("return_address_needed", Kind.MALFORMED, field="address")
SELLER_HAS_NO_ADDRESS = Code("seller_has_no_address", Kind.CONFLICT, field="outcome")
COUNTER_IS_THE_SAME = Code("counter_is_the_same", Kind.MALFORMED, field="kind")
RULING_UNKNOWN_RULE = Code("ruling_unknown_rule", Kind.MALFORMED, field="rule")
RULING_OWN_REFUND = Code("ruling_own_refund", Kind.FORBIDDEN)
RULING_NO_GOODS = Code("ruling_no_goods", Kind.CONFLICT, field="outcome")
FREIGHT_NEEDED = Code("freight_needed", Kind.MALFORMED, field="freight")

RETURN_SEAL = "refunds.return_address"

_FAULTS = ("not_as_described", "damaged", "missing_parts", "wrong_item", "hidden_fault", "fake", "other")
# The closed list of reasons by kind, in the order in which they are offered.
REASONS: dict[str, tuple[str, ...]] = {
    "unshipped": ("changed_mind", "wrong_order", "too_slow", "agreed", "other"),
    "not_received": ("no_tracking", "lost", "signed_by_other", "agreed", "other"),
    "keep_goods": _FAULTS,
    "return": (*_FAULTS[:-1], "changed_mind", "agreed", "other"),
    "partial": (*_FAULTS[:-1], "agreed", "other"),
    "exchange": ("damaged", "missing_parts", "wrong_item", "hidden_fault", "not_as_described", "other"),
}
AFTER_SALE_REASONS = ("hidden_fault", "fake")

Evidence = Annotated[list[MediaId], Meta(max_length=50)]


class Apply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the buyer wants back and why.

    `reason` is a code of the kind's list; other words count as "other", with these words as the reason. `amount` is
    needed for a partial refund, means everything when left out, and plays no part in an exchange.
    """

    kind: RefundKind
    reason: Body
    amount: Money | None = None
    words: Body = ""
    evidence: Evidence = []


class Agree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yes. Where goods come back, `address` is one of the seller's own, or their default one.

    `keep` (exchange only): nothing has to come back, the missing or new piece is simply sent.
    """

    address: AddressId | None = None
    keep: bool = False


class CounterRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way out, open for the buyer to accept."""

    kind: CounterKind
    amount: Money | None = None
    words: Body = ""
    address: AddressId | None = None


class Refuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No, and why; the buyer reads it."""

    reason: Body
    evidence: Evidence = []


class ShipBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which carrier took the goods back, under which number; pictures of the packing."""

    carrier: Annotated[str, Meta(max_length=20)]
    waybill: Annotated[str, Meta(max_length=60)]
    evidence: Evidence = []


class RefuseReceived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came back is not what was sent; pictures or a film of the unboxing are needed."""

    problem: Problem
    reason: Body
    evidence: Evidence


class Replacement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which carrier took the replacement under which number."""

    carrier: Annotated[str, Meta(max_length=20)]
    waybill: Annotated[str, Meta(max_length=60)]


class Escalate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let the operators decide; what they should know."""

    reason: Body = ""
    evidence: Evidence = []


class RuleOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator's ruling by a named rule.

    `amount` with refund_part, and with repay: what the buyer gives back of earlier refunds of an order that is over.
    `freight` with split_freight: what sending the goods back cost, shared in halves, and who has paid it to the
    carrier.
    """

    outcome: Outcome
    reason: Body
    rule: Annotated[str, Meta(max_length=40)]
    amount: Money | None = None
    freight: Money | None = None
    freight_paid_by: Literal["buyer", "seller"] = "buyer"


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as a verb needs it. `amount` minor units, of `kind`, is what is on the table.

    Its deadlines are those of the rules in force when it was opened. `again_of` is the refund whose ruling an appeal
    found wrong: operators look at it again, and nobody withdraws it.
    """

    id: RefundId
    order_id: OrderId
    buyer: MemberId
    seller: MemberId
    kind: RefundKind
    state: RefundState
    reason: str
    asked: int
    amount: int
    currency: str
    after_sale: bool
    opened_at: datetime
    counter_kind: CounterKind | None = None
    counter_amount: int | None = None
    address_sealed: str | None = None
    carrier: str | None = None
    waybill: str | None = None
    signed_at: datetime | None = None
    again_of: str | None = None
    short: int = 0
    retry_at: datetime | None = None
    version: int = 1
    due_at: datetime | None = None

    def role_of(self, member: str) -> Literal["buyer", "seller"]:
        """Which side this member is; only called for one of the two."""
        return "buyer" if member == self.buyer else "seller"


class Step(msgspec.Struct, frozen=True):
    """What a person adds to a move: words, pictures, facts."""

    words: str = ""
    evidence: list[str] = []
    facts: dict[str, Any] = {}


# --- for readers -----------------------------------------------------------------------------------------------------


class Choice(msgspec.Struct, frozen=True):
    """A kind that may be asked for now: at most so much, for these reasons, with or without pictures and words."""

    kind: RefundKind
    most: Money
    all_only: bool
    at_once: bool
    reasons: list[str]
    needs_evidence: bool
    needs_words: bool


class Choices(msgspec.Struct, frozen=True):
    """What the buyer of an order may ask for now; `open` is the refund that is open instead.

    `until` is the last moment of an after-sale claim; None while the order is open.
    """

    order: OrderId
    refundable: Money
    goods: Money
    shipping: Money
    open: RefundId | None
    until: datetime | None
    choices: list[Choice]


class MoveLine(msgspec.Struct, frozen=True):
    """One step of a refund. `role`: buyer, seller, time, carrier, operator or system."""

    verb: str
    state: RefundState
    role: str
    words: str
    evidence: list[str]
    facts: dict[str, Any]
    at: datetime


class Waits(msgspec.Struct, frozen=True):
    """Whose turn it is, until when, and the verb that time does otherwise ("" when nothing happens by itself).

    `code` names the sentence for this reader in `words/waiting/refunds.toml`.
    """

    code: str
    turn: Literal["buyer", "seller", "operator", "nobody"]
    until: datetime | None
    otherwise: str


class RefundTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that waits for this reader, in a list: the first thing of its order, who is on the other side."""

    id: RefundId
    title: str
    picture: MediaId | None
    other: MemberId
    role: Literal["buyer", "seller"]
    state: RefundState
    amount: Money
    until: datetime | None


class CounterOffer(msgspec.Struct, frozen=True):
    """What the seller offers instead."""

    kind: CounterKind
    amount: Money


class BuyerRecord(msgspec.Struct, frozen=True):
    """How often a buyer asked for a part of the money back after delivery. `pointed_out` when from many sellers."""

    days: int
    orders: int
    partials: int
    sellers: int
    pointed_out: bool


class Agreed(msgspec.Struct, frozen=True):
    """A line of the order as it was frozen, beside which returned goods are looked at."""

    title: str
    quantity: int
    condition: str | None
    attributes: dict[str, Any]
    media: list[str]
    digest: str


class RefundPage(msgspec.Struct, frozen=True, kw_only=True):
    """A refund for one of its sides or an operator.

    `back` is what the order's buyer has of it by now. `amends` is what no provider can move: the seller owes it to the
    buyer of a refunded one, the buyer to the seller of a closed one, and the platform passes it on.
    """

    id: RefundId
    order: OrderId
    role: RefundRole
    buyer: MemberId
    seller: MemberId
    kind: RefundKind
    state: RefundState
    reason: str
    amount: Money
    asked: Money
    most: Money
    after_sale: bool
    waiting: Waits
    actions: list[str]
    counter: CounterOffer | None
    address: dict[str, Any] | None
    carrier: str | None
    waybill: str | None
    way: list[SeenScan]
    payout: Payout
    owed: Money
    back: Money
    amends: Money
    record: BuyerRecord | None
    timeline: list[MoveLine]
    agreed: list[Agreed]
    opened_at: datetime
    ended_at: datetime | None
    version: int


class RefundCard(msgspec.Struct, frozen=True, kw_only=True):
    """A refund in the list of its order."""

    id: RefundId
    kind: RefundKind
    state: RefundState
    amount: Money
    after_sale: bool
    waiting: Waits
    payout: Payout
    opened_at: datetime
    ended_at: datetime | None


class DisputeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A refund in the operators' queue."""

    id: RefundId
    kind: RefundKind
    title: str
    amount: Money
    after_sale: bool
    since: datetime


class CaseFacts(msgspec.Struct, frozen=True):
    """What a case of moderation keeps of a disputed refund."""

    buyer: MemberId
    seller: MemberId
    title: str
    body: str
    media: list[str]
