"""Saved searches: what is new or newly cheaper is told to whom it concerns, once, and in batches."""

from typing import Any

import pytest

from tests.build import a_member, a_seller
from tests.conftest import FakeClock, readable
from tests.notes.build import a_block
from tests.notices.build import do, kinds, react, rows, told
from xianji.domains import items, search
from xianji.domains.items import EditItem, NewItem
from xianji.domains.search import Ask, EditSavedSearch, SaveSearch
from xianji.domains.search.saved_model import FINDS_KEPT_DAYS
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.worker import do_due


async def news(bench: Any) -> None:
    """The worker matches what is new, and the reactions tell it."""
    await bench.catch_up()
    while await search.match_news(bench.database, bench.reader):
        pass
    await react(bench.database)


async def saved(database: Database, who: Actor, name: str = "书桌", frequency: str = "instant", **wish: Any) -> str:
    ask = SaveSearch(name, Ask(**({"text": "书桌"} | wish)), frequency)  # type: ignore[arg-type]
    return str(await do(database, who, search.save_search, ask))


async def offered(database: Database, seller: Actor, title: str = "折叠书桌", price: int = 80, **more: Any) -> str:
    return str(await do(database, seller, items.publish_item, NewItem(title, Money(price * 100), **more)))


async def test_a_new_thing_is_told_once_to_everybody_who_looks_for_it(database: Database, bench: Any) -> None:
    seller, one, other, apart = [await a_seller(database) for _ in range(4)]
    for who in (one, other, apart, seller):
        await saved(database, who)
    await saved(database, one, "便宜的书桌", high=5_000)
    await saved(database, one, "冰箱", text="冰箱")
    await saved(database, other, "安静", "never")
    await a_block(database, apart, seller)
    desk = await offered(database, seller)
    await news(bench)
    await news(bench)
    (found,) = await told(database, one)
    assert (found.kind, found.link, found.title, found.facts) == (
        "search_found",
        f"/items/{desk}",
        "折叠书桌",
        {"search": "书桌", "count": 1},
    )
    assert await rows(database) == sorted([(one.me, "search_found"), (other.me, "search_found")])
    async with database.look(one) as look:
        mine = {saved.name: saved.found for saved in await search.saved_searches(look)}
    assert mine == {"冰箱": 0, "便宜的书桌": 0, "书桌": 1}


async def test_a_thing_that_became_cheap_enough_is_new(database: Database, bench: Any) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    desk = await offered(database, seller, price=80)
    id = await saved(database, buyer, high=6_000)
    await news(bench)
    assert await told(database, buyer) == []
    for version, price in ((1, 70), (2, 50), (3, 90), (4, 55)):
        await do(database, seller, items.edit_item, desk, EditItem(version, price=Money(price * 100)))
        await news(bench)
        assert len(await told(database, buyer)) == (0 if price == 70 else 1), price
    async with database.look(SYSTEM) as look:
        finds = await look.db.fetch("select search, item from saved_search_finds")
    assert [(row["search"], row["item"]) for row in finds] == [(id, desk)]


async def test_what_is_sold_before_it_is_matched_is_told_to_nobody(database: Database, bench: Any) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    await saved(database, buyer)
    desk = await offered(database, seller)
    await do(database, seller, items.pause, desk)
    await news(bench)
    assert await rows(database) == []
    await do(database, seller, items.resume, desk)
    await news(bench)
    assert await kinds(database, buyer) == ["search_found"]


async def test_all_words_have_to_fit(database: Database, bench: Any) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    await offered(database, seller, "iPhone 15 Pro 手机壳")
    await bench.catch_up()
    await saved(database, buyer, text="索尼 a7m4")
    await offered(database, seller, "索尼 a7m3 相机")
    await news(bench)
    assert await told(database, buyer) == []
    camera = await offered(database, seller, "索尼 A7M4 单机身")
    await news(bench)
    assert [one.link for one in await told(database, buyer)] == [f"/items/{camera}"]


async def test_a_digest_comes_once_a_day_at_its_hour(database: Database, bench: Any, clock: FakeClock) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    async with database.work(SYSTEM) as work:
        await set_value(work, "installation.time_zone", "UTC", "test")
        await set_value(work, "search.digest_hour", 19, "test")
    database.book.forget()
    await saved(database, buyer, frequency="daily")
    clock.move(hours=(18 - clock.now().hour) % 24)
    for title in ("折叠书桌", "实木书桌"):
        await offered(database, seller, title)
    await news(bench)
    assert await do_due(database, search.DUE) == 0
    clock.move(hours=1.5)
    assert await do_due(database, search.DUE) == 1
    await react(database)
    (digest,) = await told(database, buyer)
    assert (digest.kind, digest.facts) == ("search_digest", {"search": "书桌", "count": 2})
    await offered(database, seller, "儿童书桌")
    await news(bench)
    assert await do_due(database, search.DUE) == 0
    clock.move(days=1)
    assert await do_due(database, search.DUE) == 1
    clock.move(days=FINDS_KEPT_DAYS.default + 1)
    assert await do_due(database, search.DUE) == 1
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from saved_search_finds") == 0


async def test_a_search_is_renamed_slowed_down_and_removed_by_its_owner(database: Database) -> None:
    owner, other = await a_member(database), await a_member(database)
    id = await saved(database, owner)
    for verb, more in ((search.edit_saved_search, [EditSavedSearch("x")]), (search.remove_saved_search, [])):
        with pytest.raises(Refusal) as no:
            await do(database, other, verb, id, *more)
        assert no.value.code is NOT_FOUND
    await do(database, owner, search.edit_saved_search, id, EditSavedSearch("我的书桌", "daily"))
    async with database.look(owner) as look:
        (one,) = await search.saved_searches(look)
    assert (one.name, one.frequency, one.ask) == ("我的书桌", "daily", Ask(text="书桌"))
    await do(database, owner, search.remove_saved_search, id)
    async with database.look(owner) as look:
        assert await search.saved_searches(look) == []


@pytest.mark.parametrize(
    ("code", "wish"),
    [
        ("nothing_asked", {"text": " !? "}),
        ("only_things_are_watched", {"kind": "note"}),
        ("malformed", {"radius_km": 1e9, "cell": 1}),
        ("malformed", {"low": 10**15}),
        ("malformed", {"attributes": ("a=b",) * 21}),
        ("text_too_long", {"city": "杭" * 501}),
    ],
)
async def test_what_cannot_be_looked_for_is_not_saved(database: Database, code: str, wish: dict[str, Any]) -> None:
    member = await a_member(database)
    with pytest.raises(Refusal) as no:
        await saved(database, member, **wish)
    assert no.value.code.name == code
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from saved_searches") == 0


async def test_there_is_an_end_to_saving(database: Database) -> None:
    member = await a_member(database)
    async with database.work(SYSTEM) as work:
        await set_value(work, "search.saved_most", 1, "test")
    database.book.forget()
    await saved(database, member)
    with pytest.raises(Refusal) as no:
        await saved(database, member)
    assert no.value.code.name == "too_many_saved_searches"


async def test_who_leaves_looks_for_nothing(database: Database, bench: Any) -> None:
    member = await a_member(database)
    await saved(database, member)
    desk = await offered(database, await a_seller(database))
    await news(bench)
    async with database.look(SYSTEM) as look:
        kept = (await search.export_for(look, member.me))["saved_searches"]
    assert [(one["name"], one["found"]) for one in kept] == [("书桌", [desk])]
    await do(database, SYSTEM, search.scrub, member.me)
    await readable(database)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from saved_search_finds") == 0
