"""What a reader asks of their feed, through pages and programs: topics to follow, less of something, nobody's page."""

from typing import Any
from urllib.parse import quote

from tests.conftest import FakeClock
from xianji.kernel.db import Database

from .browse import a_seller, csrf, in_browser
from .conftest import browser, signed_in
from .test_seen import OTHER, a_note

TOPIC = f"/topics/{quote('相机')}"


async def test_a_topic_is_followed_from_its_page(site: Any) -> None:
    seller, _ = await a_seller(site)
    note = await a_note(seller, "样片", body="#相机")
    reader, session = await signed_in(site, OTHER)
    html = await in_browser(site, session=session)
    token = await csrf(html, TOPIC)
    assert "还没有新的" in (await html.get("/?tab=following")).text
    followed = await html.post(f"{TOPIC}/follow", data={"_csrf_token": token})
    assert (followed.status_code, followed.headers["location"]) == (303, TOPIC)
    assert "已关注" in (await html.get(TOPIC)).text
    assert "来自你关注的话题" in (await html.get("/?tab=following")).text
    assert "你关注的话题「相机」" in (await html.get("/")).text
    mine = (await reader.get("/api/v1/me/topics")).json()
    assert [(topic["shown"], topic["followed"]) for topic in mine] == [("相机", True)]
    me = (await reader.get("/api/v1/me")).json()["card"]["handle"]
    assert "#相机" in (await html.get(f"/u/{me}/following")).text
    assert "#相机" not in (await browser(site).get(f"/u/{me}/following")).text
    assert (await reader.post(f"/api/v1{TOPIC}/unfollow")).json()["followed"] is False
    assert note not in (await html.get("/?tab=following")).text


async def test_less_is_asked_for_from_the_card_and_taken_back_where_views_are(site: Any) -> None:
    seller, _ = await a_seller(site)
    note, other = await a_note(seller, "出台灯"), await a_note(seller, "出沙发")
    html = await in_browser(site, OTHER)
    link = f"/notes/{note}/less"
    assert link in (await html.get("/")).text
    assert link not in (await html.get("/?tab=nearby")).text
    assert link not in (await browser(site).get("/")).text
    page = (await html.get(link)).text
    assert page.count('action="/me/less"') == 3
    fragment = (await html.get(link, headers={"HX-Request": "true"})).text
    assert (fragment.count('hx-post="/me/less"'), "<html" in fragment) == (3, False)
    token = await csrf(html, link)
    said = await html.post("/me/less", data={"_csrf_token": token, "subject": f"n:{note}"})
    assert said.headers["location"] == "/?ok=less"
    home = (await html.get("/?ok=less")).text
    assert ("记下了" in home, note in home, other in home) == (True, False, True)
    swapped = await html.post(
        "/me/less", data={"_csrf_token": token, "subject": "c:furniture"}, headers={"HX-Request": "true"}
    )
    assert (swapped.status_code, "记下了" in swapped.text, "<html" in swapped.text) == (200, True, False)
    mine = (await html.get("/me/views")).text
    assert "这一篇「出台灯」" in mine
    assert mine.count('action="/me/less/take-back"') == 2
    back = await html.post("/me/less/take-back", data={"_csrf_token": token, "subject": f"n:{note}"})
    assert back.headers["location"] == "/me/views?ok=taken_back"
    assert "出台灯" not in (await html.get("/me/views")).text
    assert note in (await html.get("/")).text


async def test_a_program_says_less_too(site: Any) -> None:
    seller, _ = await a_seller(site)
    note = await a_note(seller)
    reader, _ = await signed_in(site, OTHER)
    choices = (await reader.get(f"/api/v1/notes/{note}/less")).json()
    assert [one["subject"][:2] for one in choices] == ["n:", "m:", "c:"]
    told = await reader.post("/api/v1/me/less", json={"subject": "c:furniture"})
    assert [one["subject"] for one in told.json()] == ["c:furniture"]
    assert (await reader.get("/api/v1/me/less")).json() == told.json()
    cards = (await reader.get("/api/v1/feed")).json()["items"]
    assert [card["parts"].get("less") for card in cards] == [-45.0]
    assert (await reader.post("/api/v1/me/less/take-back", json={"subject": "c:furniture"})).json() == []
    for wrong in ("x", "c:nothing", "m:mbr_1", "t:", "c:cameras'--"):
        assert (await reader.post("/api/v1/me/less", json={"subject": wrong})).status_code in (400, 404, 422), wrong


async def test_nobody_nowhere_has_one_ranked_page_for_all(site: Any, database: Database, clock: FakeClock) -> None:
    seller, _ = await a_seller(site)
    other, _ = await a_seller(site, OTHER)
    first = await a_note(seller, "第一篇")
    page = (await browser(site).get("/")).text
    assert first in page
    assert 'href="/?tab=nearby"' in page
    assert "先看附近" in page
    feed = (await browser(site).get("/api/v1/feed")).json()
    assert [set(card["parts"]) for card in feed["items"]] == [{"fresh"}]
    later = await a_note(other, "第二篇")
    assert later not in (await browser(site).get("/")).text
    clock.move(seconds=31)
    assert later in (await browser(site).get("/")).text
    await seller.delete(f"/api/v1/notes/{first}")
    assert first not in (await browser(site).get("/")).text
