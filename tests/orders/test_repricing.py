"""The seller comes down before payment: the old page closes, the buyer looks again, late money goes back."""

from typing import Any

import pytest

from tests.orders.build import Market
from xianji.domains import orders, payments
from xianji.domains.items import SHIPPING_OVER_CAP, WRONG_CURRENCY
from xianji.domains.orders import model
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Code, Refusal
from xianji.kernel.money import Money


async def change(market: Market, order: str, version: int = 1, actor: Any = None, **ask: int) -> None:
    async with market.database.work(actor or market.seller) as work:
        money = {name: Money(amount) for name, amount in ask.items()}
        await orders.change_price(work, order, orders.ChangePrice(version, **money))


async def reconfirm(market: Market, order: str, version: int) -> None:
    async with market.database.work(market.buyer) as work:
        await orders.reconfirm(work, order, orders.Reconfirm(version))


async def refused(code: Code, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code is code, caught.value
    return caught.value


async def test_lower_look_again_pay(market: Market, clock: Any) -> None:
    order = await market.placed()
    clock.move(minutes=20)
    await change(market, order, goods=10_000)
    page = await market.page(order)
    assert (page.version, page.confirmed, page.actions) == (2, False, ["reconfirm", "cancel"])
    money = page.money
    assert (money.goods.amount, money.lowered.amount, money.total.amount) == (12_900, 2_900, 10_000)
    assert (page.waiting.until - clock.moment).total_seconds() == 30 * 60
    await refused(model.RECONFIRM_FIRST, market.opened(order))
    await refused(model.ORDER_CHANGED, reconfirm(market, order, 1))
    await reconfirm(market, order, 2)
    await refused(MOVE_NOT_OPEN, reconfirm(market, order, 3))
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    page = await market.page(order)
    assert (page.state, page.money.held.amount) == ("awaiting_meeting", 10_000)
    assert (await market.proof()).holds


async def test_the_page_for_the_old_amount_is_closed_and_its_late_money_goes_back(market: Market) -> None:
    order = await market.placed()
    old = await market.opened(order)
    await change(market, order, goods=10_000)
    async with market.database.look(market.buyer) as look:
        assert (await payments.payment_of(look, order)).state == "closed"  # type: ignore[union-attr]
    assert await market.receive(market.provider.pay(old)) == "stored"
    await market.book()
    assert (await market.page(order)).state == "awaiting_payment"
    await reconfirm(market, order, 2)
    new = await market.opened(order)
    assert new != old
    await market.receive(market.provider.pay(new))
    await market.book()
    await market.provider_round()
    page = await market.page(order)
    assert (page.state, page.money.held.amount, page.money.refunded.amount) == ("awaiting_meeting", 10_000, 12_900)
    balances = await market.balances()
    assert balances == {f"order_held:{order}": 10_000, "provider_clearing": -10_000}
    assert (await market.proof()).holds


async def test_money_of_the_old_amount_does_not_pay_a_new_total_that_happens_to_be_equal(market: Market) -> None:
    order = await market.placed("ship")
    old = await market.opened(order)
    await change(market, order, goods=12_000, shipping=900)
    assert (await market.page(order)).money.total.amount == 12_900
    await market.receive(market.provider.pay(old))
    await market.book()
    assert (await market.page(order)).state == "awaiting_payment"


async def test_late_money_that_went_back_does_not_stop_the_clock(market: Market, clock: Any) -> None:
    order = await market.placed()
    old = await market.opened(order)
    await change(market, order, goods=10_000)
    await market.receive(market.provider.pay(old))
    clock.move(minutes=31)
    await market.time()
    assert (await market.page(order)).state == "awaiting_payment", "money that is not booked yet stops it"
    await market.book()
    await market.time()
    assert (await market.page(order)).state == "closed"
    await market.provider_round()
    assert await market.balances() == {}


async def test_what_cannot_be_changed(market: Market) -> None:
    order, sent = await market.placed(), await market.placed("ship")
    cases: list[tuple[Code, dict[str, Any]]] = [
        (model.PRICE_NOT_LOWER, {"goods": 12_901}),
        (model.PRICE_NOT_LOWER, {"goods": 0}),
        (model.NOTHING_SENT, {"shipping": 100}),
        (model.SAME_PRICE, {}),
        (model.SAME_PRICE, {"goods": 12_900, "shipping": 0}),
        (model.ORDER_CHANGED, {"goods": 1, "version": 7}),
        (MOVE_NOT_OPEN, {"goods": 1, "actor": market.buyer}),
    ]
    for code, ask in cases:
        await refused(code, change(market, order, **ask))
    await refused(SHIPPING_OVER_CAP, change(market, sent, shipping=50_001))
    async with market.database.work(market.seller) as work:
        with pytest.raises(Refusal) as caught:
            await orders.change_price(work, order, orders.ChangePrice(1, Money(1, "USD")))
        assert caught.value.code is WRONG_CURRENCY
    page = await market.page(order)
    assert (page.version, page.confirmed, page.money.total.amount) == (1, True, 12_900)
    paid = await market.paid()
    await refused(MOVE_NOT_OPEN, change(market, paid, goods=1, version=2))


async def test_strangers_find_nothing(market: Market, database: Any) -> None:
    from tests.build import a_member

    order = await market.placed()
    await refused(NOT_FOUND, change(market, order, goods=1, actor=await a_member(database)))


async def test_several_changes_add_up(market: Market) -> None:
    order = await market.placed("ship")
    await change(market, order, goods=12_000, shipping=500)
    await change(market, order, version=2, goods=11_000, shipping=0)
    page = await market.page(order)
    assert (page.version, page.money.lowered.amount, page.money.total.amount) == (3, 1_900, 11_000)
    facts = [entry.facts for entry in page.timeline if entry.verb == "change_price"]
    assert facts[1] == {"goods": 11_000, "shipping": 0, "before": 12_500, "after": 11_000}
