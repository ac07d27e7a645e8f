"""Money back: every kind of refund, what either side answers, parcels that return, and the operators' rulings."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from xianji.domains import moderation, orders, refunds
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.simulator.world import World

_KINDS = ("unshipped", "not_received", "keep_goods", "return", "partial", "exchange")
_SENSIBLE = {
    "awaiting_shipment": ("unshipped",),
    "awaiting_meeting": ("unshipped",),
    "shipped": ("not_received", "return", "partial", "exchange"),
    "delivered": ("return", "partial", "keep_goods", "exchange"),
    "completed": ("return", "partial", "keep_goods"),
}
_RULINGS = ("refund_full", "refund_part", "return", "release", "split_freight", "repay")
_AGAIN = ("refund_full", "release", "repay", "repay", "repay")  # what an appeal opened anew is mostly about money gone
_OPEN = ("waiting_seller", "waiting_buyer", "waiting_return", "returning", "waiting_replacement", "refused", "disputed")


async def ask_back(world: World) -> None:
    """A buyer wants money back, mostly in a way that is open; now and then another way or more than was paid."""
    order = await _an_order(world)
    if order is None:
        return
    random, buyer = world.random, world.person(order["buyer"])
    kind = random.choice(_SENSIBLE[order["state"]] if random.random() < 0.9 else _KINDS)
    share = random.choice((10, 33, 50, 90, 100, 110)) if kind == "partial" or random.random() < 0.3 else None
    ask = refunds.Apply(
        kind=kind,  # type: ignore[arg-type]
        reason="hidden_fault" if order["state"] == "completed" else "other",
        amount=None if share is None else Money(order["total"] * share // 100),
        words="屏幕裂了",
        evidence=[world.pictures[buyer.me]],
    )
    async with world.database.work(buyer) as work:
        await refunds.apply(work, order["id"], ask)


async def _an_order(world: World) -> Any:
    """Mostly one that is under way or was completed lately."""
    lately = timedelta(days=6 if world.random.random() < 0.95 else 30)
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select id, buyer, state, total from orders where state = any($1::text[]) and paid > 0"
            " and (state <> 'completed' or changed_at > $2) order by id desc limit 40",
            list(_SENSIBLE),
            look.now - lately,
        )
    return world.one_of(rows)


# Who does what in which state, the usual more often; "" is to wait.
_BUYER = {
    "waiting_seller": ("", "", "", "", "withdraw"),
    "waiting_buyer": ("accept_counter", "accept_counter", "withdraw", "escalate"),
    "waiting_return": ("ship_back", "ship_back", "ship_back", "withdraw"),
    "returning": ("escalate",),
    "waiting_replacement": ("escalate",),
    "refused": ("escalate", "escalate", "withdraw"),
    "disputed": ("withdraw",),
}
_SELLER = {
    "waiting_seller": ("agree", "agree", "agree", "counter", "refuse"),
    "waiting_buyer": ("escalate",),
    "waiting_return": ("escalate",),
    "returning": ("receive", "receive", "receive", "refuse_received"),
    "waiting_replacement": ("replace",),
    "refused": ("agree",),
    "disputed": ("agree",),
}


async def go_on_asking(world: World) -> None:
    """The buyer of a refund does something about it."""
    await _somebody_acts(world, "buyer", _BUYER)


async def answer_back(world: World) -> None:
    """The seller answers a refund, gets the goods, sends a replacement, or says no."""
    await _somebody_acts(world, "seller", _SELLER)


async def _somebody_acts(world: World, side: str, usual: dict[str, tuple[str, ...]]) -> None:
    refund = await _a_refund(world, *_OPEN)
    if refund is None:
        return
    every = sorted({act for acts in usual.values() for act in acts if act})
    act = world.random.choice(usual[refund["state"]] if world.random.random() < 0.9 else every)
    if not act:
        return
    who = world.person(refund[side])
    async with world.database.work(who) as work:
        await getattr(refunds, act)(work, refund["id"], *_said(world, who, act, refund))


def _said(world: World, who: Actor, act: str, refund: Any) -> list[Any]:
    """What is said with an act, if anything."""
    random, picture = world.random, [world.pictures[who.me]]
    match act:
        case "agree":
            return [refunds.Agree(keep=random.random() < 0.5)]
        case "counter":
            kind = random.choice(("keep_goods", "return", "partial", "exchange"))
            amount = Money(refund["amount"] // 2 or refund["total"] // 2)
            return [refunds.CounterRefund(kind, amount)]  # type: ignore[arg-type]
        case "refuse":
            return [refunds.Refuse("寄出时是好的")]
        case "escalate":
            return [refunds.Escalate("请看看")]
        case "ship_back":
            return [refunds.ShipBack("sf", _waybill(world), picture)]
        case "refuse_received":
            return [refunds.RefuseReceived(random.choice(("swapped", "damaged", "missing")), "不是那台", picture)]
        case "replace":
            return [refunds.Replacement("sf", _waybill(world))]
        case _:
            return []


def _waybill(world: World) -> str:
    return f"SF{world.random.randrange(1_000_000):013d}"


async def carry_back(world: World) -> None:
    """A carrier says that what goes back was signed for."""
    refund = await _a_refund(world, "returning")
    if refund is not None:
        async with world.database.work(SYSTEM) as work:
            await refunds.mark_signed(work, refund["id"])


async def rule(world: World) -> None:
    """An operator rules on a disputed refund; now and then on one that is not disputed."""
    state = "disputed" if world.random.random() < 0.8 else world.random.choice(_OPEN)
    refund = await _a_refund(world, state)
    if refund is None:
        return
    outcome = world.random.choice(_AGAIN if refund["again_of"] else _RULINGS)
    part, freight = Money(refund["total"] * world.random.choice((20, 50, 100)) // 100), Money(1_201)
    ask = refunds.RuleOn(
        outcome=outcome,  # type: ignore[arg-type]
        reason="看过两边的照片",
        rule="RF1",
        amount=part if outcome in ("refund_part", "repay") else None,
        freight=freight if outcome == "split_freight" else None,
        freight_paid_by=world.random.choice(("buyer", "seller")),
    )
    async with world.database.work(world.random.choice(world.operators)) as work:
        await refunds.rule(work, refund["id"], ask)


async def appeal(world: World) -> None:
    """A side of a ruling asks for another look, or an operator takes it, who may open the dispute again."""
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select c.id, c.state, r.buyer, r.seller from cases c join refunds r on r.id = c.subject"
            " where c.subject_kind = 'refund' and c.state in ('acted', 'appealed') order by c.id desc limit 10"
        )
    case = world.one_of(rows)
    if case is None:
        return
    if case["state"] == "acted":
        async with world.database.work(world.person(case[world.random.choice(("buyer", "seller"))])) as work:
            await moderation.appeal(work, case["id"], moderation.Appeal("再看看"))
    else:
        verb = world.random.choice(("uphold", "restore", "restore"))
        async with world.database.work(world.random.choice(world.operators)) as work:
            await moderation.decide(work, case["id"], moderation.Decision(verb, "又看了一遍"))  # type: ignore[arg-type]


async def pass_on(world: World) -> None:
    """Finance passes on what one side of an order owes the other, now and then twice."""
    finance = replace(world.operators[0], roles=frozenset({"finance"}))
    async with world.database.look(finance) as look:
        owed = world.one_of(await orders.amends(look))
    for _ in range(world.random.choice((1, 1, 2)) if owed else 0):
        async with world.database.work(finance) as work:
            await orders.note_amends_paid(work, owed.order, owed.subject)


async def _a_refund(world: World, *states: str) -> Any:
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select r.id, r.state, r.buyer, r.seller, r.amount, r.again_of, o.total from refunds r"
            " join orders o on o.id = r.order_id where r.state = any($1::text[]) order by r.id desc limit 20",
            list(states),
        )
    return world.one_of(rows)
