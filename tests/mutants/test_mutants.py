"""The simulator finds every seeded bug within 20,000 steps; `make soak` prints after how many."""

import os

import pytest

from xianji.simulator import simulate

from . import prices, refunds, trade
from .bug import Bug

BUGS = (*trade.BUGS, *prices.BUGS, *refunds.BUGS)

STEPS = 20_000
# What shows within seconds is looked for in every run, the rest in the soak.
QUICK = frozenset(
    {"lost_refund_leg", "last_unit_twice", "any_code_opens", "endless_extensions", "agreed_unit_not_kept", "units_kept"}
)


@pytest.mark.parametrize(
    "bug", [pytest.param(bug, marks=[] if bug.__name__ in QUICK else [pytest.mark.soak]) for bug in BUGS]
)
async def test_a_seeded_bug_is_found(dsn: str, monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    bug(monkeypatch)
    report = await simulate(dsn, seed=int(os.environ.get("XIANJI_SEED", "7")), steps=STEPS)
    assert report.wrong, f"{bug.__name__} lived through {STEPS} steps"
    print(f"\n{bug.__name__:28s} found after {report.step:6d} steps: {report.wrong[0][:100]}")
