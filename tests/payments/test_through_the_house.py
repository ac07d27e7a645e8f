"""A sale and a cancelled sale through every licensed provider's adapter, with our own rows as its memory."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market, a_market
from xianji.domains import orders, payments
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

from .conformance import MAKERS, Bench, KeyBox


@dataclass
class Shop:
    """A market whose provider is a licensed one."""

    market: Market
    bench: Bench
    site: payments.Site
    heard: int = 0

    async def carry_out(self) -> None:
        async with self.market.database.look(SYSTEM) as look:
            rows = await look.db.fetch("select distinct payment from payment_calls where state in ('waiting', 'sent')")
        for row in rows:
            await payments.carry_out(self.market.database, row["payment"], self.bench.adapter, self.site)
        await self.market.book()

    async def paid(self) -> str:
        """An order that the buyer paid at the institution, before anything was heard of it."""
        order = await self.market.placed()
        async with self.market.database.work(self.market.buyer) as work:
            payment = await orders.start_payment(work, order)
        url = await payments.open_now(self.market.database, payment, self.bench.adapter, self.site)
        self.bench.institution.buyer_pays(url, payment)
        return order

    async def listen(self) -> list[str]:
        """What the door does with every callback since the last time, each sent twice."""
        outcomes = []
        for number, fact in enumerate(self.bench.institution.facts[self.heard :], self.heard):
            headers, body = self.bench.institution.callback(fact, id=f"EV-{number}")
            for _ in range(2):
                told = self.bench.verify(headers, body)
                async with self.market.database.work(SYSTEM) as work:
                    outcomes.append(await payments.receive(work, self.bench.name, told))
        self.heard = len(self.bench.institution.facts)
        await self.market.book()
        return outcomes


@pytest.fixture(params=sorted(MAKERS))
async def shop(
    request: pytest.FixtureRequest, database: Database, clock: FakeClock, key_box: KeyBox
) -> AsyncIterator[Shop]:
    name = request.param
    bench = MAKERS[name](clock, key_box, lambda: secrets.token_hex(16))
    bench.adapter._records = payments.OurRecords(database, name)
    market = await a_market(database)
    async with database.work(SYSTEM) as work:
        await set_value(work, payments.PROVIDER.name, name, "chosen at start")
        await payments.set_account(work, name, market.seller.me, bench.account("seller-0"))
    database.book.forget()
    site = payments.Site(f"https://xianji.example/hooks/payments/{name}", "https://xianji.example/o/{subject}", name)
    yield Shop(market, bench, site)
    await bench.adapter.aclose()
    bench.institution.stop()


async def test_a_sale_from_paying_to_being_paid_out(shop: Shop) -> None:
    market = shop.market
    order = await shop.paid()
    assert await shop.listen() == ["stored", "known"]
    page = await market.page(order)
    assert (page.state, page.money.held.amount) == ("awaiting_meeting", 12_900)
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code))
    await shop.carry_out()
    await shop.listen()
    assert await market.balances() == {}
    assert shop.bench.institution.net()["released", shop.bench.account("seller-0")] == 12_900
    proof = await market.proof()
    assert (proof.holds, proof.unbooked) == (True, [])


async def test_a_sale_that_is_called_off_goes_back_to_the_buyer(shop: Shop) -> None:
    market = shop.market
    order = await shop.paid()
    await shop.listen()
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, order, orders.Cancel())
    await shop.carry_out()
    await shop.listen()
    await shop.carry_out()
    assert await market.balances() == {}
    assert sum(n for (kind, _), n in shop.bench.institution.net().items() if kind == "refunded") == 12_900
    assert (await market.proof()).holds


async def test_a_lost_callback_is_healed_by_asking(shop: Shop) -> None:
    order = await shop.paid()
    await shop.carry_out()
    assert (await shop.market.page(order)).state == "awaiting_meeting"
    assert set(await shop.listen()) <= {"stored", "known"}
    assert (await shop.market.page(order)).money.held.amount == 12_900


async def test_the_bill_of_the_day_agrees(shop: Shop, clock: FakeClock) -> None:
    market = shop.market
    order = await shop.paid()
    await shop.listen()
    code = (await market.page(order)).meet_code
    assert code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(code))
    await shop.carry_out()
    await payments.reconcile(market.database, shop.bench.adapter, shop.bench.name, clock.now().date())
    async with market.database.look(SYSTEM) as look:
        told, differences = await payments.bill_day(look, shop.bench.name, clock.now().date())
    assert (told.state, told.lines, differences) == ("clean", 1 if shop.bench.name == "alipay" else 2, [])


async def test_a_seller_who_has_no_account_there_cannot_be_paid_through_it(shop: Shop) -> None:
    if shop.bench.name == "stripe":
        pytest.skip("the seller's account is needed there when the money goes out, not when it comes in")
    async with shop.market.database.work(SYSTEM) as work:
        await work.db.execute("delete from payment_accounts")
    with pytest.raises(Refusal) as refused:
        await shop.paid()
    assert refused.value.code is payments.PAYMENT_NOT_OPENED
