"""Things over both entrances: published, shown, changed, and what is refused."""

import re
from typing import Any

import httpx

from xianji.kernel.work import NOBODY

from .browse import a_seller, a_seller_in_browser, csrf, in_browser
from .conftest import signed_in

THING = {"title": "佳能 IXUS 130", "price": {"amount": 89900, "currency": "CNY"}}


async def test_a_thing_is_published_and_everybody_sees_it(site: Any, visitor: httpx.AsyncClient) -> None:
    seller, session = await a_seller(site)
    made = await seller.post("/api/v1/items", json={**THING, "stock": 2, "handover": ["meet"]})
    assert made.status_code == 201
    seen = (await visitor.get(f"/api/v1/items/{made.json()['id']}")).json()
    assert (seen["title"], seen["price"], seen["stock"], seen["state"]) == (
        "佳能 IXUS 130",
        {"amount": 89900, "currency": "CNY"},
        2,
        "live",
    )
    assert seen["mine"] is False
    theirs = await visitor.get(f"/api/v1/members/{session['member']['id']}/items")
    assert [card["id"] for card in theirs.json()["items"]] == [made.json()["id"]]
    page = await visitor.get(f"/items/{made.json()['id']}")
    assert page.status_code == 200
    assert f'href="/items/{made.json()["id"]}/buy"' in page.text
    assert 'property="og:title"' in page.text


async def test_the_form_leaves_the_same_row_as_the_api(site: Any, database: Any) -> None:
    seller, session = await a_seller(site)
    wish = {"kind": "sale", "stock": 1, "condition": "like_new", "category": "cameras", "handover": ["ship", "meet"]}
    wish |= {"description": "两行\n字", "bargain": False, "original_price": {"amount": 160050, "currency": "CNY"}}
    await seller.post("/api/v1/items", json={**THING, **wish, "attributes": {"shutter_count": "1200"}})
    browser = await in_browser(site, session=session)
    form = {"title": "佳能 IXUS 130", "price": "899", "stock": "1", "condition": "like_new", "category": "cameras"}
    form |= {"handover": ["ship", "meet"], "description": "两行\r\n字", "firm": "1", "original_price": "1,600.50"}
    form |= {"attributes.shutter_count": "1200", "attributes.mount": "", "deadline": "", "price_steps.0.at": ""}
    done = await browser.post("/publish", data={**form, "_csrf_token": await csrf(browser)})
    assert done.status_code == 303
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch(
            "select title, price, original_price, stock, condition, category, handover, description, bargain,"
            " attributes, state from items"
        )
    assert len(rows) == 2
    assert dict(rows[0]) == dict(rows[1])


