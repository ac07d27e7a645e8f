"""Each kind of refund as a story, with exact books after it."""

import pytest

from tests.conftest import START, FakeClock
from tests.orders.build import ADDRESS
from xianji.domains import refunds
from xianji.kernel.money import Money

from .build import Desk, a_waybill

PAID = 12_900


async def ended(desk: Desk, order: str, refund: str) -> tuple[str, str]:
    """States of the order and the refund, once everything is settled and the books hold."""
    await desk.settle()
    await desk.books()
    return (await desk.page(order)).state, (await desk.refund(refund)).state


@pytest.mark.parametrize("handover", ["ship", "meet"])
async def test_unshipped_is_granted_at_once_and_the_thing_is_on_the_shelf_again(desk: Desk, handover: str) -> None:
    item = await desk.item()
    order = await desk.paid(handover, item)
    refund = await desk.asked(order, "unshipped", evidence=[], words="")
    page = await desk.refund(refund)
    assert (page.state, page.payout, page.amount.amount) == ("refunded", "on_its_way", PAID)
    assert [(line.verb, line.role) for line in page.timeline] == [("apply", "buyer"), ("grant", "system")]
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    assert await desk.stock(item) == ("live", 0, 0)
    assert await desk.books() == {}
    assert (await desk.refund(refund)).payout == "sent"


async def test_what_is_made_for_the_buyer_needs_the_sellers_consent_or_their_silence(
    desk: Desk, clock: FakeClock
) -> None:
    item = await desk.item(handover=["digital"])
    order = await desk.paid("digital", item)
    refund = await desk.asked(order, "unshipped")
    assert (await desk.refund(refund)).state == "waiting_seller"
    assert (await desk.page(order)).waiting.paused
    clock.move(hours=48)
    await desk.time()
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    assert await desk.books() == {}
    assert await desk.stock(item) == ("live", 0, 0)


async def test_not_received_and_agreed(desk: Desk) -> None:
    item = await desk.item()
    order = await desk.paid("ship", item)
    from xianji.domains import orders

    async with desk.database.work(desk.seller) as work:
        await orders.ship(work, order, orders.Ship("sf", a_waybill()))
    refund = await desk.asked(order, "not_received", evidence=[], words="")
    await desk.agree(refund)
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    assert await desk.stock(item) == ("paused", 0, 0), "it may come back: its seller decides"
    assert await desk.books() == {}


