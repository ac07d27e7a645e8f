"""The refund machine as a table, what may be asked for when, how much, and what time does. Pure: no rows, no clock."""

from datetime import timedelta

from xianji.domains import orders
from xianji.domains.orders import Order
from xianji.kernel.config import Config
from xianji.kernel.states import machine, move

from . import model
from .model import (
    AFTER_SALE_REASONS,
    COUNTER_IS_THE_SAME,
    NOTHING_TO_REFUND,
    NOTHING_TO_REPAY,
    REASONS,
    REFUND_ALL_OR_NOTHING,
    REFUND_AMOUNT_NEEDED,
    REFUND_KIND_NOT_OPEN,
    REFUND_PART_MEANS_LESS,
    REFUND_TOO_MUCH,
    CounterKind,
    Refund,
    RefundKind,
)

_OPEN_TO_SELLER = ("waiting_seller", "refused", "disputed")

# "system" grants what needs nobody's consent; "carrier" is a scan of the parcel that goes back.
MACHINE = machine(
    "refund",
    (
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
    ),
    move("waiting_seller", "grant", "refunded", "system", money="refund", why="nothing was handed over yet"),
    move(_OPEN_TO_SELLER, "agree", "refunded", "seller", money="refund"),
    move(_OPEN_TO_SELLER, "agree_return", "waiting_return", "seller", why="agreeing and the address are one act"),
    move(_OPEN_TO_SELLER, "agree_replacement", "waiting_replacement", "seller", why="nothing has to come back"),
    move("waiting_seller", "counter", "waiting_buyer", "seller"),
    move("waiting_seller", "refuse", "refused", "seller"),
    move("waiting_seller", "time_refund", "refunded", "time", money="refund", why="unshipped, or no signed scan"),
    move("waiting_seller", "time_return", "waiting_return", "time", why="to the seller's default address"),
    move("waiting_seller", "time_dispute", "disputed", "time", why="silence never pays for what may be with the buyer"),
    move("waiting_buyer", "accept_counter", "refunded", "buyer", money="refund"),
    move("waiting_buyer", "accept_return", "waiting_return", "buyer"),
    move("waiting_buyer", "time_close", "closed", "time"),
    move("waiting_return", "ship_back", "returning", "buyer"),
    move("waiting_return", "time_close", "closed", "time"),
    move("returning", "correct_waybill", "returning", "buyer", why="a wrong number, before any carrier had the parcel"),
    move("returning", "signed", "returning", "carrier", "operator", why="time to look starts"),
    move("returning", "receive", "refunded", "seller", money="refund"),
    move("returning", "receive_exchange", "waiting_replacement", "seller"),
    move("returning", "refuse_received", "disputed", "seller", why="swapped, damaged or missing"),
    move("returning", "time_refund", "refunded", "time", money="refund", why="signed for, and the seller said nothing"),
    move("returning", "time_dispute", "disputed", "time", why="never seen arriving"),
    move("waiting_replacement", "replace", "exchanged", "seller"),
    move("waiting_replacement", "time_dispute", "disputed", "time"),
    move("refused", "time_close", "closed", "time"),
    move(
        ("waiting_buyer", "waiting_return", "returning", "waiting_replacement", "refused"),
        "escalate",
        "disputed",
        "buyer",
        "seller",
        why="after the first reply",
    ),
    move(("waiting_seller", "waiting_buyer", "waiting_return", "refused", "disputed"), "withdraw", "closed", "buyer"),
    move("disputed", "rule_refund", "refunded", "operator", money="refund"),
    move("disputed", "rule_return", "waiting_return", "operator"),
    move("disputed", "rule_release", "closed", "operator", why="nothing is refunded, the order goes on"),
    move("disputed", "rule_repay", "closed", "operator", why="the buyer owes the seller what was wrongly refunded"),
)

TURN = {
    "waiting_seller": "seller",
    "waiting_buyer": "buyer",
    "waiting_return": "buyer",
    "returning": "seller",
    "waiting_replacement": "seller",
    "refused": "buyer",
    "disputed": "operator",
}

