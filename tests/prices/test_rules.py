"""The statistics of the board, to the unit."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains.prices import rules
from xianji.domains.prices.rules import Rule, Sum, Trade

RULE = Rule(
    sample_least=8,
    sellers_least=5,
    buyers_least=5,
    seller_most=2,
    buyer_most=2,
    outlier_deviations=5,
    outlier_percent=25,
    group_least=5,
    trend_least=30,
    trend_sureness=196,
    trend_sellers=5,
)
DAY = date(2026, 3, 1)


def sold(*prices: int, day: date = DAY, begin: int = 0, **facts: Any) -> list[Trade]:
    """Trades between people who meet once."""
    return [
        Trade((f"ord{begin + n}", 1), price, f"s{begin + n}", f"b{begin + n}", day, **facts)
        for n, price in enumerate(prices)
    ]


@pytest.mark.parametrize(
    ("pairs", "share", "value"),
    [
        ([(10, 1), (20, 1), (30, 1)], (1, 2), 20),
        ([(10, 1), (20, 1), (30, 1), (41, 1)], (1, 2), 25),
        ([(30, 1), (10, 1), (41, 1), (20, 1)], (1, 4), 15),
        ([(10, 3), (1000, 1)], (1, 2), 10),
        ([(10, 1), (1000, 3)], (1, 2), 1000),
        ([(7, 5)], (3, 4), 7),
        ([(1, 0), (9, 2)], (1, 4), 9),
    ],
)
def test_weighted_quantiles(pairs: list[tuple[int, int]], share: tuple[int, int], value: int) -> None:
    assert rules.quantile(pairs, *share) == value


def test_eight_trades_by_eight_people_make_a_price() -> None:
    trades = sold(800, 820, 840, 860, 880, 900, 940, 990)
    assert rules.sum_up(trades, RULE) == Sum(8, 8, 830, 870, 920)
    assert rules.sum_up(trades[:7], RULE) == Sum(7, 7, None, None, None)


def test_one_seller_weighs_two_trades_however_many_they_make() -> None:
    fair = sold(100, 100, 100, 100, 100, 100, 100, 100)
    wash = [one._replace(seller="s99") for one in sold(*[900] * 40, begin=100)]
    assert rules.sum_up([*fair, *wash], RULE)[2:] == (100, 100, 100)
    assert sum(rules.weights([*fair, *wash], RULE)) == 8_000_000 + 2_000_000
    alone = rules.sum_up(wash, RULE)
    assert alone == Sum(40, 1, None, None, None), "one seller is no market"
    bought = [one._replace(buyer="b99") for one in sold(*[900] * 40, begin=100)]
    assert rules.sum_up(bought, RULE).middle is None, "nor is one buyer"


def test_what_is_far_from_the_rest_is_left_out_and_what_is_near_never() -> None:
    near = sold(1000, 1000, 1000, 1000, 1000, 1000, 1000, 1250)
    assert rules.outliers(near, RULE) == set()
    assert rules.outliers([*near, *sold(1251, 1, begin=50)], RULE) == {("ord50", 1), ("ord51", 1)}
    spread = sold(500, 700, 900, 1000, 1100, 1300, 1500, 2000)
    assert rules.outliers(spread, RULE) == set()
    assert rules.outliers([], RULE) == set()


def test_a_trend_needs_five_voices_on_both_sides_and_more_than_chance() -> None:
    since = DAY + timedelta(days=1)
    before = sold(1000, 1010, 1020, 1030, 1040)
    after = sold(1200, 1210, 1220, 1230, 1240, day=since, begin=20)
    assert rules.change([*before, *after], since, RULE) == 196
    assert rules.change([*before, *after[:4]], since, RULE) is None
    assert rules.change([*before, *[one._replace(seller="s20") for one in after]], since, RULE) is None
    fallen = sold(800, 810, 820, 830, 840, day=since, begin=20)
    assert rules.change([*before, *fallen], since, RULE) == -197
    mixed = sold(900, 1210, 950, 1230, 1060, day=since, begin=20)
    assert rules.change([*before, *mixed], since, RULE) is None
    slightly = sold(1041, 1042, 1043, 1044, 1045, day=since, begin=20)
    assert rules.change([*before, *slightly], since, RULE) is None, "sure, but too little to speak of"


def test_more_new_things_in_a_month_are_no_rise() -> None:
    since = DAY + timedelta(days=1)
    worn = [*sold(600, 602, 604, 606, 608, condition="used")]
    fresh = sold(1000, 1002, 1004, 1006, 1008, day=since, begin=20, condition="like_new")
    assert rules.change([*worn, *fresh], since, RULE) is None
    unsaid = [one._replace(condition=None) for one in (*worn, *fresh)]
    assert rules.change(unsaid, since, RULE) == 662


def test_rank_sums() -> None:
    assert rules.rank_difference([1, 2, 3], [4, 5, 6]) == pytest.approx(1.9640, abs=0.0001)
    assert rules.rank_difference([1, 1], [1, 1]) == 0
    assert rules.rank_difference([4, 5, 6], [1, 2, 3]) == -rules.rank_difference([1, 2, 3], [4, 5, 6])


def test_days_look_back_over_a_window_and_cuts_split_it() -> None:
    trades = [one._replace(day=DAY + timedelta(days=n)) for n, one in enumerate(sold(*range(1000, 1010)))]
    days = [DAY + timedelta(days=n) for n in (6, 7, 9, 13)]
    told = rules.by_day(trades, days, timedelta(days=8), RULE, trim=True)
    assert [(traded, one.trades, one.middle) for _, traded, one in told] == [
        (1, 7, None),
        (1, 8, 1003),
        (1, 8, 1005),
        (0, 4, None),
    ]
    parts = rules.cuts([*sold(1, condition="new"), *sold(2, condition="used", variant="64G"), *sold(3)])
    assert {name: len(part) for name, part in parts.items()} == {"": 3, "fresh": 1, "worn": 1, "64G": 1}
    assert rules.middle_change([(-20, 10), (0, 3), (50, 9)]) == 0


@given(
    st.lists(st.integers(900, 1100), min_size=12, max_size=40),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=200),
    st.sampled_from(["seller", "buyer"]),
)
def test_no_single_person_moves_a_price_out_of_what_others_paid(honest: list[int], forged: list[int], who: str) -> None:
    """Whatever one seller or one buyer does, and however often, the median stays among honest prices."""
    wash = [one._replace(**{who: "x"}) for one in sold(*forged, begin=1000)]
    found = rules.sum_up([*sold(*honest), *wash], RULE)
    assert found.middle is not None
    assert min(honest) <= found.middle <= max(honest)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.middle <= found.high
