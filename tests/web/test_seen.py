"""What was seen comes in by a beacon, goes out to its member; the home tab says why, authors read how far they got."""

from typing import Any

import httpx

from tests.conftest import FakeClock
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM
from xianji.web.house import House

from .browse import a_seller, csrf, in_browser
from .conftest import browser, signed_in
from .test_console import an_operator

HERE = {"lat": 31.22, "lon": 121.45}
OTHER = "13900139000"


async def a_note(seller: httpx.AsyncClient, title: str = "搬家", **more: Any) -> str:
    thing = {"title": "台灯", "price": {"amount": 100, "currency": "CNY"}, "category": "furniture"}
    made = await seller.post(
        "/api/v1/notes", json={"title": title, "kind": "sale", "items": [thing], "place": HERE, **more}
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def views(database: Database) -> list[tuple[str, str, bool]]:
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select viewer, subject, opened from feed_views order by viewer")
    return [(row["viewer"], row["subject"], row["opened"]) for row in rows]


async def test_the_home_tab_says_why_and_passes_over_what_was_seen(site: Any, house: House, clock: FakeClock) -> None:
    seller, _ = await a_seller(site)
    reader, session = await signed_in(site, OTHER)
    note = await a_note(seller)
    page = (await reader.get("/api/v1/feed", params=HERE)).json()
    assert [card["id"] for card in page["items"]] == [note]
    assert [reason["code"] for reason in page["items"][0]["reasons"]] == ["near", "fresh"]
    assert page["personal"] is True
    html = await in_browser(site, session=session)
    html.cookies.set("cell", "613344512432930815")
    shown = (await html.get("/")).text
    assert f'data-seen="{note}"' in shown
    assert "就在你附近" in shown
    told = await reader.post("/api/v1/feed/seen", json={"subjects": [note], **HERE})
    assert told.status_code == 204
    await house.seen.flush()
    clock.move(seconds=6)
    assert (await reader.get("/api/v1/feed", params=HERE)).json()["items"] == []
    assert "新的都看过了" in (await html.get("/")).text
    assert note in (await reader.get("/api/v1/feed", params={"tab": "nearby", **HERE})).text


async def test_a_member_without_personal_order_is_told_so(site: Any, clock: FakeClock) -> None:
    await a_note((await a_seller(site))[0])
    reader, session = await signed_in(site, OTHER)
    html = await in_browser(site, session=session)
    assert "个性化推荐关着" not in (await html.get("/")).text
    token = await csrf(html, "/me/views")
    saved = await html.post("/me/feed", data={"_csrf_token": token, "history": "1"})
    assert saved.headers["location"] == "/me/views?ok=saved"
    assert "个性化推荐关着" in (await html.get("/")).text
    assert (await reader.get("/api/v1/me/feed")).json() == {"personal": False, "history": True}
    answer = await reader.post("/api/v1/me/feed", json={"personal": True, "history": True})
    assert answer.json() == {"personal": True, "history": True}


async def test_a_member_finds_and_erases_what_they_saw(site: Any, house: House, database: Database) -> None:
    seller, _ = await a_seller(site)
    one, two = await a_note(seller, "第一篇"), await a_note(seller, "第二篇")
    html = await in_browser(site, OTHER)
    token = await csrf(html, "/me/views")
    assert (await html.post("/seen", data={"_csrf_token": token, "ids": f"{one},{two},x,nte_1"})).status_code == 204
    assert (await html.post("/seen", data={"ids": one})).status_code == 409
    assert (await html.get(f"/notes/{two}")).status_code == 200
    await house.seen.flush()
    page = (await html.get("/me/views")).text
    assert "第一篇" in page
    assert "点开过" in page
    assert {(subject, opened) for _, subject, opened in await views(database)} == {(one, False), (two, True)}
    await html.post("/me/views/erase", data={"_csrf_token": token, "subject": one})
    assert [subject for _, subject, _ in await views(database)] == [two]
    await html.post("/me/views/erase", data={"_csrf_token": token})
    assert await views(database) == []


async def test_a_visitor_counts_by_a_signed_number_of_today(site: Any, house: House, database: Database) -> None:
    note = await a_note((await a_seller(site))[0])
    visitor = browser(site)
    first = await visitor.post("/seen", data={"ids": note})
    assert "visitor=" in first.headers["set-cookie"]
    await house.seen.flush()
    assert await views(database) == []
    assert "set-cookie" not in (await visitor.post("/seen", data={"ids": note})).headers
    await visitor.get(f"/notes/{note}")
    forged = browser(site)
    forged.cookies.set("visitor", "somebody.signature")
    await forged.post("/seen", data={"ids": note})
    await house.seen.flush()
    ((viewer, subject, opened),) = await views(database)
    assert (viewer[0], subject, opened) == ("~", note, True)


async def test_one_address_gets_few_numbers(site: Any) -> None:
    given = [(await browser(site).post("/seen", data={"ids": ""})).headers.get("set-cookie") for _ in range(70)]
    assert sum(one is not None for one in given) == 60


async def test_an_author_reads_how_far_it_got(site: Any, house: House) -> None:
    seller, mine = await a_seller(site)
    html = await in_browser(site, session=mine)
    reader, session = await signed_in(site, OTHER)
    note = await a_note(seller)
    await reader.post("/api/v1/feed/seen", json={"subjects": [note], "opened": True, **HERE})
    await house.seen.flush()
    found = (await seller.get(f"/api/v1/notes/{note}/reach")).json()
    assert (found["shown"], found["near_percent"], found["opened"], found["standing"]) == (1, 100, 1, "open")
    assert f"/notes/{note}/reach" in (await html.get(f"/notes/{note}")).text
    page = (await html.get(f"/notes/{note}/reach")).text
    assert "1 人看到，1 人点开" in page
    assert "正常推荐中" in page
    assert f"/notes/{note}/reach" not in (await (await in_browser(site, session=session)).get(f"/notes/{note}")).text


async def test_an_operator_makes_a_topic_and_gives_it_a_quota(
    site: Any, house: House, database: Database, clock: FakeClock
) -> None:
    desk, token = await an_operator(site, database, clock)
    for n in range(3):
        writer, _ = await signed_in(site, f"1380013810{n}")
        await writer.post("/api/v1/notes", json={"title": "再见", "body": "#分手 #闲置"})
    page = (await desk.get("/console/feed")).text
    assert "这几天 3 篇，之前 0 篇" in page
    wish = {"_csrf_token": token, "name": "215分手节", "tags": ["分手", "闲置"]}
    made = await desk.post("/console/feed/topics", data=wish)
    assert made.headers["location"].startswith("/topics/215")
    reader, _ = await signed_in(site, OTHER)
    assert (await reader.get("/api/v1/topics/215分手节")).json()["notes"] == 3
    quota = {"topic": "215分手节", "label": "分手节", "quota": "1", "starts_at": "2026-03-01T00:00"}
    refused = await desk.post("/console/feed/quotas", data={"_csrf_token": token, **quota, "ends_at": "x"})
    assert refused.status_code == 422
    assert 'value="分手节"' in refused.text
    given = await desk.post("/console/feed/quotas", data={"_csrf_token": token, **quota, "ends_at": "2026-04-01T00:00"})
    assert given.status_code == 303
    assert "0 / 1" in (await desk.get("/console/feed")).text
    labels = [card["label"] for card in (await reader.get("/api/v1/feed")).json()["items"]]
    assert labels.count("分手节") == 1
    assert all(card["label"] == "" for card in (await writer.get("/api/v1/feed")).json()["items"])
    assert "1 / 1" in (await desk.get("/console/feed")).text
