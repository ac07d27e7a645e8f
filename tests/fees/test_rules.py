"""The four published policies against their golden cases, and what holds for every policy."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains import fees
from xianji.domains.fees import Charge, Excess, FeePolicy, Standing, UpperRate

ZERO, AT_PAYMENT, CAPPED, IN_PROPORTION = fees.PUBLISHED
FIRST = Standing(1, 0, 0)


def kept(policy: FeePolicy, paid: int, before: int = 0, after: int = 0, standing: Standing = FIRST) -> int:
    """What the platform has in the end of a sale with refunds before and after completion."""
    refunded = 0 if policy.charge_at == "payment" else before
    base = fees.base_of(policy, paid, 0, refunded)
    charge = fees.charge(policy, base, standing)
    return charge.total - fees.given_back(policy, charge, after)


@pytest.mark.parametrize(
    ("case", "zero", "at_payment", "capped", "in_proportion"),
    [
        ({"paid": 100_000}, 0, 600, 600, 600),
        ({"paid": 100_000, "before": 100_000}, 0, 600, 0, 0),
        ({"paid": 100_000, "before": 40_000}, 0, 600, 360, 360),
        ({"paid": 100_000, "after": 40_000}, 0, 600, 600, 360),
        ({"paid": 100_000, "after": 100_000}, 0, 600, 600, 0),
        ({"paid": 1_500_000}, 0, 9_000, 6_000, 9_000),
        ({"paid": 100_000, "standing": Standing(11, 1_200_000, 1_200_000)}, 0, 600, 1_600, 600),
        ({"paid": 50}, 0, 0, 0, 0),
    ],
)
def test_golden_cases(case: dict, zero: int, at_payment: int, capped: int, in_proportion: int) -> None:
    found = [kept(policy, **case) for policy in (ZERO, AT_PAYMENT, CAPPED, IN_PROPORTION)]
    assert found == [zero, at_payment, capped, in_proportion]


@pytest.mark.parametrize(
    ("orders", "total", "extra"),
    [(10, 1_200_000, 0), (11, 1_000_000, 0), (11, 1_000_001, 1_000), (12, 5_000_000, 1_000)],
)
def test_a_sale_is_in_excess_when_both_bounds_are_passed(orders: int, total: int, extra: int) -> None:
    assert fees.charge(CAPPED, 100_000, Standing(orders, total, total)) == Charge(
        100_000, 6_000, 600, 10_000 if extra else 0, extra
    )


def test_the_upper_rate_begins_above_its_sum() -> None:
    at, above = Standing(1, 0, 60_000_000), Standing(1, 0, 60_000_001)
    assert fees.charge(AT_PAYMENT, 100_000, at) == Charge(100_000, 6_000, 600)
    assert fees.charge(AT_PAYMENT, 100_000, above) == Charge(100_000, 10_000, 1_000)


def test_the_base_is_what_stays_with_the_sale() -> None:
    with_post, without = FeePolicy("a", 6_000), FeePolicy("b", 6_000, includes_shipping=False)
    assert [fees.base_of(with_post, 1_000, 200, gone) for gone in (0, 100, 1_200, 9_999)] == [1_200, 1_100, 0, 0]
    assert [fees.base_of(without, 1_000, 200, gone) for gone in (0, 100, 300, 1_200)] == [1_000, 1_000, 900, 0]
    assert fees.base_of(with_post, 0, 800, 0) == 0, "a gift costs nothing, whatever its postage"


policies = st.builds(
    FeePolicy,
    name=st.just("any"),
    rate_ppm=st.integers(0, 1_000_000),
    cap=st.none() | st.integers(0, 10**9),
    includes_shipping=st.booleans(),
    charge_at=st.sampled_from(("payment", "completion")),
    upper=st.none() | st.builds(UpperRate, st.integers(0, 10**9), st.integers(0, 1_000_000)),
    excess=st.none() | st.builds(Excess, st.integers(0, 20), st.integers(0, 10**9), st.just(0)),
    after_completion=st.sampled_from(("kept", "in_proportion")),
)
standings = st.builds(Standing, st.integers(1, 30), st.integers(0, 10**9), st.integers(0, 10**10))


@given(policies, st.integers(0, 10**9), standings, st.integers(0, 2 * 10**9))
def test_a_fee_never_exceeds_its_base_and_goes_back_at_most_once(
    policy: FeePolicy, base: int, standing: Standing, refunded: int
) -> None:
    charge = fees.charge(policy, base, standing)
    assert 0 <= charge.total <= base
    back = fees.given_back(policy, charge, refunded)
    assert 0 <= back <= charge.total
    assert fees.given_back(policy, charge, 0) == 0
    if policy.after_completion == "in_proportion":
        assert fees.given_back(policy, charge, base) == charge.total


@given(policies, st.lists(st.integers(1, 10**7), min_size=1, max_size=8), standings)
def test_the_lines_carry_the_whole_fee(policy: FeePolicy, amounts: list[int], standing: Standing) -> None:
    fee = fees.charge(policy, sum(amounts), standing).total
    assert sum(fees.shares(fee, amounts)) == fee


def test_the_remainder_goes_to_the_largest_line() -> None:
    assert fees.shares(10, [100, 300, 200]) == [1, 6, 3]
    assert fees.shares(0, [0, 0]) == [0, 0]


def test_the_stored_form_reads_back() -> None:
    for policy in fees.PUBLISHED:
        assert msgspec.convert(msgspec.to_builtins(policy), FeePolicy) == policy
