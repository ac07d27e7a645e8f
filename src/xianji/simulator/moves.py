"""What people, the provider and time do in a simulation, each with how often. Most is sensible, some is not allowed.

A move raises `Refusal` when the house says no, which is an outcome like any other. What is not a refusal is a mistake
of ours and ends the run.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from xianji.domains import fees, items, orders, payments
from xianji.kernel import config
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

from .bank import SITE
from .world import World

_WRONG_CODE = "000001"


async def publish(world: World) -> None:
    """Somebody offers a thing."""
    random = world.random
    price = random.choice((0, 1, 50, 333, 9_900, 100_000, 999_999))
    handover = random.choice((["meet"], ["ship"], ["ship", "meet"], ["digital"]))
    new = items.NewItem(
        title="小相机",
        kind="sale" if price else "giveaway",
        price=Money(price),
        stock=random.choice((1, 1, 1, 2, 3)),
        handover=handover,  # type: ignore[arg-type]
        shipping=Money(800) if "ship" in handover and random.random() < 0.3 else None,
    )
    seller, keeps = world.somebody(), _a_deposit(world)
    async with world.database.work(seller) as work:
        item = await items.publish_item(work, new)
        if keeps is not None and price:
            await orders.set_deposit(work, item, keeps)


def _a_deposit(world: World) -> orders.SetDeposit | None:
    """Some sellers keep a thing for a part of its price."""
    random = world.random
    kind = random.choice((None, None, "refundable", "earnest"))
    if kind is None:
        return None
    silent = random.choice(("refund", "extend") if kind == "refundable" else ("refund", "forfeit", "extend"))
    percent = random.choice((1, 10, 20))
    return orders.SetDeposit(kind, percent, random.choice((1, 24, 168)), silent, understood=True)  # type: ignore[arg-type]


async def place(world: World) -> None:
    """Somebody buys one or several things of a seller."""
    async with world.database.look(SYSTEM) as look:
        found = await look.db.fetch(
            "select id, seller, handover, exists (select from deposit_terms d where d.item = items.id) as keeps"
            " from items where state = 'live' and kind = 'sale' order by id desc limit 30"
        )
    if not found:
        return
    first = world.random.choice(found)
    same = [row["id"] for row in found if row["seller"] == first["seller"] and row["handover"] == first["handover"]]
    wanted = {first["id"], *world.random.sample(same, min(len(same), world.random.choice((0, 0, 1, 2))))}
    buyer = world.somebody()
    ask = orders.PlaceOrder(
        [orders.WantedLine(item, world.random.choice((1, 1, 1, 2))) for item in sorted(wanted)],
        world.random.choice(first["handover"] or ["meet"]),
        world.addresses[buyer.me],
        deposit=first["keeps"] and len(wanted) == 1 and world.random.random() < 0.8,
        understood=True,
    )
    async with world.database.work(buyer) as work:
        await orders.place_order(work, ask)


async def go_to_pay(world: World) -> None:
    """A buyer opens the provider's page."""
    order = await _one(world, "awaiting_payment", "awaiting_balance")
    if order is None:
        return
    async with world.database.work(world.person(order["buyer"])) as work:
        payment = await orders.start_payment(work, order["id"])
    await payments.open_now(world.database, payment, world.bank.port, SITE)


async def answer_at_provider(world: World) -> None:
    """A buyer pays, or fails to, on one of the open pages; some do so after having called the order off."""
    tokens = world.bank.pending()
    if tokens:
        world.bank.answer(world.random.choice(tokens), success=world.random.random() < 0.85)


async def come_back(world: World) -> None:
    """A buyer returns from the provider's page before or after the callback."""
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch("select id from payments order by id desc limit 10")
    if rows:
        await orders.catch_up(world.database, world.random.choice(rows)["id"], world.bank.port, SITE)


async def call_off(world: World) -> None:
    """Either side calls an order off, paid or not, or gives a deposit up."""
    states = ("awaiting_payment", "awaiting_balance", "awaiting_shipment", "awaiting_meeting", "shipped")
    order = await _one(world, *states)
    if order is None:
        return
    who = world.person(order[world.random.choice(("buyer", "seller"))])
    paid = world.random.choice((orders.cancel_paid, orders.cancel_paid, orders.forfeit))
    verb = orders.cancel if order["state"] == "awaiting_payment" else paid
    async with world.database.work(who) as work:
        await verb(work, order["id"], orders.Cancel("算了"))


async def send(world: World) -> None:
    """A seller sends a parcel or delivers in writing."""
    order = await _one(world, "awaiting_shipment")
    if order is None:
        return
    async with world.database.work(world.person(order["seller"])) as work:
        if order["handover"] == "digital":
            await orders.deliver_in_writing(work, order["id"], orders.DeliverInWriting("兑换码 1234"))
        else:
            waybill = f"SF{world.random.randrange(50):013d}"
            await orders.ship(work, order["id"], orders.Ship("sf", waybill))


