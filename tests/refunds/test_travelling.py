"""A parcel that goes back is followed like any other: its signature starts the seller's time to look."""

import pytest

from tests.conftest import FakeClock
from xianji.domains import refunds
from xianji.domains.orders import WAYBILL_USED
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

from .build import Desk, a_waybill


async def subjects(desk: Desk) -> list[tuple[str, bool]]:
    async with desk.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select subject, ended_at is not null as ended from parcel_subjects order by subject"
        )
    return [(row["subject"], row["ended"]) for row in rows]


async def label(desk: Desk, subject: str) -> tuple[str, str]:
    async with desk.database.look(SYSTEM) as look:
        row = await look.db.fetchrow(
            "select p.carrier, p.waybill from parcels p join parcel_subjects s on s.parcel = p.id where s.subject = $1",
            subject,
        )
    assert row is not None
    return row["carrier"], row["waybill"]


async def test_a_return_waits_for_its_parcel_until_it_ends(desk: Desk, clock: FakeClock) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "return")
    await desk.agree(refund)
    await desk.ship_back(refund)
    assert await subjects(desk) == [(order, False), (refund, False)]
    clock.move(hours=30)
    async with desk.database.work(SYSTEM) as work:
        await refunds.note_signed(work, refund, *await label(desk, refund))
        await refunds.note_signed(work, order, *await label(desk, order))
    clock.move(hours=1)
    async with desk.database.work(SYSTEM) as work:
        await refunds.note_signed(work, refund, *await label(desk, refund))
    async with desk.database.look(desk.seller) as look:
        page = await refunds.refund_page(look, refund)
    assert [move.verb for move in page.timeline].count("signed") == 1
    assert page.waiting.until is not None
    assert (page.waiting.until - clock.now()).total_seconds() == 71 * 3600
    await desk.do(desk.seller, "receive", refund)
    assert await subjects(desk) == [(order, True), (refund, True)]


async def test_a_replacement_cannot_travel_under_the_number_of_the_first_parcel(desk: Desk) -> None:
    first = a_waybill()
    order = await desk.shipped(first)
    refund = await desk.asked(order, "exchange", evidence=await desk.evidence())
    await desk.do(desk.seller, "agree", refund, refunds.Agree(keep=True))
    with pytest.raises(Refusal) as refused:
        await desk.do(desk.seller, "replace", refund, refunds.Replacement("sf", first))
    assert refused.value.code is WAYBILL_USED
    await desk.do(desk.seller, "replace", refund, refunds.Replacement("sf", a_waybill()))
    assert len(await subjects(desk)) == 2
