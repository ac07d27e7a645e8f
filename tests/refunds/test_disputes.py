"""Disputed refunds at the operators: the case, each ruling, who may rule, the appeal, and what is kept."""

import pytest

from xianji.domains import moderation, orders, refunds
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_ALLOWED, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

from .build import Desk

PAID = 12_900


async def cases(desk: Desk, state: str = "open") -> list[moderation.CaseCard]:
    await desk.react()
    async with desk.database.look(desk.operator) as look:
        return (await moderation.queue(look, state)).items  # type: ignore[arg-type]


async def test_a_dispute_is_a_case_with_both_sides_words(desk: Desk) -> None:
    refund = await desk.disputed(await desk.delivered())
    (case,) = await cases(desk)
    assert (case.subject, case.subject_kind, case.owner.id) == (refund, "refund", desk.seller.me)
    async with desk.database.look(desk.operator) as look:
        page = await moderation.case_page(look, case.id)
        assert [line.id for line in (await refunds.disputed(look)).items] == [refund]
    assert page.actions == []
    assert page.snapshot["body"] == "屏幕裂了\n寄出时是好的\n请看看"
    assert len(page.snapshot["media"]) == 1
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.operator) as work:
            await moderation.decide(work, case.id, moderation.Decision("dismiss", "没有问题"))
    assert refused.value.code.name == "dispute_is_ruled"


@pytest.mark.parametrize(
    ("outcome", "facts", "state", "order_state", "refunded"),
    [
        ("refund_full", {}, "refunded", "refunded", PAID),
        ("refund_part", {"amount": Money(5_000)}, "refunded", "delivered", 5_000),
        ("release", {}, "closed", "delivered", 0),
        ("return", {}, "waiting_return", "delivered", 0),
    ],
)
async def test_rulings(
    desk: Desk, outcome: str, facts: dict[str, object], state: str, order_state: str, refunded: int
) -> None:
    order = await desk.delivered()
    refund = await desk.disputed(order)
    await desk.rule(refund, outcome, **facts)
    assert await cases(desk) == []
    (case,) = await cases(desk, "acted")
    assert case.subject == refund
    await desk.settle()
    await desk.books()
    page, bought = await desk.refund(refund), await desk.page(order)
    assert (page.state, bought.state, bought.money.refunded.amount) == (state, order_state, refunded)
    assert bought.waiting.paused == (state == "waiting_return")
    ruled = page.timeline[-1]
    assert (ruled.role, ruled.words, ruled.facts["rule"]) == ("operator", "看过两边的照片", "RF1")
    async with desk.database.look(SYSTEM) as look:
        kept = await look.db.fetchrow("select subject, actor from audit where verb = 'refunds.rule'")
    assert kept is not None
    assert tuple(kept) == (refund, desk.operator.me)


async def test_a_return_by_ruling_goes_to_the_end(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.disputed(order)
    await desk.rule(refund, "return")
    assert (await desk.refund(refund)).address is not None
    await desk.ship_back(refund)
    await desk.do(desk.seller, "receive", refund)
    await desk.settle()
    assert (await desk.page(order)).state == "refunded"
    assert await desk.books() == {}


@pytest.mark.parametrize(("paid_by", "refunded"), [("seller", 12_300), ("buyer", PAID)])
async def test_freight_is_split_when_the_goods_came_back(desk: Desk, paid_by: str, refunded: int) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "return")
    await desk.agree(refund)
    await desk.ship_back(refund)
    await desk.do(
        desk.seller,
        "refuse_received",
        refund,
        refunds.RefuseReceived("damaged", "盒子压坏了", await desk.evidence(desk.seller)),
    )
    await desk.rule(refund, "split_freight", freight=Money(1_200), freight_paid_by=paid_by)
    await desk.settle()
    await desk.books()
    page = await desk.page(order)
    assert page.money.refunded.amount == refunded
    assert page.state == ("refunded" if refunded == PAID else "completed")
    assert await desk.stock(page.lines[0].item) == ("paused", 0, 0)