async def test_a_refused_form_keeps_every_word_and_names_the_field(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    good = {"title": "一把好伞", "price": "20", "description": "下雨天用过两次", "_csrf_token": await csrf(browser)}
    wrong: dict[str, tuple[str, str]] = {
        "title": ("字" * 61, "title"),
        "price": ("-5", "price"),
        "stock": ("0", "stock"),
        "description": ("x\x07y", "description"),
        "original_price": ("1", "original_price"),
        "category": ("nothing", "category"),
        "condition": ("perfect", "condition"),
        "deadline": ("2020-01-01T10:00", "deadline"),
        "serial": ("12", "serial"),
        "media": ("med_" + "0" * 26, "media"),
        "place.lat": ("900", "place"),
    }
    for field, (value, named) in wrong.items():
        answer = await browser.post("/publish", data={**good, field: value})
        assert answer.status_code == 422, (field, answer.status_code)
        assert "一把好伞" in answer.text or field == "title", field
        assert 'aria-invalid="true"' in answer.text or "field-error" in answer.text or named == "place", field
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from items") == 0


async def test_huge_prices_and_wrong_types_are_refused_by_name(site: Any) -> None:
    seller, _ = await a_seller(site)

    async def code(**change: Any) -> tuple[int, str]:
        answer = await seller.post("/api/v1/items", json={**THING, **change})
        return answer.status_code, answer.json()["code"]

    assert await code(price={"amount": 1_000_001, "currency": "CNY"}) == (422, "price_over_cap")
    assert await code(price={"amount": -1, "currency": "CNY"}) == (422, "malformed")
    assert await code(price={"amount": 10**30, "currency": "CNY"}) == (422, "malformed")
    assert await code(price={"amount": 1.5, "currency": "CNY"}) == (422, "malformed")
    assert await code(price={"amount": 100, "currency": "USD"}) == (422, "wrong_currency")
    assert await code(price={"amount": 0, "currency": "CNY"}) == (422, "price_missing")
    assert await code(stock=0) == (422, "stock_not_valid")
    assert await code(title="") == (422, "text_empty")
    assert await code(title="字" * 61) == (422, "text_too_long")
    assert await code(title="a\u202eb") == (422, "text_turns_direction")
    assert await code(deadline="2020-01-01T00:00:00Z") == (422, "deadline_not_valid")
    assert await code(deadline="2026-03-10T00:00:00") == (422, "deadline_not_valid")
    assert await code(media=["med_" + "0" * 26]) == (422, "media_not_yours")
    assert await code(colour="red") == (422, "malformed")


async def test_an_expired_session_loses_nothing(site: Any, database: Any) -> None:
    _, session = await a_seller(site)
    browser = await in_browser(site, session=session)
    form = {"title": "旧书一摞", "price": "30", "description": "都读完了", "handover": ["meet"]}
    browser.cookies.set("xianji_session", "gone")
    answer = await browser.post("/publish", data={**form, "_csrf_token": "old"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?to=/resume/")  # test_resume goes on from there
    again = await in_browser(site, session=session)
    answer = await again.post("/publish", data={**form, "_csrf_token": ""})
    assert answer.status_code == 409
    assert "旧书一摞" in answer.text
    fresh = re.search(r'name="_csrf_token" value="([^"]+)"', answer.text)
    assert fresh is not None
    assert (await again.post("/publish", data={**form, "_csrf_token": fresh[1]})).status_code == 303
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from items") == 1


async def test_pressing_twice_publishes_once(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    form = {"title": "一盏灯", "price": "12.50", "_key": "pressed", "_csrf_token": await csrf(browser)}
    first, second = [await browser.post("/publish", data=form) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from items") == 1


async def test_a_form_from_another_site_changes_nothing(site: Any, database: Any) -> None:
    browser = await a_seller_in_browser(site)
    browser.headers["sec-fetch-site"] = "cross-site"
    answer = await browser.post("/publish", data={"title": "x", "price": "1", "_csrf_token": "guess"})
    assert answer.status_code == 403
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from items") == 0


async def test_verbs_move_only_ones_own_thing(site: Any) -> None:
    seller, _ = await a_seller(site)
    stranger, _ = await signed_in(site, "13900139000")
    item = (await seller.post("/api/v1/items", json=THING)).json()["id"]
    assert (await stranger.post(f"/api/v1/items/{item}/pause")).status_code == 404
    assert (await stranger.patch(f"/api/v1/items/{item}", json={"version": 1, "title": "mine"})).status_code == 404
    assert (await seller.post(f"/api/v1/items/{item}/pause")).json()["state"] == "paused"
    assert (await seller.post(f"/api/v1/items/{item}/resume")).json()["state"] == "live"
    assert (await seller.delete(f"/api/v1/items/{item}")).status_code == 204
    assert (await seller.get(f"/api/v1/items/{item}")).status_code == 404
    assert (await seller.get("/api/v1/items/itm_x")).status_code == 404


async def test_an_edit_by_form_takes_blank_answers_away(site: Any) -> None:
    browser = await a_seller_in_browser(site)
    token = await csrf(browser)
    form = {"title": "台灯", "price": "40", "description": "旧的", "condition": "used", "_csrf_token": token}
    made = (await browser.post("/publish", data=form)).headers["location"]
    page = await browser.get(made + "/edit")
    assert "旧的" in page.text
    change = {"version": "1", "title": "台灯", "price": "35", "description": "", "_csrf_token": token}
    done = await browser.post(made + "/edit", data=change)
    assert done.status_code == 303, done.text
    seen = (await browser.get("/api/v1" + made)).json()
    assert (seen["price"]["amount"], seen["description"], seen["condition"]) == (3500, "", None)
    assert (await browser.post(made + "/edit", data={**change, "price": "30"})).status_code == 409


async def test_categories_are_data(visitor: httpx.AsyncClient) -> None:
    found = (await visitor.get("/api/v1/categories")).json()
    cameras = next(one for one in found if one["code"] == "cameras")
    assert cameras["name"] == {"zh": "相机", "en": "Cameras"}
    assert "shutter_count" in [asked["code"] for asked in cameras["attributes"]]


async def test_a_table_is_read_row_by_row(site: Any) -> None:
    seller, _ = await a_seller(site)
    table = "title,price,stock\n好书,12.5,1\n坏价,abc,1\n没货,3,0\n".encode("gb18030")
    answer = await seller.post("/api/v1/items/import", files={"file": ("things.csv", table, "text/csv")})
    assert answer.status_code == 201
    assert [(row["row"], row["code"]) for row in answer.json()] == [
        (1, None),
        (2, "price_not_readable"),
        (3, "stock_not_valid"),
    ]


async def test_oembed_tells_of_a_thing_and_of_nothing_else(site: Any, visitor: httpx.AsyncClient) -> None:
    seller, _ = await a_seller(site)
    item = (await seller.post("/api/v1/items", json=THING)).json()["id"]
    told = await visitor.get("/oembed", params={"url": f"http://xianji.test/items/{item}"})
    assert (told.json()["title"], told.json()["type"]) == ("佳能 IXUS 130", "link")
    assert (await visitor.get("/oembed", params={"url": f"http://evil.test/items/{item}"})).status_code == 404


async def test_a_thing_says_who_pays_for_sending_it(site: Any, visitor: httpx.AsyncClient) -> None:
    seller, _ = await a_seller(site)
    money = {"amount": 1_200, "currency": "CNY"}
    base = {"title": "书架", "price": {"amount": 8_000, "currency": "CNY"}, "place_label": "徐汇"}
    cases: list[tuple[dict[str, Any], Any, str]] = [
        ({"handover": ["ship"], "shipping": money}, {"payer": "buyer", "amount": money, "origin": "徐汇"}, "运费 ¥12"),
        ({}, {"payer": "seller", "amount": money | {"amount": 0}, "origin": "徐汇"}, "包邮，运费卖家付 · 从徐汇寄出"),
        ({"handover": ["meet"]}, None, "面交"),
    ]
    for more, postage, words in cases:
        made = await seller.post("/api/v1/items", json={**base, **more})
        assert made.json()["postage"] == postage
        page = (await visitor.get(f"/items/{made.json()['id']}")).text
        assert words in page
        assert ("寄出" in page) == (postage is not None)


async def test_one_more_like_this(site: Any) -> None:
    seller, session = await a_seller(site)
    browser = await in_browser(site, session=session)
    body = {"title": "书架", "price": {"amount": 8_000, "currency": "CNY"}, "stock": 3, "description": "自己打的"}
    item = (await seller.post("/api/v1/items", json=body)).json()["id"]
    assert f"/publish?like={item}" in (await browser.get(f"/items/{item}")).text
    sheet = (await browser.get("/publish", params={"like": item})).text
    assert all(part in sheet for part in ('value="书架"', 'value="80"', "自己打的", 'action="/publish"'))
    _, stranger = await a_seller(site, "13900139000")
    nosy = await in_browser(site, session=stranger)
    assert (await nosy.get("/publish", params={"like": item})).status_code == 404
