"""What is found for which wish, in which order, page by page; and that nothing anybody types breaks it."""

import time
from typing import Any

import pytest

from tests.items.build import WEST_LAKE, a_member, an_item, thing
from tests.notes.build import a_block, a_note
from xianji.domains import items, search
from xianji.domains.items import Place
from xianji.domains.search import Found
from xianji.kernel.config import set_value
from xianji.kernel.work import NOBODY, SYSTEM, Actor

from .conftest import Bench


async def found(bench: Bench, actor: Actor = NOBODY, cursor: str | None = None, limit: int = 24, **wish: Any) -> Found:
    async with bench.database.look(actor) as look:
        return await search.find(look, bench.reader, search.Ask(**wish), cursor, limit)


async def ids(bench: Bench, actor: Actor = NOBODY, **wish: Any) -> list[str]:
    return [card.id for card in (await found(bench, actor, **wish)).items]


async def test_a_thing_is_found_by_its_words_and_by_how_they_sound(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    desk = await an_item(database, lin, thing("折叠书桌", description="榉木做的"))
    phone = await an_item(database, lin, thing("iPhone 15 Pro 256G"))
    await bench.catch_up()
    for words, expected in (
        ("书桌", desk),
        ("書桌", desk),
        ("shuzhuo", desk),
        ("榉木", desk),
        ("ｉＰｈｏｎｅ15pro", phone),
        ("256GB", phone),
    ):
        assert (await ids(bench, text=words))[0] == expected, words
    assert (await found(bench, text="冰箱")).items == []


async def test_every_wish_narrows_and_its_facet_counts_what_it_would_be_without(database: Any, bench: Bench) -> None:
    lin, shop = await a_member(database, "lin"), await a_member(database, "shop", "professional")
    here = items.cell_of(*WEST_LAKE)
    near = thing("书桌一", 80, condition="like_new", category="furniture", handover=["meet"], place=Place(*WEST_LAKE))
    far = thing("书桌二", 200, condition="used", category="digital", handover=["ship"], place=Place(31.2, 121.4))
    one, two = await an_item(database, lin, near), await an_item(database, shop, far)
    await bench.catch_up()
    for wish in (
        {"category": "furniture"},
        {"high": 10_000},
        {"conditions": ("like_new",)},
        {"handover": "meet"},
        {"seller_type": "individual"},
        {"cell": here, "radius_km": 5.0},
    ):
        assert await ids(bench, text="书桌", **wish) == [one], wish
    narrowed = await found(bench, text="书桌", category="furniture")
    assert {facet.value: facet.count for facet in narrowed.facets["category"]} == {"furniture": 1, "digital": 1}
    assert {facet.value: facet.count for facet in narrowed.facets["conditions"]} == {"like_new": 1}
    assert await ids(bench, text="书桌", sort="price_desc") == [two, one]
    assert await ids(bench, text="书桌", sort="near", cell=here) == [one]
    assert await ids(bench, text="书桌", cell=here, radius_km=300.0, sort="price_asc") == [one, two]
    assert await ids(bench, text="书桌", city="杭州", low=20_000) == [two]


async def test_pages_show_each_thing_once_although_others_come_and_go(database: Any, bench: Bench, clock: Any) -> None:
    lin = await a_member(database, "lin")
    made = []
    for number in range(14):
        made.append(await an_item(database, lin, thing(f"书桌{number}", 10 + number % 3)))
        clock.move(seconds=1)
    await bench.catch_up()
    for sort in ("best", "new", "price_asc", "price_desc"):
        first = await found(bench, text="书桌", sort=sort, limit=5)
        seen = [card.id for card in first.items]
        gone = next(one for one in made if one not in seen)
        async with database.work(lin) as work:
            await items.pause(work, gone)
        await an_item(database, lin, thing("书桌新来的", 11))
        await bench.catch_up()
        cursor = first.next_cursor
        while cursor:
            page = await found(bench, text="书桌", sort=sort, limit=5, cursor=cursor)
            seen += [card.id for card in page.items]
            cursor = page.next_cursor
        assert len(set(seen)) == len(seen), sort
        assert set(made) - {gone} <= set(seen), sort
        assert gone not in seen
        made.remove(gone)


async def test_the_order_by_fit_goes_on_behind_what_is_weighed_one_by_one(
    database: Any, bench: Bench, clock: Any
) -> None:
    lin = await a_member(database, "lin")
    async with database.work(SYSTEM) as work:
        await set_value(work, "search.window", 4, "made for the test")
    database.book.forget()
    made = []
    for number in range(13):
        made.append(await an_item(database, lin, thing(f"书桌{number}")))
        clock.move(seconds=1)
    await bench.catch_up()
    seen, cursor = [], None
    while True:
        page = await found(bench, text="书桌", limit=3, cursor=cursor)
        seen += [card.id for card in page.items]
        if len(seen) == 6:  # on its way through the rest: one comes, one goes
            await an_item(database, lin, thing("书桌新来的"))
            gone = next(one for one in made if one not in seen)
            async with database.work(lin) as work:
                await items.pause(work, gone)
            await bench.catch_up()
        if (cursor := page.next_cursor) is None:
            break
    assert len(seen) == len(set(seen)) == 12
    assert set(seen) == set(made) - {gone}
    rest = [one for one in reversed(made) if one not in seen[:4] and one != gone]
    assert seen[4:] == rest  # the newest first


async def test_what_is_apart_is_not_counted_either(database: Any, bench: Bench) -> None:
    lin, shop, reader = [await a_member(database, name) for name in ("lin", "shop", "reader")]
    await an_item(database, lin, thing("书桌一", category="furniture"))
    kept = await an_item(database, shop, thing("书桌二", category="digital"))
    await a_note(database, lin, title="书桌笔记")
    await a_block(database, reader, lin)
    await bench.catch_up()
    for who, count, facets in ((reader, 1, {"digital": 1}), (NOBODY, 2, {"furniture": 1, "digital": 1})):
        page = await found(bench, who, text="书桌")
        assert (page.count, len(page.items)) == (count, count)
        assert {facet.value: facet.count for facet in page.facets["category"]} == facets
    assert (await found(bench, reader, text="书桌")).items[0].id == kept
    assert [(await found(bench, who, kind="note", text="书桌")).count for who in (reader, lin)] == [0, 1]
    assert [(await found(bench, who, kind="member", text="lin")).count for who in (reader, NOBODY)] == [0, 1]
    hidden = (await found(bench, reader, text="书桌一", category="furniture")).help
    assert hidden is not None
    assert [(one.without, one.count) for one in hidden.looser] == [("category", 1)]


async def test_facts_order_what_the_words_leave_equal(database: Any, bench: Bench, clock: Any) -> None:
    lin = await a_member(database, "lin")
    worn = await an_item(database, lin, thing("折叠书桌", 80, condition="heavy_wear"))
    fine = await an_item(database, lin, thing("折叠书桌", 80, condition="new"))
    clock.move(days=30)
    fresh = await an_item(database, lin, thing("折叠书桌", 80, condition="new"))
    await bench.catch_up()
    told = await found(bench, text="折叠书桌")
    assert [card.id for card in told.items] == [fresh, fine, worn]
    assert told.reasons[fresh]["fresh"] > told.reasons[fine]["fresh"]
    assert told.reasons[fine]["condition"] > told.reasons[worn]["condition"]


async def test_other_kinds(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "linlin")
    note = await a_note(database, lin, title="搬家甩卖", body="都在这儿 #毕业季#", items=[thing("折叠书桌")])
    await bench.catch_up()
    assert await ids(bench, kind="note", text="甩卖") == [note]
    assert await ids(bench, kind="note", text="书桌") == [note]
    assert await ids(bench, kind="member", text="linlin") == [lin.me]
    assert [one.name for one in (await found(bench, kind="topic", text="毕业")).items] == ["毕业季"]


async def test_help_where_nothing_is_found(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin, thing("谷子收纳", 80, category="furniture"))
    await an_item(database, lin, thing("Canon 相机", 900))
    await bench.catch_up()
    dear = (await found(bench, text="谷子", high=10)).help
    assert dear is not None
    assert [(one.without, one.count) for one in dear.looser] == [("price", 1)]
    misspelt = (await found(bench, text="cannon")).help
    assert misspelt is None or misspelt.did_you_mean == ["canon"]


@pytest.mark.parametrize("letters", ["shuzuo", "suzhuo", "shuzhwo", "shu zuo", "suzuo"])
async def test_what_no_title_sounds_like_is_offered_by_the_nearest_sound(
    database: Any, bench: Bench, letters: str
) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin, thing("折叠书桌"))
    await bench.catch_up()
    page = await found(bench, text=letters)
    assert page.help is not None
    assert page.help.did_you_mean[0] == "书桌"


