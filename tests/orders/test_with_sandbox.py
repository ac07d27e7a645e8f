"""The loop against the real provider process: signed HTTP both ways, its own pay page, its own faults."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market, a_market
from tests.sandbox.conftest import HTTP, Process, Receiver, make_receiver
from xianji.domains import orders, payments
from xianji.domains.payments.providers.sandbox import SandboxKeys, SandboxProvider
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder: Path = tmp_path_factory.mktemp("provider")
    found = Process(folder)
    yield found
    assert found.stop() == 0


@dataclass
class Street:
    """A market whose provider is a process of its own."""

    market: Market
    process: Process
    receiver: Receiver
    provider: SandboxProvider
    clock: FakeClock
    heard: int = 0

    @property
    def site(self) -> payments.Site:
        return payments.Site(self.receiver.url, "http://127.0.0.1:9/orders/{subject}")

    def wait(self, seconds: int) -> None:
        """Time passes on both sides, and the provider makes the calls that are due."""
        self.clock.move(seconds=seconds)
        self.process.admin("/clock", freeze_at=self.clock.now().isoformat())

    async def listen(self) -> list[str]:
        """What the door does with the callbacks that came in; "refused" for those nobody believes."""
        outcomes = []
        for headers, body in self.receiver.got[self.heard :]:
            self.heard += 1
            try:
                fact = self.provider.verify_event(headers, body, self.clock.now())
            except payments.EventRefused as refused:
                outcomes.append(refused.code)
                continue
            outcomes.append(await self.market.receive(fact))
        await self.market.book()
        return outcomes

    async def pay_url(self, order: str) -> str:
        async with self.market.database.work(self.market.buyer) as work:
            payment = await orders.start_payment(work, order)
        return await payments.open_now(self.market.database, payment, self.provider, self.site)

    async def carry_out(self) -> None:
        async with self.market.database.look(self.market.buyer) as look:
            rows = await look.db.fetch("select distinct payment from payment_calls where state in ('waiting', 'sent')")
        for row in rows:
            await payments.carry_out(self.market.database, row["payment"], self.provider, self.site)
        await self.market.book()

    def totals(self) -> dict[str, int]:
        found: dict[str, int] = self.process.totals().get("CNY", {})
        return found


@pytest.fixture
async def street(database: Database, process: Process, clock: FakeClock) -> AsyncIterator[Street]:
    receiver, server = make_receiver()
    # Ids follow from the moment and the seed, and the provider remembers every number it has seen.
    clock.moment = max(clock.moment, process.now() + timedelta(hours=1))
    process.admin("/faults/clear")
    process.admin("/clock", freeze_at=clock.now().isoformat())
    keys = SandboxKeys.load(process.folder / "keys")
    async with SandboxProvider(process.url, keys, now=clock.now, nonce=lambda: secrets.token_hex(12)) as provider:
        yield Street(await a_market(database), process, receiver, provider, clock)
    server.shutdown()
    server.server_close()


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}


async def test_buy_pay_on_the_page_meet_and_be_paid_out(street: Street) -> None:
    market, before = street.market, street.totals()
    order = await market.placed()
    url = await street.pay_url(order)
    assert "小相机" in HTTP.get(url).text
    answer = HTTP.post(url, data={"result": "success"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://127.0.0.1:9/orders/{order}"
    street.wait(1)
    assert await street.listen() == ["stored"]
    page = await market.page(order)
    assert page.state == "awaiting_meeting"
    assert moved(before, street.totals()) == {"paid": 12_900, "held": 12_900}
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code))
    await street.carry_out()
    assert await market.balances() != {}, "a release takes the provider a second"
    street.wait(2)
    assert await street.listen() == ["stored"]
    assert await market.balances() == {}
    assert moved(before, street.totals()) == {"paid": 12_900, "released": 12_900}
    proof = await market.proof()
    assert (proof.holds, proof.unbooked) == (True, [])


async def test_a_lost_callback_is_healed_by_the_return_page(street: Street) -> None:
    market = street.market
    street.process.fault("lost_callback")
    order = await market.placed()
    HTTP.post(await street.pay_url(order), data={"result": "success"})
    street.wait(1)
    assert await street.listen() == []
    await street.carry_out()
    assert (await market.page(order)).state == "awaiting_meeting"


async def test_a_forged_and_a_wrong_amount_are_refused_and_the_true_retry_is_booked(street: Street) -> None:
    market = street.market
    for fault, outcome in (("forged_signature", "bad_signature"), ("wrong_amount", "refused")):
        street.process.fault(fault)
        street.receiver.answers = [400]
        order = await market.placed()
        HTTP.post(await street.pay_url(order), data={"result": "success"})
        street.wait(1)
        outcomes = await street.listen()
        street.wait(5)
        assert outcomes + await street.listen() == [outcome, "stored"]
        assert (await market.page(order)).state == "awaiting_meeting"


async def test_cancelled_while_paying_and_the_money_goes_back(street: Street) -> None:
    market, before = street.market, street.totals()
    order = await market.placed("ship")
    url = await street.pay_url(order)
    HTTP.post(url, data={"result": "success"})
    async with market.database.work(market.buyer) as work:
        await orders.cancel(work, order, orders.Cancel())
    street.wait(1)
    await street.listen()
    await street.carry_out()
    street.wait(1)
    await street.listen()
    assert (await market.page(order)).state == "closed"
    assert await market.balances() == {}
    assert moved(before, street.totals()) == {"paid": 12_900, "refunded": 12_900}
    assert (await market.proof()).holds


async def test_cancelled_before_paying_closes_the_page(street: Street) -> None:
    market, before = street.market, street.totals()
    order = await market.placed()
    url = await street.pay_url(order)
    async with market.database.work(market.buyer) as work:
        await orders.cancel(work, order, orders.Cancel())
    await street.carry_out()
    HTTP.post(url, data={"result": "success"})
    assert moved(before, street.totals()) == {}


async def test_an_answer_lost_on_the_way_opens_one_payment_only(street: Street) -> None:
    market = street.market
    street.process.fault("timeout_after_apply")
    order = await market.placed()
    async with market.database.work(market.buyer) as work:
        payment = await orders.start_payment(work, order)
    with pytest.raises(Refusal):
        await payments.open_now(market.database, payment, street.provider, street.site)
    assert (await street.pay_url(order)).startswith(street.process.url)
    async with market.database.look(market.buyer) as look:
        assert await look.db.fetchval("select count(*) from payments") == 1


async def test_a_release_that_fails_half_way_is_asked_for_anew(street: Street) -> None:
    market, before = street.market, street.totals()
    order = await market.placed()
    HTTP.post(await street.pay_url(order), data={"result": "success"})
    street.wait(1)
    await street.listen()
    code = (await market.page(order)).meet_code
    assert code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(code))
    street.process.fault("partial_split")
    await street.carry_out()
    street.wait(2)
    assert await street.listen() == ["stored"]
    assert await market.balances() != {}
    await street.carry_out()
    street.wait(2)
    await street.listen()
    assert await market.balances() == {}
    assert moved(before, street.totals()) == {"paid": 12_900, "released": 12_900}
