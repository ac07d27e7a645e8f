"""Trades, visits and decisions: whoever did not do it hears of it, and nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import a_member, a_seller
from tests.notes.build import a_note
from tests.payments.fake_provider import FakeProvider
from tests.refunds.build import Desk, a_waybill
from xianji.domains import items, moderation, notices, offers, orders, refunds, visits
from xianji.domains.notices import HEARD, KINDS
from xianji.domains.notices.of_trade import _REFUND
from xianji.domains.refunds import MACHINE
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor, Event

from .build import do, kinds, react, told


@pytest.fixture
async def desk(database: Database) -> Desk:
    return Desk(database, FakeProvider(), await a_seller(database), await a_member(database))


async def heard(desk: Desk) -> tuple[list[str], list[str]]:
    """What the buyer and the seller have heard since they last read everything."""
    await react(desk.database)
    found = []
    for one in (desk.buyer, desk.seller):
        found.append(sorted(line.kind for line in await told(desk.database, one) if not line.read))
        await do(desk.database, one, notices.read_notices, notices.ReadNotices())
    return found[0], found[1]


async def test_an_order_from_payment_to_completion(desk: Desk) -> None:
    order = await desk.placed("ship")
    assert await heard(desk) == ([], [])
    await desk.receive(desk.provider.pay(await desk.opened(order)))
    await react(desk.database)
    (paid,) = await told(desk.database, desk.seller)
    assert (paid.kind, paid.title, paid.link, paid.people) == ("order_paid", "小相机", f"/orders/{order}", 1)
    assert await heard(desk) == ([], ["order_paid"])
    await do(desk.database, desk.seller, orders.ship, order, orders.Ship("sf", a_waybill()))
    assert await heard(desk) == (["order_sent"], [])
    await do(desk.database, desk.seller, orders.correct_waybill, order, orders.Ship("sf", a_waybill()))
    assert await heard(desk) == (["waybill_corrected"], [])
    await do(desk.database, SYSTEM, orders.deliver, order)
    assert await heard(desk) == (["order_delivered"], [])
    await do(desk.database, desk.buyer, orders.confirm, order)
    assert await heard(desk) == ([], ["order_completed"])


async def test_calling_off_is_told_to_the_other_side(desk: Desk) -> None:
    order = await desk.placed()
    await do(desk.database, desk.buyer, orders.cancel, order, orders.Cancel())
    assert await heard(desk) == ([], ["order_closed"])
    order = await desk.paid()
    await heard(desk)
    await do(desk.database, desk.seller, orders.cancel_paid, order, orders.Cancel())
    assert await heard(desk) == (["order_cancelled"], [])


async def test_a_refund_is_told_by_its_moves_alone(desk: Desk) -> None:
    refund = await desk.asked(await desk.delivered(), "keep_goods")
    await heard(desk)
    await desk.refuse(refund)
    assert await heard(desk) == (["refund_refused"], [])
    await desk.do(desk.buyer, "escalate", refund, refunds.Escalate())
    assert await heard(desk) == ([], ["refund_disputed"])
    await desk.do(desk.buyer, "withdraw", refund)
    assert await heard(desk) == ([], ["refund_closed"])


async def test_every_move_of_a_refund_has_words_or_is_known_to_need_none() -> None:
    assert {move.verb for move in MACHINE.moves} - set(_REFUND) == {"signed"}
    assert set(_REFUND.values()) <= set(KINDS)


async def test_offers_are_answered_and_what_was_answered_is_no_news(desk: Desk) -> None:
    item = await desk.item()
    offer = await do(desk.database, desk.buyer, offers.make_offer, item, offers.NewOffer(Money(10_000)))
    await react(desk.database)
    (made,) = await told(desk.database, desk.seller)
    assert (made.kind, made.facts) == ("offer_made", {"amount": {"amount": 10_000, "currency": "CNY"}})
    await do(desk.database, desk.seller, offers.counter, offer, offers.Counter(Money(11_000)))
    assert await heard(desk) == (["offer_countered"], [])
    await do(desk.database, desk.buyer, offers.accept, offer)
    assert await heard(desk) == ([], ["offer_accepted"])


async def test_visits_are_told_to_the_other_side(desk: Desk) -> None:
    await desk.paid()
    address = await desk.address(desk.seller)
    begins = desk.database.clock.now() + timedelta(days=1)
    ask = visits.OfferSlot(begins, begins + timedelta(hours=1), address)
    slot = await do(desk.database, desk.seller, visits.offer_slot, ask)
    await heard(desk)
    await do(desk.database, desk.buyer, visits.take_slot, slot)
    assert await heard(desk) == ([], ["visit_taken"])
    await do(desk.database, desk.buyer, visits.leave_slot, slot)
    assert await heard(desk) == ([], ["visit_left"])
    await do(desk.database, desk.buyer, visits.take_slot, slot)
    await do(desk.database, desk.seller, visits.call_off_slot, slot)
    assert await heard(desk) == (["visit_called_off"], ["visit_taken"])


async def test_decisions_reach_the_owner_and_who_reported(database: Database) -> None:
    owner, reporter, bystander = await a_seller(database), await a_member(database), await a_member(database)
    moderator = Actor((await a_member(database)).me, roles=frozenset(("moderator",)))
    other = Actor((await a_member(database)).me, roles=frozenset(("moderator",)))
    note = await a_note(database, owner)
    case = await do(database, reporter, moderation.report, moderation.Report(note, "fraud"))
    rule = next(iter(moderation.policy().rules))
    await do(database, moderator, moderation.decide, case, moderation.Decision("hide", "不合适", rule))
    await react(database)
    (taken_down,) = await told(database, owner)
    assert (taken_down.kind, taken_down.facts, taken_down.title) == ("taken_down", {"of": "nte"}, "搬家出闲置")
    assert await kinds(database, reporter) == ["report_answered"]
    await do(database, owner, moderation.appeal, case, moderation.Appeal("是我自己的东西"))
    await do(database, other, moderation.decide, case, moderation.Decision("restore", "弄错了", ""))
    await react(database)
    assert await kinds(database, owner) == ["decision_undone", "taken_down"]
    assert await kinds(database, reporter) == ["report_answered"]
    assert await kinds(database, bystander) == []


async def test_what_a_rule_holds_waits_and_is_let_through(database: Database) -> None:
    owner = await a_seller(database)
    moderator = Actor((await a_member(database)).me, roles=frozenset(("moderator",)))
    await do(database, owner, items.publish_item, items.NewItem("日抛美瞳两盒", Money(9_000)))
    await react(database)
    assert await kinds(database, owner) == ["held"]
    async with database.look(owner) as look:
        (case,) = (await moderation.my_cases(look)).items
    await do(database, moderator, moderation.decide, case.id, moderation.Decision("release", "没问题", ""))
    await react(database)
    assert await kinds(database, owner) == ["held", "let_through"]


def test_every_kind_can_be_told() -> None:
    """A kind that nothing tells would be words for nobody."""
    source = "\n".join(_sources())
    assert {kind for kind in KINDS if source.count(f'"{kind}"') < 2} == set()  # once in the catalogue, once told
    assert all(issubclass(event, Event) for event in HEARD)


def _sources() -> list[str]:
    root = Path(notices.__file__).parents[1]
    return [file.read_text("utf-8") for name in ("notices", "search") for file in sorted((root / name).glob("*.py"))]
