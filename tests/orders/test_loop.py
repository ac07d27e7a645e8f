"""The closed loop: buy, pay, hand over, released; told by the books and by what each side sees."""

from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import orders


async def test_buy_meet_and_the_money_is_released(market: Market) -> None:
    item = await market.item(12_900)
    order = await market.placed("meet", item)
    assert await market.stock(item) == ("live", 1, 0)
    page = await market.page(order)
    assert (page.state, page.actions, page.meet_code) == ("awaiting_payment", ["start_payment", "cancel"], None)

    payment = await market.opened(order)
    assert (await market.page(order)).pay_url == market.provider.payments[payment].pay_url
    assert await market.receive(market.provider.pay(payment)) == "stored"
    await market.book()
    page = await market.page(order)
    assert page.state == "awaiting_meeting"
    assert page.meet_code is not None
    assert (await market.page(order, market.seller)).meet_code is None
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}

    async with market.database.work(market.seller) as work:
        outcome = await orders.redeem(work, order, orders.Redeem(page.meet_code))
    assert outcome.completed
    assert (await market.page(order)).state == "completed"
    assert await market.stock(item) == ("sold", 0, 1)
    seller = market.seller.member
    assert await market.balances() == {"provider_clearing": -12_900, f"seller_payable:{seller}": 12_900}

    await market.provider_round()
    assert await market.balances() == {}
    proof = await market.proof()
    assert proof.holds
    assert proof.unbooked == []
    money = (await market.page(order)).money
    assert (money.paid.amount, money.held.amount, money.released.amount, money.fee.amount) == (12_900, 0, 12_900, 0)


async def test_buy_by_post_and_confirm(market: Market) -> None:
    order = await market.shipped()
    page = await market.page(order)
    assert page.state == "shipped"
    assert page.shipment is not None
    assert (page.shipment.carrier, page.shipment.waybill) == ("sf", "SF1234567890123")
    assert page.actions == ["confirm", "extend"]
    async with market.database.work(market.buyer) as work:
        await orders.confirm(work, order)
    await market.provider_round()
    assert [entry.verb for entry in (await market.page(order)).timeline] == ["place", "pay", "ship", "confirm"]
    assert await market.balances() == {}
    assert (await market.proof()).holds


async def test_a_digital_thing_is_delivered_in_writing_and_confirmed_by_time(market: Market, clock: FakeClock) -> None:
    order = await market.paid("digital")
    async with market.database.work(market.seller) as work:
        await orders.deliver_in_writing(work, order, orders.DeliverInWriting("兑换码 ABCD-1234"))
    page = await market.page(order)
    assert page.shipment is not None
    assert (page.state, page.shipment.content) == ("delivered", "兑换码 ABCD-1234")
    clock.move(hours=72, seconds=-1)
    await market.time()
    assert (await market.page(order)).state == "delivered"
    clock.move(seconds=1)
    await market.time()
    await market.time()
    assert (await market.page(order)).state == "completed"
    await market.provider_round()
    assert await market.balances() == {}
