"""What refunds tell. Notices are made of these; words and pictures stay in the refund."""

from xianji.kernel.work import Event


class RefundMoved(Event, frozen=True, tag="refunds.moved.v1"):
    """Every move, the first one (`apply`) too. `amount` minor units is what is on the table after it."""

    refund: str
    order: str
    buyer: str
    seller: str
    kind: str
    verb: str
    role: str
    frm: str
    state: str
    amount: int
    currency: str


class RefundDisputed(Event, frozen=True, tag="refunds.disputed.v1"):
    """It goes to the operators. `verb` says why: escalate, time_dispute or refuse_received."""

    refund: str
    order: str
    buyer: str
    seller: str
    verb: str


class DisputeEnded(Event, frozen=True, tag="refunds.dispute_ended.v1"):
    """The operators need not, or no longer, look. `rule` and `by` are empty when the two settled it themselves."""

    refund: str
    verb: str
    outcome: str
    rule: str
    reason: str
    by: str


class RefundShort(Event, frozen=True, tag="refunds.short.v1"):
    """The provider could not take `amount` back from the seller; they owe it and the buyer still waits for it."""

    refund: str
    order: str
    buyer: str
    seller: str
    amount: int
    currency: str
