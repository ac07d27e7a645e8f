"""A market whose people have been here for a season, and a board with trades of many of them."""

from datetime import timedelta

from tests.build import a_member, a_seller, long_here
from tests.refunds.build import Desk
from xianji.domains import items, orders
from xianji.domains.prices import jobs, store
from xianji.domains.prices.model import Reason
from xianji.domains.prices.store import NewTrade
from xianji.kernel.db import Database
from xianji.kernel.installation import today
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor


async def on_sale(
    desk: Desk, seller: Actor, title: str = "iPhone 13 128G", price: int = 200_000, **facts: object
) -> str:
    """A phone of this seller's."""
    async with desk.database.work(seller) as work:
        new = items.NewItem(title=title, price=Money(price), category="digital", **facts)  # type: ignore[arg-type]
        return await items.publish_item(work, new)


async def sold(desk: Desk, seller: Actor, buyer: Actor, item: str = "", **facts: object) -> str:
    """It is ordered, paid, met for and handed over; the reactions have heard of it. Returns the order."""
    desk.seller, desk.buyer = seller, buyer
    order = await desk.paid("meet", item or await on_sale(desk, seller, **facts))  # type: ignore[arg-type]
    code = (await desk.page(order)).meet_code
    async with desk.database.work(seller) as work:
        await orders.redeem(work, order, orders.Redeem(str(code)))
    await desk.react()
    return order


async def old_sellers(desk: Desk, count: int) -> list[Actor]:
    """Members who may sell and came a season ago."""
    made = [await a_seller(desk.database) for _ in range(count)]
    await long_here(desk.database)
    return made


async def reasons(database: Database) -> dict[str, Reason | None]:
    """Order → why it does not count."""
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select order_id, excluded from price_trades")
    return {row["order_id"]: row["excluded"] for row in rows}


async def past_trades(
    database: Database, prices: list[int], model: str = "iphone-13", days_ago: int = 5, begin: int = 0, **facts: object
) -> None:
    """Trades of so many days ago, each between two people of its own, noted as if they had been judged."""
    async with database.work(SYSTEM) as work:
        day = today(work) - timedelta(days=days_ago)
        rows = [
            NewTrade(
                order=f"ord_{model}_{begin + n}",
                number=1,
                item=f"itm_{n}",
                category="digital",
                model=model,
                variant="",
                condition=None,
                price=price,
                currency="CNY",
                quantity=1,
                seller=f"mbr_s{begin + n}",
                buyer=f"mbr_b{begin + n}",
                lineage=f"ord_{model}_{begin + n}",
                serial=None,
                day=day,
                at=work.now - timedelta(days=days_ago),
            )._replace(**facts)
            for n, price in enumerate(prices)
        ]
        await store.insert(work, rows)
        await store.mark_stale(work, [row._asdict() for row in rows])


async def summed(database: Database) -> int:
    """The worker's clock makes every sum that is due; returns how many there were."""
    (due,) = jobs.DUE
    async with database.look(SYSTEM) as look:
        found = await due.find(look, 1000)
    for id in found:
        async with database.work(SYSTEM) as work:
            await due.act(work, id)
    return len(found)


__all__ = ["a_member", "old_sellers", "on_sale", "past_trades", "reasons", "sold", "summed"]
