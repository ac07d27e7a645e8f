"""Private links and bundles: one person, one use; exact arithmetic in quote, cart and order alike."""

from typing import Any

import pytest

from tests.build import a_member, a_seller
from tests.notes.build import a_note
from tests.offers.build import Bargain
from tests.offers.test_bargaining import refused
from xianji.domains import items, members, notes, offers, orders
from xianji.domains.offers import model
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import Actor


async def link(market: Bargain, item: str, price: int = 9_000, **more: Any) -> offers.LinkView:
    """A private link for the buyer."""
    id = await market.do(market.seller, offers.make_link, item, offers.NewLink(Money(price), market.buyer.me, **more))
    async with market.database.look(market.seller) as look:
        return await offers.link_page(look, id)


async def opened(market: Bargain, token: str, actor: Actor | None = None) -> offers.LinkView:
    async with market.database.look(actor or market.buyer) as look:
        return await offers.link_for(look, token)


class TestLink:
    async def test_one_buyer_one_price_one_use(self, market: Bargain) -> None:
        item = await market.item(stock=3)
        given = await link(market, item)
        assert given.path == f"/items/{item}?link={given.token}"
        assert (await opened(market, given.token)).price == Money(9_000)
        order = await market.buy(item, link=given.token)
        page = await market.page(order)
        assert (page.money.total.amount, page.lines[0].snapshot.deal) == (9_000, orders.Deal(12_900, "link", given.id))
        before = await market.rows()
        await refused(NOT_FOUND, market.buy(item, link=given.token))
        await refused(NOT_FOUND, opened(market, given.token))
        assert await market.rows() == before
        assert await market.stock(item) == ("live", 1, 0)

    async def test_nobody_else_sees_or_uses_it(self, market: Bargain) -> None:
        item = await market.item()
        given = await link(market, item)
        other = await a_member(market.database)
        before = await market.rows()
        for actor in (other, market.seller):
            await refused(NOT_FOUND, opened(market, given.token, actor))
            await refused(NOT_FOUND, market.buy(item, actor=actor, link=given.token))
        async with market.database.look(other) as look:
            with pytest.raises(Refusal) as caught:
                await offers.link_page(look, given.id)
        assert caught.value.code is NOT_FOUND
        await refused(NOT_FOUND, market.do(other, offers.revoke_link, given.id))
        await refused(NOT_FOUND, market.do(market.buyer, offers.revoke_link, given.id))
        assert await market.rows() == before

    @pytest.mark.parametrize("spoil", ["", "x", ".", "lnk_", "é" * 10, "signature", "other id"])
    async def test_a_made_up_token_opens_nothing(self, market: Bargain, spoil: str) -> None:
        item = await market.item()
        given = await link(market, item)
        signature = given.token.partition(".")[2]
        token = {
            "signature": given.token[:-1] + ("A" if given.token[-1] != "A" else "B"),
            "other id": "lnk_" + "0" * 26 + "." + signature,
        }.get(spoil, spoil)
        await refused(NOT_FOUND, opened(market, token))
        await refused(NOT_FOUND, market.buy(item, link=token))

    async def test_it_is_revoked_and_it_ends(self, market: Bargain, clock: Any) -> None:
        item = await market.item()
        first, second = await link(market, item), await link(market, item, hours=2)
        await market.do(market.seller, offers.revoke_link, first.id)
        await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.revoke_link, first.id))
        await refused(NOT_FOUND, market.buy(item, link=first.token))
        clock.move(hours=2)
        await refused(NOT_FOUND, market.buy(item, link=second.token))
        await market.pass_time()
        async with market.database.look(market.seller) as look:
            assert {one.id: one.state for one in await offers.links_of(look, item)} == {
                first.id: "revoked",
                second.id: "expired",
            }

    async def test_it_fits_its_own_thing_and_one_unit(self, market: Bargain) -> None:
        item, other = await market.item(stock=2), await market.item()
        given = await link(market, item)
        await refused(model.OFFER_OTHER_ITEM, market.buy(other, link=given.token))
        await refused(model.OFFER_ONE_UNIT, market.buy(item, quantity=2, link=given.token))
        assert (await opened(market, given.token)).state == "open"

    async def test_what_cannot_be_given(self, market: Bargain) -> None:
        item, theirs = await market.item(), await a_seller(market.database)
        blocked = await a_member(market.database)
        await market.do(market.seller, members.block, blocked.me)
        make = lambda actor, **ask: market.do(actor, offers.make_link, item, offers.NewLink(**ask))  # noqa: E731
        buyer, price = market.buyer.me, Money(9_000)
        await refused(NOT_FOUND, make(theirs, price=price, member=buyer))
        await refused(model.LINK_PRICE_NOT_VALID, make(market.seller, price=Money(0), member=buyer))
        await refused(model.LINK_PRICE_NOT_VALID, make(market.seller, price=Money(12_901), member=buyer))
        await refused(model.LINK_FOR_YOURSELF, make(market.seller, price=price, member=market.seller.me))
        await refused(model.LINK_TIME_NOT_VALID, make(market.seller, price=price, member=buyer, hours=721))
        await refused(items.BLOCKED_PAIR, make(market.seller, price=price, member=blocked.me))
        for nobody in ({"member": "mbr_" + "0" * 26}, {"handle": "nobody-here"}, {}):
            await refused(NOT_FOUND, make(market.seller, price=price, **nobody))
        async with market.database.look(market.buyer) as look:
            handle = (await members.me(look)).card.handle
        await make(market.seller, price=price, handle="@" + handle.upper())
        async with market.database.look(market.seller) as look:
            assert [one.buyer for one in await offers.links_of(look, item)] == [buyer]


