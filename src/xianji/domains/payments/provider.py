"""The port to a licensed split-payment provider: what the house may ask of it and what it may learn from it.

The provider holds the money; the house sends instructions. Amounts are integers in minor units of `currency`.
Every instruction carries a number chosen by the house, so repeating it is always safe. An adapter raises only
the three families below, and whatever the callback says is a claim until `verify_event` has turned it into a
`ProviderFact`; the amount must still be compared with what was asked.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

SplitKind = Literal["seller", "fee"]
FactKind = Literal[
    "paid",
    "payment_closed",
    "released",
    "release_partial",
    "release_failed",
    "refunded",
    "refund_failed",
    "split_returned",
    "hold_expiring",
    "hold_released",
    "heard",
]


class ProviderRefused(Exception):
    """The provider said no and nothing happened. `code` is its stable code; repeating will not help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderBusy(Exception):
    """Nothing happened (not reached, or turned away at the gate). Sending the same number again is safe."""


class ProviderUnknown(Exception):
    """The outcome is unknown: query by the number before anything else."""


class EventRefused(Exception):
    """A callback not to be believed: malformed, stale, unknown_key, bad_signature, wrong_merchant."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PaymentPart(msgspec.Struct, frozen=True):
    """One seller's share of a combined payment; `name` is what the buyer reads on the pay page."""

    part: str
    payee: str
    amount: int
    name: str = ""


class PaymentAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A payment to open; `amount` is the sum of the parts, `expires_at` aware UTC."""

    out_no: str
    amount: int
    currency: str
    description: str
    parts: tuple[PaymentPart, ...]
    notify_url: str
    return_url: str
    expires_at: datetime


class PartState(msgspec.Struct, frozen=True):
    """One part's money; when paid, amount = held + released + fee + refunded. `moving` is part of `held`.

    A provider that only tells what is still held counts everything else as `released`.
    """

    part: str
    payee: str
    amount: int
    held: int
    moving: int
    released: int
    fee: int
    refunded: int


class PaymentState(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the provider sees it now.

    `pay_url` is "" and `expires_at` None where a provider tells them only when the payment is opened.
    """

    out_no: str
    provider_no: str
    state: Literal["pending", "paid", "closed"]
    amount: int
    currency: str
    pay_url: str
    expires_at: datetime | None
    paid_at: datetime | None
    closed_at: datetime | None
    hold_until: datetime | None
    parts: tuple[PartState, ...]


class HoldState(msgspec.Struct, frozen=True, kw_only=True):
    """What is still held of a payment, and when the provider will let it go by itself."""

    out_no: str
    currency: str
    held: int
    hold_until: datetime | None
    parts: tuple[PartState, ...]


class Split(msgspec.Struct, frozen=True):
    """One receiver of a release."""

    payee: str
    amount: int
    kind: SplitKind


class SplitState(msgspec.Struct, frozen=True, kw_only=True):
    """One receiver's outcome; a failed line's money is still held."""

    payee: str
    amount: int
    kind: SplitKind
    state: Literal["processing", "succeeded", "failed", "returned"]
    code: str | None = None
    returned: int = 0


class ReleaseState(msgspec.Struct, frozen=True, kw_only=True):
    """A release; `partial` is a normal state."""

    out_release_no: str
    provider_no: str
    out_no: str
    part: str
    state: Literal["processing", "succeeded", "partial", "failed"]
    lines: tuple[SplitState, ...]
    finished_at: datetime | None


class RefundState(msgspec.Struct, frozen=True, kw_only=True):
    """A refund; may still be processing when the call returns."""

    out_refund_no: str
    provider_no: str
    out_no: str
    part: str
    amount: int
    state: Literal["processing", "succeeded", "failed"]
    code: str | None
    finished_at: datetime | None


class SplitReturnState(msgspec.Struct, frozen=True, kw_only=True):
    """Released money taken back into the hold."""

    out_return_no: str
    provider_no: str
    out_release_no: str
    out_no: str
    part: str
    payee: str
    kind: SplitKind
    amount: int
    state: Literal["succeeded"]


class BillLine(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of a day. `kind`: paid, released, fee, refunded, returned, hold_released."""

    at: datetime
    kind: str
    out_no: str
    part: str
    request_no: str
    payee: str
    amount: int
    currency: str
    provider_ref: str


class ProviderFact(msgspec.Struct, frozen=True, kw_only=True):
    """A verified statement of the provider, to be booked once by `event_id`.

    `part` is None when it speaks of the whole payment (then `parts` lists the shares of a paid one).
    `amount` is what moved: for a partial release only the lines that succeeded. `request_no` is the house's
    own number of the release, refund or return. Kind "heard": the provider says only that something about
    `request_no` moved, and must be asked. A statement that names nothing but `request_no` leaves `out_no` "" and
    `part` None; `payments.receive` completes both from what we asked.
    """

    event_id: str
    kind: FactKind
    out_no: str
    part: str | None
    amount: int
    currency: str
    occurred_at: datetime
    provider_ref: str
    request_no: str
    parts: tuple[PaymentPart, ...] = ()
    lines: tuple[SplitState, ...] = ()
    code: str | None = None
    hold_until: datetime | None = None


class PaymentProvider(Protocol):
    """What every adapter offers. Calls raise only ProviderRefused, ProviderBusy, ProviderUnknown."""

    async def create_payment(self, ask: PaymentAsk) -> PaymentState:
        """Open a payment (idempotent by out_no)."""

    async def query(self, out_no: str) -> PaymentState:
        """Look at a payment."""

    async def close(self, out_no: str) -> PaymentState:
        """Close an unpaid payment; refused `already_paid`."""

    async def hold_status(self, out_no: str) -> HoldState:
        """Look at what is held."""

    async def release(self, out_no: str, *, part: str, out_release_no: str, splits: tuple[Split, ...]) -> ReleaseState:
        """Start a release with split (idempotent by out_release_no); settles later."""

    async def query_release(self, out_release_no: str) -> ReleaseState:
        """Look at a release."""

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> RefundState:
        """Refund held money to the buyer (idempotent by out_refund_no)."""

    async def query_refund(self, out_refund_no: str) -> RefundState:
        """Look at a refund."""

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: SplitKind, amount: int
    ) -> SplitReturnState:
        """Take released money back into the hold (idempotent by out_return_no)."""

    async def bill(self, day: date) -> tuple[BillLine, ...]:
        """The movements of one day of the provider's calendar, oldest first."""

    def verify_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> ProviderFact:
        """Turn a callback's raw body into a fact, or raise EventRefused. `now` is aware UTC."""