async def test_keep_the_goods_and_get_everything_back(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    await desk.agree(refund)
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    item = (await desk.page(order)).lines[0].item
    assert await desk.stock(item) == ("sold", 0, 1), "the buyer has it, so nobody can buy it again"
    assert await desk.books() == {}


async def test_returned_received_and_refunded(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "return")
    assert (await desk.refund(refund)).address is None
    await desk.agree(refund)
    page = await desk.refund(refund)
    assert page.state == "waiting_return"
    assert page.address is not None
    assert page.address["lines"] == ADDRESS.lines
    await desk.ship_back(refund)
    page = await desk.refund(refund, desk.seller)
    assert (page.state, page.waiting.turn, page.waiting.otherwise) == ("returning", "seller", "time_dispute")
    assert page.agreed[0].title == "小相机", "the frozen copy stands beside what came back"
    await desk.do(desk.seller, "receive", refund)
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    item = (await desk.page(order)).lines[0].item
    assert await desk.stock(item) == ("paused", 0, 0), "nobody buys it before its seller has looked at it"
    assert (await desk.refund(refund)).address is None
    assert await desk.books() == {}


async def test_a_return_for_less_pays_the_rest_to_the_seller_and_sells_nothing(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "return", 12_000)
    await desk.agree(refund)
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    assert await ended(desk, order, refund) == ("completed", "refunded")
    page = await desk.page(order)
    assert (page.money.refunded.amount, page.money.released.amount, page.money.held.amount) == (12_000, 900, 0)
    assert await desk.stock(page.lines[0].item) == ("paused", 0, 0)
    assert await desk.books() == {}


async def test_a_partial_refund_lets_the_order_go_on_for_the_rest(desk: Desk, clock: FakeClock) -> None:
    from xianji.domains import orders

    order = await desk.delivered()
    first = await desk.asked(order, "partial", 2_900)
    await desk.agree(first)
    page = await desk.page(order)
    assert (page.state, page.money.held.amount, page.money.refunded.amount) == ("delivered", 10_000, 2_900)
    second = await desk.asked(order, "partial", 1_000)
    assert (await desk.refund(second)).most.amount == 10_000
    await desk.agree(second)
    clock.move(hours=72)
    await desk.time()
    assert await ended(desk, order, second) == ("completed", "refunded")
    page = await desk.page(order, desk.seller)
    assert (page.money.refunded.amount, page.money.released.amount, page.money.net.amount) == (3_900, 9_000, 9_000)
    assert await desk.books() == {}
    async with desk.database.look(desk.buyer) as look:
        assert [card.amount.amount for card in await refunds.refunds_of(look, order)] == [1_000, 2_900]
    assert orders.MACHINE.final == {"completed", "closed", "refunded", "forfeited"}


async def test_exchange_comes_back_and_a_replacement_goes_out(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "exchange")
    await desk.agree(refund)
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    assert (await desk.refund(refund)).state == "waiting_replacement"
    await desk.do(desk.seller, "replace", refund, refunds.Replacement("sf", a_waybill()))
    assert (await desk.refund(refund)).state == "exchanged"
    page = await desk.page(order)
    assert (page.state, page.waiting.paused) == ("delivered", False)
    assert page.waiting.until is not None
    assert (page.waiting.until - START).total_seconds() == 240 * 3600, "time to receive and look at the new one"
    assert page.money.held.amount == PAID


async def test_a_missing_piece_is_sent_without_anything_coming_back(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "exchange")
    await desk.agree(refund, keep=True)
    await desk.do(desk.seller, "replace", refund, refunds.Replacement("sf", a_waybill()))
    assert (await desk.refund(refund)).state == "exchanged"


async def test_a_counter_offer_is_taken(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    await desk.do(desk.seller, "counter", refund, refunds.CounterRefund("partial", Money(3_000), "退你三十"))
    page = await desk.refund(refund)
    assert page.counter is not None
    assert (page.state, page.counter.kind, page.counter.amount.amount) == ("waiting_buyer", "partial", 3_000)
    assert set(page.actions) == {"accept_counter", "escalate", "withdraw"}
    await desk.do(desk.buyer, "accept_counter", refund)
    assert await ended(desk, order, refund) == ("delivered", "refunded")
    page = await desk.refund(refund)
    assert (page.kind, page.amount.amount, page.asked.amount) == ("partial", 3_000, PAID)
    assert await desk.books() == {"provider_clearing": -9_900, f"order_held:{order}": 9_900}


async def test_return_instead_is_the_sellers_equal_answer_to_a_partial_refund(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "partial", 3_000)
    await desk.do(desk.seller, "counter", refund, refunds.CounterRefund("return"))
    await desk.do(desk.buyer, "accept_counter", refund)
    page = await desk.refund(refund)
    assert (page.state, page.kind, page.amount.amount) == ("waiting_return", "return", PAID)
    assert page.address is not None
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    assert await ended(desk, order, refund) == ("refunded", "refunded")
    assert await desk.books() == {}


async def test_withdrawn_and_asked_again(desk: Desk) -> None:
    order = await desk.delivered()
    first = await desk.asked(order, "keep_goods")
    await desk.do(desk.buyer, "withdraw", first)
    page = await desk.page(order)
    assert (page.state, page.waiting.paused) == ("delivered", False)
    second = await desk.asked(order, "return")
    assert (await desk.refund(second)).state == "waiting_seller"
    assert (await desk.refund(first)).state == "closed"


async def test_the_seller_sees_how_often_the_buyer_does_this(desk: Desk) -> None:
    orders_made = [await desk.delivered() for _ in range(3)]
    for order in orders_made[:2]:
        await desk.agree(await desk.asked(order, "partial", 1_000))
    third = await desk.asked(orders_made[2], "partial", 1_000)
    record = (await desk.refund(third, desk.seller)).record
    assert record is not None
    assert (record.orders, record.partials, record.sellers, record.pointed_out) == (3, 3, 1, False)
    assert (await desk.refund(third)).record is None
    assert "counter" in (await desk.refund(third, desk.seller)).actions
