"""Several things at once: carts, checkouts with one payment, and prices that change before it."""

from xianji.domains import orders, payments
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM
from xianji.simulator.bank import SITE
from xianji.simulator.world import World


async def fill_cart(world: World) -> None:
    """Somebody puts a thing into their cart."""
    thing = world.one_of(await world.things("sale"))
    if thing is not None:
        quantity = world.random.choice((1, 1, 1, 2))
        async with world.database.work(world.somebody()) as work:
            await orders.put_in_cart(work, orders.PutInCart(thing["id"], quantity))


async def check_out(world: World) -> None:
    """Somebody orders all that is in their cart, of however many sellers."""
    buyer = world.somebody()
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select c.item, c.quantity, i.seller, i.handover from cart_lines c join items i on i.id = c.item"
            " where c.member = $1 order by c.item",
            buyer.member,
        )
    if not rows:
        return
    ways = {row["seller"]: world.random.choice(row["handover"] or ["meet"]) for row in rows}
    lines = [orders.WantedLine(row["item"], row["quantity"]) for row in rows]
    ask = orders.PlaceCheckout(lines, "meet", world.addresses[buyer.me], ways)
    try:
        async with world.database.work(buyer) as work:
            await orders.place_checkout(work, ask)
    except Refusal:
        # What cannot be had would stand in the way for ever.
        async with world.database.work(buyer) as work:
            await orders.empty_cart(work)
        raise


async def pay_together(world: World) -> None:
    """A buyer opens one page for everything, or gives up all that is not paid."""
    order = world.one_of([row for row in await world.orders("awaiting_payment") if row["checkout"]])
    if order is None:
        return
    async with world.database.work(world.person(order["buyer"])) as work:
        if world.random.random() < 0.1:
            await orders.cancel_checkout(work, order["checkout"], orders.Cancel("算了"))
            return
        payment = await orders.start_checkout_payment(work, order["checkout"])
    await payments.open_now(world.database, payment, world.bank.port, SITE)


async def reprice(world: World) -> None:
    """A seller comes down before payment or changes the postage; now and then asks for more, which is refused."""
    order = await world.an_order("awaiting_payment")
    if order is None:
        return
    goods = order["goods"] * world.random.choice((5, 9, 9, 9, 12)) // 10
    shipping = Money(world.random.choice((0, 500, 900))) if world.random.random() < 0.3 else None
    async with world.database.work(world.person(order["seller"])) as work:
        await orders.change_price(work, order["id"], orders.ChangePrice(order["version"], Money(goods), shipping))


async def look_again(world: World) -> None:
    """A buyer agrees to what an order costs now."""
    async with world.database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select id, buyer, version from orders where state = 'awaiting_payment' and not confirmed order by id"
        )
    order = world.one_of(rows)
    if order is not None:
        async with world.database.work(world.person(order["buyer"])) as work:
            await orders.reconfirm(work, order["id"], orders.Reconfirm(order["version"]))
