"""What time does to every kind in every state: to the second, harmless twice; and the order's own clock."""

from datetime import timedelta

import pytest

from tests.conftest import START, FakeClock
from xianji.domains import members, orders, refunds
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

from .build import Desk, a_waybill


async def waiting(desk: Desk, case: str) -> tuple[str, str]:
    """(order, refund) at the point where time is to act."""
    kind, _, at = case.partition(" ")
    if kind == "unshipped":
        order = await desk.paid("digital", await desk.item(handover=["digital"]))
    else:
        order = await (desk.shipped(a_waybill()) if at.startswith("unseen") else desk.delivered())
    refund = await desk.asked(order, kind, 1_000 if kind == "partial" else None)
    match at.removeprefix("unseen").strip():
        case "countered":
            await desk.do(desk.seller, "counter", refund, refunds.CounterRefund("partial", Money(500)))
        case "refused":
            await desk.refuse(refund)
        case "agreed":
            await desk.agree(refund)
        case "on the way":
            await desk.agree(refund)
            await desk.ship_back(refund)
        case "signed":
            await desk.agree(refund)
            await desk.ship_back(refund)
            await desk.do(SYSTEM, "mark_signed", refund)
        case "received":
            await desk.agree(refund)
            await desk.ship_back(refund)
            await desk.do(desk.seller, "receive", refund)
    return order, refund


@pytest.mark.parametrize(
    ("case", "hours", "verb", "state", "order_state"),
    [
        ("unshipped", 48, "time_refund", "refunded", "refunded"),
        ("not_received unseen", 48, "time_refund", "refunded", "refunded"),
        ("not_received", 48, "time_dispute", "disputed", "delivered"),
        ("keep_goods", 48, "time_dispute", "disputed", "delivered"),
        ("keep_goods unseen", 48, "time_dispute", "disputed", "shipped"),
        ("partial", 48, "time_dispute", "disputed", "delivered"),
        ("exchange", 48, "time_dispute", "disputed", "delivered"),
        ("return", 48, "time_return", "waiting_return", "delivered"),
        ("keep_goods countered", 48, "time_close", "closed", "delivered"),
        ("keep_goods refused", 72, "time_close", "closed", "delivered"),
        ("return agreed", 168, "time_close", "closed", "delivered"),
        ("return on the way", 240, "time_dispute", "disputed", "delivered"),
        ("return signed", 72, "time_refund", "refunded", "refunded"),
        ("exchange signed", 72, "time_dispute", "disputed", "delivered"),
        ("exchange received", 72, "time_dispute", "disputed", "delivered"),
    ],
)
async def test_deadline(
    desk: Desk, clock: FakeClock, case: str, hours: int, verb: str, state: str, order_state: str
) -> None:
    order, refund = await waiting(desk, case)
    before = await desk.refund(refund)
    assert (before.waiting.until, before.waiting.otherwise) == (START + timedelta(hours=hours), verb)
    clock.move(hours=hours, seconds=-1)
    await desk.time()
    assert await desk.refund(refund) == before
    clock.move(seconds=1)
    for _ in range(2):
        await desk.time()
    async with desk.database.work(SYSTEM) as work:
        await refunds.time_out(work, refund)
    after = await desk.refund(refund)
    assert (after.state, after.version) == (state, before.version + 1)
    assert (after.timeline[-1].verb, after.timeline[-1].role) == (verb, "time")
    page = await desk.page(order)
    assert (page.state, page.waiting.paused) == (order_state, state in ("disputed", "waiting_return"))
    await desk.settle()
    held = 0 if order_state == "refunded" else 12_900
    assert await desk.books() == ({"provider_clearing": -held, f"order_held:{order}": held} if held else {})


async def test_a_silent_seller_without_an_address_leaves_a_return_to_the_operators(
    desk: Desk, clock: FakeClock
) -> None:
    async with desk.database.look(desk.seller) as look:
        (address,) = await members.list_addresses(look)
    async with desk.database.work(desk.seller) as work:
        await members.remove_address(work, address.id)
    refund = await desk.asked(await desk.delivered(), "return")
    assert (await desk.refund(refund)).waiting.otherwise == "time_dispute"
    clock.move(hours=48)
    await desk.time()
    assert (await desk.refund(refund)).state == "disputed"


async def test_a_signature_while_the_refund_is_open_changes_what_silence_means(desk: Desk, clock: FakeClock) -> None:
    order = await desk.shipped(a_waybill())
    refund = await desk.asked(order, "not_received")
    async with desk.database.work(SYSTEM) as work:
        await orders.deliver(work, order)
    clock.move(hours=48)
    await desk.time()
    assert (await desk.refund(refund)).state == "disputed"
    assert (await desk.page(order)).money.refunded.amount == 0


@pytest.mark.parametrize(("asked_after", "left"), [(10, 62), (60, 24)])
async def test_the_order_goes_on_with_what_it_had_left_and_a_day_at_least(
    desk: Desk, clock: FakeClock, asked_after: int, left: int
) -> None:
    order = await desk.delivered()
    clock.move(hours=asked_after)
    refund = await desk.asked(order, "keep_goods")
    assert (await desk.page(order)).waiting.until is None
    clock.move(hours=40)
    await desk.time()
    assert (await desk.page(order)).state == "delivered", "its time passed while the refund was open"
    await desk.do(desk.buyer, "withdraw", refund)
    assert (await desk.page(order)).waiting.until == clock.now() + timedelta(hours=left)
    clock.move(hours=left)
    await desk.time()
    assert (await desk.page(order)).state == "completed"


async def test_nothing_of_the_order_moves_while_a_refund_is_open(desk: Desk) -> None:
    order = await desk.delivered()
    await desk.asked(order, "keep_goods")
    assert (await desk.page(order)).actions == []
    for actor, verb in ((desk.buyer, "confirm"), (desk.buyer, "extend")):
        with pytest.raises(Refusal) as refused:
            async with desk.database.work(actor) as work:
                await getattr(orders, verb)(work, order)
        assert refused.value.code is orders.ORDER_PAUSED
    digital = await desk.paid("digital", await desk.item(handover=["digital"]))
    await desk.asked(digital, "unshipped")
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.seller) as work:
            await orders.cancel_paid(work, digital, orders.Cancel())
    assert refused.value.code is orders.ORDER_PAUSED
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.seller) as work:
            await orders.deliver_in_writing(work, digital, orders.DeliverInWriting("码"))
    assert refused.value.code is orders.ORDER_PAUSED


async def test_a_code_cannot_be_redeemed_while_a_refund_is_open_and_no_try_is_counted(desk: Desk) -> None:
    item = await desk.item(kind="service", handover=["meet"])
    order = await desk.paid("meet", item)
    code = (await desk.page(order)).meet_code
    assert code is not None
    refund = await desk.asked(order, "unshipped")
    assert (await desk.refund(refund)).state == "waiting_seller", "a service is called off with its seller's consent"
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.seller) as work:
            await orders.redeem(work, order, orders.Redeem(code))
    assert refused.value.code is orders.ORDER_PAUSED
    assert (await desk.page(order)).state == "awaiting_meeting"
