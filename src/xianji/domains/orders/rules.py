"""The order machine as a table, its deadlines, its money, and the meeting code. Pure: no rows, no clock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from xianji.domains import fees
from xianji.domains.ledger import Leg
from xianji.domains.payments import OFFLINE, PROVIDER
from xianji.kernel.config import Config
from xianji.kernel.crypto import Keys
from xianji.kernel.money import Money
from xianji.kernel.states import machine, move

from . import deposits, model
from .model import Deposit, Handover, Order, Terms

STATES = (
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
)
_PAID = ("awaiting_shipment", "awaiting_meeting")
_KEPT = ("awaiting_balance", *_PAID)
_ARRIVING = ("shipped", "delivered")
OPEN = (*_PAID, *_ARRIVING)

# What still happens while a refund is open: news from outside, and the refund's own moves.
WHILE_PAUSED = frozenset(
    ("deliver", "correct_waybill", "resume", "refund_part", "refund_all", "complete_rest", "hold_ended")
)

# The moves after which the goods are with their seller again although the order is completed.
GOODS_BACK = ("complete_rest",)

MACHINE = machine(
    "order",
    STATES,
    *(move(state, "start_payment", state, "buyer", why="go to the provider's page") for state in deposits.PAYABLE),
    move("awaiting_payment", "change_price", "awaiting_payment", "seller", why="lower, or another postage"),
    move("awaiting_payment", "reconfirm", "awaiting_payment", "buyer", why="seen what it costs now"),
    move("awaiting_payment", "pay_deposit", "awaiting_balance", "provider", money="hold", why="the rest comes later"),
    move(deposits.PAYABLE, "pay", "awaiting_shipment", "provider", "system", money="hold", why="ship or digital"),
    move(deposits.PAYABLE, "pay_to_meet", "awaiting_meeting", "provider", "system", money="hold"),
    move("awaiting_payment", "cancel", "closed", "buyer", "seller"),
    move("awaiting_payment", "time_out_payment", "closed", "time"),
    move("awaiting_balance", "extend", "awaiting_balance", "seller", "time"),
    move("awaiting_balance", "balance_timeout", "refunded", "time", money="refund", why="the rest never came"),
    move("awaiting_balance", "forfeit_timeout", "forfeited", "time", money="forfeit", why="the rest never came"),
    move(_KEPT, "forfeit", "forfeited", "buyer", money="forfeit", why="the buyer gives an earnest deposit up"),
    move("awaiting_shipment", "ship", "shipped", "seller"),
    move("awaiting_shipment", "no_logistics", "delivered", "seller", why="digital things and services"),
    move("awaiting_shipment", "refund_timeout", "refunded", "time", money="refund", why="paid and never sent"),
    move("awaiting_meeting", "arrange", "awaiting_meeting", "buyer", "seller", why="agree on place and time"),
    move("awaiting_meeting", "renew_code", "awaiting_meeting", "buyer", why="codes shown so far are called back"),
    move("awaiting_meeting", "redeem", "completed", "seller", money="release", why="the buyer showed the code"),
    move("awaiting_meeting", "meet_timeout", "refunded", "time", money="refund", why="no code, no handover"),
    move(_KEPT, "cancel_paid", "refunded", "buyer", "seller", money="refund", why="before anything was handed over"),
    move("shipped", "correct_waybill", "shipped", "seller", why="a wrong number, before any carrier had the parcel"),
    move("shipped", "unseen", "shipped", "time", why="the carrier never scanned it: the seller is warned"),
    move("shipped", "deliver", "delivered", "carrier", "operator", why="the carrier says it was signed for"),
    move(_ARRIVING, "confirm", "completed", "buyer", money="release"),
    move(_ARRIVING, "auto_confirm", "completed", "time", money="release"),
    move("awaiting_shipment", "extend", "awaiting_shipment", "seller"),
    move("awaiting_meeting", "extend", "awaiting_meeting", "buyer", "seller"),
    move("shipped", "extend", "shipped", "buyer"),
    move("delivered", "extend", "delivered", "buyer"),
    *(move(state, "pause", state, "refund", why="a refund is open: clocks stand still") for state in OPEN),
    *(move(state, "resume", state, "refund", why="the refund has ended") for state in OPEN),
    *(
        move(state, "refund_part", state, "refund", money="part", why="the order goes on for the rest")
        for state in OPEN
    ),
    move(OPEN, "complete_rest", "completed", "refund", money="release", why="the goods are back, a part was kept"),
    move(OPEN, "refund_all", "refunded", "refund", money="refund"),
    move(OPEN, "hold_ended", "completed", "provider", money="release", why="the provider may hold no longer"),
)

ROLES = ("buyer", "seller", "time", "provider", "carrier", "operator", "system", "refund")

# Verbs that fit only some ways of handing over.
_ONLY_FOR = {"ship": ("ship",), "no_logistics": ("digital",), "pay": ("ship", "digital"), "pay_to_meet": ("meet",)}

# What time does when nobody did anything, by state; while the rest of a deposit is owed see `otherwise`.
_OTHERWISE = {
    "awaiting_payment": "time_out_payment",
    "awaiting_shipment": "refund_timeout",
    "awaiting_meeting": "meet_timeout",
    "shipped": "auto_confirm",
    "delivered": "auto_confirm",
}
TURN = {
    "awaiting_payment": "buyer",
    "awaiting_balance": "buyer",
    "awaiting_shipment": "seller",
    "awaiting_meeting": "seller",
    "shipped": "buyer",
    "delivered": "buyer",
}


def terms_in_force(config: Config, confirmed_at: datetime) -> Terms:
    """The rules an order made now is bound to, of things whose sellers confirmed them at that moment."""
    fee, fee_version = fees.policy_for(config, confirmed_at)
    protected = config.get(PROVIDER) != OFFLINE
    return Terms(
        pay_minutes=config.get(model.PAY_MINUTES),
        ship_hours=config.get(model.SHIP_HOURS),
        ship_grace_hours=config.get(model.SHIP_GRACE_HOURS),
        ship_extensions=config.get(model.SHIP_EXTENSIONS),
        ship_extension_hours=config.get(model.SHIP_EXTENSION_HOURS),
        receive_hours=config.get(model.RECEIVE_HOURS),
        inspect_hours=config.get(model.INSPECT_HOURS),
        receive_extensions=config.get(model.RECEIVE_EXTENSIONS),
        receive_extension_hours=config.get(model.RECEIVE_EXTENSION_HOURS),
        meet_hours=config.get(model.MEET_HOURS),
        meet_extensions=config.get(model.MEET_EXTENSIONS),
        meet_extension_hours=config.get(model.MEET_EXTENSION_HOURS),
        fee=fee if protected else fees.FeePolicy(),  # nothing passes through a provider that a fee could come out of
        fee_version=fee_version,
        protected=protected,
    )


def otherwise(state: str, deposit: Deposit | None, extensions: int) -> str:
    """The verb of time in this state; "" where time does nothing."""
    if state == "awaiting_balance":
        assert deposit is not None, "only a deposit leaves a rest"
        return deposits.otherwise(deposit, extensions)
    return _OTHERWISE.get(state, "")


def time_allowed(state: str, terms: Terms) -> timedelta | None:
    """How long an order may stay in a state before time acts; None where nothing is due."""
    match state:
        case "awaiting_payment":
            return timedelta(minutes=terms.pay_minutes)
        case "awaiting_balance":
            return timedelta(hours=terms.deposit.hours if terms.deposit else 0)
        case "awaiting_shipment":
            return timedelta(hours=terms.ship_hours + terms.ship_grace_hours)
        case "awaiting_meeting":
            return timedelta(hours=terms.meet_hours)
        case "shipped":
            return timedelta(hours=terms.receive_hours)
        case "delivered":
            return timedelta(hours=terms.inspect_hours)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Extension:
    """How often a state may be extended and by how much."""

    most: int
    by: timedelta


def extension(state: str, terms: Terms) -> Extension:
    """The extension open in a state; none is `most` 0."""
    match state:
        case "awaiting_balance" if terms.deposit:
            return Extension(terms.deposit.extensions, timedelta(hours=terms.deposit.hours))
        case "awaiting_shipment":
            return Extension(terms.ship_extensions, timedelta(hours=terms.ship_extension_hours))
        case "awaiting_meeting":
            return Extension(terms.meet_extensions, timedelta(hours=terms.meet_extension_hours))
        case "shipped" | "delivered":
            return Extension(terms.receive_extensions, timedelta(hours=terms.receive_extension_hours))
        case _:
            return Extension(0, timedelta())


def fits_handover(verb: str, handover: str) -> bool:
    """Whether a verb makes sense for this way of handing over."""
    return handover in _ONLY_FOR.get(verb, (handover,))


def pay_verb(handover: str) -> str:
    """The verb of being paid in full, by the way of handing over."""
    return "pay_to_meet" if handover == "meet" else "pay"


# The states whose sentence speaks of held money; trade without a provider has sentences of its own.
_SPEAKS_OF_HOLD = (*OPEN, "completed", "refunded")


def waiting_code(state: str, role: str, handover: str, paused: bool, protected: bool, earnest: bool) -> str:
    """The name of the sentence that tells this side what it waits for."""
    if paused:
        return f"order_paused_{role}"
    if not protected and state in _SPEAKS_OF_HOLD:
        return f"order_offline_{state}_{role}"
    way = "_digital" if (state, handover) == ("awaiting_shipment", "digital") else ""
    way = "_earnest" if state == "awaiting_balance" and earnest else way
    return f"order_{state}{way}_{role}"


def may(order: Order, verb: str, role: str) -> bool:
    """Whether this order's kind of handover, deposit and thing lets a side use a verb that the table gives it."""
    return fits_handover(verb, order.handover) and deposits.fits(order, verb, role)


