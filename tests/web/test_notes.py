"""Notes over both entrances: written with things, talked about, liked, and what the host decides."""

import re
from typing import Any

import httpx

from xianji.kernel.work import NOBODY

from .browse import a_seller, a_seller_in_browser, csrf, in_browser
from .conftest import signed_in

THING = {"title": "落地灯", "price": {"amount": 4500, "currency": "CNY"}}


async def a_note(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await client.post(
        "/api/v1/notes", json={"title": "搬家出清", "body": "都在 #搬家 里", "items": [THING], **more}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_note_is_published_with_its_things(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    note = await a_note(host, kind="stall", items=[THING, {**THING, "title": "书桌"}])
    seen = (await visitor.get(f"/api/v1/notes/{note}")).json()
    assert [thing["card"]["title"] for thing in seen["board"]["things"]] == ["落地灯", "书桌"]
    assert (seen["board"]["total"], seen["board"]["unsold"], seen["mine"]) == (2, 2, False)
    page = await visitor.get(f"/notes/{note}")
    assert page.status_code == 200
    assert 'href="/topics/%E6%90%AC%E5%AE%B6"' in page.text
    assert "登录后一起聊" in page.text


async def test_a_wrong_thing_is_named_and_nothing_is_published(site: Any, database: Any) -> None:
    host, _ = await a_seller(site)
    wrong = {**THING, "price": {"amount": 0, "currency": "CNY"}}
    answer = await host.post("/api/v1/notes", json={"title": "出", "items": [THING, wrong]})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "price_missing",
        "items.1.price",
    )
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select (select count(*) from notes) + (select count(*) from items)") == 0


async def test_a_guest_brings_a_thing_and_the_host_decides(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    guest, _ = await a_seller(site, "13900139000")
    note = await a_note(host, guest_stalls="approve")
    made = await guest.post(
        f"/api/v1/notes/{note}/comments", json={"body": "我也有", "item": {**THING, "title": "台灯"}}
    )
    assert made.status_code == 201
    item = made.json()["item"]
    assert (await visitor.get(f"/api/v1/notes/{note}")).json()["board"]["total"] == 1
    assert (await guest.post(f"/api/v1/notes/{note}/items/{item}/approve")).status_code == 404
    assert (await host.post(f"/api/v1/notes/{note}/items/{item}/approve")).json()["board"]["total"] == 2
    page = (await visitor.get(f"/notes/{note}")).text
    assert "台灯" in page
    assert (await host.post(f"/api/v1/notes/{note}/items/{item}/reject")).json()["board"]["total"] == 1


async def test_likes_and_saves_count_once(site: Any) -> None:
    host, _ = await a_seller(site)
    reader, _ = await signed_in(site, "13900139000")
    note = await a_note(host)
    for _ in range(2):
        assert (await reader.post(f"/api/v1/notes/{note}/like")).json() == {"on": True, "count": 1}
        assert (await reader.post(f"/api/v1/notes/{note}/save")).json() == {"on": True, "count": 1}
    assert [card["id"] for card in (await reader.get("/api/v1/saved")).json()["items"]] == [note]
    assert (await reader.post(f"/api/v1/notes/{note}/unlike")).json() == {"on": False, "count": 0}
    assert (await reader.post(f"/api/v1/notes/{note}/unsave")).json() == {"on": False, "count": 0}
    assert (await reader.get("/api/v1/saved")).json()["items"] == []


async def test_a_comment_by_form_keeps_its_words_when_refused(site: Any, database: Any) -> None:
    host, _ = await a_seller(site)
    note = await a_note(host, guest_stalls="allow")
    guest = await a_seller_in_browser(site, "13900139000")
    token = await csrf(guest, f"/notes/{note}")
    form = {"body": "带一件来", "item.title": "小凳子", "item.price": "很便宜", "_csrf_token": token}
    refused = await guest.post(f"/notes/{note}/comments", data=form)
    assert refused.status_code == 422
    assert all(word in refused.text for word in ("带一件来", "小凳子", "很便宜", 'id="f-item.price-error"'))
    done = await guest.post(f"/notes/{note}/comments", data={**form, "item.price": "15"})
    assert done.status_code == 303
    assert done.headers["location"].startswith(f"/notes/{note}#cmt_")
    empty = await guest.post(f"/notes/{note}/comments", data={"body": " ", "_csrf_token": token})
    assert empty.status_code == 422
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from comments") == 1
        assert await look.db.fetchval("select count(*) from items where title = '小凳子' and state = 'live'") == 1


async def test_strangers_see_no_drafts_and_change_nothing(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    stranger, _ = await signed_in(site, "13900139000")
    draft = await a_note(host, draft=True)
    assert [card["id"] for card in (await host.get("/api/v1/drafts")).json()["items"]] == [draft]
    for client in (stranger, visitor):
        assert (await client.get(f"/api/v1/notes/{draft}")).status_code == 404
        assert (await client.get(f"/notes/{draft}")).status_code == 404
    assert (await stranger.patch(f"/api/v1/notes/{draft}", json={"version": 1, "title": "x"})).status_code == 404
    assert (await visitor.post(f"/api/v1/notes/{draft}/like")).status_code == 401
    assert (await host.post(f"/api/v1/notes/{draft}/publish")).json()["state"] == "live"
    assert (await visitor.get(f"/notes/{draft}")).status_code == 200
    assert (await host.delete(f"/api/v1/notes/{draft}")).status_code == 204
    assert (await visitor.get(f"/notes/{draft}")).status_code == 404


async def test_ten_thousand_topics_are_refused(site: Any) -> None:
    host, _ = await signed_in(site)
    many = " ".join(f"#话{number}" for number in range(10_000))[:19_000]
    answer = await host.post("/api/v1/notes", json={"title": "t", "body": many})
    assert (answer.status_code, answer.json()["code"]) == (422, "text_too_long")
    answer = await host.post("/api/v1/notes", json={"title": "t", "body": many[:200]})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_topics")


async def test_an_edit_takes_blank_words_away(site: Any) -> None:
    _, session = await a_seller(site)
    browser = await in_browser(site, session=session)
    token = await csrf(browser)
    made = await browser.post(
        "/publish/note", data={"title": "旧标题", "body": "旧正文", "kind": "share", "_csrf_token": token}
    )
    assert made.status_code == 303
    note = made.headers["location"]
    sheet = (await browser.get(note + "/edit")).text
    version = re.search(r'name="version" value="(\d+)"', sheet)
    assert version is not None
    assert "旧正文" in sheet
    form = {"version": version[1], "title": "新标题", "body": "", "kind": "share", "_csrf_token": token}
    assert (await browser.post(note + "/edit", data=form)).status_code == 303
    seen = (await browser.get("/api/v1" + note)).json()
    assert (seen["title"], seen["body"]) == ("新标题", "")
    assert (await browser.post(note + "/edit", data=form)).status_code == 409


async def test_a_board_of_sixty_is_narrowed_alike_in_both_skins(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    things = [{"title": f"第 {n:02} 件", "price": {"amount": n * 100, "currency": "CNY"}} for n in range(1, 61)]
    made = await host.post("/api/v1/notes", json={"title": "搬家清空", "kind": "stall", "items": things})
    note = made.json()["id"]
    gone = [one["card"]["id"] for one in made.json()["board"]["things"]][:3]
    for item in gone:
        assert (await host.post(f"/api/v1/items/{item}/pause")).status_code == 200

    async def both(api: dict[str, Any], page: dict[str, Any]) -> list[str]:
        told = (await visitor.get(f"/api/v1/notes/{note}", params=api)).json()["board"]
        titles = [one["card"]["title"] for one in told["things"]]
        seen = (await visitor.get(f"/notes/{note}", params=page)).text
        assert re.findall(r'clamp-2" href="/items/[^"]*">([^<]*)<', seen) == titles
        assert (told["total"], told["unsold"]) == (60, 57)
        return titles

    every = [thing["title"] for thing in things]
    assert await both({}, {}) == every
    assert await both({"unsold": True}, {"unsold": "1"}) == every[3:]
    assert await both({"sort": "price_asc", "unsold": True}, {"sort": "cheap", "unsold": "1"}) == every[3:]
    assert await both({"min_price": 1_000, "max_price": 1_200}, {"low": "10", "high": "12"}) == every[9:12]
    assert await both({"min_price": 900_000}, {"low": "9000"}) == []
    assert await both({"radius_km": 3, "lat": 30.2, "lon": 120.1}, {"low": "9000"}) == []
    chips = (await visitor.get(f"/notes/{note}", params={"unsold": "1", "low": "10"})).text
    assert f'href="/notes/{note}?low=10#board"' in chips
    assert f'href="/notes/{note}?unsold=1&amp;low=10&amp;sort=cheap#board"' in chips