# The kinds whose goods come back, and those that pay without a word more of the seller.
COMES_BACK = frozenset(("return", "exchange"))
# Kinds for which pictures and a typed reason are asked; a promise to each other ("agreed") needs none.
_WITH_PICTURES = frozenset(("keep_goods", "partial", "exchange", "return"))
_WITH_WORDS = frozenset(("keep_goods", "partial"))
_NO_FAULT = frozenset(("changed_mind", "agreed"))
_AFTER_SALE: tuple[RefundKind, ...] = ("return", "partial", "keep_goods")
_HANDED_OVER: tuple[RefundKind, ...] = ("not_received", "return", "partial", "keep_goods", "exchange")


def kinds_in(state: str, handover: str) -> tuple[RefundKind, ...]:
    """What may be asked for in an order's state; what can be returned is offered as a return first."""
    match state:
        case "awaiting_shipment" | "awaiting_meeting":
            return ("unshipped",)
        case "shipped" | "delivered":
            return _HANDED_OVER if handover != "digital" else ("not_received", "partial", "keep_goods")
        case "completed":
            return _AFTER_SALE if handover != "digital" else ("partial", "keep_goods")
        case _:
            return ()


def reasons_open(kind: str, after_sale: bool) -> tuple[str, ...]:
    """The reasons that may be given."""
    return AFTER_SALE_REASONS if after_sale else REASONS[kind]


def after_sale_time(handover: str, config: Config) -> timedelta:
    """How long after completion a hidden fault or a fake may be claimed."""
    hours = model.AFTER_SALE_MEET_HOURS if handover == "meet" else model.AFTER_SALE_HOURS
    return timedelta(hours=config.get(hours))


def judge_kind(kind: RefundKind, order: Order) -> None:
    """Refuses `nothing_to_refund` for gifts and `refund_kind_not_open`."""
    if not order.paid:
        raise NOTHING_TO_REFUND()
    if kind not in kinds_in(order.state, order.handover):
        raise REFUND_KIND_NOT_OPEN(kind=kind, state=order.state)


def judge_amount(kind: str, amount: int | None, refundable: int) -> int:
    """What is asked for, minor units.

    Refuses `nothing_to_refund`, `refund_amount_needed`, `refund_too_much`, `refund_all_or_nothing`,
    `refund_part_means_less`.
    """
    if refundable <= 0:
        raise NOTHING_TO_REFUND()
    if kind == "exchange":
        return 0
    if amount is None:
        if kind == "partial":
            raise REFUND_AMOUNT_NEEDED()
        return refundable
    if amount <= 0:
        raise REFUND_AMOUNT_NEEDED()
    if amount > refundable:
        raise REFUND_TOO_MUCH(most=refundable)
    if kind == "unshipped" and amount != refundable:
        raise REFUND_ALL_OR_NOTHING()
    if kind == "partial" and amount == refundable:
        raise REFUND_PART_MEANS_LESS()
    return amount


def judge_counter(refund: Refund, kind: CounterKind, amount: int, order: Order) -> None:
    """Refuses an offer that is what was asked for, or of a kind that is not open now."""
    if kind not in kinds_in(order.state, order.handover) and not (
        kind == "exchange" and "return" in kinds_in(order.state, order.handover)
    ):
        raise REFUND_KIND_NOT_OPEN(kind=kind, state=order.state)
    if (kind, amount) == (refund.kind, refund.amount):
        raise COUNTER_IS_THE_SAME()


def needs_pictures(kind: str, reason: str) -> bool:
    """Whether a claim of this kind must be shown."""
    return kind in _WITH_PICTURES and reason not in _NO_FAULT


def needs_words(kind: str, reason: str) -> bool:
    """Whether a claim of this kind must also be told."""
    return reason == "other" or (kind in _WITH_WORDS and reason not in _NO_FAULT)


