"""A site without a payment provider: it says so before and after, the code still ends the order, no money moves."""

from typing import Any

import pytest

from tests.orders.build import Market, a_market
from xianji.domains import orders, payments
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.words import catalogue
from xianji.kernel.work import SYSTEM

from .test_me import with_cookie


@pytest.fixture
async def market(database: Database) -> Market:
    """A market on a site that chose to be offline."""
    async with database.work(SYSTEM) as work:
        await set_value(work, payments.PROVIDER.name, payments.OFFLINE, "chosen at start")
    database.book.forget()
    return await a_market(database)


async def moved(market: Market) -> int:
    async with market.database.look(SYSTEM) as look:
        return int(
            await look.db.fetchval(
                "select (select count(*) from ledger_transfers) + (select count(*) from payments)"
                " + (select count(*) from payment_calls)"
            )
        )


async def test_an_order_goes_straight_to_the_meeting_and_ends_by_the_code(market: Market) -> None:
    order = await market.placed()
    page = await market.page(order)
    assert (page.state, page.protected, page.unpaid, page.pay_url) == ("awaiting_meeting", False, False, None)
    assert (page.money.total.amount, page.money.paid.amount, page.money.held.amount) == (12_900, 0, 0)
    assert page.money.fee.amount == 0
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code))
    assert (await market.page(order)).state == "completed"
    assert await moved(market) == 0
    assert (await market.proof()).holds


async def test_what_was_never_met_ends_without_a_refund(market: Market, clock: Any) -> None:
    order = await market.placed()
    clock.move(hours=168, minutes=1)
    await market.time()
    assert (await market.page(order)).state == "refunded"
    assert await moved(market) == 0
    assert (await market.proof()).holds


async def test_there_is_nothing_to_pay_through_us(market: Market) -> None:
    order = await market.placed()
    async with market.database.work(market.buyer) as work:
        with pytest.raises(Refusal) as refused:
            await orders.start_payment(work, order)
    assert refused.value.code is MOVE_NOT_OPEN
    assert await moved(market) == 0


async def test_connecting_a_provider_later_leaves_agreed_orders_as_they_are(market: Market) -> None:
    before = await market.placed()
    async with market.database.work(SYSTEM) as work:
        await set_value(work, payments.PROVIDER.name, "sandbox", "chosen at start")
    market.database.book.forget()
    after = await market.placed()
    assert ((await market.page(before)).state, (await market.page(after)).state) == (
        "awaiting_meeting",
        "awaiting_payment",
    )
    assert (await market.page(after)).protected is True
    assert (await market.proof()).holds


async def test_it_is_never_chosen_by_silence(database: Database) -> None:
    market = await a_market(database)
    page = await market.page(await market.placed())
    assert (page.state, page.protected) == ("awaiting_payment", True)


@pytest.mark.parametrize(("language", "said"), [("zh", "这个站点没有支付托管"), ("en", "No protection")])
async def test_quote_and_order_say_it_plainly(
    site: Any, database: Database, market: Market, language: str, said: str
) -> None:
    item = await market.item()
    client, csrf = await with_cookie(site, "13800138001")
    async with database.work(SYSTEM) as work:
        await work.db.execute("update members set language = $1", language)
    quote = (await client.get(f"/items/{item}/buy")).text
    assert said in quote
    sent = await client.post(
        f"/items/{item}/buy", data={"_csrf_token": csrf, "handover": "meet", "quantity": "1", "_key": "k" * 22}
    )
    assert sent.status_code == 303, sent.text
    page = (await client.get(sent.headers["location"], follow_redirects=True)).text
    assert said in page
    for never in ("托管中", "钱已托管", "/payment"):
        assert never not in page
    assert await moved(market) == 0


async def test_its_sentences_speak_of_no_hold(market: Market) -> None:
    order = await market.placed()
    for side in (market.buyer, market.seller):
        page = await market.page(order, side)
        assert page.waiting.code == f"order_offline_awaiting_meeting_{page.role}"
        assert "没有托管" in catalogue("waiting")[page.waiting.code]["zh"]
    async with market.database.look(market.seller) as look:
        (card,) = (await orders.orders_of(look, "seller")).items
    assert card.waiting.code == "order_offline_awaiting_meeting_seller"


async def test_nothing_is_kept_for_a_deposit_that_nobody_holds(market: Market) -> None:
    item = await market.item()
    with pytest.raises(Refusal, match="deposit_not_offered"):
        async with market.database.work(market.seller) as work:
            await orders.set_deposit(work, item, orders.SetDeposit("refundable"))
