"""Meeting: the code the buyer shows, how it turns over, what guessing costs, and where they meet."""

import pytest

from tests.build import a_member
from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import orders
from xianji.domains.orders.model import MEET_CODE_LOCKED, MEET_CODE_WRONG
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal


async def enter(market: Market, order: str, code: str) -> orders.Redemption:
    async with market.database.work(market.seller) as work:
        return await orders.redeem(work, order, orders.Redeem(code))


async def shown(market: Market, order: str) -> str:
    code = (await market.page(order)).meet_code
    assert code is not None
    assert len(code) == 6
    assert code.isdigit()
    return code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_five_wrong_tries_lock_for_ten_minutes(market: Market, clock: FakeClock) -> None:
    order = await market.paid()
    bad = wrong(await shown(market, order))
    for left in (4, 3, 2, 1):
        outcome = await enter(market, order, bad)
        assert (outcome.completed, outcome.tries_left, outcome.locked_until) == (False, left, None)
    outcome = await enter(market, order, bad)
    assert outcome.locked_until is not None
    with pytest.raises(Refusal) as refused:
        await enter(market, order, await shown(market, order))
    assert refused.value.code is MEET_CODE_LOCKED
    assert refused.value.facts == {"minutes": 10}
    assert (await market.page(order)).state == "awaiting_meeting"
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}
    clock.move(minutes=10)
    assert (await enter(market, order, await shown(market, order))).completed


async def test_a_wrong_code_is_refused_only_after_it_was_counted(market: Market) -> None:
    order = await market.paid()
    async with market.database.work(market.seller) as work:
        outcome = await orders.redeem(work, order, orders.Redeem(wrong(await shown(market, order))))
    with pytest.raises(Refusal) as refused:
        orders.must_complete(outcome, work)
    assert refused.value.code is MEET_CODE_WRONG
    assert refused.value.facts == {"left": 4}


async def test_the_code_turns_over_and_the_one_before_still_counts(market: Market, clock: FakeClock) -> None:
    order = await market.paid()
    first = await shown(market, order)
    clock.move(minutes=10)
    second = await shown(market, order)
    clock.move(minutes=10)
    third = await shown(market, order)
    assert len({first, second, third}) == 3
    assert not (await enter(market, order, first)).completed
    assert (await enter(market, order, second)).completed


async def test_the_picture_works_like_the_digits_and_belongs_to_one_order(market: Market) -> None:
    order, other = await market.paid(), await market.paid()
    qr = (await market.page(other)).meet_qr
    assert qr is not None
    assert not (await enter(market, order, qr)).completed
    own = (await market.page(order)).meet_qr
    assert own is not None
    assert (await enter(market, order, own)).completed
    with pytest.raises(Refusal) as refused:
        await enter(market, order, own)
    assert refused.value.code is MOVE_NOT_OPEN


async def test_the_buyer_cannot_enter_the_code_and_a_stranger_finds_nothing(market: Market) -> None:
    order = await market.paid()
    code = await shown(market, order)
    for actor, refusal in ((market.buyer, MOVE_NOT_OPEN), (await a_member(market.database), NOT_FOUND)):
        with pytest.raises(Refusal) as refused:
            async with market.database.work(actor) as work:
                await orders.redeem(work, order, orders.Redeem(code))
        assert refused.value.code is refusal


async def test_the_code_is_shown_only_while_a_meeting_is_ahead(market: Market) -> None:
    order = await market.placed()
    assert (await market.page(order)).meet_code is None
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    code = await shown(market, order)
    assert (await market.page(order, market.seller)).meet_qr is None
    await enter(market, order, code)
    page = await market.page(order)
    assert (page.meet_code, page.meet_qr) == (None, None)


async def test_where_to_meet_is_agreed_after_payment_and_gone_afterwards(market: Market) -> None:
    order = await market.placed()
    meeting = orders.Meeting("西湖文化广场 C 口")
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.seller) as work:
            await orders.arrange(work, order, meeting)
    assert refused.value.code is MOVE_NOT_OPEN
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    async with market.database.work(market.seller) as work:
        await orders.arrange(work, order, meeting)
    assert (await market.page(order)).meeting == meeting
    async with market.database.look(market.buyer) as look:
        stored = await look.db.fetchval("select meeting_sealed from orders where id = $1", order)
    assert "西湖" not in stored
    await enter(market, order, await shown(market, order))
    assert (await market.page(order)).meeting is None
