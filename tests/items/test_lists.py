"""Lists and pages: near by exact distance, keyset cursors, blocked people, one round trip."""

import pytest
from h3.api import basic_int as h3

from tests.conftest import FakeClock
from tests.items.build import WEST_LAKE, a_member, an_item, refused, snapshot, thing, tie, yuan
from xianji.domains import items
from xianji.domains.items import ItemCard, Place
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.pages import Page
from xianji.kernel.work import NOBODY, Actor


async def walk(database: Database, actor: Actor, **how: object) -> list[ItemCard]:
    found: list[ItemCard] = []
    cursor: str | None = None
    while True:
        async with database.look(actor) as look:
            page: Page[ItemCard] = await items.live_items(look, cursor=cursor, limit=3, **how)  # type: ignore[arg-type]
        found += page.items
        assert len(page.items) <= 3
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


async def test_near_is_ordered_by_the_distance_of_cells(database: Database, clock: FakeClock) -> None:
    seller = await a_member(database, "lin")
    home = items.cell_of(*WEST_LAKE)
    spread = [
        h3.cell_to_latlng(cell) for ring in (0, 3, 1, 12, 7, 1, 5) for cell in sorted(h3.grid_ring(home, ring))[:1]
    ]
    placed: dict[str, int] = {}
    for lat, lon in spread:
        clock.move(minutes=1)
        item = await an_item(database, seller, thing(place=Place(lat, lon, "西湖")))
        placed[item] = items.metres_between(home, items.cell_of(lat, lon))
    far = next(iter(h3.grid_ring(home, 13)))
    outside = await an_item(database, seller, thing(place=Place(*h3.cell_to_latlng(far))))
    nowhere = await an_item(database, seller)
    found = await walk(database, NOBODY, tab="near", cell=home)
    expected = sorted(placed, key=lambda item: (placed[item], -list(placed).index(item)))
    assert [card.id for card in found] == expected
    assert [card.distance_km for card in found] == [items.kilometres(placed[item]) for item in expected]
    assert found[0].distance_km == 0
    newest = await walk(database, NOBODY, cell=home)
    assert {card.id for card in newest} == {nowhere, outside, *placed}
    assert len(newest) == 9
    assert {card.id: card.distance_km for card in newest}[nowhere] is None


def test_distances_match_the_sphere() -> None:
    """Two cells whose centres are known: the great circle on a sphere of 6371.007 km radius."""
    from math import asin, cos, radians, sin, sqrt

    one, other = items.cell_of(30.2460, 120.1490), items.cell_of(31.2304, 121.4737)
    (lat1, lon1), (lat2, lon2) = (map(radians, h3.cell_to_latlng(cell)) for cell in (one, other))
    arc = 2 * asin(sqrt(sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2))
    assert abs(items.metres_between(one, other) - arc * 6_371_007.18) < 2
    assert items.kilometres(166_400) == 166
    assert items.kilometres(940) == 0.9


async def test_new_walks_everything_once_even_when_moments_are_equal(database: Database, clock: FakeClock) -> None:
    seller = await a_member(database, "lin")
    listed = []
    for number in range(8):
        if number % 3 == 0:
            clock.move(minutes=1)
        listed.append(await an_item(database, seller, thing(category="books" if number % 2 else None)))
    moments = {item: (await snapshot(database, item))["listed_at"] for item in listed}
    expected = sorted(listed, key=lambda item: (moments[item], item), reverse=True)
    assert [card.id for card in await walk(database, NOBODY)] == expected
    books = [item for item in expected if listed.index(item) % 2]
    assert [card.id for card in await walk(database, NOBODY, only=items.MarketFilter(category="books"))] == books


async def test_following_and_blocking(database: Database) -> None:
    viewer = await a_member(database, "viewer")
    liked, stranger, blocker = [await a_member(database, name) for name in ("liked", "stranger", "blocker")]
    mine = {who.me: await an_item(database, who) for who in (liked, stranger, blocker)}
    await tie(database, viewer, "follows", liked)
    await tie(database, viewer, "follows", blocker)
    await tie(database, blocker, "blocks", viewer)
    assert [card.id for card in await walk(database, viewer, tab="following")] == [mine[liked.me]]
    assert {card.id for card in await walk(database, viewer)} == {mine[liked.me], mine[stranger.me]}
    assert {card.id for card in await walk(database, NOBODY)} == set(mine.values())
    async with database.look(viewer) as look:
        assert await items.cards(look, [mine[blocker.me]]) == []
        assert (await items.seller_items(look, blocker.me)).items == []
        with pytest.raises(Refusal) as caught:
            await items.item_page(look, mine[blocker.me])
    assert refused(caught) == ("not_found", {})


async def test_a_seller_sees_drafts_and_strangers_do_not(database: Database) -> None:
    seller = await a_member(database, "lin")
    live, draft = await an_item(database, seller), await an_item(database, seller, thing(draft=True))
    gone = await an_item(database, seller)
    async with database.work(seller) as work:
        await items.remove(work, gone)
    everything = ("live", "draft", "removed", "screening")
    async with database.look(seller) as look:
        own = await items.seller_items(look, seller.me, everything)
        actions = (await items.item_page(look, live)).actions
    async with database.look(NOBODY) as look:
        shown = await items.seller_items(look, seller.me, everything)
    assert {card.id for card in own.items} == {live, draft}
    assert [card.id for card in shown.items] == [live]
    assert actions == ["pause", "expire", "remove", "edit"]


async def test_shared_words_say_the_live_state(database: Database) -> None:
    seller = await a_member(database, "lin")
    item = await an_item(database, seller, thing(condition="used", place_label="西湖区"))
    gift = await an_item(database, seller, thing("旧书", 0, kind="giveaway"))
    async with database.work(seller) as work:
        await items.pause(work, item)
    async with database.look(NOBODY) as look:
        page, free = await items.item_page(look, item), await items.item_page(look, gift)
    assert (page.share.path, page.share.zh, page.share.en) == (
        f"/items/{item}",
        "折叠书桌\n¥80 · 明显使用痕迹 · 西湖区 · 暂时不卖",
        "折叠书桌\n¥80 · Used · 西湖区 · Paused",
    )
    assert (free.share.zh, free.share.en, free.price) == ("旧书\n免费送", "旧书\nFree", yuan(0))
