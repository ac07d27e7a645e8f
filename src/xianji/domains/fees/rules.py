"""The arithmetic of fees. Pure: no rows, no clock."""

from collections.abc import Sequence
from datetime import datetime

from xianji.kernel.config import Config
from xianji.kernel.money import rate_half_up, split_by_weight

from .model import POLICY, Charge, FeePolicy, Standing

_NOTHING_SOLD = Standing(0, 0, 0)


def policy_for(config: Config, confirmed_at: datetime) -> tuple[FeePolicy, int]:
    """The policy, and its version, that the seller of a thing confirmed then agreed to."""
    then = config.as_of(confirmed_at)
    return then.get(POLICY), then.version(POLICY)


def base_of(policy: FeePolicy, goods: int, shipping: int, refunded: int) -> int:
    """What a fee is a share of: the money that stays with the sale. Giving away costs nothing."""
    if goods == 0:
        return 0
    kept = max(0, goods + shipping - refunded)
    return kept if policy.includes_shipping else min(goods, kept)


def charge(policy: FeePolicy, base: int, standing: Standing) -> Charge:
    """The fee of one sale, for a seller who stands so with this sale included."""
    upper, excess = policy.upper, policy.excess
    rate = upper.rate_ppm if upper and standing.year_sum > upper.above else policy.rate_ppm
    above = excess and standing.month_orders > excess.orders and standing.month_sum > excess.amount
    extra = excess.rate_ppm if excess and above else 0
    return Charge(base, rate, _regular(policy, rate, base), extra, rate_half_up(base, extra))


def _regular(policy: FeePolicy, rate_ppm: int, base: int) -> int:
    share = rate_half_up(base, rate_ppm)
    return share if policy.cap is None else min(share, policy.cap)


def likely(policy: FeePolicy, goods: int, shipping: int, refunded: int = 0) -> Charge:
    """The fee before it is decided: without what depends on how much the seller sells in the month and the year."""
    return charge(policy, base_of(policy, goods, shipping, refunded), _NOTHING_SOLD)


def given_back(policy: FeePolicy, decided: Charge, refunded: int) -> int:
    """How much of a decided fee goes back when so much in all was refunded after completion."""
    if policy.after_completion == "kept":
        return 0
    left = max(0, decided.base - refunded)
    return decided.total - _regular(policy, decided.rate_ppm, left) - rate_half_up(left, decided.excess_ppm)


def shares(fee: int, amounts: Sequence[int]) -> list[int]:
    """The fee over the lines of an order, by amount; the remainder goes to the largest line."""
    return split_by_weight(fee, list(amounts)) if fee else [0] * len(amounts)
