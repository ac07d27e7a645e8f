"""The words of the sandbox provider: requests it takes, records it keeps, limits it enforces.

Every amount is an integer in minor units of the payment's currency; every instant is an aware UTC datetime.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Number = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]
"""A number chosen by the caller; the same number with the same body always means the same thing."""
Amount = Annotated[int, msgspec.Meta(gt=0, le=10**12)]
Payee = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s]{1,1000}$")]
LineKind = Literal["seller", "fee"]
FaultName = Literal[
    "late_callback",
    "duplicate_callback",
    "reordered_callback",
    "lost_callback",
    "early_callback",
    "partial_split",
    "refund_failure",
    "payee_short",
    "timeout_after_apply",
    "provider_down",
    "hold_expiry",
    "wrong_amount",
    "forged_signature",
    "old_timestamp",
]


class SandboxRefused(Exception):
    """The provider's refusal of a request: a closed, stable code and the HTTP status it travels with."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of this provider, as data. Durations in seconds, shares in basis points."""

    hold_seconds: int = 180 * 86400
    hold_notice_seconds: int = 7 * 86400
    return_hold_seconds: int = 7 * 86400
    fee_share_bp: int = 3000
    max_parts: int = 50
    max_lines: int = 50
    max_releases: int = 50
    release_seconds: int = 1
    refund_seconds: int = 0
    request_age_seconds: int = 300
    retry_seconds: tuple[int, ...] = (1, 5, 15, 60, 300, 900, 3600, 21600)
    bill_offset_minutes: int = 480


class PartRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One seller's share of a combined payment."""

    part: Number
    payee: Payee
    amount: Amount
    name: Annotated[str, msgspec.Meta(max_length=64)] = ""


class PaymentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask for a payment; `amount` must be the sum of the parts."""

    out_no: Number
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    parts: Annotated[tuple[PartRequest, ...], msgspec.Meta(min_length=1)]
    notify_url: Url
    return_url: Url
    expires_at: datetime


class LineRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One receiver of a release."""

    payee: Payee
    amount: Amount
    kind: LineKind


class ReleaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let money of one part go to the seller and to the platform's fee account."""

    out_release_no: Number
    part: Number
    lines: Annotated[tuple[LineRequest, ...], msgspec.Meta(min_length=1)]


class RefundRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give held money of one part back to the buyer."""

    out_refund_no: Number
    part: Number
    amount: Amount
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ReturnRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take released money back into the hold, so that it can be refunded."""

    out_return_no: Number
    payee: Payee
    kind: LineKind
    amount: Amount


class Part(msgspec.Struct):
    """One part's money. Once paid: amount = held + released + fee + refunded, at every step."""

    part: str
    payee: str
    amount: int
    held: int = 0
    moving: int = 0
    released: int = 0
    fee: int = 0
    refunded: int = 0
    name: str = ""


class Payment(msgspec.Struct, kw_only=True):
    """A payment; `moving` of its parts is the share of `held` promised to work still under way."""

    merchant: str
    out_no: str
    provider_no: str
    token: str
    fingerprint: str
    amount: int
    currency: str
    description: str
    notify_url: str
    return_url: str
    created_at: datetime
    expires_at: datetime
    parts: list[Part]
    state: Literal["pending", "paid", "closed"] = "pending"
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    hold_until: datetime | None = None
    notice_sent: bool = False
    failed_tries: int = 0


class Line(msgspec.Struct):
    """One receiver's outcome inside a release."""

    payee: str
    amount: int
    kind: LineKind
    state: Literal["processing", "succeeded", "failed"] = "processing"
    code: str | None = None
    returned: int = 0


class Release(msgspec.Struct, kw_only=True):
    """A release; `partial` means some lines failed and their money is still held."""

    merchant: str
    out_release_no: str
    provider_no: str
    fingerprint: str
    out_no: str
    part: str
    lines: list[Line]
    created_at: datetime
    due_at: datetime
    state: Literal["processing", "succeeded", "partial", "failed"] = "processing"
    finished_at: datetime | None = None


class Refund(msgspec.Struct, kw_only=True):
    """A refund from the hold to the buyer."""

    merchant: str
    out_refund_no: str
    provider_no: str
    fingerprint: str
    out_no: str
    part: str
    amount: int
    reason: str
    created_at: datetime
    due_at: datetime
    state: Literal["processing", "succeeded", "failed"] = "processing"
    code: str | None = None
    finished_at: datetime | None = None


class SplitReturn(msgspec.Struct, kw_only=True):
    """Released money that came back into the hold."""

    merchant: str
    out_return_no: str
    provider_no: str
    fingerprint: str
    out_release_no: str
    out_no: str
    part: str
    payee: str
    kind: LineKind
    amount: int
    created_at: datetime


class BillLine(msgspec.Struct, kw_only=True):
    """One movement of money, as the day's bill shows it."""

    at: datetime
    merchant: str
    kind: str
    out_no: str
    part: str
    request_no: str
    payee: str
    amount: int
    currency: str
    provider_ref: str


class Event(msgspec.Struct, kw_only=True):
    """Something the merchant is told; `facts` is the plain text that gets encrypted."""

    id: str
    seq: int
    type: str
    merchant: str
    notify_url: str
    created: datetime
    facts: dict[str, object]


class Delivery(msgspec.Struct, kw_only=True):
    """One promise to call the merchant about an event; `disguise` is the fault worn by the next attempt."""

    id: str
    event_id: str
    due_at: datetime
    attempt: int = 0
    disguise: Literal["none", "wrong_amount", "forged_signature", "old_timestamp"] = "none"
    state: Literal["waiting", "done", "lost", "given_up"] = "waiting"


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A scripted fault: hits the next `times` chances, then `rate_bp` of 10,000; `seconds` is its size."""

    name: FaultName
    times: Annotated[int, msgspec.Meta(ge=0)] = 0
    rate_bp: Annotated[int, msgspec.Meta(ge=0, le=10000)] = 0
    seconds: Annotated[int, msgspec.Meta(ge=0)] = 60
