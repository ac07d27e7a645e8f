"""The books are proved every night by themselves, and whatever does not fit is noticed, kept and told."""

from datetime import UTC, date, datetime

import asyncpg
import msgspec
import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import orders
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM
from xianji.reactions import DUE, JOBS

NIGHT = datetime(2026, 3, 3, 19, 0, tzinfo=UTC)  # three o'clock of the 4th in Shanghai


async def ask(market: Market) -> list[bytes]:
    """What the worker does at this moment; returns the jobs it queued, which are then gone."""
    due = next(one for one in DUE if one.name == "orders.ask_for_proof")
    async with market.database.look(SYSTEM) as look:
        found = await due.find(look, 100)
    for night in found:
        async with market.database.work(SYSTEM) as work:
            await due.act(work, night)
    async with market.database.work(SYSTEM) as work:
        rows = await work.db.fetch("delete from pgqueuer where entrypoint = $1 returning payload", orders.PROVE)
    return [row["payload"] for row in rows]


async def prove(market: Market, payload: bytes) -> None:
    await JOBS[orders.PROVE](market.database, None, payload)  # type: ignore[arg-type]


async def proofs(market: Market) -> list[orders.NightProof]:
    async with market.database.look(SYSTEM) as look:
        return await orders.night_proofs(look)


async def troubles(market: Market) -> tuple[int, int]:
    async with market.database.look(SYSTEM) as look:
        found = await orders.books_troubles(look)
    return found["books_broken"], found["proof_late"]


async def told(market: Market) -> list[dict[str, object]]:
    async with market.database.look(SYSTEM) as look:
        rows = await look.db.fetch("select body from outbox where kind = 'orders.books_broken.v1'")
    return [msgspec.json.decode(row["body"]) for row in rows]


async def test_once_a_night_from_three_on(market: Market, clock: FakeClock) -> None:
    await market.paid()
    clock.moment = NIGHT
    (payload,) = await ask(market)
    assert msgspec.json.decode(payload) == {"night": "2026-03-04"}
    assert await ask(market) == []
    assert [(one.night, one.state) for one in await proofs(market)] == [(date(2026, 3, 4), "asked")]
    await prove(market, payload)
    (kept,) = await proofs(market)
    assert (kept.state, kept.orders, kept.off, kept.wrong, kept.at) == ("holds", 1, 0, [], NIGHT)
    clock.move(hours=23, minutes=59)
    assert await ask(market) == []
    clock.move(minutes=1)
    assert len(await ask(market)) == 1
    assert (await troubles(market), await told(market)) == ((0, 0), [])


async def test_a_job_that_came_to_nothing_is_asked_for_again(market: Market, clock: FakeClock) -> None:
    clock.moment = NIGHT
    await ask(market)
    clock.move(minutes=59)
    assert await ask(market) == []
    clock.move(minutes=1)
    assert len(await ask(market)) == 1


async def test_broken_books_are_noticed(market: Market, clock: FakeClock) -> None:
    """Somebody at the database itself takes a fen out of what is held; no rule of ours would let that happen."""
    order = await market.paid()
    connection = await asyncpg.connect(market.database.dsn)
    await connection.execute("set session_replication_role = replica")
    await connection.execute("update ledger_accounts set balance = balance - 1 where kind = 'order_held'")
    await connection.execute("delete from ledger_transfers where reference = $1", order)
    await connection.close()
    clock.moment = NIGHT
    (payload,) = await ask(market)
    await prove(market, payload)
    (kept,) = await proofs(market)
    held = f"account order_held:{order}:CNY"
    assert (kept.state, kept.off) == ("broken", 4)
    assert kept.wrong[0] == "CNY -1"
    assert held in kept.wrong
    assert kept.wrong[-1] == f"{order} awaiting_meeting: 0 held of 12900"
    assert await troubles(market) == (4, 0)
    (event,) = await told(market)
    assert (event["night"], event["off"], event["wrong"]) == ("2026-03-04", 4, kept.wrong)


async def test_a_proof_that_never_came_is_seen(market: Market, clock: FakeClock) -> None:
    assert await troubles(market) == (0, 0)
    await market.placed()
    clock.move(hours=31)
    assert await troubles(market) == (0, 1)


async def test_only_finance_reads_proofs(market: Market) -> None:
    with pytest.raises(Refusal):
        async with market.database.look(market.seller) as look:
            await orders.night_proofs(look)
