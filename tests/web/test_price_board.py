"""The market board as people and programs see it: in both languages, true at once, trades for operators alone."""

from typing import Any

import httpx

from tests.build import a_seller
from tests.prices.build import past_trades, summed
from xianji.domains import items
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

from .conftest import signed_in

EIGHT = [200_000, 202_000, 204_000, 206_000, 208_000, 210_000, 212_000, 214_000]


async def test_the_board_teaches_while_it_is_empty_and_fills_by_itself(
    visitor: httpx.AsyncClient, database: Database
) -> None:
    empty = await visitor.get("/prices")
    assert "还没有成交能上看板" in empty.text
    assert (await visitor.get("/api/v1/prices")).json()["busiest"] == []
    await past_trades(database, EIGHT)
    await summed(database)
    shown = await visitor.get("/prices")
    assert "iPhone 13" in shown.text
    assert "没有哪样涨得出了偶然的范围" in shown.text
    english = (await visitor.get("/prices", headers={"accept-language": "en"})).text
    assert "Market board" in english
    assert "8 sold" in english
    (line,) = (await visitor.get("/api/v1/prices?category=digital")).json()["busiest"]
    assert (line["product"]["code"], line["figures"]["middle"]["amount"]) == ("iphone-13", 207_000)
    assert (await visitor.get("/api/v1/prices?category=nothing")).status_code == 404
    assert "苹果" not in (await visitor.get("/prices?q=%3Cscript%3E")).text
    assert "/prices/iphone-14-pro-max" in (await visitor.get("/prices?q=iphone%2014")).text


async def test_a_model_says_how_its_price_comes_about_without_script(
    visitor: httpx.AsyncClient, database: Database
) -> None:
    few = await visitor.get("/prices/iphone-13")
    assert "满 8 笔、5 位卖家才显示价钱" in few.text
    assert "data-chart" not in few.text
    await past_trades(database, EIGHT, demo=True)
    await summed(database)
    page = (await visitor.get("/prices/iphone-13")).text
    assert "90 天内 8 笔成交，8 位卖家" in page
    assert "¥2,030–¥2,110" in page
    assert "这里有演示数据" in page
    assert "data-chart" in page
    assert "<table" in page
    assert "<style" not in page
    assert "style=" not in page
    told = (await visitor.get("/api/v1/prices/iphone-13")).json()
    assert (told["figures"]["demo"], len(told["history"])) == (True, 6)
    assert (await visitor.get("/prices/iphone-99")).status_code == 404


async def test_a_thing_and_the_sheet_say_what_its_like_was_sold_for(
    visitor: httpx.AsyncClient, database: Database
) -> None:
    seller = await a_seller(database)
    async with database.work(seller) as work:
        new = items.NewItem(title="iPhone 13 128G", price=Money(200_000), category="digital")
        phone = await items.publish_item(work, new)
        lamp = await items.publish_item(work, items.NewItem(title="台灯", price=Money(2_000)))
    assert "还只有 0 笔能算数的成交" in (await visitor.get(f"/items/{phone}")).text
    await past_trades(database, EIGHT)
    await summed(database)
    assert "¥2,030–¥2,110" in (await visitor.get(f"/items/{phone}")).text, "at once, though the page is kept"
    assert "price-context" not in (await visitor.get(f"/items/{lamp}")).text
    hint = {"title": "苹果13 国行", "category": "digital", "condition": ""}
    assert "¥2,030–¥2,110" in (await visitor.get("/publish/price-hint", params=hint)).text
    told = (await visitor.get("/api/v1/price-hints", params=hint)).json()
    assert (told["product"]["code"], told["figures"]["trades"]) == ("iphone-13", 8)
    hint["title"] = "苹果13 手机壳"
    assert (await visitor.get("/publish/price-hint", params=hint)).text.strip() == ""
    assert (await visitor.get("/api/v1/price-hints", params=hint)).json() is None


async def test_operators_see_why_a_trade_does_not_count(site: Any, database: Database) -> None:
    program, session = await signed_in(site)
    assert (await program.get("/api/v1/console/prices")).json()["code"] == "not_allowed"
    async with database.work(SYSTEM) as work:
        await work.db.execute(
            "insert into member_roles (member, role, granted_at) values ($1, 'moderator', now())",
            session["member"]["id"],
        )
    await past_trades(database, [100], excluded="circle")
    asleep = await program.get("/api/v1/console/prices")
    assert asleep.status_code == 403, "roles sleep until the code is shown"
