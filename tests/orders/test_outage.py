"""The provider's process is gone for an hour in the middle of things: calls repeat, nothing is lost or done twice."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.orders.build import a_market
from tests.orders.test_with_sandbox import Street, moved
from tests.sandbox.conftest import HTTP, Process, make_receiver
from xianji.domains import orders, payments
from xianji.domains.payments.comparing import SHAPES
from xianji.domains.payments.providers.sandbox import SandboxKeys, SandboxProvider
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

NUDGE = payments.DUE[0]


@pytest.fixture
async def street(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Street]:
    process = Process(tmp_path)
    receiver, server = make_receiver()
    process.admin("/clock", freeze_at=clock.now().isoformat())
    keys = SandboxKeys.load(process.folder / "keys")
    async with SandboxProvider(process.url, keys, now=clock.now, nonce=lambda: secrets.token_hex(12)) as provider:
        yield Street(await a_market(database), process, receiver, provider, clock)
    process.stop()
    server.shutdown()
    server.server_close()


async def minutes(street: Street, count: int) -> int:
    """The worker's clock ticks minute by minute; returns how often a payment was taken up again."""
    taken = 0
    for _ in range(count):
        street.clock.move(minutes=1)
        await street.market.time()
        async with street.market.database.look(SYSTEM) as look:
            due = list(await NUDGE.find(look, 100))
        for payment in due:
            async with street.market.database.work(SYSTEM) as work:
                await NUDGE.act(work, payment)
            await payments.carry_out(street.market.database, payment, street.provider, street.site)
            taken += 1
        await street.market.book()
    return taken


async def calls(street: Street) -> list[tuple[str, str, int]]:
    async with street.market.database.look(SYSTEM) as look:
        rows = await look.db.fetch("select kind, state, generation from payment_calls order by created_at, id")
    return [tuple(row) for row in rows]


def back(street: Street) -> None:
    """The provider is there again, with its books and today's clock."""
    street.process.start()
    street.wait(0)


async def test_a_sale_completed_during_the_outage_is_paid_out_once_afterwards(street: Street) -> None:
    market = street.market
    order = await market.placed()
    HTTP.post(await street.pay_url(order), data={"result": "success"})
    street.wait(1)
    assert await street.listen() == ["stored"]
    street.process.kill()
    code = (await market.page(order)).meet_code
    assert code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(code))
    day = SHAPES["sandbox"].day_of(street.clock.now())
    assert 0 < await minutes(street, 60) <= 8
    assert [row for row in await calls(street) if row[0] == "release"] == [("release", "waiting", 0)]
    assert await market.balances() == {
        "provider_clearing": -12_900,
        f"seller_payable:{market.seller.member}": 12_900,
    }
    back(street)
    await minutes(street, 61)
    street.wait(2)
    await street.listen()
    assert await market.balances() == {}
    assert moved({}, street.totals()) == {"paid": 12_900, "released": 12_900}
    assert [row for row in await calls(street) if row[0] == "release"] == [("release", "done", 0)]
    await payments.reconcile(market.database, street.provider, "sandbox", day)
    async with market.database.look(SYSTEM) as look:
        told, differences = await payments.bill_day(look, "sandbox", day)
    assert (told.state, told.lines, differences) == ("clean", 2, [])


async def test_money_paid_just_before_the_outage_is_found_and_sent_back_when_the_order_is_gone(street: Street) -> None:
    market = street.market
    street.process.fault("lost_callback")
    order = await market.placed()
    HTTP.post(await street.pay_url(order), data={"result": "success"})
    street.process.kill()
    await minutes(street, 60)
    assert (await market.page(order)).state == "closed"
    assert await market.balances() == {}
    back(street)
    await minutes(street, 61)
    street.wait(1)
    await street.listen()
    await minutes(street, 61)
    assert moved({}, street.totals()) == {"paid": 12_900, "refunded": 12_900}
    assert await market.balances() == {}
    assert (await market.proof()).holds


async def test_a_buyer_who_comes_during_the_outage_is_told_to_wait_and_pays_later(street: Street) -> None:
    market = street.market
    street.process.kill()
    order = await market.placed()
    async with market.database.work(market.buyer) as work:
        payment = await orders.start_payment(work, order)
    with pytest.raises(Refusal) as refused:
        await payments.open_now(market.database, payment, street.provider, street.site)
    assert refused.value.code is payments.PAYMENT_PROVIDER_NOT_REACHED
    assert (await market.page(order)).state == "awaiting_payment"
    back(street)
    await minutes(street, 5)
    street.wait(0)
    HTTP.post(await street.pay_url(order), data={"result": "success"})
    street.wait(1)
    assert await street.listen() == ["stored"]
    assert (await market.page(order)).state == "awaiting_meeting"
    assert moved({}, street.totals()) == {"paid": 12_900, "held": 12_900}
    assert [row[:2] for row in await calls(street)] == [("open", "done")]


async def test_a_payment_of_another_provider_waits_until_we_are_connected_to_it_again(street: Street) -> None:
    market = street.market
    order = await market.placed()
    async with market.database.work(market.buyer) as work:
        payment = await orders.start_payment(work, order)
    elsewhere = payments.Site(street.receiver.url, "http://127.0.0.1:9/orders/{subject}", "wechat")
    await payments.carry_out(market.database, payment, street.provider, elsewhere)
    assert await calls(street) == [("open", "waiting", 0)]
    assert street.totals() == {}
    assert (await street.pay_url(order)).startswith(street.process.url)
