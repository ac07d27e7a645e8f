"""The feed, near and far, and its cursor."""

from typing import Any

import httpx

from .browse import a_seller
from .conftest import signed_in

HERE = {"lat": 31.22, "lon": 121.45}


async def test_the_feed_is_newest_first_and_goes_on_by_cursor(
    site: Any, visitor: httpx.AsyncClient, clock: Any
) -> None:
    host, _ = await signed_in(site)
    made = []
    for number in range(3):
        clock.move(minutes=1)
        made.append((await host.post("/api/v1/notes", json={"title": f"第 {number} 篇"})).json()["id"])
    first = (await visitor.get("/api/v1/feed", params={"limit": 2})).json()
    second = (await visitor.get("/api/v1/feed", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [card["id"] for card in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert (await visitor.get("/api/v1/feed", params={"cursor": "???"})).json()["code"] == "cursor_not_valid"
    assert (await visitor.get("/api/v1/feed", params={"limit": 1000})).status_code == 422


async def test_nearby_shows_what_is_near_and_keeps_no_point(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    near = (await host.post("/api/v1/notes", json={"title": "上海", "place": HERE})).json()["id"]
    await host.post("/api/v1/notes", json={"title": "北京", "place": {"lat": 39.92, "lon": 116.46}})
    found = (await visitor.get("/api/v1/feed", params={"tab": "nearby", **HERE})).json()["items"]
    assert [card["id"] for card in found] == [near]
    assert (await visitor.get("/api/v1/feed", params={"tab": "nearby", "lat": 91, "lon": 0})).status_code == 422
    asked = await visitor.get("/", params={"tab": "nearby"})
    assert 'name="city"' in asked.text
    kept = await visitor.post("/here", data={"lat": "31.22", "lon": "121.45"})
    assert kept.status_code == 303
    assert "31.2" not in kept.headers["set-cookie"]
    page = (await visitor.get("/", params={"tab": "nearby"})).text
    assert "上海</a>" in page
    assert "北京</a>" not in page
    assert (await visitor.post("/here", data={"lat": "nan", "lon": "x"})).status_code == 422
    visitor.cookies.set("cell", "12345")
    assert (await visitor.get("/", params={"tab": "nearby"})).status_code == 200


async def test_following_needs_somebody(site: Any, visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/api/v1/feed", params={"tab": "following"})).status_code == 401
    assert "登录后看你关注的人" in (await visitor.get("/", params={"tab": "following"})).text
    reader, _ = await signed_in(site)
    assert (await reader.get("/api/v1/feed", params={"tab": "following"})).json() == {"items": [], "next_cursor": None}


async def test_the_market_shows_things_by_category(site: Any, visitor: httpx.AsyncClient) -> None:
    host, _ = await a_seller(site)
    price = {"amount": 100, "currency": "CNY"}
    await host.post("/api/v1/items", json={"title": "一本书", "price": price, "category": "books"})
    await host.post("/api/v1/items", json={"title": "一台相机", "price": price, "category": "cameras"})
    books = (await visitor.get("/market", params={"category": "books"})).text
    assert "一本书" in books
    assert "一台相机" not in books
    english = await visitor.get("/market", headers={"accept-language": "en"})
    assert "Cameras" in english.text
    assert (await visitor.get("/market", params={"sort": "near"})).status_code == 200
