"""A parcel from being sent to being signed for: asked about politely, written down once, timed by our own clock."""

from datetime import timedelta

import msgspec

from tests.parcels.road import CALLS, WAYBILL, Road
from xianji.domains import orders, parcels
from xianji.domains.parcels import Scan, Told, TrackingBusy, TrackingRefused
from xianji.kernel.work import SYSTEM

HOUR = timedelta(hours=1)


async def test_a_parcel_is_asked_about_at_once_then_now_and_then_and_ends_with_the_signature(road: Road) -> None:
    assert await road.worker() == 1
    assert road.carrier.asked == [parcels.TrackAsk("sf", WAYBILL, "5678")]
    assert road.carrier.followed == [CALLS]
    assert await road.worker() == 0
    road.clock.move(hours=4)
    far = road.clock.now() - 300 * HOUR
    road.carrier.scan(far, "collected", "已揽收")
    assert await road.worker() == 1
    assert road.carrier.followed == [CALLS]
    road.clock.move(hours=4)
    road.carrier.scan(far + HOUR, "signed", "已签收")
    assert await road.worker() == 1
    page = await road.page()
    assert page.state == "delivered"
    assert page.waiting.until == road.clock.now() + 72 * HOUR, "our clock, whatever the carrier's says"
    assert page.shipment is not None
    assert [(scan.at, scan.kind, scan.words) for scan in page.shipment.way] == [
        (far, "collected", "已揽收"), (far + HOUR, "signed", "已签收"),
    ]  # fmt: skip
    assert page.timeline[-1].role == "carrier"
    road.clock.move(hours=48)
    assert await road.worker() == 0


async def test_scans_come_twice_and_in_any_order_and_are_kept_once(road: Road) -> None:
    now = road.clock.now()
    first, second = Scan(now, "collected", "已揽收"), Scan(now + HOUR, "in_transit", "到达转运中心")
    road.carrier.told = Told("in_transit", (second, first, second))
    await road.worker()
    road.clock.move(hours=4)
    road.carrier.told = Told("in_transit", (first, second))
    await road.worker()
    assert await road.rows() == [("collected", "已揽收"), ("in_transit", "到达转运中心")]
    (told,) = await road.told("parcels.scanned.v1")
    assert (told["subject"], told["words"]) == (road.order, "到达转运中心")
    assert (await road.page()).state == "shipped"


async def test_silence_is_asked_again_later_each_time_and_an_answer_forgives_it(road: Road) -> None:
    road.carrier.wrong = TrackingBusy("ReadTimeout")
    pauses = []
    for _ in range(8):
        assert await road.worker() == 1
        async with road.database.look(SYSTEM) as look:
            at = await look.db.fetchval("select look_at from parcels")
        pauses.append((at - road.clock.now()) // timedelta(minutes=1))
        road.clock.moment = at
    assert pauses == [30, 60, 120, 240, 480, 960, 1_440, 1_440]
    road.carrier.wrong = None
    assert await road.worker() == 1
    async with road.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select failures from parcels") == 0


async def test_a_parcel_nobody_ever_saw_warns_both_once_and_only_on_the_carriers_word(road: Road) -> None:
    await road.worker()
    road.carrier.wrong = TrackingRefused("601")
    road.clock.move(hours=60)
    await road.worker()
    assert await road.told("parcels.unseen.v1") == [], "our outage accuses nobody"
    road.carrier.wrong = None
    road.clock.move(hours=25)
    due = (await road.page()).waiting.until
    await road.worker()
    page = await road.page()
    assert page.shipment is not None
    assert (page.state, page.shipment.unseen, page.waiting.until) == ("shipped", True, due)
    assert (page.timeline[-1].verb, page.timeline[-1].role, page.timeline[-1].facts) == (
        "unseen",
        "time",
        {"hours": 48},
    )
    (told,) = await road.told("orders.unseen.v1")
    assert told["seller"] == road.market.seller.me
    road.clock.move(hours=4)
    await road.worker()
    assert len(await road.told("parcels.unseen.v1")) == 1
    road.carrier.scan(road.clock.now(), "collected", "已揽收")
    road.clock.move(hours=4)
    await road.worker()
    page = await road.page()
    assert page.shipment is not None
    assert page.shipment.unseen is False


async def test_the_alarm_is_asked_for_at_its_hour_and_a_label_alone_is_no_scan(road: Road) -> None:
    road.carrier.scan(road.clock.now(), "announced", "商家已下单")
    start = road.clock.now()
    asked = []
    while road.clock.now() < start + 50 * HOUR:
        if await road.worker():
            asked.append((road.clock.now() - start) // HOUR)
        road.clock.move(hours=1)
    assert asked == [*range(0, 45, 4), 48]
    assert len(await road.told("orders.unseen.v1")) == 1


async def test_what_the_carrier_tells_by_itself_is_written_down_and_asked_about(road: Road) -> None:
    await road.worker()
    signed = Told("signed", (Scan(road.clock.now(), "signed", "已签收"),))
    async with road.database.work(SYSTEM) as work:
        await parcels.note_push(work, "sf", WAYBILL, signed)
        await parcels.note_push(work, "sf", "SF9999999999999", signed)
    await road.hear()
    assert await road.rows() == [("signed", "已签收")]
    assert (await road.page()).state == "shipped", "a call alone moves nothing"
    async with road.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from pgqueuer where entrypoint = 'parcels.look'") == 2
        assert await look.db.fetchval("select count(*) from parcels") == 1


async def test_who_waits_no_more_is_not_asked_for(road: Road) -> None:
    async with road.database.work(road.market.buyer) as work:
        await orders.confirm(work, road.order)
    assert await road.worker() == 0
    async with road.database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select look_at, phone_sealed from parcels")
    assert tuple(row) == (None, None)


async def test_without_a_service_or_with_a_carrier_it_does_not_know_nobody_is_asked(road: Road) -> None:
    await parcels.carry_out_look(road.database, None, CALLS, msgspec.json.encode({"parcel": f"sf:{WAYBILL}"}))
    assert await road.worker() == 0
    road.clock.move(hours=60)
    assert await road.worker() == 0
    assert (await road.page()).shipment.unseen is False  # type: ignore[union-attr]


async def test_several_orders_in_one_parcel_move_together(road: Road) -> None:
    other = await road.market.shipped(WAYBILL)
    road.carrier.scan(road.clock.now(), "signed", "已签收")
    assert await road.worker() == 1
    assert [(await road.market.page(order)).state for order in (road.order, other)] == ["delivered", "delivered"]


async def test_hostile_words_are_clipped_to_what_can_be_shown(road: Road) -> None:
    road.carrier.scan(road.clock.now(), "in_transit", "到\x00达\u202e" + "长" * 500)
    await road.worker()
    ((_, words),) = await road.rows()
    assert words == "到达" + "长" * 298
