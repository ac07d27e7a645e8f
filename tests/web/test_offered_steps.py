"""What a page offers by itself: a deposit where a thing is kept for one, a word of thanks once a sale is done."""

from typing import Any

import httpx
import pytest

from tests.stories.town import form_of
from xianji.domains import orders
from xianji.kernel.db import Database

from .test_refunds import Hands
from .world import World, a_world


@pytest.fixture
async def world(database: Database, site: Any) -> World:
    return await a_world(database, site)


async def test_a_thing_says_that_it_is_kept_for_a_deposit(world: World, visitor: httpx.AsyncClient) -> None:
    seller, item = Hands(world, "json").client("seller"), await world.market.item(50_000)
    path = f"/api/v1/items/{item}/deposit"
    assert "留货" not in (await visitor.get(f"/items/{item}")).text
    assert (await seller.put(path, json={"kind": "refundable", "percent": 10})).status_code == 200
    assert "可付订金 ¥50 留货" in (await visitor.get(f"/items/{item}")).text
    assert "Deposit of ¥50 keeps it" in (
        await visitor.get(f"/items/{item}", headers={"accept-language": "en"})
    ).text.replace("CN¥", "¥")
    assert (await seller.put(path, json={"kind": "earnest", "percent": 20, "understood": True})).status_code == 200
    assert "可付定金 ¥100 留货" in (await visitor.get(f"/items/{item}")).text
    assert (await seller.put(path, json={})).status_code == 200
    assert "留货" not in (await visitor.get(f"/items/{item}")).text


async def test_a_completed_order_offers_thanks_once(world: World) -> None:
    order, offer = await world.market.shipped(), "想说声谢谢的话"
    hands = Hands(world, "forms")
    buyer, seller = hands.client("buyer"), hands.client("seller")
    assert offer not in (await buyer.get(f"/orders/{order}")).text
    async with world.database.work(world.actors["buyer"]) as work:
        await orders.confirm(work, order)
    for side in (buyer, seller):
        text = (await side.get(f"/orders/{order}")).text
        assert (text.count(offer), text.count(f'href="/orders/{order}/thanks"')) == (1, 1)
    path = f"/orders/{order}/thanks"
    form = form_of((await buyer.get(path)).text, path)
    assert (await buyer.post(path, data={**form, "words": "包得很仔细"})).status_code == 303
    after = (await buyer.get(f"/orders/{order}")).text
    assert ("包得很仔细" in after, offer in after, f'href="{path}"' in after) == (True, False, False)
    assert offer in (await seller.get(f"/orders/{order}")).text
