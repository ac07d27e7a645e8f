"""What payments tell."""

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