def agree_verb(kind: str, keep: bool) -> str:
    """The verb of a seller who says yes."""
    if kind == "exchange" and keep:
        return "agree_replacement"
    return "agree_return" if kind in COMES_BACK else "agree"


def accept_verb(counter_kind: str) -> str:
    """The verb of a buyer who takes the counter-offer."""
    return "accept_return" if counter_kind in COMES_BACK else "accept_counter"


def receive_verb(kind: str) -> str:
    """The verb of a seller who has the goods back."""
    return "receive_exchange" if kind == "exchange" else "receive"


def time_verb(refund: Refund, delivered: bool, has_address: bool) -> str:
    """What time does. `delivered`: the carrier shows that the buyer signed; `has_address`: the seller has a default."""
    match refund.state:
        case "waiting_seller":
            if refund.kind == "unshipped" or (refund.kind == "not_received" and not delivered):
                return "time_refund"
            return "time_return" if refund.kind == "return" and has_address else "time_dispute"
        case "returning":
            signed = refund.signed_at is not None and refund.kind == "return"
            return "time_refund" if signed else "time_dispute"
        case "waiting_replacement":
            return "time_dispute"
        case _:
            return "time_close"


def time_allowed(state: str, signed: bool, config: Config) -> timedelta | None:
    """How long a refund may stay in a state before time acts; None where nothing is due."""
    key = {
        "waiting_seller": model.SELLER_HOURS,
        "waiting_buyer": model.COUNTER_HOURS,
        "waiting_return": model.RETURN_HOURS,
        "returning": model.SIGNED_HOURS if signed else model.UNSEEN_HOURS,
        "waiting_replacement": model.REPLACE_HOURS,
        "refused": model.REFUSED_HOURS,
    }.get(state)
    return None if key is None else timedelta(hours=config.get(key))


def judge_repay(amount: int | None, order: Order, back: int) -> int:
    """What a ruling lets the buyer give back of `back`, minor units.

    Refuses `nothing_to_repay` while the order goes on or when nothing went back, `refund_amount_needed`,
    `refund_too_much`.
    """
    if order.state not in orders.MACHINE.final or back <= 0:
        raise NOTHING_TO_REPAY()
    if not amount or amount < 0:
        raise REFUND_AMOUNT_NEEDED()
    if amount > back:
        raise REFUND_TOO_MUCH(most=back)
    return amount


def half_freight(amount: int, freight: int, paid_by: str, refundable: int) -> int:
    """The refund when the freight of sending back is shared in halves: more for a buyer who paid it, else less."""
    half = (freight + 1) // 2
    return min(refundable, amount + half) if paid_by == "buyer" else max(0, amount - half)


# The machine's verbs under the names that the API and the buttons use.
NAMES = {
    "agree_return": "agree",
    "agree_replacement": "agree",
    "accept_counter": "accept_counter",
    "accept_return": "accept_counter",
    "receive_exchange": "receive",
    "rule_refund": "rule",
    "rule_return": "rule",
    "rule_release": "rule",
    "rule_repay": "rule",
}


def actions_open(refund: Refund, role: str) -> list[str]:
    """The verbs this side may use now under their public names, in table order and each once."""
    verbs = [NAMES.get(verb, verb) for verb in MACHINE.open_to(refund.state, role) if fits(refund, verb)]
    return list(dict.fromkeys(verbs))


def fits(refund: Refund, verb: str) -> bool:
    """Whether a verb makes sense for the kind on the table."""
    match verb:
        case "agree":
            return refund.kind not in COMES_BACK and refund.amount > 0
        case "agree_return":
            return refund.kind in COMES_BACK and (refund.amount > 0 or refund.kind == "exchange")
        case "agree_replacement" | "receive_exchange":
            return refund.kind == "exchange"
        case "receive":
            return refund.kind == "return"
        case "counter":
            return refund.kind != "unshipped"
        case "withdraw":
            return refund.again_of is None
        case _:
            return True
