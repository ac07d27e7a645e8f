"""No dead ends: every address a page offers leads somewhere, for a stranger and for somebody who sells."""

import re
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
from litestar.exceptions import NotFoundException

from tests.build import long_here

from .browse import a_seller, in_browser
from .test_reports import a_note

# Enough for every kind of page of a small site, few enough for a slow machine.
MOST = 120
OFFERED = re.compile(r'<a\b[^>]*?\shref="([^"]*)"|<form\b([^>]*)>')
HERE = "http://xianji.test"


def offered(page: str, at: str) -> tuple[set[str], set[str]]:
    """The addresses of links and of GET forms, and those that forms post to; only our own, without fragments."""
    links, posts = set(), set()
    for found in OFFERED.finditer(page):
        href, form = found.groups()
        target = href if form is None else (re.search(r'action="([^"]*)"', form) or ["", at])[1]
        where = urldefrag(urljoin(HERE + at, unescape(target)))[0]
        if urlsplit(where).netloc == "xianji.test":
            (posts if form is not None and 'method="post"' in form else links).add(where.removeprefix(HERE) or "/")
    return links, posts


def shape(address: str) -> str:
    """Pages that differ by an id or a cursor only are one kind of page."""
    path, _, query = address.partition("?")
    path = re.sub(r"[a-z]{3}_[0-9a-z]{26}", "ID", path)
    path = re.sub(r"^/(u|topics|circles)/[^/]+", r"/\1/NAME", path)
    return path + "?" + ",".join(sorted(part.partition("=")[0] for part in query.split("&")))


async def crawl(client: httpx.AsyncClient) -> tuple[dict[str, int], set[str]]:
    """The status of one page of each kind that can be reached from the front page, and where forms post to."""
    waiting, seen, found, posts = ["/"], {shape("/")}, {}, set[str]()
    while waiting and len(found) < MOST:
        address = waiting.pop(0)
        answer = await client.get(address)
        found[address] = answer.status_code
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        links, sent = offered(answer.text, address)
        posts |= sent
        for link in sorted(links):
            if shape(link) not in seen:
                seen.add(shape(link))
                waiting.append(link)
    assert not waiting, "more kinds of pages than the crawl looks at"
    return found, posts


def is_route(site: Any, path: str) -> bool:
    """Whether the application takes a POST at this path."""
    inner = site
    while not hasattr(inner, "routes"):
        inner = inner.app
    try:
        route, *_ = inner.asgi_router.handle_routing(path.partition("?")[0], "POST")
    except NotFoundException:
        return False
    return route is not None


def judge(site: Any, found: dict[str, int], posts: set[str]) -> None:
    assert {address: status for address, status in found.items() if status >= 400 and status != 401} == {}
    assert is_route(site, "/sign-out")
    assert not is_route(site, "/sign-out/nowhere")
    assert {path for path in posts if not is_route(site, path)} == set()


async def a_town(site: Any) -> tuple[httpx.AsyncClient, str]:
    """A seller's window, with a note, a thing, a comment of somebody else and a gift."""
    seller, session = await a_seller(site)
    note, _ = await a_note(seller)
    other, _ = await a_seller(site, "13900139000")
    theirs, _ = await a_note(other)
    stall = {"body": "我也有", "item": {"title": "一把凳", "price": {"amount": 900, "currency": "CNY"}}}
    assert (await other.post(f"/api/v1/notes/{note}/comments", json=stall)).status_code == 201
    assert (await seller.post(f"/api/v1/notes/{theirs}/comments", json={"body": "好看"})).status_code == 201
    return await in_browser(site, session=session), note


async def test_a_stranger_finds_no_dead_end(site: Any, visitor: httpx.AsyncClient) -> None:
    await a_town(site)
    found, posts = await crawl(visitor)
    judge(site, found, posts)
    assert len(found) > 10


async def test_a_seller_finds_no_dead_end(site: Any) -> None:
    window, _ = await a_town(site)
    found, posts = await crawl(window)
    judge(site, found, posts)
    assert {"/messages", "/me/cases", "/me/reports", "/settings/security", "/search", "/settings/notices"} <= set(found)


async def test_the_page_and_its_number_say_what_waits(site: Any, database: Any) -> None:
    seller, session = await a_seller(site)
    window = await in_browser(site, session=session)
    assert "还没有消息" in (await window.get("/messages")).text
    assert 'class="count"' not in (await window.get("/me")).text
    gift = {
        "title": "旧书架",
        "kind": "giveaway",
        "way": "pick",
        "handover": ["meet"],
        "price": {"amount": 0, "currency": "CNY"},
    }
    made = await seller.post("/api/v1/items", json=gift)
    assert made.status_code == 201, made.text
    item = made.json()["id"]
    other, _ = await a_seller(site, "13900139000")
    await long_here(database)
    asked = await other.post(f"/api/v1/items/{item}/requests", json={"reason": "刚搬来"})
    assert asked.status_code < 300, asked.text
    page = (await window.get("/messages")).text
    assert f'href="/items/{item}#asked"' in page
    assert page.count('<span class="count">1<') == 2
    assert (await other.get("/messages")).text.count('class="count"') == 0


async def test_a_newcomer_who_may_not_sell_yet_finds_no_dead_end(site: Any) -> None:
    await a_town(site)
    found, posts = await crawl(await in_browser(site, "13700137000"))
    judge(site, found, posts)
    assert "/verify" in found
