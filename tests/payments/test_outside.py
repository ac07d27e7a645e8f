"""Calls to a provider that is busy, silent, refusing or half successful: nothing is lost, nothing is done twice."""

import pytest

from tests.build import a_member
from tests.conftest import START, FakeClock
from tests.orders.build import SITE, Market, a_market
from tests.payments.fake_provider import FakeProvider
from xianji.domains import orders, payments
from xianji.domains.payments.model import REPLACEMENTS
from xianji.domains.payments.provider import PaymentAsk, PaymentState
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM


@pytest.fixture
async def market(database: Database) -> Market:
    return await a_market(database)


async def started(market: Market) -> str:
    order = await market.placed()
    async with market.database.work(market.buyer) as work:
        return await orders.start_payment(work, order)


async def open_now(market: Market, payment: str) -> str:
    return await payments.open_now(market.database, payment, market.provider, SITE)


async def calls(market: Market) -> list[tuple[str, str, int]]:
    async with market.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select kind, state, generation from payment_calls order by created_at, generation, id"
        )
    return [tuple(row) for row in rows]


async def nudge(market: Market) -> list[str]:
    async with market.database.look(SYSTEM) as look:
        found = [id for due in payments.DUE for id in await due.find(look, 10)]
    for id in found:
        async with market.database.work(SYSTEM) as work:
            await payments.DUE[0].act(work, id)
    return found


async def test_starting_twice_is_one_payment(market: Market) -> None:
    order = await market.placed()
    first, second = await market.opened(order), await market.opened(order)
    assert first == second
    async with market.database.look(market.buyer) as look:
        view = await payments.payment_of(look, order)
        assert view is not None
        assert (view.id, view.state, view.amount.amount) == (first, "requested", 12_900)
    async with market.database.look(await a_member(market.database)) as look:
        assert await payments.payment_of(look, order) is None


async def test_a_busy_provider_is_asked_again_with_the_same_number(market: Market) -> None:
    payment = await started(market)
    market.provider.before = [payments.ProviderBusy("503")]
    with pytest.raises(Refusal) as refused:
        await open_now(market, payment)
    assert refused.value.code is payments.PAYMENT_PROVIDER_NOT_REACHED
    assert (await open_now(market, payment)).startswith(f"https://pay.example/{payment}")
    assert market.provider.asked == ["create_payment", "create_payment"]


async def test_after_silence_it_looks_before_it_sends(market: Market) -> None:
    payment = await started(market)
    market.provider.after = [payments.ProviderUnknown("timeout")]
    with pytest.raises(Refusal):
        await open_now(market, payment)
    await open_now(market, payment)
    assert market.provider.asked == ["create_payment", "query"]
    assert len(market.provider.payments) == 1


async def test_silence_about_something_never_done_is_followed_by_sending(market: Market) -> None:
    payment = await started(market)
    market.provider.before = [payments.ProviderUnknown("timeout")]
    with pytest.raises(Refusal):
        await open_now(market, payment)
    await open_now(market, payment)
    assert market.provider.asked == ["create_payment", "query", "create_payment"]


async def test_a_refused_opening_ends_the_payment_and_a_new_one_may_be_started(market: Market) -> None:
    order = await market.placed()
    market.provider.before = [payments.ProviderRefused("already_expired")]
    with pytest.raises(Refusal) as refused:
        await market.opened(order)
    assert refused.value.code is payments.PAYMENT_NOT_OPENED
    await market.opened(order)
    assert sorted(await calls(market)) == [("open", "failed", 0), ("open", "sent", 0)]


async def test_a_payment_that_expired_before_it_was_opened_is_never_sent(market: Market, clock: FakeClock) -> None:
    payment = await started(market)
    clock.move(minutes=30)
    with pytest.raises(Refusal) as refused:
        await open_now(market, payment)
    assert refused.value.code is payments.PAYMENT_NOT_OPENED
    assert market.provider.asked == []


