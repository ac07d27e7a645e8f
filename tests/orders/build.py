"""Trades made through the real verbs, with the provider played in memory."""

from dataclasses import dataclass

from tests.build import a_member, a_seller
from tests.payments.fake_provider import FakeProvider
from xianji.domains import items, members, orders, payments
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

SITE = payments.Site("https://xianji.example/hooks/payments/sandbox", "https://xianji.example/orders/{subject}")
ADDRESS = members.PutAddress(
    name="小周",
    phone="13912345678",
    lines={"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路 1 号"},
)


@dataclass
class Market:
    """A database, a provider, one seller and one buyer."""

    database: Database
    provider: FakeProvider
    seller: Actor
    buyer: Actor

    async def item(self, price: int = 12_900, stock: int = 1, **facts: object) -> str:
        """Something of the seller's on sale."""
        async with self.database.work(self.seller) as work:
            new = items.NewItem(title="小相机", price=Money(price), stock=stock, **facts)  # type: ignore[arg-type]
            return await items.publish_item(work, new)

    async def address(self, actor: Actor | None = None) -> str:
        """An address of the buyer's."""
        async with self.database.work(actor or self.buyer) as work:
            return await members.add_address(work, ADDRESS)

    async def placed(self, handover: str = "meet", item: str = "", quantity: int = 1) -> str:
        """An order that awaits payment."""
        item = item or await self.item()
        address = await self.address() if handover == "ship" else None
        async with self.database.work(self.buyer) as work:
            ask = orders.PlaceOrder([orders.WantedLine(item, quantity)], handover, address)  # type: ignore[arg-type]
            return await orders.place_order(work, ask)

    async def opened(self, order: str) -> str:
        """The order's payment, opened at the provider; returns the payment."""
        async with self.database.work(self.buyer) as work:
            payment = await orders.start_payment(work, order)
        await payments.open_now(self.database, payment, self.provider, SITE)
        return payment

    async def receive(self, fact: payments.ProviderFact) -> payments.Received:
        """A callback arrives; what it says is kept but not yet booked."""
        async with self.database.work(SYSTEM) as work:
            return await payments.receive(work, "sandbox", fact)

    async def book(self) -> None:
        """What the reaction to `payments.fact_stored.v1` does."""
        async with self.database.look(SYSTEM) as look:
            waiting = await payments.unbooked_facts(look)
        for fact in waiting:
            async with self.database.work(SYSTEM) as work:
                await orders.apply_payment_fact(work, fact.provider, fact.event_id)

    async def paid(self, handover: str = "meet", item: str = "") -> str:
        """An order whose payment has arrived and is booked."""
        order = await self.placed(handover, item)
        await self.receive(self.provider.pay(await self.opened(order)))
        await self.book()
        return order

    async def shipped(self, waybill: str = "SF1234567890123") -> str:
        """A paid order on its way."""
        order = await self.paid("ship")
        async with self.database.work(self.seller) as work:
            await orders.ship(work, order, orders.Ship("sf", waybill))
        return order

    async def provider_round(self) -> None:
        """The worker makes every call that is owed, and the reactions book what came of it."""
        async with self.database.look(SYSTEM) as look:
            rows = await look.db.fetch(
                "select distinct payment from payment_calls where state in ('waiting', 'sent') order by payment"
            )
        for row in rows:
            await payments.carry_out(self.database, row["payment"], self.provider, SITE)
        await self.book()

    async def time(self) -> None:
        """The worker does what is due."""
        for due in orders.DUE:
            async with self.database.look(SYSTEM) as look:
                found = await due.find(look, 100)
            for id in found:
                async with self.database.work(SYSTEM) as work:
                    await due.act(work, id)

    async def page(self, order: str, actor: Actor | None = None) -> orders.OrderPage:
        """The order as the buyer (or another) sees it."""
        async with self.database.look(actor or self.buyer) as look:
            return await orders.order_page(look, order)

    async def proof(self) -> orders.BooksProof:
        """The proof over everything."""
        async with self.database.look(SYSTEM) as look:
            return await orders.prove_books(look)

    async def balances(self) -> dict[str, int]:
        """Every balance that is not zero, the platform's shards summed."""
        async with self.database.look(SYSTEM) as look:
            rows = await look.db.fetch(
                "select case when owner = '' then kind else kind || ':' || owner end as name,"
                " sum(balance)::bigint as balance from ledger_accounts group by 1 having sum(balance) <> 0"
            )
        return {row["name"]: row["balance"] for row in rows}

    async def stock(self, item: str) -> tuple[str, int, int]:
        """(state, reserved, sold) of an item."""
        async with self.database.look(SYSTEM) as look:
            row = await look.db.fetchrow("select state, reserved, sold from items where id = $1", item)
        assert row is not None
        return row["state"], row["reserved"], row["sold"]


async def a_market(database: Database) -> Market:
    """Two people and a provider."""
    return Market(database, FakeProvider(), await a_seller(database), await a_member(database))
