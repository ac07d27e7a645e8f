"""Reserve, release, settle: counts, frozen facts, and one buyer for the last unit."""

import asyncio

import asyncpg
import msgspec
import pytest

from tests.conftest import FakeClock, readable
from tests.items.build import a_member, an_item, refused, snapshot, thing, tie, yuan
from xianji.domains import items
from xianji.kernel import outbox
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import NOBODY, SYSTEM, Actor


async def reserve(database: Database, buyer: Actor, item: str, quantity: int = 1) -> items.ReservedLine:
    async with database.work(buyer) as work:
        return await items.reserve(work, item, quantity)


async def test_reserved_units_come_back_or_are_sold(database: Database) -> None:
    seller, buyer = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(database, seller, thing(stock=3, condition="used", handover=["meet"]))
    line = await reserve(database, buyer, item, 2)
    assert (line.seller, line.quantity, line.price, line.condition, line.handover, line.version) == (
        seller.me, 2, yuan(80), "used", ["meet"], 1,
    )  # fmt: skip
    async with database.work(SYSTEM) as work:
        await items.release(work, item, 1)
        await items.settle(work, item, 1)
    row = await snapshot(database, item)
    assert (row["reserved"], row["sold"], row["state"]) == (0, 1, "live")
    await reserve(database, buyer, item, 2)
    async with database.work(SYSTEM) as work:
        await items.settle(work, item, 2)
    row = await snapshot(database, item)
    assert (row["reserved"], row["sold"], row["state"]) == (0, 3, "sold")
    await readable(database)
    async with database.look(NOBODY) as look:
        told = await outbox.read(look, Cursor(), 20)
    sold = [msgspec.json.decode(event.body) for event in told if event.kind == "items.sold.v1"]
    assert [(event["quantity"], event["left"]) for event in sold] == [(1, 2), (2, 0)]


async def test_why_a_reservation_is_refused(database: Database) -> None:
    seller, buyer = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(database, seller, thing(stock=2))

    async def why(who: Actor, thing: str, quantity: int = 1) -> tuple[str, dict[str, object]]:
        with pytest.raises(Refusal) as caught:
            await reserve(database, who, thing, quantity)
        return refused(caught)

    assert await why(buyer, item, 3) == ("item_sold_out", {"left": 2})
    assert await why(seller, item) == ("own_item", {})
    assert await why(buyer, "itm_" + "0" * 26) == ("not_found", {})
    async with database.work(seller) as work:
        await items.pause(work, item)
    assert await why(buyer, item) == ("item_not_for_sale", {})
    async with database.work(seller) as work:
        await items.resume(work, item)
    await tie(database, seller, "blocks", buyer)
    assert await why(buyer, item) == ("blocked_pair", {})
    assert (await snapshot(database, item))["reserved"] == 0


async def test_the_table_itself_refuses_impossible_counts(database: Database) -> None:
    item = await an_item(database, await a_member(database, "lin"))
    for change in ("reserved = 2", "sold = 2", "reserved = -1", "reserved = 1, sold = 1", "stock = 0"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.work(SYSTEM) as work:
                await work.db.execute(f"update items set {change} where id = '{item}'")


async def test_one_of_fifty_buyers_gets_the_last_unit(
    database: Database, dsn: str, keys: Keys, clock: FakeClock
) -> None:
    """Fifty connections, all at once, twenty-five times."""
    crowd = await Database(dsn, keys, clock, seed=1).open(readers=1, writers=50)
    seller = await a_member(database, "lin")
    buyers = [await a_member(database, f"buyer{number}") for number in range(50)]
    for _seed in range(25):
        item = await an_item(database, seller)
        outcome = await asyncio.gather(*(reserve(crowd, buyer, item) for buyer in buyers), return_exceptions=True)
        won = [result for result in outcome if isinstance(result, items.ReservedLine)]
        lost = [result for result in outcome if isinstance(result, Refusal)]
        assert (len(won), len(lost)) == (1, 49)
        assert {(refusal.code.name, refusal.facts["left"]) for refusal in lost} == {("item_sold_out", 0)}
        assert (await snapshot(database, item))["reserved"] == 1
    await crowd.close()
