"""A wrong waybill over both entrances: the same rows, both numbers shown, what was typed kept when it is refused."""

from typing import Any

import pytest

from tests.refunds.build import a_waybill
from tests.stories.town import form_of, shown
from xianji.kernel.db import Database

from .test_refunds import ENTRANCES, Hands
from .world import World, a_world


@pytest.fixture
async def world(database: Database, site: Any) -> World:
    return await a_world(database, site)


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_a_wrong_number_is_crossed_out_and_the_right_one_counts(world: World, entrance: str) -> None:
    hands, wrong, right = Hands(world, entrance), a_waybill(), a_waybill()
    order = await world.market.shipped(wrong)
    path, seller = f"/orders/{order}/waybill", hands.client("seller")
    if entrance == "json":
        no = await seller.post(f"/api/v1{path}", json={"carrier": "sf", "waybill": wrong})
        assert (no.status_code, no.json()["code"]) == (422, "waybill_same")
        done = await seller.post(f"/api/v1{path}", json={"carrier": "sf", "waybill": right})
        assert (done.status_code, done.json()["shipment"]["waybill"]) == (200, right)
    else:
        form = form_of((await seller.get(path)).text, path)
        no = await seller.post(path, data={**form, "carrier": "sf", "waybill": "12"})
        assert (no.status_code, 'value="12"' in no.text) == (422, True)
        done = await seller.post(path, data={**form_of(no.text, path), "carrier": "sf", "waybill": right})
        assert (done.status_code, done.headers["location"]) == (303, f"/orders/{order}")
    page = await world.market.page(order)
    assert [move.verb for move in page.timeline][-2:] == ["ship", "correct_waybill"]
    reader = Hands(world, "forms")
    for role in ("buyer", "seller"):
        text = (await reader.client(role).get(f"/orders/{order}")).text
        assert f"<s>顺丰速运 {wrong}</s> 填错了" in text
        assert f"顺丰速运 {right}" in shown(text)
        assert (f'href="{path}"' in text) == (role == "seller")
    assert (await reader.client("buyer").get(path)).status_code == 303


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_so_it_is_with_what_goes_back(world: World, entrance: str) -> None:
    hands, desk, right = Hands(world, entrance), world.market, a_waybill()
    refund = await desk.asked(await desk.delivered(), "return")
    await desk.agree(refund)
    await desk.ship_back(refund)
    wrong = (await desk.refund(refund)).waybill
    await hands.act("buyer", refund, "waybill", carrier="sf", waybill=right)
    page = await desk.refund(refund)
    assert (page.waybill, page.timeline[-1].verb) == (right, "correct_waybill")
    text = (await Hands(world, "forms").client("seller").get(f"/refunds/{refund}")).text
    assert f"<s>买家 · 顺丰速运 {wrong}</s> 填错了" in text
