"""Payment facts: twice, late, before and after the return page, forged, wrong, and racing with a cancellation."""

import asyncio

import pytest
from msgspec.structs import replace

from tests.conftest import FakeClock
from tests.orders.build import SITE, Market
from xianji.domains import orders, payments
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.work import SYSTEM, Actor

FINANCE = Actor(member="mbr_f", roles=frozenset({"finance"}))


async def refused_reasons(market: Market) -> list[str]:
    async with market.database.look(FINANCE) as look:
        return [fact.why for fact in (await payments.refused_facts(look)).items]


async def test_the_same_callback_twice_books_once(market: Market) -> None:
    order = await market.placed()
    fact = market.provider.pay(await market.opened(order))
    assert [await market.receive(fact), await market.receive(fact)] == ["stored", "known"]
    await market.book()
    await market.book()
    assert await market.receive(fact) == "known"
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}
    assert [entry.verb for entry in (await market.page(order)).timeline] == ["place", "pay_to_meet"]


async def test_applying_the_same_fact_at_once_from_two_sides_books_once(market: Market) -> None:
    order = await market.placed()
    fact = market.provider.pay(await market.opened(order))
    await market.receive(fact)

    async def apply() -> None:
        async with market.database.work(SYSTEM) as work:
            await orders.apply_payment_fact(work, "sandbox", fact.event_id)

    await asyncio.gather(*(apply() for _ in range(6)))
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}


@pytest.mark.parametrize("callback_first", [True, False])
async def test_callback_and_return_page_in_either_order(market: Market, callback_first: bool) -> None:
    order = await market.placed()
    payment = await market.opened(order)
    fact = market.provider.pay(payment)

    async def callback() -> None:
        await market.receive(fact)
        await market.book()

    async def return_page() -> None:
        await orders.catch_up(market.database, payment, market.provider, SITE)

    steps = [callback, return_page] if callback_first else [return_page, callback]
    for step in steps:
        await step()
        assert (await market.page(order)).state == "awaiting_meeting"
        assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}
    proof = await market.proof()
    assert (proof.holds, proof.unbooked) == (True, [])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": 1}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"parts": ()}, "parts"),
        ({"out_no": "pay_00000000000000000000000000"}, "unknown_payment"),
    ],
)
async def test_a_fact_that_does_not_fit_is_kept_for_an_operator_and_believed_by_nobody(
    market: Market, change: dict[str, object], why: str
) -> None:
    order = await market.placed()
    fact = market.provider.pay(await market.opened(order))
    assert await market.receive(replace(fact, **change)) == "refused"
    await market.book()
    assert (await market.page(order)).state == "awaiting_payment"
    assert await market.balances() == {}
    assert await refused_reasons(market) == [why]
    assert await market.receive(fact) == "stored", "the true version under the same event id must still be heard"
    await market.book()
    assert (await market.page(order)).state == "awaiting_meeting"


async def test_another_provider_cannot_speak_about_our_payment(market: Market) -> None:
    fact = market.provider.pay(await market.opened(await market.placed()))
    async with market.database.work(SYSTEM) as work:
        assert await payments.receive(work, "somebody_else", fact) == "refused"
    assert await refused_reasons(market) == ["other_provider"]


@pytest.mark.parametrize("kind", ["released", "refunded"])
async def test_a_release_or_refund_we_never_asked_for_is_refused(market: Market, kind: str) -> None:
    payment = await market.opened(order := await market.placed())
    await market.receive(market.provider.pay(payment))
    await market.book()
    fact = replace(market.provider.paid_fact(payment), kind=kind, part=order, request_no="pcl_x")
    assert await market.receive(fact) == "refused"
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}


