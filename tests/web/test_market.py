"""The market's page and its JSON twin: what the address says narrows both alike."""

import re
from typing import Any

import httpx
import pytest

from tests.conftest import FakeClock

from .browse import a_seller

THINGS = (
    ("旧书", 1_000, {"condition": "used", "handover": ["ship"], "category": "books"}),
    ("新书", 2_000, {"condition": "new", "handover": ["meet"], "category": "books"}),
    ("台灯", 3_000, {}),
    ("送绿萝", 0, {"kind": "giveaway"}),
)


@pytest.fixture
async def market(site: Any, clock: FakeClock) -> None:
    seller, _ = await a_seller(site)
    for title, price, more in THINGS:
        clock.move(minutes=1)
        body = {"title": title, "price": {"amount": price, "currency": "CNY"}, **more}
        assert (await seller.post("/api/v1/items", json=body)).status_code == 201


def titles_on(page: str) -> list[str]:
    return re.findall(r'class="card-link clamp-2" href="/items/[^"]*">([^<]*)<', page)


@pytest.mark.parametrize(
    ("api", "page", "titles"),
    [
        ({}, {}, ["送绿萝", "台灯", "新书", "旧书"]),
        ({"sort": "price_asc"}, {"sort": "price_asc"}, ["送绿萝", "旧书", "新书", "台灯"]),
        ({"sort": "price_desc"}, {"sort": "price_desc"}, ["台灯", "新书", "旧书", "送绿萝"]),
        ({"min_price": 1_000, "max_price": 2_000}, {"low": "10", "high": "20.00"}, ["新书", "旧书"]),
        ({"condition": ["new", "used"]}, {"condition": ["new", "used"]}, ["新书", "旧书"]),
        ({"handover": "ship"}, {"handover": "ship"}, ["送绿萝", "台灯", "旧书"]),
        ({"free": "true"}, {"free": "1"}, ["送绿萝"]),
        ({"category": "books", "sort": "price_asc"}, {"category": "books", "sort": "price_asc"}, ["旧书", "新书"]),
        ({"min_price": 900_000}, {"low": "9000"}, []),
    ],
)
async def test_both_skins_show_the_same(
    market: None, visitor: httpx.AsyncClient, api: dict[str, Any], page: dict[str, Any], titles: list[str]
) -> None:
    told = (await visitor.get("/api/v1/items", params=api)).json()
    assert [one["title"] for one in told["items"]] == titles
    assert titles_on((await visitor.get("/market", params=page)).text) == titles


async def test_the_form_keeps_what_was_chosen_and_says_what_it_could_not_read(
    market: None, visitor: httpx.AsyncClient
) -> None:
    asked = {"category": "books", "sort": "price_desc", "low": "一百", "condition": ["new"], "handover": "meet"}
    page = (await visitor.get("/market", params=asked)).text
    assert titles_on(page) == ["新书"]
    assert 'value="一百"' in page
    assert "这里写个数" in page
    assert 'name="category" value="books"' in page
    assert 'name="sort" value="price_desc"' in page
    assert re.search(r'name="condition" value="new" checked', page)
    other = re.search(r'href="(/market\?[^"]*sort=price_asc[^"]*)"', page)
    assert other is not None
    assert {"category=books", "condition=new", "handover=meet"} <= set(other[1].partition("?")[2].split("&amp;"))


async def test_pages_follow_each_other_in_the_same_order(market: None, visitor: httpx.AsyncClient) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"sort": "price_desc", "limit": 1} | ({"cursor": cursor} if cursor else {})
        told = (await visitor.get("/api/v1/items", params=asked)).json()
        seen += [one["title"] for one in told["items"]]
        cursor = told["next_cursor"]
        if cursor is None:
            break
    assert seen == ["台灯", "新书", "旧书", "送绿萝"]
    for wrong in ({"min_price": -1}, {"condition": "shiny"}, {"sort": "best"}, {"limit": 101}):
        assert (await visitor.get("/api/v1/items", params=wrong)).status_code == 422
