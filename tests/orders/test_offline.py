"""The meeting code for places without a network: recognised by hashes alone, good for a while, called back at once."""

from datetime import timedelta
from hashlib import sha256

import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import orders
from xianji.domains.orders.model import MEET_CODE_LOCKED
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal

HOUR = timedelta(hours=1)


async def shown(market: Market, order: str) -> str:
    page = await market.page(order)
    assert page.meet_offline is not None
    assert page.meet_offline.qr == f"XJ2.{order}.{page.meet_offline.code}"
    return page.meet_offline.code


async def enter(market: Market, order: str, code: str) -> bool:
    async with market.database.work(market.seller) as work:
        return (await orders.redeem(work, order, orders.Redeem(code))).completed


async def test_the_sellers_phone_recognises_what_the_buyer_shows_and_only_while_it_is_shown(
    market: Market, clock: FakeClock
) -> None:
    order = await market.paid()
    proofs = (await market.page(order, market.seller)).meet_proofs
    codes = set()
    for _ in range(14):
        page = await market.page(order)
        assert page.meet_offline is not None
        codes.add(page.meet_offline.code)
        digest = sha256(f"{order}\n{page.meet_offline.code}".encode()).hexdigest()
        (found,) = [one for one in proofs if one.digest == digest]
        assert found.since <= clock.now() < page.meet_offline.until == found.until
        assert 12 * HOUR <= found.until - clock.now() <= 24 * HOUR
        clock.move(hours=11)
    assert len(codes) == 13


async def test_only_the_buyer_sees_the_code_and_only_the_seller_the_proofs(market: Market) -> None:
    order = await market.placed()
    assert (await market.page(order)).meet_offline is None
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    his, hers = await market.page(order), await market.page(order, market.seller)
    assert (his.meet_offline is not None, his.meet_proofs) == (True, [])
    assert (hers.meet_offline, len(hers.meet_proofs) > 10) == (None, True)
    assert await enter(market, order, await shown(market, order))
    his, hers = await market.page(order), await market.page(order, market.seller)
    assert (his.meet_offline, hers.meet_proofs) == (None, [])


@pytest.mark.parametrize("way", ["picture", "typed", "plain"])
async def test_it_opens_the_order_once_however_it_is_entered(market: Market, way: str) -> None:
    order = await market.paid()
    code = await shown(market, order)
    typed = " ".join(code[at : at + 4].lower() for at in range(0, 16, 4))
    entered = {"picture": f"XJ2.{order}.{code}", "typed": typed, "plain": code}[way]
    assert await enter(market, order, entered)
    assert (await market.page(order)).state == "completed"
    with pytest.raises(Refusal) as refused:
        await enter(market, order, entered)
    assert refused.value.code is MOVE_NOT_OPEN


@pytest.mark.parametrize(("hours", "opens"), [(23, True), (95, True), (97, False)])
async def test_it_may_come_in_late_but_not_for_ever(market: Market, clock: FakeClock, hours: int, opens: bool) -> None:
    clock.moment = clock.moment.replace(hour=12)
    order = await market.paid()
    code = await shown(market, order)
    clock.move(hours=hours)
    assert await enter(market, order, code) is opens


async def test_a_code_called_back_opens_nothing_and_the_next_one_does(market: Market, clock: FakeClock) -> None:
    order = await market.paid()
    code, six = await shown(market, order), (await market.page(order)).meet_code
    with pytest.raises(Refusal):
        async with market.database.work(market.seller) as work:
            await orders.renew_code(work, order)
    due = (await market.page(order)).waiting.until
    async with market.database.work(market.buyer) as work:
        await orders.renew_code(work, order)
    assert six is not None
    assert not await enter(market, order, code)
    assert not await enter(market, order, six)
    page = await market.page(order)
    assert (page.waiting.until, page.timeline[-1].verb) == (due, "renew_code")
    assert await enter(market, order, await shown(market, order))


async def test_a_code_belongs_to_one_order_and_guessing_is_locked_as_for_digits(market: Market) -> None:
    order, other = await market.paid(), await market.paid()
    foreign = await shown(market, other)
    for _ in range(5):
        assert not await enter(market, order, foreign)
    with pytest.raises(Refusal) as refused:
        await enter(market, order, await shown(market, order))
    assert refused.value.code is MEET_CODE_LOCKED
    assert (await market.page(other)).state == "awaiting_meeting"


async def test_what_was_accepted_after_the_money_went_back_is_refused(market: Market, clock: FakeClock) -> None:
    order = await market.paid()
    code = await shown(market, order)
    async with market.database.work(market.buyer) as work:
        await orders.cancel_paid(work, order, orders.Cancel(""))
    with pytest.raises(Refusal) as refused:
        await enter(market, order, code)
    assert refused.value.code is MOVE_NOT_OPEN