async def carry(world: World) -> None:
    """A carrier says that a parcel was signed for."""
    order = await _one(world, "shipped", "awaiting_shipment")
    if order is not None:
        async with world.database.work(SYSTEM) as work:
            await orders.deliver(work, order["id"])


async def confirm(world: World) -> None:
    """A buyer is content; now and then before anything came."""
    order = await _one(world, "shipped", "delivered", "awaiting_shipment")
    if order is not None:
        async with world.database.work(world.person(order["buyer"])) as work:
            await orders.confirm(work, order["id"])


async def meet(world: World) -> None:
    """Two meet: the buyer shows the code, the seller enters it, or another one."""
    order = await _one(world, "awaiting_meeting")
    if order is None:
        return
    buyer = next(actor for actor in world.people if actor.member == order["buyer"])
    async with world.database.look(buyer) as look:
        code = (await orders.order_page(look, order["id"])).meet_code
    entered = code if code and world.random.random() < 0.8 else _WRONG_CODE
    async with world.database.work(world.person(order["seller"])) as work:
        await orders.redeem(work, order["id"], orders.Redeem(entered))


async def take_time(world: World) -> None:
    """One side asks for more time, or agrees on a place."""
    order = await _one(world, "awaiting_balance", "awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
    if order is None:
        return
    who = world.person(order[world.random.choice(("buyer", "seller"))])
    async with world.database.work(who) as work:
        if world.random.random() < 0.5:
            await orders.extend(work, order["id"])
        else:
            await orders.arrange(work, order["id"], orders.Meeting("地铁 A 口"))


async def change_item(world: World) -> None:
    """A seller pauses, resumes, relists or lowers a thing, also while somebody has it reserved."""
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select id, seller, state, version from items where state in ('live', 'paused', 'sold')"
            " order by id desc limit 40"
        )
    if not rows:
        return
    row = world.random.choice(rows)
    async with world.database.work(world.person(row["seller"])) as work:
        match world.random.randrange(3):
            case 0:
                await items.pause(work, row["id"])
            case 1:
                await items.resume(work, row["id"])
            case _:
                price = Money(world.random.choice((100, 8_800)))
                await items.edit_item(work, row["id"], items.EditItem(version=row["version"], price=price))


async def work_a_little(world: World) -> None:
    """The worker's loops: callbacks, calls, reactions, deadlines, in any order."""
    chores: list[Callable[[], Awaitable[None]]] = [
        world.bank.deliver,
        world.carry_out,
        world.react,
        world.do_due,
    ]
    for chore in world.random.sample(chores, world.random.randrange(1, 5)):
        await chore()


async def let_time_pass(world: World) -> None:
    """Minutes mostly, days now and then; the provider's clock is the same."""
    minutes = world.random.choice((1, 5, 20, 31, 240, 1_440, 4_400, 14_500))
    world.clock.moment += timedelta(minutes=minutes)


async def upset_the_provider(world: World) -> None:
    """One of the scripted faults."""
    world.bank.misbehave(world.random)


async def announce_fees(world: World) -> None:
    """The operator announces another fee policy, as far ahead as must be."""
    policy = world.random.choice(fees.PUBLISHED)
    async with world.database.work(SYSTEM) as work:
        start = work.now + timedelta(days=work.config.get(fees.NOTICE_DAYS))
        await config.set_value(work, fees.POLICY.name, msgspec.to_builtins(policy), "drawn from the seed", "", start)
    world.database.book.forget()


async def die_soon(world: World) -> None:
    """The process will die in a few statements."""
    world.database.fuse.left = world.random.randrange(1, 40)


async def _one(world: World, *states: str) -> Any:
    found = await world.orders(*states)
    return world.random.choice(found) if found else None


@dataclass(frozen=True, slots=True)
class Kind:
    """A move and its weight. `races`: it may be made by two at once."""

    do: Callable[[World], Awaitable[None]]
    weight: int
    races: bool = False


MOVES = (
    Kind(publish, 6),
    Kind(place, 14, races=True),
    Kind(go_to_pay, 10, races=True),
    Kind(answer_at_provider, 10),
    Kind(come_back, 4, races=True),
    Kind(call_off, 3, races=True),
    Kind(send, 6, races=True),
    Kind(carry, 4),
    Kind(confirm, 5, races=True),
    Kind(meet, 6, races=True),
    Kind(take_time, 3),
    Kind(change_item, 2, races=True),
    Kind(work_a_little, 14, races=True),
    Kind(let_time_pass, 6),
    Kind(upset_the_provider, 2),
    Kind(announce_fees, 1),
    Kind(die_soon, 2),
)
