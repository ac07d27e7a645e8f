"""Circles and topics."""

from typing import Any

import httpx

from xianji.domains import circles
from xianji.kernel.work import Actor

from .browse import a_seller, csrf, in_browser
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


async def test_found_edit_and_rules_over_both_entrances(site: Any, database: Any, visitor: httpx.AsyncClient) -> None:
    host, session = await signed_in(site)
    browser = await in_browser(site, session=session)
    assert "/circles/new" in (await browser.get("/circles")).text
    token = {"_csrf_token": await csrf(browser, "/circles/new")}
    form = token | {"name": "西湖骑行", "slug": "West Lake", "kind": "interest", "description": "周末一起骑"}
    refused = await browser.post("/circles/new", data=form)
    assert refused.status_code == 422
    assert "周末一起骑" in refused.text
    assert "West Lake" in refused.text
    made = await browser.post("/circles/new", data=form | {"slug": "west-lake"})
    assert made.status_code == 303
    seen = (await visitor.get("/api/v1/circles/west-lake")).json()
    circle = seen["id"]
    assert made.headers["location"] == f"/circles/{circle}"
    assert (seen["name"], seen["members"], seen["notes"], seen["things"]) == ("西湖骑行", 1, 0, 0)

    assert "西湖骑行" in (await browser.get("/circles/west-lake/edit")).text
    change = token | {"version": "1", "name": "西湖慢骑", "city": "杭州"}
    assert (await browser.post(f"/circles/{circle}/edit", data=change)).status_code == 303
    seen = (await visitor.get("/api/v1/circles/west-lake")).json()
    assert (seen["name"], seen["city"], seen["description"], seen["version"]) == ("西湖慢骑", "杭州", "", 2)
    late = await browser.post(f"/circles/{circle}/edit", data=change | {"name": "晚了一步"})
    assert late.status_code == 409
    assert "晚了一步" in late.text

    rules = token | {
        "house_rules": "好好说话\n\n不催不骂",
        "guest_stalls": "approve",
        "who_posts": "members",
        "commercial_share": "50",
        "kinds_welcome": ["share", "sale"],
    }
    blank = await browser.post(f"/circles/{circle}/rules", data=rules)
    assert blank.status_code == 422
    assert "不催不骂" in blank.text
    done = await browser.post(f"/circles/{circle}/rules", data=rules | {"reason": "大家商量的"})
    assert done.headers["location"] == f"/circles/{circle}/rules?ok=saved"
    database.book.forget()
    page = (await visitor.get("/circles/west-lake/rules")).text
    for sentence in ("不催不骂", "要楼主点头", "欢迎这些笔记：分享、出闲置。", "卖东西的最多占 50%", "大家商量的"):
        assert sentence in page
    english = (await visitor.get("/circles/west-lake/rules", headers={"accept-language": "en"})).text
    assert "at most 50% may be for sale" in english
    told = (await visitor.get("/api/v1/circles/west-lake/rules")).json()
    assert [(one["name"], one["version"] > 0) for one in told["in_force"]] == [
        ("house_rules", True),
        ("guest_stalls", True),
        ("kinds_welcome", True),
        ("who_posts", False),
        ("commercial_share", True),
    ]
    body = {"house_rules": ["一条"], "kinds_welcome": ["share"], "reason": "简单点"}
    again = await host.put(f"/api/v1/circles/{circle}/rules", json=body)
    assert again.status_code == 200
    database.book.forget()
    now = (await visitor.get("/api/v1/circles/west-lake")).json()["rules"]
    assert (now["house_rules"], now["guest_stalls"], now["commercial_share"]) == (["一条"], "allow", 100)
    one = {"name": "guest_stalls", "value": "forbid", "reason": "试试"}
    assert (await host.post(f"/api/v1/circles/{circle}/rules", json=one)).status_code == 200


async def test_the_tabs_of_a_circle_say_their_numbers(site: Any, database: Any, visitor: httpx.AsyncClient) -> None:
    seller, session = await a_seller(site)
    await a_circle(database, session["member"]["id"])
    circle = (await visitor.get("/api/v1/circles/linjiang")).json()["id"]
    things = [{"title": f"台灯 {n}", "price": {"amount": 2000, "currency": "CNY"}} for n in range(3)]
    note = {"title": "毕业出清", "kind": "stall", "circle": circle, "items": things}
    assert (await seller.post("/api/v1/notes", json=note)).status_code == 201
    seen = (await visitor.get("/api/v1/circles/linjiang")).json()
    assert (seen["notes"], seen["things"]) == (1, 3)
    told = (await visitor.get("/api/v1/circles/linjiang/items")).json()
    assert sorted(one["title"] for one in told["items"]) == ["台灯 0", "台灯 1", "台灯 2"]
    page = (await visitor.get("/circles/linjiang?shown=items")).text
    assert "台灯 2" in page
    assert "毕业出清" not in page


async def test_a_circle_decides_who_posts_and_how_much_sells(site: Any, database: Any) -> None:
    host, session = await signed_in(site)
    circle = await a_circle(database, session["member"]["id"])
    guest, _ = await signed_in(site, "13900139000")
    await guest.post(f"/api/v1/circles/{circle}/join")
    say = {"reason": "试试"}
    await host.post(f"/api/v1/circles/{circle}/rules", json=say | {"name": "who_posts", "value": "hosts"})
    database.book.forget()
    note = {"title": "出一点", "body": "闲置", "kind": "sale", "circle": circle}
    answer = await guest.post("/api/v1/notes", json=note)
    assert (answer.status_code, answer.json()["code"]) == (409, "hosts_post_here")
    for name, value in (("who_posts", "members"), ("commercial_share", 50)):
        await host.post(f"/api/v1/circles/{circle}/rules", json=say | {"name": name, "value": value})
    database.book.forget()
    first = await guest.post("/api/v1/notes", json=note)
    assert first.status_code == 201
    assert (await guest.post("/api/v1/notes", json=note)).json()["code"] == "too_commercial"
    edit = {"version": first.json()["version"], "title": "还是这一篇"}
    assert (await guest.patch(f"/api/v1/notes/{first.json()['id']}", json=edit)).status_code == 200
    for number in range(2):
        shared = {"title": f"随手拍 {number}", "body": "湖边", "kind": "share", "circle": circle}
        assert (await guest.post("/api/v1/notes", json=shared)).status_code == 201
    assert (await guest.post("/api/v1/notes", json=note)).status_code == 201


async def test_own_lists_ask_to_sign_in(site: Any, visitor: httpx.AsyncClient) -> None:
    for path in ("/saved", "/drafts"):
        assert (await visitor.get(path)).headers["location"] == f"/sign-in?to={path}"
    _, session = await signed_in(site)
    browser = await in_browser(site, session=session)
    for path in ("/saved", "/drafts"):
        assert (await browser.get(path)).status_code == 200