async def stand(market: Bargain, *prices: int, count: int = 3, percent: int = 10) -> tuple[str, list[str]]:
    """A note of the seller's with things at these prices and a bundle."""
    things = [items.NewItem(f"小东西 {number}", Money(price), stock=5) for number, price in enumerate(prices)]
    note = await a_note(market.database, market.seller, items=things)
    await market.do(market.seller, notes.set_bundle, note, offers.Bundle(count, percent))
    async with market.database.look(market.seller) as look:
        shown = {thing.card.title: thing.card.id for thing in (await notes.note_page(look, note)).board.things}
    return note, [shown[f"小东西 {number}"] for number in range(len(prices))]


class TestBundle:
    async def test_three_together_cost_less_in_quote_cart_and_order(self, market: Bargain) -> None:
        note, things = await stand(market, 3_333, 3_333, 3_334)
        ask = orders.PlaceOrder([orders.WantedLine(thing) for thing in things], "meet")
        async with market.database.look(market.buyer) as look:
            quote = await orders.quote(look, ask)
        assert (quote.money.goods.amount, quote.money.bundle.amount, quote.money.total.amount) == (10_000, 1_000, 9_000)
        for thing in things:
            await market.do(market.buyer, orders.put_in_cart, orders.PutInCart(thing))
        async with market.database.look(market.buyer) as look:
            cart = await orders.cart_page(look)
        assert (cart.sellers[0].bundle.amount, cart.total.amount) == (1_000, 9_000)
        assert [(hint.note, hint.missing) for hint in cart.sellers[0].bundles] == [(note, 0)]
        page = await market.page(await market.buy(*things))
        money = page.money
        assert (money.goods.amount, money.bundle.amount, money.total.amount) == (10_000, 1_000, 9_000)
        off = {line.item: (line.off.amount, line.amount.amount) for line in page.lines}
        assert [off[thing] for thing in things] == [(333, 3_000), (333, 3_000), (334, 3_000)]
        deal = next(line.snapshot.deal for line in page.lines if line.item == things[2])
        assert deal == orders.Deal(3_334, "bundle", note, 3, 10, 334)

    async def test_units_count_and_two_are_not_three(self, market: Bargain) -> None:
        _, (one, two) = await stand(market, 1_000, 2_000)
        assert (await market.page(await market.buy(one, two))).money.total.amount == 3_000
        lines = [orders.WantedLine(one, 2), orders.WantedLine(two)]
        order = await market.do(market.buyer, orders.place_order, orders.PlaceOrder(lines, "meet"))
        assert (await market.page(order)).money.total.amount == 3_600

    async def test_agreed_prices_and_other_notes_stand_apart(self, market: Bargain) -> None:
        _, things = await stand(market, 10_000, 10_000, 10_000)
        _, others = await stand(market, 10_000)
        await market.accepted(things[0], 5_000)
        page = await market.page(await market.buy(*things, *others))
        assert (page.money.bundle.amount, page.money.total.amount) == (0, 35_000)

    async def test_it_belongs_to_the_host_of_the_note(self, market: Bargain) -> None:
        note, things = await stand(market, 1_000)
        stranger = await a_seller(market.database)
        await refused(NOT_FOUND, market.do(stranger, notes.set_bundle, note, offers.Bundle(2, 50)))
        await refused(NOT_FOUND, market.do(market.buyer, notes.drop_bundle, note))
        await refused(model.BUNDLE_NOT_VALID, market.do(market.seller, notes.set_bundle, note, offers.Bundle(21, 10)))
        await refused(model.BUNDLE_NOT_VALID, market.do(market.seller, notes.set_bundle, note, offers.Bundle(2, 51)))
        async with market.database.look(market.buyer) as look:
            assert await offers.bundle_of(look, note) == offers.BundleView(note, market.seller.me, 3, 10)
        await market.do(market.seller, notes.drop_bundle, note)
        order = await market.do(
            market.buyer, orders.place_order, orders.PlaceOrder([orders.WantedLine(things[0], 3)], "meet")
        )
        assert (await market.page(order)).money.total.amount == 3_000

    async def test_what_was_ordered_stays_when_the_bundle_changes(self, market: Bargain) -> None:
        note, things = await stand(market, 1_000)
        lines = [orders.WantedLine(things[0], 3)]
        order = await market.do(market.buyer, orders.place_order, orders.PlaceOrder(lines, "meet"))
        await market.do(market.seller, notes.set_bundle, note, offers.Bundle(3, 50))
        assert (await market.page(order)).money.total.amount == 2_700
        await market.receive(market.provider.pay(await market.opened(order)))
        await market.book()
        assert (await market.page(order)).money.held.amount == 2_700
        assert (await market.proof()).holds
