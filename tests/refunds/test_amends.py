"""What no provider can move: a claim after the hold ran out, and a refund that a ruling takes back from its buyer."""

import pytest

from xianji.domains import orders, refunds
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import Actor

from .build import Desk
from .test_provider import PAID, hold_released


async def no(desk: Desk, actor: Actor, verb: str, refund: str, *ask: object) -> str:
    with pytest.raises(Refusal) as refused:
        await desk.do(actor, verb, refund, *ask)
    return refused.value.code.name


async def pass_on(desk: Desk, order: str, refund: str) -> None:
    finance = Actor(desk.operator.member, desk.operator.session, frozenset({"finance"}))
    async with desk.database.work(finance) as work:
        await orders.note_amends_paid(work, order, refund)


async def owed(desk: Desk) -> list[orders.Amends]:
    finance = Actor(desk.operator.member, desk.operator.session, frozenset({"finance"}))
    async with desk.database.look(finance) as look:
        return await orders.amends(look)


async def wrongly_refunded(desk: Desk) -> tuple[str, str]:
    """An order refunded whole by a ruling that the seller's appeal found wrong; the new dispute about it."""
    order = await desk.delivered()
    first = await desk.disputed(order)
    await desk.rule(first, "refund_full")
    await desk.settle()
    return order, await desk.appealed(first, desk.seller)


async def test_a_claim_after_the_hold_ran_out_is_owed_by_the_seller_and_passed_on(desk: Desk) -> None:
    order = await desk.delivered()
    async with desk.database.look(desk.buyer) as look:
        payment = await look.db.fetchval("select payment from orders where id = $1", order)
    await desk.receive(hold_released(order, payment, desk.seller.me, PAID))
    await desk.settle()
    asked = list(desk.provider.asked)
    refund = await desk.asked(order, "partial", 4_000)
    await desk.agree(refund)
    await desk.settle()
    page = await desk.refund(refund)
    assert (page.state, page.payout, page.amends.amount, page.owed.amount) == ("refunded", "amends_owed", 4_000, 0)
    assert desk.provider.asked == asked, "the provider has nothing that it could take back"
    me, they = desk.seller.member, desk.buyer.member
    assert await desk.books() == {f"receivable:{me}": -4_000, f"amends_due:{they}": 4_000}
    (line,) = await owed(desk)
    assert (line.order, line.subject, line.kind, line.amount.amount) == (order, refund, "claim", 4_000)
    assert (line.creditor, line.debtor, line.debtor_owes.amount) == (they, me, 4_000)
    await pass_on(desk, order, refund)
    await pass_on(desk, order, refund)
    assert await owed(desk) == []
    assert (await desk.refund(refund)).payout == "amends_paid"
    assert await desk.books() == {f"receivable:{me}": -4_000, "platform_paid": 4_000}
    async with desk.database.look(desk.seller) as look:
        (sale,) = (await orders.earnings(look)).items
        assert (sale.claimed.amount, sale.claim_due.amount) == (4_000, 0)


async def test_a_ruling_takes_back_what_a_buyer_should_not_have_had(desk: Desk) -> None:
    order, again = await wrongly_refunded(desk)
    page = await desk.refund(again, desk.operator)
    assert (page.state, page.amount.amount, page.most.amount, page.back.amount) == ("disputed", 0, 0, PAID)
    assert await no(desk, desk.buyer, "withdraw", again) == "move_not_open"
    assert await no(desk, desk.seller, "agree", again, refunds.Agree()) == "move_not_open"
    for outcome, amount, code in (
        ("refund_full", None, "nothing_to_refund"),
        ("refund_part", 1, "nothing_to_refund"),
        ("return", None, "nothing_to_refund"),
        ("repay", None, "refund_amount_needed"),
        ("repay", PAID + 1, "refund_too_much"),
    ):
        money = None if amount is None else Money(amount)
        assert await no(desk, desk.operator, "rule", again, refunds.RuleOn(outcome, "改判", "RF1", money)) == code  # type: ignore[arg-type]
    assert (await desk.refund(again)).state == "disputed"
    assert await desk.books() == {}
    await desk.rule(again, "repay", amount=Money(5_000))
    await desk.settle()
    page = await desk.refund(again, desk.seller)
    assert (page.state, page.payout, page.amends.amount, page.back.amount) == ("closed", "amends_owed", 5_000, 7_900)
    they, me = desk.buyer.member, desk.seller.member
    assert await desk.books() == {f"receivable:{they}": -5_000, f"amends_due:{me}": 5_000}
    assert (await desk.page(order)).state == "refunded", "what has ended stays ended"
    (line,) = await owed(desk)
    assert (line.subject, line.kind, line.creditor, line.debtor) == (again, "repay", me, they)
    async with desk.database.look(desk.buyer) as look:
        assert await orders.debt(look) == Money(5_000)
    await pass_on(desk, order, again)
    assert (await desk.refund(again)).payout == "amends_paid"
    assert await desk.books() == {f"receivable:{they}": -5_000, "platform_paid": 5_000}


async def test_a_ruling_to_repay_may_itself_be_found_wrong(desk: Desk) -> None:
    order, again = await wrongly_refunded(desk)
    await desk.rule(again, "repay", amount=Money(5_000))
    await desk.settle()
    third = await desk.appealed(again, desk.buyer)
    page = await desk.refund(third, desk.operator)
    assert (page.most.amount, page.back.amount) == (5_000, 7_900)
    asked = list(desk.provider.asked)
    await desk.rule(third, "refund_full")
    await desk.settle()
    assert desk.provider.asked == asked
    assert (await desk.refund(third)).payout == "amends_owed"
    they, me = desk.buyer.member, desk.seller.member
    debts = {f"receivable:{who}": -5_000 for who in (they, me)}
    assert await desk.books() == debts | {f"amends_due:{who}": 5_000 for who in (they, me)}
    assert [(line.subject, line.kind) for line in await owed(desk)] == [(again, "repay"), (third, "claim")]
    assert (await desk.page(order)).state == "refunded"


async def test_nothing_is_repaid_while_the_order_goes_on_or_when_nothing_went_back(desk: Desk) -> None:
    going_on = await desk.disputed(await desk.delivered())
    ask = refunds.RuleOn("repay", "改判", "RF1", Money(1))
    assert await no(desk, desk.operator, "rule", going_on, ask) == "nothing_to_repay"
    over = await desk.disputed(await desk.completed())
    assert await no(desk, desk.operator, "rule", over, ask) == "nothing_to_repay"
    assert [(await desk.refund(one)).state for one in (going_on, over)] == ["disputed", "disputed"]
    assert await owed(desk) == []


async def test_with_nothing_left_the_seller_cannot_take_the_goods_back_again(desk: Desk) -> None:
    first = await desk.asked(await desk.completed(), "return")
    await desk.agree(first)
    await desk.ship_back(first)
    swapped = refunds.RefuseReceived("swapped", "不是那台", await desk.evidence(desk.seller))
    await desk.do(desk.seller, "refuse_received", first, swapped)
    await desk.rule(first, "refund_full")
    await desk.settle()
    again = await desk.appealed(first, desk.seller)
    page = await desk.refund(again, desk.seller)
    assert (page.kind, page.state, page.amount.amount, page.actions) == ("return", "disputed", 0, [])
    assert await no(desk, desk.seller, "agree", again, refunds.Agree()) == "move_not_open"
    assert (await desk.refund(again)).state == "disputed"
