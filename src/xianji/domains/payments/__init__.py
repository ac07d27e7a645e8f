"""Payments: what we ask of the licensed provider that holds the money, and what it verifiably told us.

An intent is written in the caller's transaction; `carry_out` calls the provider with no transaction open and records
the outcome in a second one; a due list repeats whatever got no answer, asking before sending. A verified fact is
kept once by the provider's event id and moves no money here: `payments.fact_stored.v1` says that it waits to be
booked. A signed statement that does not fit what we asked is kept for an operator and believed by nobody.
"""

from .actions import (
    close_open,
    fact_to_book,
    mark_booked,
    receive,
    request_refund,
    request_release,
    start_payment,
)
from .events import FactStored
from .jobs import DUE
from .model import (
    CARRY_OUT,
    FEE_SHARE_PPM,
    PAYMENT_NOT_OPENED,
    PAYMENT_PROVIDER_NOT_REACHED,
    CarryOut,
    NewPayment,
    PaymentView,
    Received,
    RefusedFact,
    StoredFact,
    StuckCall,
    UnbookedFact,
)
from .outside import Site, carry_out, open_now
from .provider import (
    EventRefused,
    PaymentPart,
    PaymentProvider,
    ProviderBusy,
    ProviderFact,
    ProviderRefused,
    ProviderUnknown,
    Split,
)
from .store import facts_waiting, is_paid
from .views import export_for, payment_of, refused_facts, scrub, stuck_calls, unbooked_facts

__all__ = [
    "CARRY_OUT",
    "DUE",
    "FEE_SHARE_PPM",
    "PAYMENT_NOT_OPENED",
    "PAYMENT_PROVIDER_NOT_REACHED",
    "CarryOut",
    "EventRefused",
    "FactStored",
    "NewPayment",
    "PaymentPart",
    "PaymentProvider",
    "PaymentView",
    "ProviderBusy",
    "ProviderFact",
    "ProviderRefused",
    "ProviderUnknown",
    "Received",
    "RefusedFact",
    "Site",
    "Split",
    "StoredFact",
    "StuckCall",
    "UnbookedFact",
    "carry_out",
    "close_open",
    "export_for",
    "fact_to_book",
    "facts_waiting",
    "is_paid",
    "mark_booked",
    "open_now",
    "payment_of",
    "receive",
    "refused_facts",
    "request_refund",
    "request_release",
    "scrub",
    "start_payment",
    "stuck_calls",
    "unbooked_facts",
]
