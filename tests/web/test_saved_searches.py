"""A search is saved where it is shown, and lives in a list with its rhythm; forms and JSON do the same."""

from typing import Any

from tests.stories.town import form_of
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from .test_orders import both


async def test_a_search_is_saved_from_its_page_and_kept_in_a_list(site: Any, database: Database) -> None:
    program, browser = await both(site)
    assert "保存这个搜索" not in (await browser.get("/search")).text
    page = (await browser.get("/search?q=书桌&high=100&condition=used&condition=new&handover=meet")).text
    form = form_of(page, "/me/searches")
    done = await browser.post("/me/searches", data={**form, "condition": ["used", "new"]})
    assert (done.status_code, done.headers["location"]) == (303, "/me/searches?ok=saved")
    (one,) = (await program.get("/api/v1/me/searches")).json()
    assert (one["name"], one["frequency"], one["ask"]["high"], one["ask"]["conditions"], one["ask"]["handover"]) == (
        "书桌",
        "instant",
        10_000,
        ["used", "new"],
        "meet",
    )
    here = f"/me/searches/{one['id']}"
    page = (await browser.get("/me/searches")).text
    assert "¥100 以内" in page
    assert "还没有新的" in page
    await browser.post(here, data=form_of(page, here) | {"name": "便宜的书桌", "frequency": "daily"})
    (one,) = (await program.get("/api/v1/me/searches")).json()
    assert (one["name"], one["frequency"]) == ("便宜的书桌", "daily")
    onward = await browser.get(here)
    assert onward.headers["location"].startswith("/search?q=")
    assert "high=100&handover=meet&condition=used&condition=new&sort=new" in onward.headers["location"]
    changed = await program.patch(f"/api/v1{here}", json={"frequency": "never"})
    assert [one["frequency"] for one in changed.json()] == ["never"]
    gone = await browser.post(
        f"{here}/remove", data=form_of((await browser.get("/me/searches")).text, f"{here}/remove")
    )
    assert gone.headers["location"] == "/me/searches?ok=removed"
    assert (await program.get("/api/v1/me/searches")).json() == []


async def test_a_search_for_nothing_is_not_saved_and_says_why(site: Any, database: Database) -> None:
    program, browser = await both(site)
    token = form_of((await browser.get("/search?q=书桌")).text, "/me/searches")
    refused = await browser.post("/me/searches", data={"_csrf_token": token["_csrf_token"]})
    assert refused.status_code == 422
    assert "这个搜索什么也没限定" in refused.text
    no = await program.post("/api/v1/me/searches", json={"name": "x", "ask": {"kind": "note", "text": "书桌"}})
    assert (no.status_code, no.json()["code"]) == (422, "only_things_are_watched")
    made = await program.post("/api/v1/me/searches", json={"name": "x", "ask": {"text": "书桌"}, "frequency": "daily"})
    assert (made.status_code, [one["frequency"] for one in made.json()]) == (201, ["daily"])
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from saved_searches") == 1
