"""A wrong number is put right while nobody had the parcel: the new one is followed, the old one is nobody's."""

import pytest

from tests.build import a_member, a_seller
from tests.orders.build import Market
from tests.refunds.build import Desk, a_waybill
from tests.refunds.conftest import desk as desk
from xianji.domains import orders, parcels, refunds
from xianji.domains.orders.model import NO_MORE_CORRECTIONS, WAYBILL_NOT_VALID, WAYBILL_SAME, WAYBILL_USED
from xianji.kernel.config import set_value
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Code, Refusal
from xianji.kernel.work import SYSTEM, Actor

from .road import WAYBILL, Road

RIGHT, THIRD = "SF1234567890124", "SF1234567890125"


async def correct(road: Road, waybill: str = RIGHT, carrier: str = "sf", actor: Actor | None = None) -> None:
    async with road.database.work(actor or road.market.seller) as work:
        await orders.correct_waybill(work, road.order, orders.Ship(carrier, waybill))


async def refused(road: Road, code: Code, waybill: str = RIGHT, actor: Actor | None = None) -> None:
    before = await known(road)
    with pytest.raises(Refusal) as no:
        await correct(road, waybill, actor=actor)
    assert no.value.code is code
    assert await known(road) == before, "nothing moved"


async def others(road: Road) -> Market:
    """Two other people, paying through the same provider."""
    return Market(road.database, road.market.provider, await a_seller(road.database), await a_member(road.database))


async def known(road: Road) -> dict[str, list[str]]:
    """Which parcels are waited for and which numbers are taken."""
    async with road.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select 'parcels' as what, id from parcels union all select 'waits', parcel from parcel_subjects"
            " union all select 'taken', carrier || ':' || waybill from waybills order by 1, 2"
        )
    return {what: [row["id"] for row in rows if row["what"] == what] for what in ("parcels", "waits", "taken")}


async def test_the_right_number_is_followed_and_the_wrong_one_is_free_for_whom_it_belongs_to(road: Road) -> None:
    await road.worker()
    due = (await road.page()).waiting.until
    road.clock.move(hours=1)
    await correct(road)
    assert await known(road) == {name: [f"sf:{RIGHT}"] for name in ("parcels", "waits", "taken")}
    assert await road.worker() == 1
    assert road.carrier.asked[-1] == parcels.TrackAsk("sf", RIGHT, "5678")
    page = await road.page()
    assert page.shipment is not None
    assert (page.state, page.waiting.until, page.shipment.waybill) == ("shipped", due, RIGHT)
    assert [(move.verb, move.facts["waybill"]) for move in page.timeline[-2:]] == [
        ("ship", WAYBILL),
        ("correct_waybill", RIGHT),
    ]
    (told,) = await road.told("orders.waybill_corrected.v1")
    assert (told["order"], told["waybill"]) == (road.order, RIGHT)
    await (await others(road)).shipped(WAYBILL)


async def test_who_may_not_and_what_is_no_better(road: Road) -> None:
    await refused(road, MOVE_NOT_OPEN, actor=road.market.buyer)
    await refused(road, NOT_FOUND, actor=(await others(road)).seller)
    await refused(road, WAYBILL_SAME, "sf 1234567890123")
    await refused(road, WAYBILL_NOT_VALID, "12")
    await (await others(road)).shipped(RIGHT)
    await refused(road, WAYBILL_USED)


async def test_after_a_scan_or_the_end_it_stays_as_it_is(road: Road) -> None:
    road.carrier.scan(road.clock.now(), "announced", "商家已下单")
    await road.worker()
    assert "correct_waybill" in (await road.market.page(road.order, road.market.seller)).actions
    road.carrier.scan(road.clock.now(), "collected", "已揽收")
    road.clock.move(hours=4)
    await road.worker()
    assert "correct_waybill" not in (await road.market.page(road.order, road.market.seller)).actions
    await refused(road, parcels.PARCEL_SEEN)
    async with road.database.work(road.market.buyer) as work:
        await orders.confirm(work, road.order)
    await refused(road, MOVE_NOT_OPEN)


async def test_only_so_often_as_the_configuration_says(road: Road) -> None:
    async with road.database.work(SYSTEM) as work:
        await set_value(work, "orders.waybill_corrections", 1, "fewer")
    road.database.book.forget()
    await correct(road)
    assert "correct_waybill" not in (await road.market.page(road.order, road.market.seller)).actions
    await refused(road, NO_MORE_CORRECTIONS, THIRD)


async def test_the_alarm_is_wound_again_once(road: Road) -> None:
    road.clock.move(hours=49)
    await road.worker()
    assert (await road.page()).shipment.unseen is True  # type: ignore[union-attr]
    await correct(road)
    assert (await road.page()).shipment.unseen is False  # type: ignore[union-attr]
    road.clock.move(hours=47)
    await correct(road, THIRD)
    road.clock.move(hours=2)
    await road.worker()
    assert (await road.page()).shipment.unseen is True  # type: ignore[union-attr]
    assert [told["waybill"] for told in await road.told("parcels.unseen.v1")] == [WAYBILL, THIRD]


async def test_news_of_the_wrong_parcel_on_its_way_to_us_means_nothing(road: Road) -> None:
    await correct(road)
    async with road.database.work(SYSTEM) as work:
        await orders.note_unseen(work, road.order, "sf", WAYBILL, 48)
        await orders.note_signed(work, road.order, "sf", WAYBILL)
        await parcels.note_push(work, "sf", WAYBILL, parcels.Told("signed", ()))
    page = await road.page()
    assert (page.state, page.timeline[-1].verb) == ("shipped", "correct_waybill")


async def test_a_parcel_shared_with_another_order_stays_that_orders(road: Road) -> None:
    await road.market.shipped(WAYBILL)
    await correct(road)
    found = await known(road)
    assert found["parcels"] == found["taken"] == [f"sf:{WAYBILL}", f"sf:{RIGHT}"]


async def test_a_number_is_put_right_while_money_is_asked_back(road: Road) -> None:
    async with road.database.work(road.market.buyer) as work:
        await refunds.apply(work, road.order, refunds.Apply("not_received", "no_tracking"))
    await correct(road)
    page = await road.page()
    assert page.waiting.paused
    assert [move.verb for move in page.timeline[-2:]] == ["pause", "correct_waybill"]


async def test_what_goes_back_may_have_had_a_wrong_number_too(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "return")
    await desk.agree(refund)
    await desk.ship_back(refund)
    async with desk.database.look(desk.buyer) as look:
        before = await refunds.refund_page(look, refund)
    right = a_waybill()
    ask = orders.Ship("sf", right)
    with pytest.raises(Refusal) as no:
        await desk.do(desk.seller, "correct_return", refund, ask)
    assert no.value.code is MOVE_NOT_OPEN
    desk.database.clock.move(hours=5)  # type: ignore[attr-defined]
    await desk.do(desk.buyer, "correct_return", refund, ask)
    async with desk.database.look(desk.buyer) as look:
        after = await refunds.refund_page(look, refund)
        rows = await look.db.fetch("select parcel from parcel_subjects where subject = $1", refund)
    assert (after.waybill, after.waiting.until) == (right, before.waiting.until)
    assert [row["parcel"] for row in rows] == [f"sf:{right}"]
    assert after.timeline[-1].facts == {"carrier": "sf", "waybill": right}
    again = a_waybill()
    await desk.do(desk.buyer, "correct_return", refund, orders.Ship("sf", again))
    async with desk.database.look(desk.buyer) as look:
        assert "correct_waybill" not in (await refunds.refund_page(look, refund)).actions
