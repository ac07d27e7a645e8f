"""Orders: one buyer, one seller, lines frozen when the order was made, and the machine that ends every one of them.

Exactly one buyer gets the last unit. An order moves only by `MACHINE`, one row of history a move, and every move of
money is posted in the same transaction; what the provider says is booked once, whichever way it arrives, and money
that comes too late goes back. Every deadline is a row that time finds, the terms are those of the day the order was
made, and personal data is shown only in the states that need it.
"""

from .actions.carting import empty_cart, put_in_cart, take_from_cart
from .actions.checking_out import cancel_checkout, place_checkout, start_checkout_payment
from .actions.claiming import claim_again, claim_back, refunded_so_far
from .actions.depositing import set_deposit
from .actions.ending import cancel_paid, time_out
from .actions.forfeiting import forfeit
from .actions.handing import (
    arrange,
    confirm,
    deliver_in_writing,
    extend,
    must_complete,
    redeem,
    renew_code,
    ship,
)
from .actions.paying import apply_payment_fact
from .actions.placing import cancel, place_order, start_payment
from .actions.refunding import Goods, complete_rest, pause, refund_all, refund_part, resume
from .actions.repricing import change_price, reconfirm
from .actions.resealing import reseal
from .actions.reselling import resell
from .actions.thanking import hide_thanks, restore_thanks, take_thanks_back, thank
from .actions.travelling import deliver, follow_parcel, note_signed, note_unseen, phone_end
from .carriers import Carrier, all_carriers, judge_waybill
from .cart import CartLine, CartPage, CartSeller, cart_count, cart_page
from .checkouts import CheckoutPage, CheckoutPart, checkout_page
from .deposit_store import deposit_on
from .deposits import needs_consent
from .earnings import Sale, earnings
from .events import (
    BooksBroken,
    CheckoutPlaced,
    DepositPaid,
    OrderClosed,
    OrderCompleted,
    OrderDelivered,
    OrderForfeited,
    OrderPaid,
    OrderPlaced,
    OrderReconfirmed,
    OrderRefunded,
    OrderRepriced,
    OrderShipped,
    OrderUnseen,
    PaymentReturned,
    TakenBack,
    ThanksHeld,
    ThanksLeft,
)
from .history import History, Hop, OrderThanks, Thanks, bought_in, history_of, may_resell, thanks_on
from .jobs import DUE
from .model import (
    ORDER_PAUSED,
    WAYBILL_USED,
    Cancel,
    ChangePrice,
    Deal,
    DeliverInWriting,
    DepositView,
    Handover,
    Meeting,
    MoneyLines,
    Order,
    OrderCard,
    OrderPage,
    PlaceCheckout,
    PlaceOrder,
    PutInCart,
    Reconfirm,
    Redeem,
    Redemption,
    Resell,
    SetDeposit,
    Ship,
    State,
    Terms,
    Thank,
    WantedLine,
)
from .nightly import PROVE, NightProof, books_troubles, carry_out_proof, night_proofs
from .outside import catch_up
from .penalties import Penalty, note_penalty_paid, penalties
from .proof import BooksProof, export_for, prove_books, scrub
from .quoting import CheckoutQuote, Quote, QuoteLine, quote, quote_checkout
from .rules import MACHINE
from .store import claim_waybill, ended_at, lock_for, lock_for_system
from .views import order_page, orders_of

__all__ = [
    "DUE",
    "MACHINE",
    "ORDER_PAUSED",
    "PROVE",
    "WAYBILL_USED",
    "BooksBroken",
    "BooksProof",
    "Cancel",
    "Carrier",
    "CartLine",
    "CartPage",
    "CartSeller",
    "ChangePrice",
    "CheckoutPage",
    "CheckoutPart",
    "CheckoutPlaced",
    "CheckoutQuote",
    "Deal",
    "DeliverInWriting",
    "DepositPaid",
    "DepositView",
    "Goods",
    "Handover",
    "History",
    "Hop",
    "Meeting",
    "MoneyLines",
    "NightProof",
    "Order",
    "OrderCard",
    "OrderClosed",
    "OrderCompleted",
    "OrderDelivered",
    "OrderForfeited",
    "OrderPage",
    "OrderPaid",
    "OrderPlaced",
    "OrderReconfirmed",
    "OrderRefunded",
    "OrderRepriced",
    "OrderShipped",
    "OrderThanks",
    "OrderUnseen",
    "PaymentReturned",
    "Penalty",
    "PlaceCheckout",
    "PlaceOrder",
    "PutInCart",
    "Quote",
    "QuoteLine",
    "Reconfirm",
    "Redeem",
    "Redemption",
    "Resell",
    "Sale",
    "SetDeposit",
    "Ship",
    "State",
    "TakenBack",
    "Terms",
    "Thank",
    "Thanks",
    "ThanksHeld",
    "ThanksLeft",
    "WantedLine",
    "all_carriers",
    "apply_payment_fact",
    "arrange",
    "books_troubles",
    "bought_in",
    "cancel",
    "cancel_checkout",
    "cancel_paid",
    "carry_out_proof",
    "cart_count",
    "cart_page",
    "catch_up",
    "change_price",
    "checkout_page",
    "claim_again",
    "claim_back",
    "claim_waybill",
    "complete_rest",
    "confirm",
    "deliver",
    "deliver_in_writing",
    "deposit_on",
    "earnings",
    "empty_cart",
    "ended_at",
    "export_for",
    "extend",
    "follow_parcel",
    "forfeit",
    "hide_thanks",
    "history_of",
    "judge_waybill",
    "lock_for",
    "lock_for_system",
    "may_resell",
    "must_complete",
    "needs_consent",
    "night_proofs",
    "note_penalty_paid",
    "note_signed",
    "note_unseen",
    "order_page",
    "orders_of",
    "pause",
    "penalties",
    "phone_end",
    "place_checkout",
    "place_order",
    "prove_books",
    "put_in_cart",
    "quote",
    "quote_checkout",
    "reconfirm",
    "redeem",
    "refund_all",
    "refund_part",
    "refunded_so_far",
    "renew_code",
    "reseal",
    "resell",
    "restore_thanks",
    "resume",
    "scrub",
    "set_deposit",
    "ship",
    "start_checkout_payment",
    "start_payment",
    "take_from_cart",
    "take_thanks_back",
    "thank",
    "thanks_on",
    "time_out",
]
