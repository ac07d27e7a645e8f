"""Talking about prices: offers and their answers, secret floors, links for one person."""

from typing import Any

from xianji.domains import items, offers, orders
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.simulator.world import World

_ALIVE = ("open", "countered", "accepted")


async def bargain(world: World) -> None:
    """Somebody offers a price, now and then one that is no offer."""
    thing = world.one_of([row for row in await world.things("sale") if row["price"] > 1])
    if thing is not None:
        share = world.random.choice((20, 40, 70, 70, 80, 99, 100))
        async with world.database.work(world.somebody()) as work:
            await offers.make_offer(work, thing["id"], offers.NewOffer(Money(thing["price"] * share // 100)))


async def answer_offer(world: World) -> None:
    """Either side of an offer does something with it, mostly what it may do now."""
    offer = await _an_offer(world)
    if offer is None:
        return
    seller, buyer = world.person(offer["seller"]), world.person(offer["buyer"])
    acts = {
        "open": [(seller, "accept"), (seller, "accept"), (seller, "counter"), (seller, "decline"), (buyer, "withdraw")],
        "countered": [(buyer, "accept"), (buyer, "accept"), (buyer, "counter"), (seller, "decline")],
        "accepted": [(buyer, "buy"), (buyer, "buy"), (buyer, "buy"), (buyer, "withdraw"), (seller, "decline")],
    }
    if world.random.random() < 0.1:
        acts = {state: [(one, act) for one in (seller, buyer) for act in _ACTS] for state in _ALIVE}
    who, act = world.random.choice(acts[offer["state"]])
    await _act(world, who, act, offer)


_ACTS = ("accept", "counter", "decline", "withdraw", "buy")


async def _act(world: World, who: Actor, act: str, offer: Any) -> None:
    async with world.database.work(who) as work:
        match act:
            case "accept":
                await offers.accept(work, offer["id"])
            case "counter":
                amount = (offer["amount"] + offer["asking"]) // 2
                await offers.counter(work, offer["id"], offers.Counter(Money(amount)))
            case "decline":
                await offers.decline(work, offer["id"], offers.Decline())
            case "withdraw":
                await offers.withdraw(work, offer["id"])
            case _:
                named = {"offer": offer["id"]} if world.random.random() < 0.5 else {}
                await orders.place_order(work, _wish(world, who, offer, **named))


def _wish(world: World, who: Actor, row: Any, **agreed: Any) -> orders.PlaceOrder:
    """One unit of a thing; now and then two, for which nothing was agreed."""
    quantity = 1 if world.random.random() < 0.95 else 2
    handover = world.random.choice(row["handover"] or ["meet"])
    return orders.PlaceOrder([orders.WantedLine(row["item"], quantity)], handover, world.addresses[who.me], **agreed)


async def _an_offer(world: World) -> Any:
    async with world.database.look(SYSTEM) as look:
        return world.one_of(
            await look.db.fetch(
                "select o.id, o.item, o.buyer, o.seller, o.state, o.amount, o.asking, i.handover from offers o"
                " join items i on i.id = o.item where o.state = any($1::text[]) order by o.id desc limit 20",
                list(_ALIVE),
            )
        )


async def keep_secret(world: World) -> None:
    """A seller lets a secret price answer, or takes it back."""
    thing = world.one_of([row for row in await world.things("sale") if row["price"] > 1])
    if thing is None:
        return
    async with world.database.work(world.person(thing["seller"])) as work:
        if world.random.random() < 0.8:
            await offers.set_floor(work, thing["id"], offers.Floor(Money(thing["price"] * 7 // 10)))
        else:
            await offers.drop_floor(work, thing["id"])


async def give_link(world: World) -> None:
    """A seller names a price for one person, or takes it back again."""
    thing = world.one_of([row for row in await world.things("sale") if row["price"] > 1])
    if thing is None:
        return
    seller = world.person(thing["seller"])
    async with world.database.look(SYSTEM) as look:
        given = await look.db.fetch("select id from private_links where item = $1 order by id", thing["id"])
    async with world.database.work(seller) as work:
        if given and world.random.random() < 0.3:
            await offers.revoke_link(work, world.one_of(given)["id"])
        else:
            ask = offers.NewLink(Money(thing["price"] // 2), world.somebody().member)
            await offers.make_link(work, thing["id"], ask)


async def use_link(world: World) -> None:
    """Whoever a link names buys by it; now and then somebody else tries, or it is used already."""
    async with world.database.look(SYSTEM) as look:
        links = await look.db.fetch(
            "select l.id, l.item, l.seller, l.buyer, i.handover from private_links l join items i on i.id = l.item"
            " where l.state = 'open' or l.changed_at > $1 order by l.id desc limit 10",
            look.now,
        )
    link = world.one_of(links)
    if link is None:
        return
    seller = next(actor for actor in world.people if actor.member == link["seller"])
    async with world.database.look(seller) as look:
        token = (await offers.link_page(look, link["id"])).token
    who = world.person(link["buyer"])
    async with world.database.work(who) as work:
        await orders.place_order(work, _wish(world, who, link, link=token))


async def bundle(world: World) -> None:
    """A seller puts things together on one note, of which several cost less."""
    seller = world.somebody()
    mine = [row["id"] for row in await world.things("sale") if row["seller"] == seller.me]
    async with world.database.work(seller) as work:
        note = f"nte_{world.random.randrange(3)}_{seller.me}"
        await items.attach_to_note(work, mine, note)
        await offers.put_bundle(work, note, offers.Bundle(2, world.random.choice((5, 10, 33))))