async def test_a_ruling_needs_a_moderator_a_rule_and_other_hands(desk: Desk) -> None:
    refund = await desk.disputed(await desk.delivered())
    ruling = refunds.RuleOn("release", "看过了", "RF4")
    both = Actor(desk.seller.member, desk.seller.session, frozenset({"moderator"}))
    for actor, ask, code in (
        (desk.seller, ruling, NOT_ALLOWED.name),
        (both, ruling, "ruling_own_refund"),
        (desk.operator, refunds.RuleOn("release", "看过了", "R1"), "ruling_unknown_rule"),
        (desk.operator, refunds.RuleOn("release", " ", "RF4"), "text_empty"),
        (desk.operator, refunds.RuleOn("refund_part", "退", "RF1"), "refund_amount_needed"),
        (desk.operator, refunds.RuleOn("refund_part", "退", "RF1", Money(PAID + 1)), "refund_too_much"),
        (desk.operator, refunds.RuleOn("split_freight", "退", "RF6", freight=Money(1)), "ruling_no_goods"),
    ):
        with pytest.raises(Refusal) as refused:
            await desk.do(actor, "rule", refund, ask)
        assert refused.value.code.name == code
    assert (await desk.refund(refund)).state == "disputed"


async def test_the_two_may_still_settle_it_themselves(desk: Desk) -> None:
    refund = await desk.disputed(await desk.delivered())
    assert len(await cases(desk)) == 1
    await desk.agree(refund)
    assert await cases(desk) == []
    assert len(await cases(desk, "dismissed")) == 1
    await desk.settle()
    assert await desk.books() == {}


@pytest.mark.parametrize("side", ["buyer", "seller"])
async def test_either_side_may_appeal_and_another_operator_looks(desk: Desk, side: str) -> None:
    from tests.build import a_member

    order = await desk.delivered()
    refund = await desk.disputed(order)
    await desk.rule(refund, "release")
    (case,) = await cases(desk, "acted")
    actor = desk.buyer if side == "buyer" else desk.seller
    async with desk.database.work(actor) as work:
        await moderation.appeal(work, case.id, moderation.Appeal("请再看看第二张照片"))
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.operator) as work:
            await moderation.decide(work, case.id, moderation.Decision("uphold", "没有新东西"))
    assert refused.value.code.name == "appeal_needs_other_eyes"
    person = await a_member(desk.database)
    other = Actor(person.member, person.session, frozenset({"moderator"}))
    async with desk.database.work(other) as work:
        await moderation.decide(work, case.id, moderation.Decision("restore", "照片确实说明问题"))
    await desk.react()
    async with desk.database.look(desk.operator) as look:
        (again,) = (await refunds.disputed(look)).items
    assert again.id != refund
    assert (await desk.refund(refund)).state == "closed", "what has ended stays ended"
    assert (await desk.page(order)).waiting.paused
    ask = refunds.RuleOn("refund_full", "改判", "RF1")
    await desk.do(other, "rule", again.id, ask)
    await desk.settle()
    assert (await desk.page(order)).state == "refunded"
    assert await desk.books() == {}


async def test_an_appeal_comes_soon_or_not_at_all(desk: Desk, clock: object) -> None:
    refund = await desk.disputed(await desk.delivered())
    await desk.rule(refund, "release")
    (case,) = await cases(desk, "acted")
    clock.move(hours=72, seconds=1)  # type: ignore[attr-defined]
    with pytest.raises(Refusal) as refused:
        async with desk.database.work(desk.buyer) as work:
            await moderation.appeal(work, case.id, moderation.Appeal("晚了"))
    assert refused.value.code.name == "appeal_too_late"


async def test_the_address_opens_with_a_new_key(desk: Desk, database: Database) -> None:
    refund = await desk.asked(await desk.delivered(), "return")
    await desk.agree(refund)
    old = database.keys
    database.keys = Keys(old.ring.rotated())
    try:
        async with database.work(SYSTEM) as work:
            assert await refunds.reseal(work, 10) == 1
        async with database.work(SYSTEM) as work:
            assert await refunds.reseal(work, 10) == 0
        assert (await desk.refund(refund)).address is not None
        async with database.look(SYSTEM) as look:
            sealed = await look.db.fetchval("select address_sealed from refunds where id = $1", refund)
        assert database.keys.is_current(sealed)
    finally:
        database.keys = old


async def test_a_copy_and_forgetting(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    async with desk.database.look(desk.buyer) as look:
        mine = await refunds.export_for(look, desk.buyer.me)
        assert await refunds.in_the_way(look) == [refund]
    assert [one["history"][0]["words"] for one in mine["refunds"]] == ["屏幕裂了"]
    async with desk.database.look(desk.seller) as look:
        theirs = await refunds.export_for(look, desk.seller.me)
    assert theirs["refunds"][0]["history"][0]["words"] == ""
    await desk.agree(refund)
    async with desk.database.work(SYSTEM) as work:
        await refunds.scrub(work, desk.buyer.me)
    page = await desk.refund(refund)
    assert (page.timeline[0].words, page.timeline[0].evidence) == ("", [])
    assert page.amount.amount == PAID
    assert orders.MACHINE.final
