"""Search at the door: the page and the JSON over an index that has caught up."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import readable
from tests.items.build import a_member, an_item, thing
from tests.notes.build import a_note
from xianji.domains import items, search
from xianji.kernel.pages import PAGE_SIZE
from xianji.kernel.work import NOBODY
from xianji.web import questions


@pytest.fixture
async def caught_up(house: Any) -> AsyncIterator[Any]:
    """Lets the index read everything told so far."""
    follower = search.Follower(house.database, search.Folder(house.settings.search_folder))

    async def catch_up() -> None:
        await readable(house.database)
        while await follower.step():
            pass

    yield catch_up
    follower.close()


async def test_the_page_and_the_json_show_the_same(visitor: Any, database: Any, caught_up: Any) -> None:
    lin = await a_member(database, "lin")
    desk = await an_item(database, lin, thing("折叠书桌", 80, condition="like_new", category="furniture"))
    dear = await an_item(database, lin, thing("实木书桌", 900))
    await caught_up()

    told = (await visitor.get("/api/v1/search", params={"q": "书桌", "max_price": 10_000})).json()
    assert ([card["id"] for card in told["items"]], told["count"], told["next_cursor"]) == ([desk], 1, None)
    assert told["facets"]["conditions"] == [{"value": "like_new", "count": 1}]
    page = (await visitor.get("/search", params={"q": "书桌", "high": "100"})).text
    assert f"/items/{desk}" in page
    assert f"/items/{dear}" not in page


async def test_an_answer_is_kept_and_shows_what_is_true_now(
    visitor: Any, house: Any, database: Any, caught_up: Any
) -> None:
    """Kept while index and things stand still: what the index does not know yet and what is new in it count."""
    lin = await a_member(database, "lin")
    first, second = await an_item(database, lin), await an_item(database, lin)
    await caught_up()
    question = questions.SEARCH, NOBODY, house.index, search.Ask(text="书桌"), None, PAGE_SIZE

    async def asked() -> set[str]:
        answer = await visitor.get("/api/v1/search", params={"q": "书桌"})
        return {card["id"] for card in answer.json()["items"]}

    assert await asked() == {first, second}
    kept = await house.known.ask(*question)
    assert await asked() == {first, second}
    assert await house.known.ask(*question) is kept
    async with database.work(lin) as work:
        await items.pause(work, first)
    assert await asked() == {second}
    third = await an_item(database, lin)
    assert await asked() == {second}
    await caught_up()
    assert await asked() == {second, third}


async def test_days_and_lists_are_read_from_the_address(visitor: Any, database: Any, caught_up: Any) -> None:
    lin = await a_member(database, "lin")
    desk = await an_item(database, lin, thing("折叠书桌", 80, condition="used"))
    await caught_up()
    for asked, expected in (
        ({"days": 3, "condition": ["used", "new"], "seller_type": "individual"}, [desk]),
        ({"days": 3, "condition": "new"}, []),
        ({"seller_type": "professional"}, []),
        ({"city": "杭州", "sort": "price_asc"}, [desk]),
    ):
        answer = await visitor.get("/api/v1/search", params={"q": "书桌", **asked})
        assert (answer.status_code, [card["id"] for card in answer.json()["items"]]) == (200, expected), asked


async def test_wishes_that_cannot_be(visitor: Any) -> None:
    for asked in ({"days": 2}, {"kind": "house"}, {"radius_km": 0}, {"cursor": "x!"}, {"min_price": -1}):
        answer = await visitor.get("/api/v1/search", params={"q": "书桌", **asked})
        assert answer.status_code == (422 if asked != {"cursor": "x!"} else 200), asked
    assert (
        await visitor.get("/search", params={"q": "书桌", "days": "2", "km": "-1", "kind": "house"})
    ).status_code == 200


async def test_words_that_mean_a_deed_bring_its_card(visitor: Any) -> None:
    for words, href in (("快捷售卖", "/publish"), ("卖闲置", "/publish"), ("sell", "/publish"), ("退款", "/orders")):
        assert [
            card["href"] for card in (await visitor.get("/api/v1/search", params={"q": words})).json()["shortcuts"]
        ] == [href]
        assert f'<a class="shortcut" href="{href}">' in (await visitor.get("/search", params={"q": words})).text
    lines = (await visitor.get("/api/v1/search/suggestions", params={"q": "卖"})).json()
    assert {"text": "卖一件闲置", "kind": "shortcut", "href": "/publish"} in lines


async def test_nothing_found_says_what_to_try(visitor: Any, database: Any, caught_up: Any) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin, thing("折叠书桌", 80))
    await caught_up()
    page = (await visitor.get("/search", params={"q": "书桌", "high": "10"})).text
    assert "没有找到“书桌”" in page
    assert 'href="/search?q=%E4%B9%A6%E6%A1%8C"' in page  # the same without the price
    assert "不限价格" in page
    english = (await visitor.get("/search", params={"q": "书桌", "high": "10"}, headers={"accept-language": "en"})).text
    assert "Any price" in english


async def test_every_kind_has_its_tab(visitor: Any) -> None:
    for kind in ("item", "note", "member", "circle", "topic"):
        assert (await visitor.get("/search", params={"q": "书", "kind": kind})).status_code == 200


async def test_each_kind_has_the_wishes_it_knows(visitor: Any, database: Any, caught_up: Any) -> None:
    lin = await a_member(database, "lin")
    asks = await a_note(database, lin, title="书桌求一张", kind="wanted")
    tells = await a_note(database, lin, title="书桌改造", kind="share")
    await caught_up()
    fields = {
        "item": ("low", "condition", "handover", "seller", "days", "km", "free"),
        "note": ("seller", "days", "km", "free", "wanted"),
        "member": ("seller",),
        "circle": (),
        "topic": (),
    }
    for kind, own in fields.items():
        page = (await visitor.get("/search", params={"q": "书桌", "kind": kind})).text
        every = {"low", "condition", "handover", "seller", "days", "km", "free", "wanted"}
        assert {name for name in every if f' name="{name}"' in page} == set(own), kind
    narrowed = (await visitor.get("/search", params={"q": "书桌", "kind": "note", "wanted": "1"})).text
    assert (f"/notes/{asks}" in narrowed, f"/notes/{tells}" in narrowed) == (True, False)
    assert 'href="/search?q=%E4%B9%A6%E6%A1%8C&amp;kind=note"' in narrowed  # without the wish
    assert "不只看求购" in (await visitor.get("/search", params={"q": "改造", "kind": "note", "wanted": "1"})).text
    dropped = (await visitor.get("/search", params={"q": "书桌", "kind": "note", "low": "5", "condition": "new"})).text
    assert f"/notes/{tells}" in dropped


async def test_a_deed_without_results_shows_its_card_and_what_else_to_try(visitor: Any, caught_up: Any) -> None:
    for _ in range(2):
        page = (await visitor.get("/search", params={"q": "退款"})).text
        assert '<a class="shortcut" href="/orders">' in page
        assert "想做这件事，点上面那张卡" in page
        assert 'href="/market"' in page
        await caught_up()
