"""Buying and selling one by one, and what the provider, the worker, the operator and time do meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from xianji.domains import fees, items, orders, payments
from xianji.kernel import config
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM
from xianji.simulator.bank import SITE
from xianji.simulator.world import World

_WRONG_CODE = "000001"


async def publish(world: World) -> None:
    """Somebody offers a thing."""
    random = world.random
    price = random.choice((0, 1, 50, 333, 9_900, 100_000, 999_999))
    handover = random.choice((["meet"], ["ship"], ["ship", "meet"], ["digital"]))
    new = items.NewItem(
        title="小相机",
        kind="sale" if price else "giveaway",
        way=random.choice(("pick", "first_come", "draw")) if not price else "pick",
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
    order = await world.an_order("awaiting_payment", "awaiting_balance")
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
    order = await world.an_order(*states)
    if order is None:
        return
    who = world.person(order[world.random.choice(("buyer", "seller"))])
    paid = world.random.choice((orders.cancel_paid, orders.cancel_paid, orders.forfeit))
    verb = orders.cancel if order["state"] == "awaiting_payment" else paid
    async with world.database.work(who) as work:
        await verb(work, order["id"], orders.Cancel("算了"))


async def send(world: World) -> None:
    """A seller sends a parcel or delivers in writing."""
    order = await world.an_order("awaiting_shipment")
    if order is None:
        return
    async with world.database.work(world.person(order["seller"])) as work:
        if order["handover"] == "digital":
            await orders.deliver_in_writing(work, order["id"], orders.DeliverInWriting("兑换码 1234"))
        else:
            waybill = f"SF{world.random.randrange(50):013d}"
            await orders.ship(work, order["id"], orders.Ship("sf", waybill))


async def correct(world: World) -> None:
    """A seller says that the number on a parcel was wrong; the new one may be in use as well."""
    order = await world.an_order("shipped")
    if order is None:
        return
    async with world.database.work(world.person(order["seller"])) as work:
        waybill = f"SF{world.random.randrange(50):013d}"
        await orders.correct_waybill(work, order["id"], orders.Ship("sf", waybill))


async def carry(world: World) -> None:
    """A carrier says that a parcel was signed for."""
    order = await world.an_order("shipped", "awaiting_shipment")
    if order is not None:
        async with world.database.work(SYSTEM) as work:
            await orders.deliver(work, order["id"])


async def confirm(world: World) -> None:
    """A buyer is content; now and then before anything came."""
    order = await world.an_order("shipped", "delivered", "awaiting_shipment")
    if order is not None:
        async with world.database.work(world.person(order["buyer"])) as work:
            await orders.confirm(work, order["id"])


async def meet(world: World) -> None:
    """Two meet: the buyer shows the code, the seller enters it, or another one."""
    order = await world.an_order("awaiting_meeting")
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
    order = await world.an_order("awaiting_balance", "awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
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
    minutes = world.random.choice((1, 1, 2, 5, 5, 20, 31, 240, 1_440, 4_400, 14_500))
    world.clock.moment += timedelta(minutes=minutes)


async def upset_the_provider(world: World) -> None:
    """One of the scripted faults."""
    world.bank.misbehave(world.random)


async def shorten_holds(world: World) -> None:
    """The provider may not hold what is paid next for long."""
    world.bank.hold_briefly(world.random)


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
