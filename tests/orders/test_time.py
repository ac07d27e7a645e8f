"""What time does: every deadline, to the second, harmless twice, extended, paused, and bound to the day's terms."""

from datetime import timedelta

import pytest

from tests.conftest import START, FakeClock
from tests.orders.build import Market
from xianji.domains import orders
from xianji.domains.orders.model import NO_MORE_EXTENSIONS, PAY_MINUTES
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

DAY = 24


async def delivered(market: Market) -> str:
    order = await market.shipped()
    async with market.database.work(SYSTEM) as work:
        await orders.deliver(work, order)
    return order


@pytest.mark.parametrize(
    ("begin", "hours", "verb", "state"),
    [
        ("placed", 0.5, "time_out_payment", "closed"),
        ("to_ship", 96, "refund_timeout", "refunded"),
        ("to_meet", 7 * DAY, "meet_timeout", "refunded"),
        ("shipped", 10 * DAY, "auto_confirm", "completed"),
        ("delivered", 3 * DAY, "auto_confirm", "completed"),
    ],
)
async def test_deadline(market: Market, clock: FakeClock, begin: str, hours: float, verb: str, state: str) -> None:
    starts = {
        "placed": market.placed,
        "to_ship": lambda: market.paid("ship"),
        "to_meet": market.paid,
        "shipped": market.shipped,
        "delivered": lambda: delivered(market),
    }
    order = await starts[begin]()
    before = await market.page(order)
    assert (before.waiting.until, before.waiting.otherwise) == (START + timedelta(hours=hours), verb)
    clock.move(hours=hours, seconds=-1)
    await market.time()
    assert (await market.page(order)).state == before.state
    clock.move(seconds=1)
    await market.time()
    await market.time()
    async with market.database.work(SYSTEM) as work:
        await orders.time_out(work, order)
    after = await market.page(order)
    assert after.state == state
    assert [(entry.verb, entry.role) for entry in after.timeline][-1] == (verb, "time")
    assert after.version == before.version + 1
    assert (after.waiting.turn, after.waiting.until, after.deadlines) == ("nobody", None, [])
    await market.provider_round()
    assert await market.balances() == {}
    assert (await market.proof()).holds


async def test_the_seller_may_take_two_more_days_once(market: Market, clock: FakeClock) -> None:
    order = await market.paid("ship")
    assert [line.name for line in (await market.page(order)).deadlines] == ["ship", "refund_timeout"]
    assert "extend" in (await market.page(order, market.seller)).actions
    async with market.database.work(market.seller) as work:
        await orders.extend(work, order)
    page = await market.page(order, market.seller)
    assert page.waiting.until == START + timedelta(hours=96 + 48)
    assert "extend" not in page.actions
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.seller) as work:
            await orders.extend(work, order)
    assert refused.value.code is NO_MORE_EXTENSIONS
    clock.move(hours=96)
    await market.time()
    assert (await market.page(order)).state == "awaiting_shipment"


async def test_extensions_count_anew_in_each_state(market: Market) -> None:
    order = await market.shipped()
    for _ in range(2):
        async with market.database.work(market.buyer) as work:
            await orders.extend(work, order)
        if (await market.page(order)).state == "shipped":
            async with market.database.work(SYSTEM) as work:
                await orders.deliver(work, order)
    assert (await market.page(order)).waiting.until == START + timedelta(hours=72 + 72)


async def test_a_paused_order_does_not_complete_by_itself(market: Market, clock: FakeClock) -> None:
    order = await market.shipped()
    async with market.database.work(SYSTEM) as work:
        await work.db.execute("update orders set paused_at = $2 where id = $1", order, work.now)
    clock.move(days=30)
    await market.time()
    async with market.database.work(SYSTEM) as work:
        await orders.time_out(work, order)
    page = await market.page(order)
    assert (page.state, page.waiting.paused, page.waiting.until) == ("shipped", True, None)


async def test_an_order_keeps_the_terms_of_its_day(market: Market) -> None:
    order = await market.placed()
    async with market.database.work(SYSTEM) as work:
        await set_value(work, PAY_MINUTES.name, 5, "shorter")
    market.database.book.forget()
    newer = await market.placed()
    assert (await market.page(order)).waiting.until == START + timedelta(minutes=30)
    assert (await market.page(newer)).waiting.until == START + timedelta(minutes=5)


async def test_the_fee_policy_is_frozen_too(market: Market) -> None:
    order = await market.paid()
    async with market.database.work(SYSTEM) as work:
        number = await set_value(work, "fees.policy", {"name": "share", "rate_ppm": 6_000, "cap": 6_000}, "fee")
    market.database.book.forget()
    newer = await market.paid()
    for id, fee, version in ((order, 0, 0), (newer, 77, number)):
        page = await market.page(id)
        assert (page.money.fee.amount, page.money.net.amount) == (fee, 12_900 - fee)
        assert page.money.fee_policy_version == version
        assert page.meet_code is not None
        async with market.database.work(market.seller) as work:
            await orders.redeem(work, id, orders.Redeem(page.meet_code))
    assert await market.balances() == {
        "provider_clearing": -25_800,
        "platform_fee": 77,
        f"seller_payable:{market.seller.member}": 25_723,
    }
    await market.provider_round()
    assert await market.balances() == {"platform_fee": 77, "platform_bank": -77}
    assert (await market.proof()).holds
