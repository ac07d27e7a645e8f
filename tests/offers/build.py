"""Bargaining through the real verbs."""

from typing import Any

from tests.build import a_member, a_seller
from tests.orders.build import Market
from tests.payments.fake_provider import FakeProvider
from xianji.domains import offers, orders
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor


class Bargain(Market):
    """A market in which people talk about prices first."""

    async def offer(self, item: str, amount: int = 10_000, actor: Actor | None = None, message: str = "") -> str:
        """The buyer (or another) offers."""
        async with self.database.work(actor or self.buyer) as work:
            return await offers.make_offer(work, item, offers.NewOffer(Money(amount), message))

    async def accepted(self, item: str, amount: int = 10_000) -> str:
        """An offer the seller has said yes to."""
        offer = await self.offer(item, amount)
        await self.do(self.seller, offers.accept, offer)
        return offer

    async def do(self, actor: Actor, verb: Any, *arguments: Any) -> Any:
        """One verb in a work of its own."""
        async with self.database.work(actor) as work:
            return await verb(work, *arguments)

    async def see(self, offer: str, actor: Actor | None = None) -> offers.OfferView:
        """The offer as the buyer (or another) sees it."""
        async with self.database.look(actor or self.buyer) as look:
            return await offers.offer_page(look, offer)

    async def buy(self, *items: str, actor: Actor | None = None, quantity: int = 1, **more: Any) -> str:
        """An order face to face."""
        lines = [orders.WantedLine(item, quantity) for item in items]
        return str(await self.do(actor or self.buyer, orders.place_order, orders.PlaceOrder(lines, "meet", **more)))

    async def pass_time(self) -> None:
        """The worker does what is due for offers and orders."""
        for due in (*offers.DUE, *orders.DUE):
            async with self.database.look(SYSTEM) as look:
                found = await due.find(look, 1000)
            for id in found:
                async with self.database.work(SYSTEM) as work:
                    await due.act(work, id)

    async def rows(self) -> dict[str, int]:
        """How many rows of each kind there are."""
        async with self.database.look(SYSTEM) as look:
            row = await look.db.fetchrow(
                "select (select count(*) from offers) as offers, (select count(*) from offer_moves) as moves,"
                " (select count(*) from orders) as orders, (select count(*) from private_links) as links,"
                " (select count(*) from outbox) as told, (select coalesce(sum(tries), 0) from offer_pairs) as tries"
            )
        assert row is not None
        return dict(row)


async def a_bargain(database: Database) -> Bargain:
    """Two people and a provider."""
    return Bargain(database, FakeProvider(), await a_seller(database), await a_member(database))
