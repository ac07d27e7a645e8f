"""Giving away: asking, choosing, drawing, changing one's mind, and the order for nothing."""

from xianji.domains import items, orders
from xianji.kernel.work import SYSTEM
from xianji.simulator.world import World


async def ask_for_gift(world: World) -> None:
    """Somebody asks for a gift, or no longer wants it."""
    gift = world.one_of(await world.things("giveaway"))
    if gift is None:
        return
    async with world.database.work(world.somebody()) as work:
        if world.random.random() < 0.9:
            await items.ask_for(work, gift["id"], "给孩子用")
        else:
            await items.withdraw_request(work, gift["id"])


async def choose(world: World) -> None:
    """A giver picks, draws, or takes a promise back."""
    gift = world.one_of(await world.things("giveaway"))
    if gift is None:
        return
    async with world.database.work(world.person(gift["seller"])) as work:
        match world.random.randrange(5):
            case 0:
                await items.draw_request(work, gift["id"])
            case 1:
                await items.unpick_request(work, gift["id"], world.somebody().me)
            case _:
                await items.pick_request(work, gift["id"], world.somebody().me)


async def order_gift(world: World) -> None:
    """Whoever was chosen orders it; now and then somebody who was not."""
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select r.item, r.member, i.handover from item_requests r join items i on i.id = r.item"
            " where r.state = 'chosen' order by r.item, r.member"
        )
    promised = world.one_of(rows)
    if promised is None:
        return
    who = world.person(promised["member"])
    handover = world.random.choice(promised["handover"] or ["meet"])
    ask = orders.PlaceOrder([orders.WantedLine(promised["item"])], handover, world.addresses[who.me])
    async with world.database.work(who) as work:
        await orders.place_order(work, ask)
