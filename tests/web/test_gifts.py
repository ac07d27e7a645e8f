"""Gifts by form: asked for with a reason, chosen or drawn by the giver, ordered for nothing."""

from typing import Any

import httpx
import pytest

from xianji.kernel.config import set_value
from xianji.kernel.work import NOBODY, SYSTEM

from .browse import a_seller_in_browser, csrf, in_browser
from .conftest import browser


@pytest.fixture(autouse=True)
async def nobody_waits(database: Any) -> None:
    """Whoever comes in these tests may ask at once."""
    async with database.work(SYSTEM) as work:
        await set_value(work, "items.gift_wait_hours", 0, "for these tests")
    database.book.forget()


async def a_gift(site: Any, way: str, **more: str) -> tuple[httpx.AsyncClient, str, str]:
    """A giver in a browser, the address of their gift, their form token."""
    giver = await a_seller_in_browser(site)
    token = await csrf(giver)
    form = {"title": "绘本一箱", "price": "0", "kind": "giveaway", "way": way, "_csrf_token": token, **more}
    made = await giver.post("/publish", data=form)
    assert made.status_code == 303, made.text
    return giver, made.headers["location"], token


async def an_asker(site: Any, item: str, phone: str, reason: str) -> tuple[httpx.AsyncClient, str, str]:
    """Somebody who asked for the gift: their browser, their id, their form token."""
    asker = await in_browser(site, phone)
    token = await csrf(asker, item)
    asked = await asker.post(item + "/requests", data={"reason": reason, "_csrf_token": token})
    assert asked.status_code == 303, asked.text
    return asker, (await asker.get("/api/v1/me")).json()["card"]["id"], token


async def test_the_giver_picks_one_and_they_order_for_nothing(site: Any, database: Any) -> None:
    giver, item, token = await a_gift(site, "pick", handover="meet")
    chosen, member, theirs = await an_asker(site, item, "13900139000", "正缺给孩子看的")
    other, _, _ = await an_asker(site, item, "13700137000", "")
    page = (await giver.get(item)).text
    assert all(words in page for words in ("正缺给孩子看的", "没有写理由", "送给 TA", "第一次领"))
    assert "等 TA 决定" in (await chosen.get(item)).text
    picked = await giver.post(item + "/requests/pick", data={"member": member, "_csrf_token": token})
    assert picked.headers["location"] == item
    assert "已经留给你了，去领" in (await chosen.get(item)).text
    assert "已经许给一位了" in (await other.get(item)).text
    assert "送给 TA" not in (await giver.get(item)).text
    ordered = await chosen.post(item + "/buy", data={"handover": "meet", "quantity": "1", "_csrf_token": theirs})
    assert ordered.status_code == 303, ordered.text
    assert "你已经领了" in (await chosen.get(item)).text
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch("select state, total, buyer from orders")
    assert [tuple(row) for row in rows] == [("awaiting_meeting", 0, member)]


async def test_a_drawn_gift_is_not_picked_and_a_withdrawn_asking_can_come_again(site: Any) -> None:
    giver, item, token = await a_gift(site, "draw")
    asker, _, theirs = await an_asker(site, item, "13900139000", "想要")
    page = (await giver.get(item)).text
    assert "抽一位</button>" in page
    assert "送给 TA" not in page
    await asker.post(item + "/requests/withdraw", data={"_csrf_token": theirs})
    open_again = (await asker.get(item)).text
    assert 'id="ask"' in open_again
    assert "等 TA 决定" not in open_again
    assert "抽一位</button>" not in (await giver.get(item)).text
    await asker.post(item + "/requests", data={"reason": "还是想要", "_csrf_token": theirs})
    assert (await giver.post(item + "/requests/draw", data={"_csrf_token": token})).status_code == 303
    assert "已经留给你了，去领" in (await asker.get(item)).text


async def test_first_come_is_theirs_at_once(site: Any) -> None:
    _, item, _ = await a_gift(site, "first_come")
    asker, _, _ = await an_asker(site, item, "13900139000", "")
    assert "已经留给你了，去领" in (await asker.get(item)).text


async def test_a_reason_too_long_stays_in_the_form(site: Any, database: Any) -> None:
    _, item, _ = await a_gift(site, "pick")
    asker = await in_browser(site, "13900139000")
    token = await csrf(asker, item)
    assert 'maxlength="100"' in (await asker.get(item)).text
    refused = await asker.post(item + "/requests", data={"reason": "想" * 101, "_csrf_token": token})
    assert refused.status_code == 422
    assert "想" * 101 in refused.text
    assert 'id="f-reason-error"' in refused.text
    async with database.look(NOBODY) as look:
        assert await look.db.fetchval("select count(*) from item_requests") == 0


async def test_who_asked_is_for_the_giver_and_the_own_asking_for_the_asker(site: Any) -> None:
    giver, item, _ = await a_gift(site, "pick")
    asker, _, _ = await an_asker(site, item, "13900139000", "正缺给孩子看的")
    stranger, nobody = await in_browser(site, "13700137000"), browser(site)
    for _ in range(2):
        pages = [(await client.get(item)).text for client in (giver, asker, stranger, nobody)]
        assert ["正缺给孩子看的" in page for page in pages] == [True, False, False, False]
        assert ["刚刚来的" in page for page in pages] == [True, False, False, False]
        assert ["等 TA 决定" in page for page in pages] == [False, True, False, False]
        assert ['id="ask"' in page for page in pages] == [False, False, True, True]


async def test_the_hint_of_a_gift_sold_on_is_for_giver_and_seller_in_their_words(site: Any) -> None:
    giver, item, _ = await a_gift(site, "first_come", handover="meet")
    taker = await a_seller_in_browser(site, "13900139000")
    token = await csrf(taker, item)
    assert (await taker.post(item + "/requests", data={"reason": "", "_csrf_token": token})).status_code == 303
    ordered = await taker.post(item + "/buy", data={"handover": "meet", "quantity": "1", "_csrf_token": token})
    assert ordered.status_code == 303, ordered.text
    form = {"title": "绘本一箱", "price": "20", "_csrf_token": token}
    sold = (await taker.post("/publish", data=form)).headers["location"]
    stranger, nobody = await in_browser(site, "13700137000"), browser(site)
    for _ in range(2):
        pages = [(await client.get(sold)).text for client in (giver, taker, stranger, nobody)]
        assert ["和不久前领到的" in page for page in pages] == [True, True, False, False]
        assert ["只是标题像" in page for page in pages] == [True, False, False, False]
        assert ["最近领来的东西" in page for page in pages] == [False, True, False, False]


async def test_a_gift_takes_no_offers(site: Any) -> None:
    _, item, _ = await a_gift(site, "pick")
    asker = await in_browser(site, "13700000009")
    led = await asker.get(f"{item}/offer")
    assert (led.status_code, led.headers["location"]) == (303, item)
