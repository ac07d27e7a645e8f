"""The operators' record cannot be edited unseen, and attempts are counted across processes."""

from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from xianji.kernel import audit, rates
from xianji.kernel.db import Database
from xianji.kernel.errors import TOO_MANY_REQUESTS, Refusal
from xianji.kernel.rates import Rate
from xianji.kernel.work import SYSTEM


async def test_an_edited_or_missing_entry_breaks_the_chain_there(database: Database) -> None:
    async with database.work(SYSTEM) as work:
        for number in range(4):
            await audit.record(work, "hide", f"nte_{number}", "spam", rule="R1")
    async with database.look(SYSTEM) as look:
        assert await audit.first_broken(look) is None
    async with database.work(SYSTEM) as work:
        await work.db.execute("update audit set reason = 'nicer' where number = 3")
    async with database.look(SYSTEM) as look:
        assert await audit.first_broken(look) == 3
    async with database.work(SYSTEM) as work:
        await work.db.execute("update audit set reason = 'spam' where number = 3")
        await work.db.execute("delete from audit where number = 2")
    async with database.look(SYSTEM) as look:
        assert await audit.first_broken(look) == 3


async def test_a_window_holds_so_many_attempts_and_then_says_how_long_to_wait(
    database: Database, clock: FakeClock
) -> None:
    rate = Rate(2, 60)
    clock.move(seconds=45)
    for _ in range(2):
        async with database.work(SYSTEM) as work:
            await rates.count(work, "code", "phone", rate)
    with pytest.raises(Refusal) as refused:
        async with database.work(SYSTEM) as work:
            await rates.count(work, "code", "phone", rate)
    assert (refused.value.code, refused.value.facts) == (TOO_MANY_REQUESTS, {"wait_seconds": 15})
    async with database.work(SYSTEM) as work:
        await rates.count(work, "code", "another", rate)
    clock.move(seconds=15)
    async with database.work(SYSTEM) as work:
        await rates.count(work, "code", "phone", rate)
    clock.moment += timedelta(days=3)
    async with database.work(SYSTEM) as work:
        await rates.forget_old(work)
        assert await work.db.fetchval("select count(*) from rate_windows") == 0
