"""The words of fees: a policy, how a seller stands, and a fee once it is decided."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from xianji.kernel.config import Key

Ppm = Annotated[int, Meta(ge=0, le=1_000_000, description="parts per million")]
Minor = Annotated[int, Meta(ge=0, le=10**13, description="minor units")]


class UpperRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rate for a sale that takes the seller's sum of the calendar year above `above`."""

    above: Minor
    rate_ppm: Ppm


class Excess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More for those who sell a lot: a sale that is more than the `orders`th of its month and takes the month's sum
    above `amount` pays this much on top, without a cap."""

    orders: Annotated[int, Meta(ge=0)]
    amount: Minor
    rate_ppm: Ppm


class FeePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the platform keeps of a sale: min(cap, half_up(rate × base)). 0 ppm is free.

    `charge_at`: decided when the buyer has paid, and then kept whatever is refunded, or on completion, from what stayed
    with the sale. `after_completion`: whether a later refund brings its part of the fee back.
    """

    name: str = "zero"
    rate_ppm: Ppm = 0
    cap: Minor | None = None
    includes_shipping: bool = True
    charge_at: Literal["payment", "completion"] = "completion"
    upper: UpperRate | None = None
    excess: Excess | None = None
    after_completion: Literal["kept", "in_proportion"] = "kept"


# The four that the field has published (amounts in fen), to be taken over or changed by an operator.
PUBLISHED = (
    FeePolicy("zero"),
    FeePolicy("at_payment", 6_000, charge_at="payment", upper=UpperRate(60_000_000, 10_000)),
    FeePolicy("capped", 6_000, cap=6_000, excess=Excess(10, 1_000_000, 10_000)),
    FeePolicy("in_proportion", 6_000, after_completion="in_proportion"),
)

NOTICE_DAYS = Key("fees.notice_days", 7, "a new fee policy is announced so long before it holds")
POLICY = Key("fees.policy", FeePolicy(), "what the platform keeps of a sale", FeePolicy, notice=NOTICE_DAYS)


class Standing(msgspec.Struct, frozen=True):
    """How much a seller has sold, this sale included: orders and sum of the month, sum of the year (minor units)."""

    month_orders: int
    month_sum: int
    year_sum: int


class Charge(msgspec.Struct, frozen=True):
    """A fee once decided, with the rates it was decided by. Minor units."""

    base: int
    rate_ppm: int
    regular: int
    excess_ppm: int = 0
    excess: int = 0

    @property
    def total(self) -> int:
        """What the platform keeps."""
        return self.regular + self.excess


NO_CHARGE = Charge(0, 0, 0)
