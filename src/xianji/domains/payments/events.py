"""What payments tell."""

from xianji.kernel.work import Event


class FactStored(Event, frozen=True, tag="payments.fact_stored.v1"):
    """A verified statement of the provider is kept and waits to be booked."""

    provider: str
    event_id: str
    payment: str
    subject: str
    kind: str
