"""What orders tell."""

from xianji.kernel.work import Event


class OrderPlaced(Event, frozen=True, tag="orders.placed.v1"):
    order: str
    buyer: str
    seller: str
    items: list[str]
    total: int
    currency: str


class OrderPaid(Event, frozen=True, tag="orders.paid.v1"):
    order: str
    buyer: str
    seller: str
    handover: str
    total: int
    currency: str


class OrderShipped(Event, frozen=True, tag="orders.shipped.v1"):
    """Sent on its way, or delivered without a carrier (then `carrier` is empty)."""

    order: str
    buyer: str
    seller: str
    carrier: str
    waybill: str


class WaybillCorrected(Event, frozen=True, tag="orders.waybill_corrected.v1"):
    """The seller had named a wrong number; the parcel travels under this one."""

    order: str
    buyer: str
    seller: str
    carrier: str
    waybill: str


class OrderDelivered(Event, frozen=True, tag="orders.delivered.v1"):
    order: str
    buyer: str
    seller: str


class OrderUnseen(Event, frozen=True, tag="orders.unseen.v1"):
    """Sent `hours` ago by the seller's word, and never scanned by the carrier."""

    order: str
    buyer: str
    seller: str
    hours: int


class OrderCompleted(Event, frozen=True, tag="orders.completed.v1"):
    """The money is the seller's. `verb` says how: confirm, auto_confirm or redeem."""

    order: str
    buyer: str
    seller: str
    verb: str
    items: list[str]
    total: int
    net: int
    fee: int
    currency: str


class OrderClosed(Event, frozen=True, tag="orders.closed.v1"):
    """Ended before it was paid. `verb`: cancel or time_out_payment."""

    order: str
    buyer: str
    seller: str
    verb: str
    role: str
    items: list[str]


class OrderRefunded(Event, frozen=True, tag="orders.refunded.v1"):
    """Ended after it was paid, all money back. `verb`: cancel_paid, refund_timeout or meet_timeout."""

    order: str
    buyer: str
    seller: str
    verb: str
    role: str
    items: list[str]
    amount: int
    currency: str


class DepositPaid(Event, frozen=True, tag="orders.deposit_paid.v1"):
    """The deposit is held and the thing is kept; the rest is owed."""

    order: str
    buyer: str
    seller: str
    kind: str
    amount: int
    balance: int
    currency: str


class OrderForfeited(Event, frozen=True, tag="orders.forfeited.v1"):
    """The buyer broke an earnest: it is the seller's, what was paid besides goes back. `role`: buyer or time."""

    order: str
    buyer: str
    seller: str
    role: str
    items: list[str]
    amount: int
    currency: str


class TakenBack(Event, frozen=True, tag="orders.taken_back.v1"):
    """Released money is back in the hold for a refund and on its way to the buyer. `receiver`: seller or fee."""

    order: str
    refund: str
    receiver: str
    amount: int
    currency: str


class PaymentReturned(Event, frozen=True, tag="orders.payment_returned.v1"):
    """Money came for an order that could not take it any more; it is on its way back to the buyer."""

    order: str
    buyer: str
    amount: int
    currency: str


class OrderRepriced(Event, frozen=True, tag="orders.repriced.v1"):
    """The seller changed what an unpaid order costs, in all; the buyer must look again."""

    order: str
    buyer: str
    seller: str
    before: int
    after: int
    currency: str


class OrderReconfirmed(Event, frozen=True, tag="orders.reconfirmed.v1"):
    """The buyer has seen what it costs now."""

    order: str
    buyer: str
    seller: str
    total: int
    currency: str


class BooksBroken(Event, frozen=True, tag="orders.books_broken.v1"):
    """The nightly proof found `off` things in the books that do not fit; `wrong` are the first of them."""

    night: str
    off: int
    wrong: list[str]


class ThanksLeft(Event, frozen=True, tag="orders.thanks_left.v1"):
    """One side of a completed order thanked the other."""

    thanks: str
    order: str
    by: str
    to: str


class ThanksHeld(Event, frozen=True, tag="orders.thanks_held.v1"):
    """A word of thanks waits for a person to look at it, because of these rules."""

    thanks: str
    order: str
    by: str
    rules: list[str]


class CheckoutPlaced(Event, frozen=True, tag="orders.checkout_placed.v1"):
    """Several orders made at once; each tells `orders.placed.v1` of its own."""

    checkout: str
    buyer: str
    orders: list[str]
