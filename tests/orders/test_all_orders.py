"""Callback, return page, cancellation and the end of the time to pay: in all orders, one by one and at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import permutations

import pytest

from tests.conftest import FakeClock
from tests.orders.build import SITE, Market
from xianji.domains import orders
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.work import SYSTEM

NEWS = ("callback", "return_page", "cancel", "time_out")
PAYS = ("callback", "return_page")
ALL_ORDERS = list(permutations(NEWS))
PRICE = 12_900
Step = Callable[[], Awaitable[object]]


@pytest.fixture
async def wide(market: Market) -> AsyncIterator[Market]:
    """The same market with a connection for each of the four."""
    opened = await Database(market.database.dsn, market.database.keys, market.database.clock, seed=9).open(writers=4)
    yield Market(opened, market.provider, market.seller, market.buyer)
    await opened.close()


async def paid_at_the_provider(market: Market) -> tuple[str, dict[str, Step]]:
    """An order whose buyer has just paid, and its time is up; and the four who come with news about it."""
    order = await market.placed()
    payment = await market.opened(order)
    fact = market.provider.pay(payment)

    async def callback() -> None:
        await market.receive(fact)
        async with market.database.work(SYSTEM) as work:
            await orders.apply_payment_fact(work, "sandbox", fact.event_id)

    async def cancel() -> None:
        async with market.database.work(market.buyer) as work:
            await orders.cancel(work, order, orders.Cancel())

    async def time_out() -> None:
        async with market.database.work(SYSTEM) as work:
            await orders.time_out(work, order)

    async def return_page() -> None:
        await orders.catch_up(market.database, payment, market.provider, SITE)

    return order, {"callback": callback, "return_page": return_page, "cancel": cancel, "time_out": time_out}


async def ended(market: Market, order: str) -> tuple[str, dict[str, int]]:
    """How it ended after the worker has done what was left to do, and what every account of this order holds then."""
    await market.provider_round()
    await market.provider_round()
    await market.book()
    page = await market.page(order)
    assert (await market.proof()).holds
    async with market.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select kind, sum(amount)::bigint as sum from ledger_transfers where reference = $1 group by 1", order
        )
    return page.state, {row["kind"]: row["sum"] for row in rows}


KEPT = ("awaiting_meeting", {"paid": PRICE})
SENT_BACK = ("closed", {"paid": PRICE, "refunded": PRICE, "refund_sent": PRICE})


async def test_one_by_one_whoever_comes_first_decides(market: Market, clock: FakeClock) -> None:
    for turn in ALL_ORDERS:
        order, steps = await paid_at_the_provider(market)
        clock.move(minutes=30)
        for name in turn:
            try:
                await steps[name]()
            except Refusal as refused:
                assert (name, refused.code) == ("cancel", MOVE_NOT_OPEN), turn
        assert await ended(market, order) == (KEPT if turn[0] in PAYS else SENT_BACK), turn
    held = PRICE * len(ALL_ORDERS) // 2
    assert sum(balance for key, balance in (await market.balances()).items() if "held" in key) == held


async def all_at_once(market: Market, clock: FakeClock, turn: tuple[str, ...]) -> str:
    """The four on four connections, begun in this order; the state in which it ended."""
    order, steps = await paid_at_the_provider(market)
    clock.move(minutes=30)
    for outcome in await asyncio.gather(*(steps[name]() for name in turn), return_exceptions=True):
        assert outcome is None or (isinstance(outcome, Refusal) and outcome.code is MOVE_NOT_OPEN), outcome
    end = await ended(market, order)
    assert end in (KEPT, SENT_BACK), turn
    return end[0]


async def test_at_once_the_money_is_held_or_sent_back_and_never_both(wide: Market, clock: FakeClock) -> None:
    for turn in ALL_ORDERS:
        await all_at_once(wide, clock, turn)


@pytest.mark.soak
async def test_at_once_again_and_again(wide: Market, clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    ends: dict[str, int] = {}
    for _ in range(40):
        for turn in ALL_ORDERS:
            end = await all_at_once(wide, clock, turn)
            ends[end] = ends.get(end, 0) + 1
    with capsys.disabled():
        print(f"\npaid, cancelled and timed out at once {sum(ends.values())} times: {ends}")
