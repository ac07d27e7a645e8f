"""A claim on an order of two payments, a deposit and the rest: each is asked, and again, for what it brought."""

from tests.conftest import FakeClock
from tests.orders.test_deposits import EARNEST, does, kept, pay
from xianji.domains import orders
from xianji.kernel.work import SYSTEM

from .build import Desk

DEPOSIT, REST = 20_000, 80_000


async def claimed(desk: Desk) -> str:
    """A refund of everything, after a completed sale of two payments."""
    order, _ = await kept(desk, **EARNEST)
    await pay(desk, order)
    code = (await desk.page(order)).meet_code
    await does(desk, desk.seller, orders.redeem, order, orders.Redeem(str(code)))
    await desk.settle()
    refund = await desk.asked(order, "keep_goods", reason="fake")
    await desk.agree(refund)
    return refund


async def asked_of(desk: Desk) -> list[list[int]]:
    """What every payment was asked to take back, in order."""
    async with desk.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select array_agg(amount order by created_at) as asked from payment_calls where kind = 'split_return'"
            " group by payment order by min(amount)"
        )
    return [list(row["asked"]) for row in rows]


async def stands(desk: Desk, refund: str) -> tuple[str, int, int]:
    page = await desk.refund(refund)
    owed = -(await desk.books()).get(f"return_due:{desk.seller.me}", 0)
    return page.payout, page.owed.amount, owed


async def next_day(desk: Desk, clock: FakeClock) -> None:
    clock.move(hours=24)
    await desk.time()
    await desk.settle()


async def test_both_are_asked_again_each_for_its_own(desk: Desk, clock: FakeClock) -> None:
    desk.provider.payee_short = True
    refund = await claimed(desk)
    await desk.settle()
    assert await stands(desk, refund) == ("owed", DEPOSIT + REST, DEPOSIT + REST)
    await next_day(desk, clock)
    assert await asked_of(desk) == [[DEPOSIT, DEPOSIT], [REST, REST]]
    desk.provider.payee_short = False
    await next_day(desk, clock)
    assert await stands(desk, refund) == ("sent", 0, 0)
    assert await desk.books() == {}
    await next_day(desk, clock)
    assert await asked_of(desk) == [[DEPOSIT] * 3, [REST] * 3]


async def test_what_came_of_one_is_not_asked_for_again(desk: Desk, clock: FakeClock) -> None:
    desk.provider.payee_has = DEPOSIT
    refund = await claimed(desk)
    await desk.settle()
    assert await stands(desk, refund) == ("owed", REST, REST)
    await next_day(desk, clock)
    assert await stands(desk, refund) == ("owed", REST, REST)
    desk.provider.payee_has = None
    await next_day(desk, clock)
    assert await asked_of(desk) == [[DEPOSIT], [REST] * 3]
    assert await stands(desk, refund) == ("sent", 0, 0)
    assert await desk.books() == {}
