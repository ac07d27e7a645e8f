"""Two at once on two connections: one order's lock decides, the other is refused, and the books hold."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from xianji.domains import orders, refunds
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM, Actor, Work

from .build import Desk, a_waybill

Step = Callable[[Work], Awaitable[object]]


async def race(desk: Desk, first: tuple[Actor, Step], second: tuple[Actor, Step]) -> Refusal | None:
    """The first holds its locks while the second waits for them; returns why the second was refused."""
    has_lock, may_end = asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        async with desk.database.work(first[0]) as work:
            await first[1](work)
            has_lock.set()
            await may_end.wait()

    async def follow() -> Refusal | None:
        await has_lock.wait()
        try:
            async with desk.database.work(second[0]) as work:
                await second[1](work)
        except Refusal as refused:
            return refused
        return None

    async def let_go() -> None:
        await has_lock.wait()
        async with desk.database.look(SYSTEM) as look:
            while not await look.db.fetchval(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            ):
                await asyncio.sleep(0)
        may_end.set()

    _, refused, _ = await asyncio.gather(lead(), follow(), let_go())
    return refused


def asks(desk: Desk, order: str, kind: str, evidence: list[str]) -> tuple[Actor, Step]:
    reason = "changed_mind" if kind == "unshipped" else "damaged"
    ask = refunds.Apply(kind=kind, reason=reason, words="裂了", evidence=evidence)  # type: ignore[arg-type]
    return desk.buyer, lambda work: refunds.apply(work, order, ask)


async def counted(desk: Desk) -> int:
    async with desk.database.look(SYSTEM) as look:
        return int(await look.db.fetchval("select count(*) from refunds"))


@pytest.mark.parametrize("first", ["ship", "refund"])
async def test_ship_against_refund(desk: Desk, first: str) -> None:
    order = await desk.paid("ship")
    ship: tuple[Actor, Step] = (
        desk.seller,
        lambda work: orders.ship(work, order, orders.Ship("sf", a_waybill())),
    )
    ask = asks(desk, order, "unshipped", [])
    refused = await race(desk, *((ship, ask) if first == "ship" else (ask, ship)))
    assert refused is not None
    assert refused.code.name == ("refund_kind_not_open" if first == "ship" else "move_not_open")
    await desk.settle()
    expected = {"provider_clearing": -12_900, f"order_held:{order}": 12_900} if first == "ship" else {}
    assert await desk.books() == expected
    assert (await desk.page(order)).state == ("shipped" if first == "ship" else "refunded")
    assert await counted(desk) == (first == "refund")


@pytest.mark.parametrize("first", ["confirm", "ask"])
async def test_confirm_against_ask(desk: Desk, first: str) -> None:
    order = await desk.delivered()
    confirm: tuple[Actor, Step] = (desk.buyer, lambda work: orders.confirm(work, order))
    ask = asks(desk, order, "exchange", await desk.evidence())
    refused = await race(desk, *((confirm, ask) if first == "confirm" else (ask, confirm)))
    assert refused is not None
    assert refused.code.name == ("refund_kind_not_open" if first == "confirm" else "order_paused")
    await desk.settle()
    await desk.books()
    assert (await desk.page(order)).state == ("completed" if first == "confirm" else "delivered")


async def test_time_against_ask(desk: Desk, clock: object) -> None:
    order = await desk.delivered()
    ask = asks(desk, order, "return", await desk.evidence())
    clock.move(hours=72)  # type: ignore[attr-defined]
    refused = await race(desk, ask, (SYSTEM, lambda work: orders.time_out(work, order)))
    assert refused is None
    page = await desk.page(order)
    assert (page.state, page.waiting.paused) == ("delivered", True)


async def test_two_asks(desk: Desk) -> None:
    order = await desk.delivered()
    evidence = await desk.evidence()
    refused = await race(desk, asks(desk, order, "return", evidence), asks(desk, order, "keep_goods", evidence))
    assert refused is not None
    assert refused.code.name == "refund_open_already"
    assert await counted(desk) == 1


@pytest.mark.parametrize("first", ["agree", "withdraw"])
async def test_agree_against_withdraw(desk: Desk, first: str) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    agree: tuple[Actor, Step] = (desk.seller, lambda work: refunds.agree(work, refund, refunds.Agree()))
    withdraw: tuple[Actor, Step] = (desk.buyer, lambda work: refunds.withdraw(work, refund))
    refused = await race(desk, *((agree, withdraw) if first == "agree" else (withdraw, agree)))
    assert refused is not None
    assert refused.code.name == "move_not_open"
    await desk.settle()
    assert await desk.books() == (
        {} if first == "agree" else {"provider_clearing": -12_900, f"order_held:{order}": 12_900}
    )


async def test_two_agreements_pay_once(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "partial", 5_000)
    agree: tuple[Actor, Step] = (desk.seller, lambda work: refunds.agree(work, refund, refunds.Agree()))
    refused = await race(desk, agree, agree)
    assert refused is not None
    await desk.settle()
    assert await desk.books() == {"provider_clearing": -7_900, f"order_held:{order}": 7_900}


async def test_ruling_against_agreement(desk: Desk) -> None:
    refund = await desk.disputed(await desk.delivered())
    ruling = refunds.RuleOn("release", "没有问题", "RF7")
    refused = await race(
        desk,
        (desk.operator, lambda work: refunds.rule(work, refund, ruling)),
        (desk.seller, lambda work: refunds.agree(work, refund, refunds.Agree())),
    )
    assert refused is not None
    await desk.settle()
    assert (await desk.refund(refund)).state == "closed"
    await desk.books()
