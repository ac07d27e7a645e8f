"""The machines of offers and links, cell by cell, and the arithmetic of prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains.offers import model, rules
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.states import Machine

# (state, verb) → (who, new state), written down a second time on purpose.
OFFER = {
    ("open", "counter"): ("seller", "countered"),
    ("open", "accept"): ("seller floor", "accepted"),
    ("open", "decline"): ("seller floor", "declined"),
    ("open", "withdraw"): ("buyer", "withdrawn"),
    ("open", "expire"): ("time", "expired"),
    ("open", "end"): ("system", "declined"),
    ("countered", "accept"): ("buyer", "accepted"),
    ("countered", "decline"): ("seller", "declined"),
    ("countered", "withdraw"): ("buyer", "withdrawn"),
    ("countered", "expire"): ("time", "expired"),
    ("countered", "end"): ("system", "declined"),
    ("accepted", "withdraw"): ("buyer", "withdrawn"),
    ("accepted", "lapse"): ("time", "expired"),
    ("accepted", "use"): ("order", "used"),
    ("accepted", "end"): ("system", "declined"),
}
LINK = {
    ("open", "use"): ("order", "used"),
    ("open", "revoke"): ("seller system", "revoked"),
    ("open", "expire"): ("time", "expired"),
}


@pytest.mark.parametrize(("machine", "table"), [(rules.OFFER, OFFER), (rules.LINK, LINK)], ids=["offer", "link"])
def test_every_cell(machine: Machine, table: dict[tuple[str, str], tuple[str, str]]) -> None:
    verbs = {verb for _, verb in table} | {row.verb for row in machine.moves}
    for state in machine.states:
        for verb in sorted(verbs):
            for role in rules.ROLES:
                who, to = table.get((state, verb), ("", ""))
                if role in who.split():
                    assert machine.decide(state, verb, role).to == to
                    continue
                with pytest.raises(Refusal) as refused:
                    machine.decide(state, verb, role)
                assert refused.value.code is MOVE_NOT_OPEN


def test_whatever_is_alive_is_ended_by_time() -> None:
    assert set(rules.OTHERWISE) == set(rules.TURN) == set(rules.OFFER.states) - rules.OFFER.final
    for state, verb in rules.OTHERWISE.items():
        assert rules.OFFER.decide(state, verb, "time").to == "expired"


@pytest.mark.parametrize(
    ("amounts", "percent", "off"),
    [
        ([10_000, 5_000, 5_000], 10, [1_000, 500, 500]),
        ([3_333, 3_333, 3_334], 10, [333, 333, 334]),
        ([101, 100, 99], 15, [16, 15, 14]),
        ([5, 5, 5], 10, [2, 0, 0]),  # half up of 1.5
        ([1, 1, 1], 50, [1, 1, 0]),  # the remainder is more than the largest line can bear
        ([1, 1], 90, [1, 0]),  # something is always left to pay
        ([0, 200, 100], 10, [0, 20, 10]),
        ([7], 10, [1]),
    ],
)
def test_golden_bundles(amounts: list[int], percent: int, off: list[int]) -> None:
    assert rules.bundle_off(amounts, percent) == off


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=30),
    st.integers(1, 99),
)
def test_a_bundle_takes_exactly_its_percentage_off_and_no_line_below_zero(amounts: list[int], percent: int) -> None:
    off = rules.bundle_off(amounts, percent)
    whole = sum(amounts)
    assert sum(off) == min((whole * percent + 50) // 100, whole - 1)
    assert all(0 <= share <= amount for share, amount in zip(off, amounts, strict=True))
    largest = max(amounts)
    for share, amount in zip(off, amounts, strict=True):
        if amount < largest and off[amounts.index(largest)] < largest:
            assert share == sum(off) * amount // whole, "only the largest line bears the remainder"


@given(st.integers(2, 10**8), st.integers(1, 10**8), st.integers(1, 10**6))
def test_an_offer_is_judged_in_three_bands(asking: int, amount: int, lowest_ppm: int) -> None:
    lowest = rules.lowest_offer(asking, lowest_ppm)
    try:
        rules.judge_amount(amount, asking, lowest_ppm)
        assert lowest <= amount < asking
    except Refusal as refused:
        assert (refused.code is model.OFFER_NOT_LOWER) == (amount >= asking)
        assert (refused.code is model.OFFER_TOO_LOW) == (amount < min(lowest, asking))


@given(st.integers(1, 10**8), st.integers(1, 10**6))
def test_presets_are_offers_that_would_be_taken(asking: int, lowest_ppm: int) -> None:
    for amount in rules.presets(asking, (5, 10, 15), lowest_ppm, 100):
        rules.judge_amount(amount, asking, lowest_ppm)


def test_the_presets_of_a_usual_price() -> None:
    assert rules.presets(12_900, (5, 10), 300_000, 100) == [12_300, 11_600]
    assert rules.presets(99, (5, 10), 300_000, 100) == [94, 89]
    assert rules.presets(1, (5, 10), 300_000, 100) == []


def test_the_floor_says_yes_or_no_and_nothing_else() -> None:
    assert [rules.floor_says(amount, 9_000) for amount in (8_999, 9_000, 9_001)] == ["decline", "accept", "accept"]
