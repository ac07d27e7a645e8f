"""Public places to meet at: the shorter longest way first, and nothing exact before the order is paid."""

from typing import Any

import msgspec
import pytest

from tests.build import a_member
from tests.orders.build import Market
from xianji.domains import circles, items, orders
from xianji.domains.circles import MeetingPlace, SetMeetingPlaces
from xianji.kernel import config
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.work import SYSTEM, Actor

HALL = MeetingPlace("西湖文化广场地铁站", "拱墅", "C 口外的书报亭", 30.2797, 120.1630)
MALL = MeetingPlace("武林银泰", "拱墅", "一楼南门咖啡座", 30.2731, 120.1630)
CAMPUS = MeetingPlace("图书馆大厅", "西湖", "浙大玉泉校区图书馆一楼", 30.2635, 120.1236)
FAR = MeetingPlace("杭州东站", "上城", "二层 15 号检票口对面", 30.2909, 120.2126)
HOME = {"lat": 30.2640, "lon": 120.1240}


async def put(market: Market, *places: MeetingPlace) -> None:
    async with market.database.work(SYSTEM) as work:
        await config.set_value(work, "circles.meeting_places", msgspec.to_builtins(list(places)), "开城")
    market.database.book.forget()


async def spots(market: Market, order: str, actor: Actor | None = None, mine: int | None = None) -> list[Any]:
    async with market.database.look(actor or market.buyer) as look:
        return await orders.meeting_spots(look, order, mine)


async def test_before_payment_there_are_districts_and_only_afterwards_places(market: Market) -> None:
    await put(market, FAR, HALL, MALL, CAMPUS)
    item = await market.item(place=items.Place(**HOME, label="西湖"))
    order = await market.placed("meet", item)
    unpaid = await spots(market, order)
    assert [(spot.district, spot.name, spot.address) for spot in unpaid] == [
        ("西湖", "", ""), ("拱墅", "", ""), ("上城", "", ""),
    ]  # fmt: skip
    for secret in (place.name for place in (HALL, MALL, CAMPUS, FAR)):
        assert secret not in repr(unpaid) + repr(await market.page(order))
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    for actor in (market.buyer, market.seller):
        paid = await spots(market, order, actor)
        assert [spot.name for spot in paid] == [place.name for place in (CAMPUS, MALL, HALL, FAR)]
        assert (paid[0].address, paid[0].kilometres) == (CAMPUS.address, 0.0)
    async with market.database.work(market.buyer) as work:
        await orders.cancel_paid(work, order, orders.Cancel(""))
    assert await spots(market, order) == []


async def test_the_way_of_both_counts(market: Market) -> None:
    await put(market, HALL, CAMPUS, FAR)
    order = await market.paid("meet", await market.item(place=items.Place(**HOME, label="西湖")))
    mine = items.cell_of(FAR.lat, FAR.lon)
    assert [spot.name for spot in await spots(market, order, mine=mine)] == [HALL.name, CAMPUS.name, FAR.name]


async def test_a_circles_places_are_for_those_who_are_both_in_it(market: Market) -> None:
    await put(market, HALL)
    async with market.database.work(market.seller) as work:
        circle = await circles.found_circle(work, circles.FoundCircle(slug="yuquan", kind="campus", name="玉泉"))
        await circles.set_meeting_places(work, circle, SetMeetingPlaces([CAMPUS, HALL], "校园里"))
    market.database.book.forget()
    order = await market.paid()
    assert [spot.name for spot in await spots(market, order)] == [HALL.name]
    async with market.database.work(market.buyer) as work:
        await circles.join_circle(work, circle)
    assert [spot.name for spot in await spots(market, order)] == [HALL.name, CAMPUS.name]
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.buyer) as work:
            await circles.set_meeting_places(work, circle, SetMeetingPlaces([], "不要了"))
    assert refused.value.code is NOT_FOUND


async def test_strangers_find_nothing_and_what_is_posted_needs_no_place(market: Market) -> None:
    await put(market, HALL)
    assert await spots(market, await market.paid("ship")) == []
    order = await market.paid()
    with pytest.raises(Refusal) as refused:
        await spots(market, order, await a_member(market.database))
    assert refused.value.code is NOT_FOUND
