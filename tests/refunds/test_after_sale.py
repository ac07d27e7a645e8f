"""Claims after the money was released: taken back through the provider, owed when it cannot be, never by the buyer."""

import pytest

from tests.conftest import FakeClock
from xianji.domains import fees, refunds
from xianji.domains.refunds.model import REFUND_KIND_NOT_OPEN, REFUND_REASON_UNKNOWN, REFUND_TOO_LATE
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

from .build import Desk

PAID = 12_900


async def with_fee(desk: Desk, **policy: object) -> None:
    async with desk.database.work(SYSTEM) as work:
        await set_value(work, fees.POLICY.name, {"name": "share", "rate_ppm": 100_000, **policy}, "ten percent")
    desk.database.book.forget()


async def owes(desk: Desk) -> tuple[int, int]:
    """(what the provider shall take back from the seller, what the seller owes the platform)."""
    books = await desk.books()
    seller = desk.seller.member
    return -books.get(f"return_due:{seller}", 0), -books.get(f"receivable:{seller}", 0)


async def test_a_hidden_fault_is_paid_back_out_of_the_released_money(desk: Desk) -> None:
    order = await desk.completed()
    assert await desk.books() == {}
    refund = await desk.asked(order, "partial", 4_000)
    assert (await desk.refund(refund)).after_sale
    await desk.agree(refund)
    assert await owes(desk) == (4_000, 0)
    assert await desk.books() == {
        f"return_due:{desk.seller.member}": -4_000,
        f"buyer_refund:{desk.buyer.member}": 4_000,
    }
    await desk.settle()
    assert await desk.books() == {}
    page = await desk.page(order)
    assert (page.state, page.money.refunded.amount) == ("completed", 4_000)
    assert (await desk.refund(refund)).payout == "sent"
    assert "split_return" in desk.provider.asked


async def test_a_fake_comes_back_and_everything_is_paid_back(desk: Desk) -> None:
    order = await desk.completed()
    refund = await desk.asked(order, "return", reason="fake")
    await desk.agree(refund)
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    await desk.settle()
    assert await desk.books() == {}
    assert (await desk.page(order)).money.refunded.amount == PAID
    with pytest.raises(Refusal):
        await desk.asked(order, "return")


@pytest.mark.parametrize(
    ("after", "back", "owed"),
    [("kept", 0, 1_290), ("in_proportion", 1_290, 0)],
)
async def test_the_fee_of_a_sale_that_came_to_nothing_follows_its_policy(
    desk: Desk, after: str, back: int, owed: int
) -> None:
    """The buyer gets everything; what the seller no longer has, they owe the platform that advanced it."""
    await with_fee(desk, after_completion=after)
    order = await desk.completed()
    refund = await desk.asked(order, "return", reason="fake")
    await desk.agree(refund)
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    await desk.settle()
    books = await desk.books()
    assert books.get("platform_fee", 0) == 1_290 - back
    assert await owes(desk) == (0, owed)
    assert not any(name.startswith("buyer_refund") for name in books)


async def test_what_the_platform_advanced_is_recovered_from_the_next_sale(desk: Desk) -> None:
    await with_fee(desk)
    order = await desk.completed()
    refund = await desk.asked(order, "keep_goods", reason="fake")
    await desk.agree(refund)
    await desk.settle()
    assert await owes(desk) == (0, 1_290)
    await desk.completed()
    await desk.settle()
    assert await owes(desk) == (0, 0)
    assert await desk.books() == {"platform_fee": 2_580, "platform_bank": -2_580}


@pytest.mark.parametrize(("policy", "first", "second"), [("kept", 0, 0), ("in_proportion", 500, 790)])
async def test_two_claims_give_back_the_fee_once(desk: Desk, policy: str, first: int, second: int) -> None:
    await with_fee(desk, after_completion=policy)
    order = await desk.completed()
    await desk.agree(await desk.asked(order, "partial", 5_000))
    await desk.settle()
    assert (await desk.books()).get("platform_fee", 0) == 1_290 - first
    await desk.agree(await desk.asked(order, "keep_goods", 7_900))
    await desk.settle()
    assert (await desk.books()).get("platform_fee", 0) == 1_290 - first - second
    assert (await desk.page(order)).money.refunded.amount == PAID