def actions_open(order: Order, role: str) -> list[str]:
    """The verbs this side may use now, in table order."""
    return [
        verb
        for verb in MACHINE.open_to(order.state, role)
        if may(order, verb, role)
        and (order.paused_at is None or verb in WHILE_PAUSED)
        and not (verb == "extend" and order.extensions >= extension(order.state, order.terms).most)
        and not (verb in ("start_payment", "change_price") and order.total == 0)
        and not (verb == "start_payment" and not order.confirmed)
        and not (verb == "reconfirm" and order.confirmed)
    ]


def suggested_way(ways: Collection[str], goods: int, config: Config) -> Handover | None:
    """The way of handing over that fits what the goods cost (minor units), of those that are open; none in between."""
    if goods < config.get(model.MEET_BELOW):
        return "meet" if "meet" in ways else None
    return "ship" if goods > config.get(model.SHIP_ABOVE) and "ship" in ways else None


def is_for_one(handover: str, kinds: Iterable[str]) -> bool:
    """Whether something is made or done for this buyer: then a paid order is not simply called off."""
    return handover == "digital" or any(kind in ("service", "rental") for kind in kinds)


def shipping(handover: str, costs: Iterable[int | None]) -> int:
    """What sending costs the buyer: the lines' own costs together; nothing when nothing is sent."""
    return sum(cost or 0 for cost in costs) if handover == "ship" else 0


