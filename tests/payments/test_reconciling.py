"""The provider's bill beside ours: what agrees, and each way in which it may not. And money held until the limit."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from tests.build import a_member
from tests.conftest import START, FakeClock, readable
from tests.orders.build import Market, a_market
from xianji.domains import orders, payments
from xianji.domains.payments.model import BillDifference
from xianji.domains.payments.provider import BillLine
from xianji.kernel import outbox
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

DAY = date(2026, 3, 2)


@pytest.fixture
async def market(database: Database) -> Market:
    return await a_market(database)


def line(kind: str, out_no: str, amount: int, request_no: str = "", **more: object) -> BillLine:
    facts = {"part": "", "payee": "", "currency": "CNY", "provider_ref": "prv", "at": START} | more
    return BillLine(kind=kind, out_no=out_no, request_no=request_no or out_no, amount=amount, **facts)  # type: ignore[arg-type]


async def sold(market: Market) -> tuple[str, str]:
    """An order paid and completed; returns the payment and the number of its release."""
    order = await market.paid()
    code = (await market.page(order)).meet_code
    assert code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(code))
    await market.provider_round()
    return next(iter(market.provider.payments)), next(iter(market.provider.releases))


async def compared(market: Market, day: date = DAY) -> tuple[payments.BillDay, list[BillDifference]]:
    await payments.reconcile(market.database, market.provider, "sandbox", day)
    async with market.database.look(SYSTEM) as look:
        return await payments.bill_day(look, "sandbox", day)


async def told(market: Market, tag: str) -> int:
    async with market.database.look(SYSTEM) as look:
        found: int = await look.db.fetchval("select count(*) from outbox where kind = $1", tag)
    return found


async def test_a_day_on_which_everything_agrees_is_clean(market: Market) -> None:
    payment, release = await sold(market)
    market.provider.billed = [line("paid", payment, 12_900), line("released", payment, 12_900, release)]
    day, found = await compared(market)
    assert (day.state, day.lines, day.differences, found) == ("clean", 2, 0, [])
    assert await told(market, "payments.bill_differs.v1") == 0


async def test_every_way_of_not_agreeing_is_a_row(market: Market) -> None:
    payment, release = await sold(market)
    market.provider.billed = [
        line("paid", payment, 12_901),
        line("refunded", "pay_nobody", 500, "pcl_nobody"),
        line("paid", "", 700, "stranger"),
    ]
    day, found = await compared(market)
    assert (day.state, day.lines, day.differences) == ("differs", 3, 4)
    assert [(one.what, one.kind, one.out_no, one.request_no, one.ours, one.theirs) for one in found] == [
        ("missing_here", "paid", "", "stranger", 0, 700),
        ("amount", "paid", payment, payment, 12_900, 12_901),
        ("missing_here", "refunded", "pay_nobody", "pcl_nobody", 0, 500),
        ("missing_there", "released", payment, release, 12_900, 0),
    ]
    assert await told(market, "payments.bill_differs.v1") == 1


async def test_another_currency_is_a_difference_of_amount(market: Market) -> None:
    payment, release = await sold(market)
    market.provider.billed = [
        line("paid", payment, 12_900, currency="USD"),
        line("released", payment, 12_900, release),
    ]
    _, found = await compared(market)
    assert [(one.what, one.currency) for one in found] == [("amount", "USD")]


async def test_a_fact_the_books_do_not_have_is_seen(market: Market) -> None:
    order = await market.placed()
    payment = await market.opened(order)
    await market.receive(market.provider.pay(payment))
    market.provider.billed = [line("paid", payment, 12_900)]
    _, found = await compared(market)
    assert [(one.what, one.ours, one.theirs) for one in found] == [("books", 0, 12_900)]
    await market.book()
    assert (await compared(market))[0].state == "clean"


async def test_two_statements_about_one_movement_count_once(market: Market) -> None:
    payment, release = await sold(market)
    await market.receive(market.provider.paid_fact(payment))
    market.provider.billed = [line("paid", payment, 12_900), line("released", payment, 12_900, release)]
    assert (await compared(market))[0].state == "clean"


async def test_a_line_on_the_next_days_bill_is_not_missing(market: Market) -> None:
    payment, release = await sold(market)
    market.provider.billed = [line("released", payment, 12_900, release)]
    await compared(market, DAY + timedelta(days=1))
    market.provider.billed = [line("paid", payment, 12_900)]
    assert (await compared(market))[0].state == "clean"


async def test_a_provider_that_cannot_be_asked_leaves_the_day_to_be_asked_again(
    market: Market, clock: FakeClock
) -> None:
    await sold(market)
    market.provider.before = [payments.ProviderBusy("503")]
    day, found = await compared(market)
    assert (day.state, day.code, found) == ("failed", "503", [])
    clock.moment = START + timedelta(days=1)
    due = next(one for one in payments.DUE if one.name == "payments.ask_for_bill")
    async with market.database.look(SYSTEM) as look:
        assert await due.find(look, 10) == ["sandbox 2026-03-02"]
    async with market.database.work(SYSTEM) as work:
        await due.act(work, "sandbox 2026-03-02")
    async with market.database.look(SYSTEM) as look:
        assert await due.find(look, 10) == []
        assert (await payments.bill_day(look, "sandbox", DAY))[0].state == "asked"
        assert await look.db.fetchval("select count(*) from pgqueuer where entrypoint = $1", payments.RECONCILE) == 1


async def test_a_bill_is_due_the_next_day_late_enough_and_not_before_there_was_a_payment(
    market: Market, clock: FakeClock
) -> None:
    due = next(one for one in payments.DUE if one.name == "payments.ask_for_bill")

    async def found() -> list[str]:
        async with market.database.look(SYSTEM) as look:
            return list(await due.find(look, 10))

    clock.moment = START + timedelta(days=1)
    assert await found() == []
    clock.moment = START
    await market.paid()
    clock.moment = START + timedelta(hours=18, minutes=59)  # 10:59 of the next day there
    assert await found() == []
    clock.move(minutes=1)
    assert await found() == ["sandbox 2026-03-02"]
    clock.move(days=20)
    assert len(await found()) == 7


async def test_bills_are_for_finance(market: Market) -> None:
    await sold(market)
    await compared(market)
    async with market.database.look(await a_member(market.database)) as look:
        with pytest.raises(Refusal):
            await payments.bill_days(look)
        with pytest.raises(Refusal):
            await payments.bill_day(look, "sandbox", DAY)
        with pytest.raises(Refusal):
            await payments.holds_ending(look)


async def warn(market: Market) -> list[str]:
    due = next(one for one in payments.DUE if one.name == "payments.warn_of_hold")
    async with market.database.look(SYSTEM) as look:
        found = list(await due.find(look, 10))
    for id in found:
        async with market.database.work(SYSTEM) as work:
            await due.act(work, id)
    return found


async def test_operators_hear_once_before_a_hold_ends(market: Market, clock: FakeClock) -> None:
    order = await market.paid()
    payment = next(iter(market.provider.payments))
    assert await warn(market) == []
    clock.move(days=166)
    assert await warn(market) == []
    clock.move(minutes=1)
    assert await warn(market) == [payment]
    assert await warn(market) == []
    await readable(market.database)
    async with market.database.look(SYSTEM) as look:
        events = await outbox.read(look, await outbox.cursor_of(look, "nobody"), 500)
        (ending,) = await payments.holds_ending(look)
        assert (await payments.troubles(look))["holds_ending"] == 1
    body = next(event.body for event in events if event.kind == "payments.hold_ends_soon.v1")
    assert b'"held":12900' in bytes(body)
    assert (ending.payment, ending.subject, ending.held.amount, ending.warned_at) == (
        payment,
        order,
        12_900,
        clock.now(),
    )
    assert await market.balances() == {"provider_clearing": -12_900, f"order_held:{order}": 12_900}


async def test_nothing_held_is_nothing_to_warn_of(market: Market, clock: FakeClock) -> None:
    await sold(market)
    clock.move(days=179)
    assert await warn(market) == []


async def test_the_limit_is_data(market: Market, clock: FakeClock) -> None:
    async with market.database.work(SYSTEM) as work:
        await set_value(work, "payments.hold_days", {"sandbox": 20}, "another contract")
        await set_value(work, payments.HOLD_WARN_DAYS.name, 5, "later")
    market.database.book.forget()
    await market.paid()
    clock.move(days=14)
    assert await warn(market) == []
    clock.move(days=1, minutes=2)
    assert len(await warn(market)) == 1


async def test_a_hold_that_ended_completes_its_order(market: Market) -> None:
    order = await market.paid()
    payment = next(iter(market.provider.payments))
    ended = replace(market.provider.paid_fact(payment), kind="hold_released", part=order, parts=(), event_id="evt_hold")
    assert await market.receive(ended) == "stored"
    await market.book()
    async with market.database.look(SYSTEM) as look:
        assert await payments.unbooked_facts(look) == []
    assert (await market.page(order)).state == "completed"
