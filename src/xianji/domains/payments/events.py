"""What payments tell."""

from datetime import datetime

from xianji.kernel.work import Event


class ReturnRefused(Event, frozen=True, tag="payments.return_refused.v1"):
    """The provider would not take released money back; nothing moved. `receiver`: seller or fee."""

    payment: str
    part: str
    receiver: str
    amount: int
    reason: str
    code: str


class FactStored(Event, frozen=True, tag="payments.fact_stored.v1"):
    """A verified statement of the provider is kept and waits to be booked."""

    provider: str
    event_id: str
    payment: str
    subject: str
    kind: str


class HoldEndsSoon(Event, frozen=True, tag="payments.hold_ends_soon.v1"):
    """The provider will let money go by itself at `until`; `held` is in minor units."""

    payment: str
    subject: str
    provider: str
    held: int
    currency: str
    until: datetime


class BillDiffers(Event, frozen=True, tag="payments.bill_differs.v1"):
    """The provider's bill of a day (ISO date) and what we know are not the same."""

    provider: str
    day: str
    differences: int
