"""Carts and checkouts: several sellers, one payment, each order held, released and refunded alone."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.build import a_member, a_seller
from tests.orders.build import SITE, Market, a_market
from tests.orders.test_repricing import change, reconfirm, refused
from xianji.domains import items, members, offers, orders, payments
from xianji.domains.orders import model
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor


@dataclass
class Fair:
    """Three stalls, one buyer."""

    stalls: list[Market]

    @property
    def first(self) -> Market:
        return self.stalls[0]

    async def things(self, **facts: Any) -> list[str]:
        return [await stall.item(price=1_000 * (number + 1), **facts) for number, stall in enumerate(self.stalls)]

    async def check_out(self, things: list[str], actor: Actor | None = None, **more: Any) -> str:
        lines = [orders.WantedLine(thing) for thing in things]
        async with self.first.database.work(actor or self.first.buyer) as work:
            return await orders.place_checkout(work, orders.PlaceCheckout(lines, **{"handover": "meet", **more}))

    async def page(self, checkout: str) -> orders.CheckoutPage:
        async with self.first.database.look(self.first.buyer) as look:
            return await orders.checkout_page(look, checkout)

    async def opened(self, checkout: str) -> str:
        async with self.first.database.work(self.first.buyer) as work:
            payment = await orders.start_checkout_payment(work, checkout)
        await payments.open_now(self.first.database, payment, self.first.provider, SITE)
        return payment

    async def pay(self, payment: str) -> None:
        await self.first.receive(self.first.provider.pay(payment))
        await self.first.book()

    async def rows(self) -> dict[str, int]:
        async with self.first.database.look(SYSTEM) as look:
            row = await look.db.fetchrow(
                "select (select count(*) from orders) as orders, (select count(*) from checkouts) as checkouts,"
                " (select count(*) from cart_lines) as cart, (select sum(reserved) from items) as reserved"
            )
        assert row is not None
        return dict(row)


@pytest.fixture
async def fair(database: Database) -> Fair:
    market = await a_market(database)
    others = [Market(database, market.provider, await a_seller(database), market.buyer) for _ in range(2)]
    return Fair([market, *others])


async def put(market: Market, item: str, quantity: int = 1, actor: Actor | None = None) -> None:
    async with market.database.work(actor or market.buyer) as work:
        await orders.put_in_cart(work, orders.PutInCart(item, quantity))


async def cart(market: Market, actor: Actor | None = None) -> orders.CartPage:
    async with market.database.look(actor or market.buyer) as look:
        return await orders.cart_page(look)


async def complete(stall: Market, order: str) -> None:
    page = await stall.page(order)
    async with stall.database.work(stall.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code or ""))


async def test_one_order_a_seller_one_payment_each_ends_alone(fair: Fair) -> None:
    things = await fair.things()
    for thing in things:
        await put(fair.first, thing)
    checkout = await fair.check_out(things)
    page = await fair.page(checkout)
    assert (len(page.orders), page.total.amount, page.to_pay.amount) == (3, 6_000, 6_000)
    assert {part.seller for part in page.parts} == {stall.seller.me for stall in fair.stalls}
    assert (await cart(fair.first)).count == 0
    payment = await fair.opened(checkout)
    assert await fair.opened(checkout) == payment
    await fair.pay(payment)
    by_seller = {part.seller: part.order for part in (await fair.page(checkout)).parts}
    mine = [by_seller[stall.seller.me] for stall in fair.stalls]
    assert [(await fair.first.page(order)).state for order in mine] == ["awaiting_meeting"] * 3
    await complete(fair.stalls[0], mine[0])
    async with fair.first.database.work(fair.stalls[1].seller) as work:
        await orders.cancel_paid(work, mine[1], orders.Cancel())
    await fair.first.provider_round()
    assert [(await fair.first.page(order)).state for order in mine] == ["completed", "refunded", "awaiting_meeting"]
    assert (await fair.first.page(mine[0])).money.released.amount == 1_000
    assert (await fair.first.page(mine[1])).money.refunded.amount == 2_000
    assert (await fair.first.page(mine[2])).money.held.amount == 3_000
    assert await fair.first.balances() == {f"order_held:{mine[2]}": 3_000, "provider_clearing": -3_000}
    assert (await fair.first.proof()).holds


async def test_all_or_nothing(fair: Fair) -> None:
    things = await fair.things()
    async with fair.first.database.work(await a_member(fair.first.database)) as work:
        await orders.place_order(work, orders.PlaceOrder([orders.WantedLine(things[2])], "meet"))
    for thing in things[:2]:
        await put(fair.first, thing)
    before = await fair.rows()
    await refused(items.ITEM_SOLD_OUT, fair.check_out(things))
    assert await fair.rows() == before


async def test_each_seller_may_hand_over_in_their_own_way(fair: Fair) -> None:
    one, two = (
        await fair.stalls[0].item(handover=["ship"], shipping=Money(800)),
        await fair.stalls[1].item(handover=["meet"]),
    )
    ways = {fair.stalls[0].seller.me: "ship"}
    await refused(model.HANDOVER_NOT_OFFERED, fair.check_out([one, two]))
    await refused(model.ADDRESS_NEEDED, fair.check_out([one, two], handovers=ways))
    notes = {fair.stalls[1].seller.me: "周末都在"}
    checkout = await fair.check_out([one, two], handovers=ways, notes=notes, address=await fair.first.address())
    parts = {part.seller: part for part in (await fair.page(checkout)).parts}
    assert [(parts[stall.seller.me].handover, parts[stall.seller.me].total.amount) for stall in fair.stalls[:2]] == [
        ("ship", 13_700),
        ("meet", 12_900),
    ]
    met = await fair.first.page(parts[fair.stalls[1].seller.me].order)
    assert (met.note, met.address) == ("周末都在", None)
    sent = await fair.first.page(parts[fair.stalls[0].seller.me].order)
    assert (sent.note, sent.address is not None) == ("", True)


async def test_money_too_late_for_one_order_returns_only_that_part(fair: Fair) -> None:
    checkout = await fair.check_out(await fair.things())
    payment = await fair.opened(checkout)
    gone = (await fair.page(checkout)).parts[0]
    async with fair.first.database.work(fair.first.buyer) as work:
        await orders.cancel(work, gone.order, orders.Cancel())
    async with fair.first.database.look(fair.first.buyer) as look:
        assert (await payments.payment_of(look, checkout)).state == "closed"  # type: ignore[union-attr]
    await fair.pay(payment)  # the close had not arrived at the provider yet
    await fair.first.provider_round()
    page = await fair.page(checkout)
    assert {part.order: part.state for part in page.parts} == {
        part.order: "closed" if part.order == gone.order else "awaiting_meeting" for part in page.parts
    }
    kept = 6_000 - gone.total.amount
    balances = await fair.first.balances()
    assert sum(amount for name, amount in balances.items() if name.startswith("order_held")) == kept
    assert balances["provider_clearing"] == -kept
    assert (await fair.first.page(gone.order)).money.refunded.amount == gone.total.amount
    assert (await fair.first.proof()).holds


async def test_after_one_is_cancelled_the_rest_is_paid_on_a_new_page(fair: Fair) -> None:
    checkout = await fair.check_out(await fair.things())
    old = await fair.opened(checkout)
    async with fair.first.database.work(fair.stalls[0].seller) as work:
        page = await fair.page(checkout)
        mine = next(part.order for part in page.parts if part.seller == fair.stalls[0].seller.me)
        await orders.cancel(work, mine, orders.Cancel())
    new = await fair.opened(checkout)
    assert new != old
    await fair.pay(new)
    assert sorted(part.state for part in (await fair.page(checkout)).parts) == [
        "awaiting_meeting",
        "awaiting_meeting",
        "closed",
    ]
    assert (await fair.page(checkout)).to_pay.amount == 0
    await refused(model.NOTHING_TO_PAY, fair.opened(checkout))


async def test_an_order_is_on_one_payment_page_at_a_time(fair: Fair) -> None:
    checkout = await fair.check_out(await fair.things())
    together = await fair.opened(checkout)
    one = (await fair.page(checkout)).orders[0]
    alone = await fair.first.opened(one)
    async with fair.first.database.look(SYSTEM) as look:
        states = await look.db.fetch("select id, state from payments order by id")
    assert {row["id"]: row["state"] for row in states} == {together: "closed", alone: "requested"}
    await fair.pay(alone)
    rest = await fair.opened(checkout)
    await fair.pay(rest)
    assert {part.state for part in (await fair.page(checkout)).parts} == {"awaiting_meeting"}
    assert (await fair.first.proof()).holds


async def test_a_changed_price_must_be_seen_before_all_is_paid(fair: Fair) -> None:
    checkout = await fair.check_out(await fair.things())
    old = await fair.opened(checkout)
    part = next(part for part in (await fair.page(checkout)).parts if part.seller == fair.stalls[2].seller.me)
    await change(fair.stalls[2], part.order, goods=2_500)
    page = await fair.page(checkout)
    assert (page.to_pay.amount, page.actions) == (5_500, ["cancel"])
    await refused(model.RECONFIRM_FIRST, fair.opened(checkout))
    await reconfirm(fair.first, part.order, 2)
    new = await fair.opened(checkout)
    assert new != old
    await fair.pay(new)
    await fair.pay(old)
    await fair.first.provider_round()
    held = [name for name in await fair.first.balances() if name.startswith("order_held")]
    assert (len(held), (await fair.first.balances())["provider_clearing"]) == (3, -5_500)
    assert (await fair.first.proof()).holds


async def test_cancel_all_and_time_out_of_all(fair: Fair, clock: Any) -> None:
    things = await fair.things(stock=2)
    first, second = await fair.check_out(things), await fair.check_out(things)
    async with fair.first.database.work(fair.first.buyer) as work:
        await orders.cancel_checkout(work, first, orders.Cancel("算了"))
    assert {part.state for part in (await fair.page(first)).parts} == {"closed"}
    async with fair.first.database.work(fair.first.buyer) as work:
        with pytest.raises(Refusal) as caught:
            await orders.cancel_checkout(work, first, orders.Cancel())
        assert caught.value.code is MOVE_NOT_OPEN
    clock.move(minutes=31)
    await fair.first.time()
    assert {part.state for part in (await fair.page(second)).parts} == {"closed"}
    assert [await fair.first.stock(thing) for thing in things] == [("live", 0, 0)] * 3


async def test_a_checkout_is_its_buyers(fair: Fair) -> None:
    checkout = await fair.check_out(await fair.things())
    for actor in (fair.first.seller, await a_member(fair.first.database)):
        async with fair.first.database.look(actor) as look:
            with pytest.raises(Refusal) as caught:
                await orders.checkout_page(look, checkout)
        assert caught.value.code is NOT_FOUND
        for verb, more in ((orders.start_checkout_payment, ()), (orders.cancel_checkout, (orders.Cancel(),))):
            async with fair.first.database.work(actor) as work:
                with pytest.raises(Refusal) as caught:
                    await verb(work, checkout, *more)  # type: ignore[operator]
                assert caught.value.code is NOT_FOUND


async def test_limits_and_restrictions(fair: Fair) -> None:
    things = await fair.things()
    async with fair.first.database.work(SYSTEM) as work:
        await set_value(work, "orders.checkout_sellers_most", 2, "for the test")
        await set_value(work, "orders.cart_most", 2, "for the test")
    fair.first.database.book.forget()
    await refused(model.TOO_MANY_SELLERS, fair.check_out(things))
    await refused(model.LINE_TWICE, fair.check_out([things[0], things[0]]))
    limited = Actor(member=fair.first.buyer.member, restrictions=frozenset({"buy"}))
    await refused(model.BUYING_RESTRICTED, fair.check_out(things[:1], limited))
    await put(fair.first, things[0])
    await put(fair.first, things[1])
    await refused(model.CART_FULL, put(fair.first, things[2]))
    await put(fair.first, things[1])  # what is in there already takes no more room


async def test_the_cart_follows_the_world(fair: Fair) -> None:
    plenty, last, paused = await fair.first.item(stock=3), await fair.first.item(), await fair.stalls[1].item(price=500)
    await put(fair.first, plenty, 3)
    await put(fair.first, last)
    await put(fair.first, paused)
    await put(fair.first, plenty, 2)
    page = await cart(fair.first)
    assert (page.count, page.total.amount, [len(one.lines) for one in page.sellers]) == (3, 39_200, [2, 1])
    other = await a_member(fair.first.database)
    async with fair.first.database.work(other) as work:
        wanted = [orders.WantedLine(plenty, 2), orders.WantedLine(last)]
        await orders.place_order(work, orders.PlaceOrder(wanted, "meet"))
    async with fair.first.database.work(fair.stalls[1].seller) as work:
        await items.pause(work, paused)
    page = await cart(fair.first)
    assert {line.item: (line.gone, line.left) for line in page.gone} == {
        plenty: ("too_many", 1),
        last: ("sold_out", 0),
        paused: ("not_for_sale", 1),
    }
    assert (page.sellers, page.total.amount, page.count) == ([], 0, 3)
    async with fair.first.database.work(fair.first.buyer) as work:
        await orders.take_from_cart(work, last)
        await orders.take_from_cart(work, last)
    await put(fair.first, plenty, 1)
    assert (await cart(fair.first)).total.amount == 12_900
    async with fair.first.database.work(fair.first.seller) as work:
        await items.edit_item(work, plenty, items.EditItem(1, price=Money(9_900)))
    assert (await cart(fair.first)).total.amount == 9_900
    assert (await cart(fair.first, other)).count == 0
    async with fair.first.database.work(fair.first.buyer) as work:
        await orders.empty_cart(work)
    assert (await cart(fair.first)).count == 0


async def test_what_cannot_be_put_into_a_cart(fair: Fair) -> None:
    item, gift = await fair.first.item(), await fair.first.item(price=0, kind="giveaway")
    await refused(model.CART_TOO_MANY, put(fair.first, item, 2))
    await refused(items.OWN_ITEM, put(fair.first, item, actor=fair.first.seller))
    await refused(items.ITEM_NOT_FOR_SALE, put(fair.first, gift))
    await refused(NOT_FOUND, put(fair.first, "itm_" + "0" * 26))
    blocked = await a_member(fair.first.database)
    async with fair.first.database.work(fair.first.seller) as work:
        await members.block(work, blocked.me)
    await refused(items.BLOCKED_PAIR, put(fair.first, item, actor=blocked))
    assert (await fair.rows())["cart"] == 0


async def test_an_agreed_price_is_in_cart_quote_and_checkout(fair: Fair) -> None:
    things = await fair.things()
    async with fair.first.database.work(fair.first.buyer) as work:
        offer = await offers.make_offer(work, things[2], offers.NewOffer(Money(2_000)))
    async with fair.first.database.work(fair.stalls[2].seller) as work:
        await offers.accept(work, offer)
    for thing in things:
        await put(fair.first, thing)
    assert (await cart(fair.first)).total.amount == 5_000
    ask = orders.PlaceCheckout([orders.WantedLine(thing) for thing in things], "meet")
    async with fair.first.database.look(fair.first.buyer) as look:
        quote = await orders.quote_checkout(look, ask)
    assert (quote.total.amount, len(quote.sellers)) == (5_000, 3)
    checkout = await fair.check_out(things)
    assert (await fair.page(checkout)).total.amount == 5_000
    async with fair.first.database.look(fair.first.buyer) as look:
        assert (await offers.offer_page(look, offer)).state == "used"


async def test_a_member_takes_the_cart_along_and_may_be_forgotten(fair: Fair) -> None:
    item = await fair.first.item()
    await put(fair.first, item)
    async with fair.first.database.look(fair.first.buyer) as look:
        kept = await orders.export_for(look, fair.first.buyer.me)
    assert [line["item"] for line in kept["cart"]] == [item]
    async with fair.first.database.work(SYSTEM) as work:
        await orders.scrub(work, fair.first.buyer.me)
    assert (await cart(fair.first)).count == 0