def hold_legs(order: Order, payment: str, amount: int) -> list[Leg]:
    """Money "hold": the provider holds the buyer's money for this order."""
    money = Money(amount, order.currency)
    return [Leg("paid", order.id, f"paid:{payment}", money, credit_owner=order.id)]


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where the held money of a completed sale goes, minor units: net + fee = held.

    `owed` is a part of the fee that could not be taken, `recovered` an older debt taken from the net.
    """

    net: int
    fee: int
    owed: int
    recovered: int


def settlement(held: int, charge: fees.Charge, debt: int, most: int) -> Settlement:
    """Split what is held of a sale between its seller, who owes `debt` from earlier ones, and the platform.

    The provider gives the platform at most `most` of it; what that leaves open stays owed.
    """
    fee = min(charge.total, held, most)
    net = held - fee
    return Settlement(net, fee, charge.total - fee, min(net, debt, most - fee))


def release_legs(order: Order, split: Settlement) -> list[Leg]:
    """Money "release": what is held goes to the seller, less the fee."""
    return [
        Leg("released", order.id, "released", _in(order, split.net), order.id, order.seller),
        Leg("fee", order.id, "fee", _in(order, split.fee), order.id),
        Leg("fee_owed", order.id, "fee_owed", _in(order, split.owed), order.seller),
        Leg("recovered", order.id, "recovered", _in(order, split.recovered), order.seller, order.seller),
    ]


def refund_legs(order: Order, id: str, amount: int) -> list[Leg]:
    """Money "refund": what is held goes back to the buyer."""
    return [Leg("refunded", order.id, id, _in(order, amount), order.id, order.buyer)]


def after_refund(order: Order, amount: int) -> Order:
    """The order when so much more of it went back."""
    return msgspec.structs.replace(order, refunded=order.refunded + amount)


def breaks_promise(verb: str, role: str) -> bool:
    """Whether it is the seller who lets a paid order fail: called off, or never sent."""
    return verb == "refund_timeout" or (verb == "cancel_paid" and role == "seller")


def kept_fee_legs(order: Order) -> list[Leg]:
    """A fee decided at payment stays although the sale is off: the buyer gets everything, the seller owes it."""
    owed = order.charge.total if order.charge else 0
    return [Leg("fee_owed", order.id, "fee_owed", _in(order, owed), order.seller)]


# Transfers that refund a buyer after the money was released.
_CLAIMS = ("refund_due", "refund_owed", "fee_back", "claim_owed")


def claimed(moved: dict[str, int]) -> int:
    """What was refunded after release, from an order's moved sums by kind of transfer."""
    return sum(moved.get(kind, 0) for kind in _CLAIMS)


