"""A new key for everything sealed, and the copy of a member's data."""

import json
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import orders
from xianji.keeping import export_member, rotate_keys
from xianji.kernel.crypto import Keys, Ring, load_ring, store_ring
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.work import SYSTEM


async def a_trade_of_each_kind(market: Market) -> tuple[str, str, str]:
    """Orders with an address, a meeting and something delivered in writing."""
    shipped, met, written = await market.shipped(), await market.paid(), await market.paid("digital")
    async with market.database.work(market.buyer) as work:
        await orders.arrange(work, met, orders.Meeting("图书馆门口"))
    async with market.database.work(market.seller) as work:
        await orders.deliver_in_writing(work, written, orders.DeliverInWriting("链接在这里"))
    return shipped, met, written


async def test_everything_sealed_moves_to_the_new_key(
    market: Market, clock: FakeClock, keys: Keys, tmp_path: Path
) -> None:
    shipped, met, written = await a_trade_of_each_kind(market)
    file = tmp_path / "keys" / "ring.json"
    store_ring(file, keys.ring)
    said: list[str] = []
    done = await rotate_keys(market.database.dsn, {"XIANJI_HOME": str(tmp_path)}, said.append)
    ring = load_ring(file)
    assert (ring.current, ring.keys["k1"], len(ring.keys)) == ("k2", keys.ring.keys["k1"], 2)
    assert said[0] == "k2: new key, 2 in the ring"
    assert said[-1] == f"parcels: {done} sealed again"
    only_new = Keys(Ring("k2", {"k2": ring.keys["k2"]}, ring.hash_key, ring.sign_key))
    house = await Database(market.database.dsn, only_new, clock).open()
    try:
        async with house.look(market.buyer) as look:
            address = (await orders.order_page(look, shipped)).address
            meeting = (await orders.order_page(look, met)).meeting
            shipment = (await orders.order_page(look, written)).shipment
        async with house.work(SYSTEM) as work:
            assert await orders.reseal(work, 100) == 0
    finally:
        await house.close()
    assert address is not None
    assert meeting is not None
    assert shipment is not None
    assert (address["name"], meeting.place, shipment.content) == ("小周", "图书馆门口", "链接在这里")


async def test_resealing_goes_in_steps(market: Market, clock: FakeClock, keys: Keys) -> None:
    await a_trade_of_each_kind(market)
    house = await Database(market.database.dsn, Keys(keys.ring.rotated()), clock).open()
    steps = []
    for _ in range(3):
        async with house.work(SYSTEM) as work:
            steps.append(await orders.reseal(work, 2))
    await house.close()
    assert steps == [2, 1, 0]


async def test_a_member_gets_a_copy_from_every_room(market: Market, keys: Keys, tmp_path: Path) -> None:
    order = await market.paid("ship")
    store_ring(tmp_path / "keys" / "ring.json", keys.ring)
    environment = {"XIANJI_HOME": str(tmp_path)}
    async with market.database.look(SYSTEM) as look:
        handle = await look.db.fetchval("select handle from members where id = $1", market.buyer.me)
    copy = json.loads(await export_member(market.database.dsn, environment, handle))
    assert sorted(copy) == [
        "circles", "items", "ledger", "media", "members", "moderation", "notes", "orders", "payments",
        "refunds", "visits",
    ]  # fmt: skip
    assert [one["id"] for one in copy["orders"]["orders"]] == [order]
    assert copy["members"]["addresses"][0]["address"]["name"] == "小周"
    with pytest.raises(Refusal) as refused:
        await export_member(market.database.dsn, environment, "nobody-here")
    assert refused.value.code is NOT_FOUND
