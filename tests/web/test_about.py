"""The public pages say what the configuration says."""

import re

import httpx
import msgspec

from tests.notes.build import a_note, a_seller, thing
from xianji.console.machine import differences
from xianji.domains import items
from xianji.kernel import config
from xianji.kernel.work import SYSTEM


async def test_rules_follow_the_configuration(visitor, database) -> None:  # type: ignore[no-untyped-def]
    assert "30 分钟" in (await visitor.get("/rules", headers={"accept-language": "zh"})).text
    async with database.work(SYSTEM) as work:
        await config.set_value(work, "orders.pay_minutes", 45, "节日")
    database.book.forget()
    assert "45 分钟" in (await visitor.get("/rules", headers={"accept-language": "zh"})).text
    for path in ("/fees", "/safety", "/open", "/robots.txt"):
        assert (await visitor.get(path)).status_code == 200


async def test_metrics_are_for_this_machine_or_the_token(site, house) -> None:  # type: ignore[no-untyped-def]
    async def ask(place: str, **headers: str) -> int:
        transport = httpx.ASGITransport(app=site, client=(place, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://xianji.test") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    assert await ask("127.0.0.1") == 200
    assert await ask("127.0.0.1", **{"x-forwarded-for": "203.0.113.9"}) == 404
    assert await ask("203.0.113.9") == 404
    assert await ask("203.0.113.9", authorization="Bearer ") == 404
    house.settings = msgspec.structs.replace(house.settings, metrics_token="scrape")
    assert await ask("203.0.113.9", authorization="Bearer scrape") == 200
    assert await ask("203.0.113.9", authorization="Bearer scrapes") == 404


async def test_the_site_map_names_what_is_public_and_nothing_else(visitor, database) -> None:  # type: ignore[no-untyped-def]
    seller = await a_seller(database)
    note = await a_note(database, seller)
    async with database.work(seller) as work:
        item = await items.publish_item(work, thing())
        draft = await items.publish_item(work, thing(draft=True))
    text = (await visitor.get("/sitemap.xml")).text
    places = re.findall("<loc>http://xianji.test(/[^<]*)</loc>", text)
    assert {f"/notes/{note}", f"/items/{item}", "/", "/rules"} <= set(places)
    assert f"/items/{draft}" not in places
    for place in places:
        assert (await visitor.get(place)).status_code == 200, place
    assert "Sitemap: http://xianji.test/sitemap.xml" in (await visitor.get("/robots.txt")).text


def test_versions_of_a_setting_say_what_changed() -> None:
    assert differences(30, 30) == []
    assert differences(30, 45) == ["30 → 45"]
    before, after = {"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3, 4], "c": True}
    assert differences(before, after) == ["b[1]: 2 → 3", "b[2]: null → 4", "c: null → true"]