@dataclass(frozen=True, slots=True)
class ClaimShares:
    """Who pays a refund after release, minor units.

    `seller` out of what was paid to them, `given_back` of the fee, and `advanced` by the platform: the seller owes it.
    """

    seller: int
    given_back: int
    advanced: int

    @property
    def platform(self) -> int:
        """What the provider takes back from the platform's own line."""
        return self.given_back + self.advanced


def claim_shares(order: Order, moved: dict[str, int], amount: int) -> ClaimShares:
    """Split a refund after release. `moved`: the order's sums by kind of transfer before it."""
    policy, charge, before = order.terms.fee, order.charge or fees.NO_CHARGE, claimed(moved)
    back = fees.given_back(policy, charge, before + amount) - fees.given_back(policy, charge, before)
    back = max(0, min(back, moved.get("fee", 0) - moved.get("fee_back", 0)))
    had = moved.get("released", 0) - moved.get("recovered", 0) - moved.get("refund_due", 0)
    seller = min(amount - back, had)
    return ClaimShares(seller, back, amount - back - seller)


def claim_legs(order: Order, refund: str, share: ClaimShares) -> list[Leg]:
    """Money "claim": the buyer is to get it; the seller's account, the fee and a debt of the seller's pay for it."""
    return [
        Leg("refund_due", order.id, f"refund_due:{refund}", _in(order, share.seller), order.seller, order.buyer),
        Leg("fee_back", order.id, f"fee_back:{refund}", _in(order, share.given_back), "", order.buyer),
        Leg("refund_owed", order.id, f"refund_owed:{refund}", _in(order, share.advanced), order.seller, order.buyer),
    ]


def _in(order: Order, amount: int) -> Money:
    return Money(amount, order.currency)


def charge_as_it_stands(
    policy: fees.FeePolicy, decided: fees.Charge | None, state: str, goods: int, shipping: int, refunded: int
) -> fees.Charge:
    """The fee as decided, or what it is likely to be as the order stands; none when the sale came to nothing."""
    if decided is not None:
        return decided
    if state in ("closed", "refunded", "forfeited"):
        return fees.NO_CHARGE
    return fees.likely(policy, goods, shipping, refunded)


def kept_of(state: str, total: int, paid: int, refunded: int) -> int:
    """What the seller keeps or is to keep of an order, before the fee: of one that broke off only what was paid."""
    return (paid if state in ("refunded", "forfeited") else total) - refunded


def code_window(now: datetime, minutes: int) -> int:
    """Which of the rotating codes is shown at `now`."""
    return int(now.timestamp()) // (minutes * 60)


def meet_code(keys: Keys, order: str, nonce: str, window: int) -> str:
    """The six digits of one window; they follow from our key, so they are stored nowhere."""
    digest = keys.digest("orders.meet_code", f"{order}\n{nonce}\n{window}")
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def meet_qr(keys: Keys, order: str, nonce: str, window: int) -> str:
    """What the buyer's QR picture says: order, window and our signature, checkable without asking us for a code."""
    return f"XJ1.{order}.{window}." + keys.sign("orders.meet_qr", f"{order}\n{nonce}\n{window}")


def opens(keys: Keys, order: str, nonce: str, window: int, entered: str) -> bool:
    """Whether what was entered is the code or the QR content of this window or the one just before."""
    plain = entered.strip().replace(" ", "")
    for shown in (window, window - 1):
        if plain in (meet_code(keys, order, nonce, shown), meet_qr(keys, order, nonce, shown)):
            return True
    return False
