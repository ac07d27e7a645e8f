"""Short simulations hold every invariant, and the same seed makes the same steps."""

import pytest

from xianji.simulator import simulate


@pytest.mark.parametrize("seed", range(1, 4))
async def test_every_invariant_holds(dsn: str, seed: int) -> None:
    report = await simulate(dsn, seed, steps=400)
    assert report.wrong == [], report.trail
    assert report.step == 400, report
    assert sum(report.outcomes.values()) == 400 + report.races