async def test_lines_while_typing(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    for _ in range(2):
        await an_item(database, lin, thing("折叠书桌"))
    await a_note(database, lin, body="#折腾旧物#")
    await bench.catch_up()
    async with database.look(NOBODY) as look:
        for typed in ("折", "zhe", "zdsz"):
            told = [line.text for line in search.suggest(look, bench.reader, typed)]
            assert "折叠书桌" in told, typed
        assert "#折腾旧物" in [line.text for line in search.suggest(look, bench.reader, "折腾")]
        assert search.suggest(look, bench.reader, "") == []


async def test_lines_are_written_as_most_titles_write_them(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    for title in ("iPhone15 Pro 白", "iPhone 15 Pro 黑", "IPHONE 15 PRO 蓝", "MacBook Air 银"):
        await an_item(database, lin, thing(title))
    await bench.catch_up()
    async with database.look(NOBODY) as look:
        lines = search.suggest(look, bench.reader, "iph")
        assert ("iPhone 15 Pro", "/search?q=iPhone+15+Pro") in [(line.text, line.href) for line in lines]
        assert [line.text for line in lines if line.text != line.text.replace("iphone", "")] == []
        assert search.suggest(look, bench.reader, "macb")[0].text in ("MacBook", "MacBook Air")


HOSTILE = (
    "x" * 500,
    "书" * 500,
    "！？。，、…—" * 40,
    'title:* AND (id:"mark" OR NOT [a TO z}',
    "a\x00b",
    "\ud800",
    "'\"; drop table items; --",
    "\u202e\u200b\ufeff",
    " ".join(str(number) for number in range(170)),
    '+-&&||!(){}[]^"~*?:\\/',
    "\U0001f4f7" * 100,
)


@pytest.mark.parametrize("kind", ["item", "topic"])
async def test_nothing_anybody_types_is_an_error_or_slow(database: Any, bench: Bench, kind: str) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin)
    await bench.catch_up()
    async with database.look(NOBODY) as look:
        for text in HOSTILE:
            began = time.process_time()
            for sort in ("best", "new"):
                await search.find(look, bench.reader, search.Ask(text=text, kind=kind, sort=sort))
            search.suggest(look, bench.reader, text)
            assert time.process_time() - began < 0.5, text


async def test_only_marks_find_nothing_and_no_words_everything(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    item = await an_item(database, lin)
    await bench.catch_up()
    assert await ids(bench, text="！！！") == []
    assert await ids(bench, text="") == [item]


async def test_without_an_index_nothing_is_found_and_nothing_breaks(bench: Bench) -> None:
    assert (await found(bench, text="书桌")).items == []


async def test_what_is_wanted_and_what_is_free(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin)
    gift = await an_item(database, lin, thing("书桌送人", 0, kind="giveaway", way="pick"))
    wish = await a_note(database, lin, kind="wanted", title="收一张书桌", body="要折叠的")
    await bench.catch_up()
    assert await ids(bench, text="书桌", wanted=True) == [wish]
    assert await ids(bench, text="书桌", free=True) == [gift]


@pytest.mark.parametrize(("kilometres", "within"), [(1.0, 2), (5.0, 3), (15.0, 4), (40.0, 5), (400.0, 6)])
async def test_a_radius_holds_what_is_inside_and_nothing_else(
    database: Any, bench: Bench, kilometres: float, within: int
) -> None:
    """Things ever further north of West Lake: about 0, 0.7, 3.5, 11, 33 and 220 km."""
    lin = await a_member(database, "lin")
    lat, lon = WEST_LAKE
    made = [
        await an_item(database, lin, thing("书桌", 10 + number, place=Place(lat + north, lon)))
        for number, north in enumerate((0, 0.006, 0.031, 0.1, 0.3, 2.0))
    ]
    await bench.catch_up()
    here = items.cell_of(lat, lon)
    found_ids = await ids(bench, text="书桌", cell=here, radius_km=kilometres, sort="price_asc")
    assert found_ids == made[:within]
    if kilometres < 40:
        assert await ids(bench, text="书桌", cell=here, radius_km=kilometres, sort="near") == made[:within]
