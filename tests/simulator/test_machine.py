"""The machine over orders, refunds and books: a short run every time, 200,000 steps in the soak."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import FakeClock
from tests.refunds.build import a_desk
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database

from . import machine

LONG = int(os.environ.get("XIANJI_MACHINE_STEPS", "200000"))
CHUNK = 2_000


@pytest.fixture
async def prepared(server_dsn: str, dsn: str, keys: Keys) -> type[machine.Trade]:
    """The machine with a database in which its people have met."""
    database = await Database(dsn, keys, FakeClock(), seed=7).open()
    desk = await a_desk(database)
    await database.close()
    name = dsn.partition("?")[0].rsplit("/", 1)[1]
    return type("Trade", (machine.Trade,), {"server": server_dsn, "prepared": name, "keys": keys, "people": desk})


def run(trade: Any, examples: int, steps: int, **more: Any) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(trade, settings=chosen)


def test_short(prepared: Any) -> None:
    run(prepared, examples=6, steps=40, derandomize=True, phases=[Phase.generate])


@pytest.mark.soak
def test_long(prepared: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In chunks, each of them random and told; a failing one is shrunk and prints how to replay it."""
    machine.STEPS = 0
    while machine.STEPS < LONG:
        run(prepared, examples=min(LONG, CHUNK) // 100, steps=100)
        with capsys.disabled():
            print(f"{machine.STEPS} of {LONG} steps: {dict(sorted(machine.ENDS.items()))}", flush=True)