async def test_money_for_a_closed_order_goes_back(market: Market, clock: FakeClock) -> None:
    item = await market.item()
    order = await market.placed("meet", item)
    fact = market.provider.pay(await market.opened(order))
    clock.move(minutes=30)
    await market.time()
    assert (await market.page(order)).state == "closed"
    assert await market.stock(item) == ("live", 0, 0)
    await market.receive(fact)
    await market.book()
    assert (await market.page(order)).state == "closed"
    buyer = market.buyer.member
    assert await market.balances() == {"provider_clearing": -12_900, f"buyer_refund:{buyer}": 12_900}
    await market.provider_round()
    assert await market.balances() == {}
    assert [refund.amount for refund in market.provider.refunds.values()] == [12_900]
    money = (await market.page(order)).money
    assert (money.refunded.amount, money.held.amount) == (12_900, 0)
    assert (await market.proof()).holds


async def test_money_that_came_in_time_but_is_not_booked_keeps_the_order_open(market: Market, clock: FakeClock) -> None:
    order = await market.placed()
    await market.receive(market.provider.pay(await market.opened(order)))
    clock.move(minutes=31)
    await market.time()
    await market.book()
    assert (await market.page(order)).state == "awaiting_meeting"


async def test_a_second_payment_of_the_same_order_goes_back_and_the_first_stays(market: Market) -> None:
    """Two intents for one order cannot be made by the verbs; if the provider tells of two, only one may count."""
    order = await market.placed()
    first = await market.opened(order)
    async with market.database.work(SYSTEM) as work:
        await work.db.execute("update payments set expires_at = $1", work.now)
    second = await market.opened(order)
    assert first != second
    for payment in (first, second):
        await market.receive(market.provider.pay(payment))
        await market.book()
    assert await market.balances() == {
        "provider_clearing": -25_800,
        f"order_held:{order}": 12_900,
        f"buyer_refund:{market.buyer.member}": 12_900,
    }
    await market.provider_round()
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}
    assert (await market.proof()).holds


async def cancel(market: Market, order: str) -> None:
    async with market.database.work(market.buyer) as work:
        await orders.cancel(work, order, orders.Cancel("不要了"))


async def test_cancelled_first_then_paid(market: Market) -> None:
    item = await market.item()
    order = await market.placed("meet", item)
    fact = market.provider.pay(await market.opened(order))
    await cancel(market, order)
    await market.receive(fact)
    await market.book()
    await market.provider_round()
    assert (await market.page(order)).state == "closed"
    assert await market.balances() == {}
    assert await market.stock(item) == ("live", 0, 0)
    assert "close" in market.provider.asked


async def test_paid_first_then_cancelled(market: Market) -> None:
    order = await market.paid()
    with pytest.raises(Refusal) as refused:
        await cancel(market, order)
    assert refused.value.code is MOVE_NOT_OPEN
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}


@pytest.mark.parametrize("leader", ["cancel", "pay"])
async def test_cancel_and_pay_at_once_on_two_connections(market: Market, leader: str) -> None:
    """One of them takes the order's lock first and the other waits for it; both endings are whole."""
    item = await market.item()
    order = await market.placed("meet", item)
    fact = market.provider.pay(await market.opened(order))
    await market.receive(fact)
    has_lock, may_end = asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        async with market.database.work(market.buyer if leader == "cancel" else SYSTEM) as work:
            if leader == "cancel":
                await orders.cancel(work, order, orders.Cancel())
            else:
                await orders.apply_payment_fact(work, "sandbox", fact.event_id)
            has_lock.set()
            await may_end.wait()

    async def follow() -> None:
        await has_lock.wait()
        if leader == "cancel":
            await market.book()
        else:
            with pytest.raises(Refusal):
                await cancel(market, order)

    async def let_go() -> None:
        await has_lock.wait()
        async with market.database.look(SYSTEM) as look:
            while not await look.db.fetchval("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"):
                await asyncio.sleep(0)
        may_end.set()

    await asyncio.gather(lead(), follow(), let_go())
    if leader == "cancel":
        await market.provider_round()
        assert (await market.page(order)).state == "closed"
        assert await market.balances() == {}
        assert await market.stock(item) == ("live", 0, 0)
    else:
        assert (await market.page(order)).state == "awaiting_meeting"
        assert await market.stock(item) == ("live", 1, 0)
    assert (await market.proof()).holds
