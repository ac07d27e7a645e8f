"""A host's form for meeting places: the same list as over the API, what was typed kept, suggested at a meeting."""

from typing import Any

import pytest

from tests.stories.town import form_of, shown
from xianji.domains import circles
from xianji.kernel.db import Database

from .test_refunds import ENTRANCES, Hands
from .world import a_world

PLACE = {"name": "东门", "district": "东院", "address": "保安亭边", "lat": 30.31, "lon": 120.09}


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_a_host_adds_a_place_and_the_two_of_the_circle_see_it(
    database: Database, site: Any, entrance: str
) -> None:
    world = await a_world(database, site)
    hands, actors = Hands(world, entrance), world.actors
    async with database.work(actors["seller"]) as work:
        circle = await circles.found_circle(work, circles.FoundCircle(slug="linjiang", kind="campus", name="临江"))
    async with database.work(actors["buyer"]) as work:
        await circles.join_circle(work, circle)
    host, path = hands.client("seller"), f"/circles/{circle}/meeting-places"
    if entrance == "json":
        added = await host.post(f"/api/v1{path}", json=PLACE)
        assert (added.status_code, added.json()) == (200, [PLACE])
        assert (await host.get("/api/v1/circles/linjiang/meeting-places")).json() == [PLACE]
    else:
        page = await host.get("/circles/linjiang/places")
        wrong = await host.post(path, data={**form_of(page.text, path), **PLACE, "lat": ""})
        assert wrong.status_code == 422
        assert all(word in wrong.text for word in ("还差大概的位置", 'value="保安亭边"', 'value="120.09"'))
        added = await host.post(path, data={**form_of(wrong.text, path), **PLACE})
        assert (added.status_code, added.headers["location"]) == (303, f"/circles/{circle}/places")
    database.book.forget()
    order = await world.market.paid()
    sheet = await Hands(world, "forms").client("buyer").get(f"/orders/{order}/meeting")
    assert "东门（保安亭边）" in shown(sheet.text) or "东门（保安亭边）" in sheet.text
    remove = f"{path}/remove"
    if entrance == "json":
        assert (await host.post(f"/api/v1{remove}", json={"name": "东门"})).json() == []
    else:
        page = await host.get(f"/circles/{circle}/places")
        assert (await host.post(remove, data=form_of(page.text, remove))).status_code == 303
    async with database.look(actors["seller"]) as look:
        assert await circles.meeting_places_of(look, circle) == []
