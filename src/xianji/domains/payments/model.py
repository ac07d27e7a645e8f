"""The words of payments: what is asked of the provider, what was learned, and how often we try."""

from datetime import datetime
from typing import Literal

import msgspec

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import PaymentId
from xianji.kernel.money import Money

from .provider import PaymentPart, ProviderFact, Split

PAYMENT_PROVIDER_NOT_REACHED = Code("payment_provider_not_reached", Kind.BUSY)
PAYMENT_NOT_OPENED = Code("payment_not_opened", Kind.CONFLICT)

PROVIDER = Key("payments.provider", "sandbox", "which licensed provider new payments go to")
FEE_PAYEE = Key("payments.fee_payee", "platform", "the platform's own account at the provider, for fees")
FEE_SHARE_PPM = Key(
    "payments.fee_share_ppm", 300_000, "the largest share of a part that the provider gives the platform"
)
RETRY_SECONDS = Key("payments.retry_seconds", 30, "wait before a call is tried or asked about again; doubles each time")
RETRY_LONGEST_SECONDS = Key("payments.retry_longest_seconds", 3600, "the longest such wait")
REPLACEMENTS = Key(
    "payments.replacements", 5, "how often a failed release or refund is sent anew before a person looks"
)

PaymentStatus = Literal["created", "requested", "paid", "closed", "failed"]
CallKind = Literal["open", "close", "release", "refund"]
CallState = Literal["waiting", "sent", "done", "partial", "failed"]
Received = Literal["stored", "known", "refused"]

CARRY_OUT = "payments.carry_out"


class CarryOut(msgspec.Struct, frozen=True):
    """The payload of job `payments.carry_out`: make the calls this payment still owes to the provider."""

    payment: PaymentId


class NewPayment(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants paid: one part per order, the amount is their sum."""

    subject: str
    payer: str
    description: str
    currency: str
    parts: tuple[PaymentPart, ...]
    expires_at: datetime


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as stored."""

    id: PaymentId
    subject: str
    payer: str
    provider: str
    amount: int
    currency: str
    description: str
    state: PaymentStatus
    pay_url: str | None
    expires_at: datetime
    parts: tuple[PaymentPart, ...]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is owed to the provider or whose end we have not heard of."""

    payment: PaymentId
    id: str
    kind: CallKind
    part: str | None
    amount: int
    splits: tuple[Split, ...]
    reason: str
    state: CallState
    uncertain: bool
    generation: int


class StoredFact(msgspec.Struct, frozen=True, kw_only=True):
    """A verified fact with the payment it speaks of."""

    provider: str
    event_id: str
    payment: PaymentId
    subject: str
    fact: ProviderFact
    is_booked: bool


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment for its payer."""

    id: PaymentId
    subject: str
    state: PaymentStatus
    amount: Money
    pay_url: str | None
    expires_at: datetime


class RefusedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A signed statement that did not fit what we asked, for an operator."""

    provider: str
    event_id: str
    why: str
    body: ProviderFact
    at: datetime


class StuckCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that ended badly and will not be repeated by itself, for an operator."""

    payment: PaymentId
    id: str
    kind: CallKind
    part: str | None
    amount: int
    state: CallState
    code: str | None
    created_at: datetime


class UnbookedFact(msgspec.Struct, frozen=True, kw_only=True):
    """A stored fact without an entry in the books."""

    provider: str
    event_id: str
    payment: PaymentId
    kind: str
    stored_at: datetime
