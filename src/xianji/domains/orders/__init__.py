"""Orders: one buyer, one seller, lines frozen when the order was made, and the machine that ends every one of them.

Exactly one buyer gets the last unit. An order moves only by `MACHINE`, one row of history a move, and every move of
money is posted in the same transaction; what the provider says is booked once, whichever way it arrives, and money
that comes too late goes back. Every deadline is a row that time finds, the terms are those of the day the order was
made, and personal data is shown only in the states that need it.
"""

from .actions.ending import cancel_paid, time_out
from .actions.handing import (
    arrange,
    confirm,
    deliver,
    deliver_in_writing,
    extend,
    must_complete,
    redeem,
    ship,
)
from .actions.paying import apply_payment_fact
from .actions.placing import cancel, place_order, start_payment
from .actions.resealing import reseal
from .carriers import Carrier, all_carriers
from .earnings import Sale, earnings
from .events import (
    OrderClosed,
    OrderCompleted,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    PaymentReturned,
)
from .jobs import DUE
from .model import (
    Cancel,
    DeliverInWriting,
    Handover,
    Meeting,
    MoneyLines,
    OrderCard,
    OrderPage,
    PlaceOrder,
    Quote,
    Redeem,
    Redemption,
    Ship,
    WantedLine,
)
from .outside import catch_up
from .proof import BooksProof, export_for, prove_books, scrub
from .rules import MACHINE
from .views import order_page, orders_of, quote

__all__ = [
    "DUE",
    "MACHINE",
    "BooksProof",
    "Cancel",
    "Carrier",
    "DeliverInWriting",
    "Handover",
    "Meeting",
    "MoneyLines",
    "OrderCard",
    "OrderClosed",
    "OrderCompleted",
    "OrderDelivered",
    "OrderPage",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefunded",
    "OrderShipped",
    "PaymentReturned",
    "PlaceOrder",
    "Quote",
    "Redeem",
    "Redemption",
    "Sale",
    "Ship",
    "WantedLine",
    "all_carriers",
    "apply_payment_fact",
    "arrange",
    "cancel",
    "cancel_paid",
    "catch_up",
    "confirm",
    "deliver",
    "deliver_in_writing",
    "earnings",
    "export_for",
    "extend",
    "must_complete",
    "order_page",
    "orders_of",
    "place_order",
    "prove_books",
    "quote",
    "redeem",
    "reseal",
    "scrub",
    "ship",
    "start_payment",
    "time_out",
]