async def test_a_seller_who_has_not_enough_owes_it_until_the_next_sale(desk: Desk, clock: FakeClock) -> None:
    order = await desk.completed()
    desk.provider.payee_short = True
    refund = await desk.asked(order, "partial", 4_000)
    await desk.agree(refund)
    await desk.settle()
    for actor in (desk.buyer, desk.seller):
        page = await desk.refund(refund, actor)
        assert (page.state, page.payout, page.owed.amount) == ("refunded", "owed", 4_000)
    assert await owes(desk) == (4_000, 0)
    await desk.time()
    assert desk.provider.asked.count("split_return") == 1, "not again before its time"
    await desk.completed()
    desk.provider.payee_short = False
    await desk.settle()
    clock.move(minutes=10)
    await desk.time()
    await desk.time()
    await desk.settle()
    assert desk.provider.asked.count("split_return") == 2
    page = await desk.refund(refund)
    assert (page.payout, page.owed.amount) == ("sent", 0)
    assert await desk.books() == {}


async def test_it_is_asked_for_again_every_day(desk: Desk, clock: FakeClock) -> None:
    order = await desk.completed()
    desk.provider.payee_short = True
    refund = await desk.asked(order, "partial", 4_000)
    await desk.agree(refund)
    await desk.settle()
    for day in (2, 3):
        clock.move(hours=24)
        await desk.time()
        await desk.settle()
        assert desk.provider.asked.count("split_return") == day
    assert (await desk.refund(refund)).payout == "owed"
    assert await owes(desk) == (4_000, 0)


async def test_claimed_before_the_provider_has_paid_the_seller_out(desk: Desk) -> None:
    """The return waits for the release: there is nothing to take back yet."""
    order = await desk.delivered()
    async with desk.database.work(desk.buyer) as work:
        from xianji.domains import orders

        await orders.confirm(work, order)
    refund = await desk.asked(order, "partial", 4_000)
    await desk.agree(refund)
    desk.provider.settles_at_once = False
    await desk.settle()
    assert "split_return" not in desk.provider.asked
    desk.provider.settles_at_once = True
    await desk.settle()
    assert await desk.books() == {}
    assert (await desk.refund(refund)).payout == "sent"


@pytest.mark.parametrize(("handover", "hours"), [("ship", 168), ("meet", 72)])
async def test_claims_come_soon_or_not_at_all(desk: Desk, clock: FakeClock, handover: str, hours: int) -> None:
    from xianji.domains import orders

    if handover == "ship":
        order = await desk.completed()
    else:
        order = await desk.paid()
        code = (await desk.page(order)).meet_code
        assert code is not None
        async with desk.database.work(desk.seller) as work:
            await orders.redeem(work, order, orders.Redeem(code))
    clock.move(hours=hours)
    async with desk.database.look(desk.buyer) as look:
        assert [choice.kind for choice in (await refunds.choices(look, order)).choices] == [
            "return",
            "partial",
            "keep_goods",
        ]
    clock.move(seconds=1)
    async with desk.database.look(desk.buyer) as look:
        assert (await refunds.choices(look, order)).choices == []
    with pytest.raises(Refusal) as refused:
        await desk.asked(order, "return")
    assert refused.value.code is REFUND_TOO_LATE


async def test_after_the_sale_only_hidden_faults_and_fakes_count(desk: Desk) -> None:
    order = await desk.completed()
    for kind, reason, code in (
        ("return", "changed_mind", REFUND_REASON_UNKNOWN),
        ("return", "颜色不喜欢", REFUND_REASON_UNKNOWN),
        ("not_received", "lost", REFUND_KIND_NOT_OPEN),
        ("exchange", "hidden_fault", REFUND_KIND_NOT_OPEN),
        ("unshipped", "changed_mind", REFUND_KIND_NOT_OPEN),
    ):
        with pytest.raises(Refusal) as refused:
            await desk.asked(order, kind, reason=reason)
        assert refused.value.code is code, kind
