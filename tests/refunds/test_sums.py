"""Whatever is asked, answered and ruled in whatever order: refunds never exceed what was paid, and the books hold."""

import asyncio
from random import Random

import pytest

from xianji.domains import orders, refunds
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

from .build import Desk, a_waybill

KINDS = ("unshipped", "not_received", "keep_goods", "return", "partial", "exchange")
STEPS = 60


async def step(desk: Desk, chance: Random, order: str, clock: object) -> str:
    """One random thing somebody does, legal or not."""
    async with desk.database.look(SYSTEM) as look:
        ids = [row["id"] for row in await look.db.fetch("select id from refunds order by id desc limit 2")]
    refund = chance.choice(ids) if ids else ""
    verb = chance.choice(["ask", "agree", "counter", "accept", "refuse", "back", "receive", "swap", "replace", "up"])
    verb = chance.choice([verb, verb, verb, "rule", "withdraw", "time", "confirm", "settle", "ask"])
    amount = Money(chance.choice([1, 900, 5_000, 12_899, 12_900, 20_000]))
    match verb:
        case "ask":
            await desk.asked(order, chance.choice(KINDS), chance.choice([None, amount.amount]))
        case "agree":
            await desk.agree(refund)
        case "counter":
            ask = refunds.CounterRefund(chance.choice(["partial", "return", "keep_goods"]), amount)  # type: ignore[arg-type]
            await desk.do(desk.seller, "counter", refund, ask)
        case "accept":
            await desk.do(desk.buyer, "accept_counter", refund)
        case "refuse":
            await desk.refuse(refund)
        case "back":
            await desk.ship_back(refund)
        case "receive":
            await desk.do(desk.seller, "receive", refund)
        case "swap":
            ask = refunds.RefuseReceived("swapped", "不是这件", await desk.evidence(desk.seller))
            await desk.do(desk.seller, "refuse_received", refund, ask)
        case "replace":
            await desk.do(desk.seller, "replace", refund, refunds.Replacement("sf", a_waybill()))
        case "up":
            await desk.escalate(refund, chance.choice([desk.buyer, desk.seller]))
        case "rule":
            outcome = chance.choice(["refund_full", "refund_part", "return", "release", "split_freight"])
            await desk.rule(refund, outcome, amount=amount, freight=Money(700))
        case "withdraw":
            await desk.do(desk.buyer, "withdraw", refund)
        case "time":
            clock.move(hours=chance.choice([1, 24, 49, 80]))  # type: ignore[attr-defined]
            await desk.time()
        case "confirm":
            async with desk.database.work(desk.buyer) as work:
                await orders.confirm(work, order)
        case "settle":
            desk.provider.payee_short = chance.random() < 0.3
            desk.provider.fails_next = chance.choice([0, 0, 1])
            await desk.settle()
    return verb


async def judge(desk: Desk, order: str) -> None:
    """Reckoned from rows alone."""
    async with desk.database.look(SYSTEM) as look:
        row = await look.db.fetchrow(
            "select o.paid, o.state, o.paused_at, (select coalesce(sum(r.amount), 0) from refunds r"
            " where r.order_id = o.id and r.state = 'refunded') as refunded, (select count(*) from refunds r"
            " where r.order_id = o.id and r.ended_at is null) as open,"
            " (select count(*) from open_refunds u where u.order_id = o.id) as listed,"
            " (select coalesce(sum(t.amount), 0) from ledger_transfers t where t.reference = o.id"
            "  and t.kind in ('refunded', 'refund_due', 'refund_owed', 'fee_back')) as booked"
            " from orders o where o.id = $1",
            order,
        )
    assert row is not None
    assert row["refunded"] == row["booked"] <= row["paid"]
    assert row["open"] == row["listed"] <= 1
    assert (row["paused_at"] is not None) == bool(row["open"] and row["state"] in ("shipped", "delivered"))
    proof = await desk.proof()
    assert proof.holds, proof


@pytest.mark.parametrize("seed", range(4))
async def test_sums(desk: Desk, clock: object, seed: int) -> None:
    chance, done = Random(seed), 0
    order = await (desk.delivered() if seed % 2 else desk.shipped(a_waybill()))
    for _ in range(STEPS):
        try:
            await step(desk, chance, order, clock)
            done += 1
        except Refusal:
            pass
        await judge(desk, order)
    assert done > STEPS // 6, "the walk goes somewhere"
    desk.provider.payee_short = False
    for _ in range(3):
        clock.move(hours=24)  # type: ignore[attr-defined]
        await desk.settle()
        await desk.time()
    await desk.settle()
    await judge(desk, order)


async def test_six_at_once_get_one_answer(desk: Desk) -> None:
    order = await desk.delivered()
    evidence = await desk.evidence()

    async def ask() -> bool:
        wish = refunds.Apply("partial", "damaged", Money(9_000), "裂了", evidence)
        try:
            async with desk.database.work(desk.buyer) as work:
                await refunds.apply(work, order, wish)
        except Refusal as refused:
            assert refused.code.name == "refund_open_already"
            return False
        return True

    assert sum(await asyncio.gather(*(ask() for _ in range(6)))) == 1
    async with desk.database.look(SYSTEM) as look:
        refund = await look.db.fetchval("select refund from open_refunds where order_id = $1", order)

    async def agree() -> bool:
        try:
            async with desk.database.work(desk.seller) as work:
                await refunds.agree(work, refund, refunds.Agree())
        except Refusal:
            return False
        return True

    assert sum(await asyncio.gather(*(agree() for _ in range(6)))) == 1
    await desk.settle()
    await judge(desk, order)
    assert (await desk.page(order)).money.held.amount == 3_900
