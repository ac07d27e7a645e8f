"""Circles and topics."""

from typing import Any

import httpx

from xianji.domains import circles
from xianji.kernel.work import Actor

from .browse import csrf, in_browser
from .conftest import signed_in


async def a_circle(database: Any, member: str) -> str:
    async with database.work(Actor(member=member, roles=frozenset({"admin"}))) as work:
        asked = circles.FoundCircle(slug="linjiang", kind="campus", name="临江大学", name_en="Linjiang")
        return await circles.found_circle(work, asked)


async def test_join_and_leave_over_both_entrances(site: Any, database: Any, visitor: httpx.AsyncClient) -> None:
    _, host = await signed_in(site)
    circle = await a_circle(database, host["member"]["id"])
    member, session = await signed_in(site, "13900139000")
    assert (await member.post(f"/api/v1/circles/{circle}/join")).json()["members"] == 2
    assert (await member.post(f"/api/v1/circles/{circle}/leave")).json()["members"] == 1
    browser = await in_browser(site, session=session)
    form = {"_csrf_token": await csrf(browser, "/circles")}
    assert (await browser.post(f"/circles/{circle}/join", data=form)).status_code == 303
    seen = (await visitor.get("/api/v1/circles/linjiang")).json()
    assert (seen["members"], seen["joined"], seen["id"]) == (2, False, circle)
    assert [one["slug"] for one in (await member.get("/api/v1/circles", params={"mine": True})).json()["items"]] == [
        "linjiang"
    ]


async def test_the_pages_of_circles_and_topics(site: Any, database: Any, visitor: httpx.AsyncClient) -> None:
    member, session = await signed_in(site)
    circle = await a_circle(database, session["member"]["id"])
    note = await member.post("/api/v1/notes", json={"title": "毕业出清", "body": "#毕业季", "circle": circle})
    assert note.status_code == 201
    assert "临江大学" in (await visitor.get("/circles")).text
    page = await visitor.get("/circles/linjiang")
    assert "毕业出清" in page.text
    assert "Linjiang" in (await visitor.get("/circles/linjiang", headers={"accept-language": "en"})).text
    assert (await visitor.get("/circles/nowhere")).status_code == 404
    assert "毕业出清" in (await visitor.get("/topics/毕业季")).text
    assert (await visitor.get("/topics/毕业季", params={"shown": "items"})).status_code == 200
    assert (await visitor.get("/topics/没人用过")).status_code == 404
    assert (await visitor.get("/api/v1/topics/毕业季")).json()["notes"] == 1


async def test_strangers_set_no_rules(site: Any, database: Any) -> None:
    _, host = await signed_in(site)
    circle = await a_circle(database, host["member"]["id"])
    stranger, _ = await signed_in(site, "13900139000")
    rule = {"name": "circles.guest_stalls", "value": "forbid", "reason": "x"}
    assert (await stranger.post(f"/api/v1/circles/{circle}/rules", json=rule)).status_code == 404
    change = {"version": 1, "name": "我的了"}
    assert (await stranger.patch(f"/api/v1/circles/{circle}", json=change)).status_code == 404


async def test_own_lists_ask_to_sign_in(site: Any, visitor: httpx.AsyncClient) -> None:
    for path in ("/saved", "/drafts"):
        assert (await visitor.get(path)).headers["location"] == f"/sign-in?to={path}"
    _, session = await signed_in(site)
    browser = await in_browser(site, session=session)
    for path in ("/saved", "/drafts"):
        assert (await browser.get(path)).status_code == 200
