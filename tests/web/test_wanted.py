"""Wanted notes: a wish for the same, its budget, the answers, and the end of looking."""

import re
from typing import Any

import httpx

from xianji.kernel.work import NOBODY

from .browse import a_seller, a_seller_in_browser, csrf, in_browser
from .conftest import signed_in
from .test_notes import a_note


async def a_wish(site: Any, seen: str, **more: str) -> tuple[httpx.AsyncClient, str, str]:
    """Somebody who wants the same as in a note: their browser, the wanted note's address, the form token."""
    wisher = await in_browser(site, "13900139000")
    token = await csrf(wisher, f"/notes/{seen}")
    form = {"title": "求一盏灯", "kind": "wanted", "from_note": seen, "_csrf_token": token, **more}
    made = await wisher.post("/publish/note", data=form)
    assert made.status_code == 303, made.text
    return wisher, made.headers["location"], token


async def test_the_sheet_of_a_wish_begins_with_the_note_it_comes_from(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    seen = await a_note(host)
    wisher = await in_browser(site, "13900139000")
    sheet = (await wisher.get(f"/publish/note?kind=wanted&from_note={seen}")).text
    assert f'name="from_note" value="{seen}"' in sheet
    assert 'value="搬家出清"' in sheet
    assert 'name="wanted.budget"' in sheet
    assert 'name="wanted.category"' in sheet
    assert (await wisher.get("/publish/note?kind=wanted&from_note=nte_nothing")).status_code == 404
    away = await visitor.get(f"/publish/note?kind=wanted&from_note={seen}")
    assert away.headers["location"] == f"/sign-in?to=%2Fpublish%2Fnote%3Fkind%3Dwanted%26from_note%3D{seen}"


async def test_a_wish_keeps_its_budget_and_where_it_comes_from(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    seen = await a_note(host)
    wisher, note, token = await a_wish(site, seen, **{"wanted.budget": "60", "wanted.category": "furniture"})
    page = (await wisher.get("/api/v1" + note)).json()
    assert (page["kind"], page["from_note"], page["wanted_state"]) == ("wanted", seen, "open")
    assert page["wish"] == {"budget": {"amount": 6000, "currency": "CNY"}, "category": "furniture"}
    shown = (await visitor.get(note)).text
    assert all(words in shown for words in ("想要的是", "还在找", "¥</span>60", "我有这个"))
    sheet = (await wisher.get(note + "/edit")).text
    assert re.search(r'value="60"[^>]*id="f-wanted.budget"', sheet)
    form = {"version": "1", "title": "求一盏灯", "kind": "wanted", "wanted.budget": "75", "_csrf_token": token}
    form["version"] = str(page["version"])
    assert (await wisher.post(note + "/edit", data=form)).status_code == 303
    assert (await wisher.get("/api/v1" + note)).json()["wish"]["budget"]["amount"] == 7500


async def test_a_wish_for_a_note_nobody_sees_keeps_its_words(site: Any, database: Any) -> None:
    host, _ = await a_seller(site)
    seen = await a_note(host)
    await host.delete(f"/api/v1/notes/{seen}")
    wisher = await in_browser(site, "13900139000")
    token = await csrf(wisher, "/publish/note")
    form = {"title": "求一盏灯", "kind": "wanted", "from_note": seen, "_csrf_token": token}
    refused = await wisher.post("/publish/note", data=form)
    assert refused.status_code == 404
    assert 'value="求一盏灯"' in refused.text
    assert 'name="from_note"' not in refused.text
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from notes where kind = 'wanted'") == 0


async def test_wanting_the_same_over_the_api_makes_a_draft(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    seen = await a_note(host)
    wisher, _ = await signed_in(site, "13900139000")
    made = await wisher.post(f"/api/v1/notes/{seen}/want-same")
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["state"], made.json()["from_note"]) == ("wanted", "draft", seen)
    assert (await visitor.post(f"/api/v1/notes/{seen}/want-same")).status_code == 401


async def test_a_seller_answers_with_a_thing_on_sale_or_a_new_one(site: Any, database: Any) -> None:
    host, session = await a_seller(site)
    seen = await a_note(host)
    item = (await host.get(f"/api/v1/notes/{seen}")).json()["board"]["things"][0]["card"]["id"]
    wisher, note, wish_token = await a_wish(site, seen)
    seller = await in_browser(site, session=session)
    page = (await seller.get(note)).text
    assert f'<option value="{item}">落地灯' in page
    token = await csrf(seller, note)
    answered = await seller.post(note + "/comments", data={"item": item, "body": "我有", "_csrf_token": token})
    assert answered.status_code == 303, answered.text
    again = await seller.post(note + "/comments", data={"item": item, "_csrf_token": token})
    assert again.status_code == 409
    fresh = {"item": "", "item.title": "小台灯", "item.price": "30", "_csrf_token": token}
    assert (await seller.post(note + "/comments", data=fresh)).status_code == 303
    seen_by_owner = (await wisher.get(note)).text
    assert all(words in seen_by_owner for words in ("答复你的", "落地灯", "小台灯", "找到了，不再求购"))
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from wanted_answers") == 2
    await _only_the_owner_closes(site, wisher, note, wish_token)


async def _only_the_owner_closes(site: Any, wisher: httpx.AsyncClient, note: str, token: str) -> None:
    wanted = (await wisher.get("/api/v1" + note)).json()["wanted"]
    stranger = await a_seller_in_browser(site, "13700137000")
    theirs = await csrf(stranger, note)
    close = f"{note}/wanted/{wanted}/close"
    assert (await stranger.post(close, data={"_csrf_token": theirs})).status_code == 404
    assert (await wisher.post(close, data={"_csrf_token": token})).headers["location"] == note
    closed = (await stranger.get(note)).text
    assert "已经找到了" in closed
    assert "我有这个" not in closed
    late = {"item.title": "晚来的灯", "item.price": "30", "_csrf_token": theirs}
    refused = await stranger.post(note + "/comments", data=late)
    assert refused.status_code == 409
    assert 'value="晚来的灯"' in refused.text


async def test_the_feed_shows_wishes_alone(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    seen = await a_note(host)
    await a_wish(site, seen)
    page = (await visitor.get("/?kind=wanted")).text
    assert "求一盏灯" in page
    assert "搬家出清" not in page