async def test_what_got_no_answer_is_found_again_and_ever_more_rarely(market: Market, clock: FakeClock) -> None:
    payment = await started(market)
    assert await nudge(market) == []
    waits = []
    for _ in range(4):
        async with market.database.look(SYSTEM) as look:
            try_at = await look.db.fetchval("select try_at from payment_calls")
        waits.append((try_at - clock.now()).total_seconds())
        clock.moment = try_at
        assert await nudge(market) == [payment]
        assert await nudge(market) == []
    assert waits == [30, 60, 120, 240]
    assert clock.now() > START


async def test_a_refund_that_fails_is_sent_anew_under_a_new_number_until_a_person_must_look(market: Market) -> None:
    async with market.database.work(SYSTEM) as work:
        await set_value(work, REPLACEMENTS.name, 2, "fewer")
    market.database.book.forget()
    order = await market.paid()
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, order, orders.Cancel())
    market.provider.fails_next = 2
    for _ in range(2):
        await market.provider_round()
    assert await market.balances() == {"provider_clearing": -12_900, f"buyer_refund:{market.buyer.member}": 12_900}
    await market.provider_round()
    assert await market.balances() == {}
    assert [call for call in await calls(market) if call[0] == "refund"] == [
        ("refund", "failed", 0),
        ("refund", "failed", 1),
        ("refund", "done", 2),
    ]
    async with market.database.look(SYSTEM) as look:
        assert await payments.stuck_calls(look) == []


async def test_a_refund_that_never_succeeds_ends_on_the_operators_list(market: Market) -> None:
    order = await market.paid()
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, order, orders.Cancel())
    market.provider.fails_next = 99
    for _ in range(10):
        await market.provider_round()
    assert len(market.provider.refunds) == 6
    async with market.database.look(SYSTEM) as look:
        stuck = await payments.stuck_calls(look)
    assert [(call.kind, call.amount, call.code) for call in stuck] == [("refund", 12_900, "buyer_account_unavailable")]
    assert (await market.proof()).holds


async def test_a_release_still_under_way_is_asked_about_not_sent_again(market: Market) -> None:
    order = await market.paid()
    code = (await market.page(order)).meet_code
    assert code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(code))
    market.provider.settles_at_once = False
    await market.provider_round()
    assert await market.balances() != {}
    market.provider.settles_at_once = True
    await market.provider_round()
    assert await market.balances() == {}
    assert market.provider.asked[-2:] == ["release", "query_release"]
    await market.provider_round()
    assert market.provider.asked[-2:] == ["release", "query_release"]


async def lower_the_price(market: Market, order: str) -> None:
    """The seller lowers the price, so that the payment asked for must not be paid any more."""
    async with market.database.work(market.seller) as work:
        await orders.change_price(work, order, orders.ChangePrice(1, Money(9_900)))


async def test_a_payment_closed_before_it_was_opened_is_never_opened(market: Market) -> None:
    order = await market.placed()
    market.provider.before = [payments.ProviderBusy("503")]
    with pytest.raises(Refusal):
        await market.opened(order)
    await lower_the_price(market, order)
    await market.provider_round()
    assert market.provider.payments == {}
    assert market.provider.asked == ["create_payment", "query", "close"]
    assert sorted(await calls(market)) == [("close", "done", 0), ("open", "failed", 0)]


async def test_what_was_opened_after_the_provider_was_told_to_close_it_is_closed_again(market: Market) -> None:
    order = await market.placed()

    class Slow(FakeProvider):
        async def create_payment(self, ask: PaymentAsk) -> PaymentState:
            await lower_the_price(market, order)
            await market.provider_round()
            return await super().create_payment(ask)

    slow, market.provider = Slow(), FakeProvider()
    market.provider.payments = slow.payments
    async with market.database.work(market.buyer) as work:
        payment = await orders.start_payment(work, order)
    with pytest.raises(Refusal):
        await payments.open_now(market.database, payment, slow, SITE)
    assert market.provider.asked == ["query", "close"]
    await market.provider_round()
    assert [state.state for state in slow.payments.values()] == ["closed"]
    assert sorted({state for _, state, _ in await calls(market)}) == ["done", "failed"]
