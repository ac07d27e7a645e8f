"""An offer from the first word to the order, everything that is refused, and that nothing else moves."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.build import a_member, a_seller, an_id_number
from tests.offers.build import Bargain
from xianji.domains import items, members, offers, orders
from xianji.domains.members.model import RESTRICTED
from xianji.domains.offers import model
from xianji.kernel.config import set_value
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Code, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor


async def refused(code: Code, call: Awaitable[Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code is code, caught.value
    return caught.value


async def configure(market: Bargain, name: str, value: Any) -> None:
    async with market.database.work(SYSTEM) as work:
        await set_value(work, name, value, "for the test")
    market.database.book.forget()


async def test_offer_counter_yes_and_the_order_at_that_price(market: Bargain, clock: Any) -> None:
    item = await market.item()
    offer = await market.offer(item, 10_000, message="自提可以吗")
    seen = await market.see(offer, market.seller)
    assert (seen.role, seen.state, seen.turn, seen.actions) == (
        "seller",
        "open",
        "seller",
        ["counter", "accept", "decline"],
    )
    assert (seen.message, seen.tries_left, seen.asking.amount) == ("自提可以吗", None, 12_900)
    assert seen.until == clock.moment.replace(day=clock.moment.day + 1)
    assert (await market.see(offer)).actions == ["withdraw"]

    await market.do(market.seller, offers.counter, offer, offers.Counter(Money(11_500), "最低了"))
    seen = await market.see(offer)
    assert (seen.state, seen.counter, seen.answer, seen.turn) == ("countered", Money(11_500), "最低了", "buyer")
    assert seen.actions == ["accept", "counter", "withdraw"]
    assert await market.stock(item) == ("live", 0, 0)

    await market.do(market.buyer, offers.accept, offer)
    assert (await market.see(offer)).agreed == Money(11_500)
    assert (await market.see(offer)).actions == ["order", "withdraw"]
    assert await market.stock(item) == ("live", 1, 0)

    order = await market.buy(item)
    page = await market.page(order)
    assert (page.money.goods.amount, page.money.total.amount) == (11_500, 11_500)
    assert page.lines[0].snapshot.deal == orders.Deal(12_900, "offer", offer)
    assert await market.stock(item) == ("live", 1, 0)
    seen = await market.see(offer)
    assert (seen.state, seen.order, seen.actions) == ("used", order, [])


async def test_an_agreed_order_goes_all_the_way_and_the_books_are_right(market: Bargain) -> None:
    item = await market.item()
    await market.accepted(item, 9_900)
    order = await market.buy(item)
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    page = await market.page(order)
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code or ""))
    await market.provider_round()
    assert (await market.page(order)).money.released.amount == 9_900
    assert await market.stock(item) == ("sold", 0, 1)
    assert (await market.proof()).holds


async def test_what_cannot_be_offered(market: Bargain) -> None:
    item, firm = await market.item(), await market.item(bargain=False)
    gone, gift = await market.item(), await market.item(price=0, kind="giveaway")
    await market.buy(gone, actor=await a_member(market.database))
    blocked = await a_member(market.database)
    await market.do(market.seller, members.block, blocked.me)
    limited = Actor(member=market.buyer.member, restrictions=frozenset({"buy"}))
    quiet = Actor(member=market.buyer.member, restrictions=frozenset({"speak"}))
    before = await market.rows()
    cases: list[tuple[Code, Callable[[], Awaitable[str]]]] = [
        (model.BARGAIN_OFF, lambda: market.offer(firm)),
        (model.OFFER_NOT_LOWER, lambda: market.offer(item, 12_900)),
        (model.OFFER_NOT_LOWER, lambda: market.offer(item, 99_999)),
        (model.OFFER_TOO_LOW, lambda: market.offer(item, 0)),
        (model.OFFER_TOO_LOW, lambda: market.offer(item, 3_869)),
        (items.OWN_ITEM, lambda: market.offer(item, actor=market.seller)),
        (items.ITEM_SOLD_OUT, lambda: market.offer(gone)),
        (items.ITEM_NOT_FOR_SALE, lambda: market.offer(gift)),
        (items.BLOCKED_PAIR, lambda: market.offer(item, actor=blocked)),
        (RESTRICTED, lambda: market.offer(item, actor=limited)),
        (RESTRICTED, lambda: market.offer(item, actor=quiet, message="便宜点")),
        (NOT_FOUND, lambda: market.offer("itm_" + "0" * 26)),
    ]
    for code, call in cases:
        await refused(code, call())
    assert await market.rows() == before
    await market.offer(item, 3_870)


async def test_money_of_another_currency_is_no_offer(market: Bargain) -> None:
    item = await market.item()
    ask = offers.NewOffer(Money(10_000, "USD"))
    await refused(items.WRONG_CURRENCY, market.do(market.buyer, offers.make_offer, item, ask))


async def test_one_offer_at_a_time_and_few_tries(market: Bargain, clock: Any) -> None:
    item, other = await market.item(), await market.item()
    for number in range(3):
        offer = await market.offer(item, 9_000 + number)
        assert (await market.see(offer)).tries_left == 2 - number
        await refused(model.OFFER_OPEN, market.offer(item, 9_500))
        await market.do(market.buyer, offers.withdraw, offer)
    spent = await refused(model.OFFER_TRIES_SPENT, market.offer(item))
    assert spent.facts == {"most": 3, "hours": 72}
    await market.offer(other)
    await market.offer(item, actor=await a_member(market.database))
    clock.move(hours=73)
    await market.offer(item)


async def test_the_accounts_of_one_person_share_their_tries(market: Bargain) -> None:
    await configure(market, "members.real_name_shares", 2)
    item, wish = await market.item(), members.VerifyRealName("王小满", an_id_number())
    one, other = await a_member(market.database), await a_member(market.database)
    for actor in (one, other):
        await members.verify_real_name(market.database, actor, wish, members.DevIdentityProvider())
    for number, actor in enumerate((one, other, one)):
        offer = await market.offer(item, 9_000 + number, actor=actor)
        await market.do(actor, offers.withdraw, offer)
    for actor in (one, other):
        await refused(model.OFFER_TRIES_SPENT, market.offer(item, actor=actor))
        async with market.database.look(actor) as look:
            assert await offers.tries_left(look, item) == 0
    await market.offer(item)


async def test_the_buyers_other_number_is_a_new_offer_and_a_new_try(market: Bargain) -> None:
    item = await market.item()
    offer = await market.offer(item, 9_000)
    await refused(MOVE_NOT_OPEN, market.do(market.buyer, offers.counter, offer, offers.Counter(Money(9_500))))
    await market.do(market.seller, offers.counter, offer, offers.Counter(Money(12_000)))
    new = await market.do(market.buyer, offers.counter, offer, offers.Counter(Money(10_500)))
    assert new != offer
    assert ((await market.see(offer)).state, (await market.see(new)).state) == ("withdrawn", "open")
    assert (await market.see(new)).tries_left == 1
    # A tab that still shows the first round cannot say yes to the second one.
    await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.accept, offer))
    await refused(MOVE_NOT_OPEN, market.do(market.buyer, offers.accept, offer))


async def test_a_counter_lies_between(market: Bargain) -> None:
    offer = await market.offer(await market.item(), 10_000)
    for amount in (0, 9_999, 10_000, 12_900, 20_000):
        ask = offers.Counter(Money(amount))
        await refused(model.COUNTER_NOT_BETWEEN, market.do(market.seller, offers.counter, offer, ask))
    assert (await market.see(offer)).state == "open"


async def test_each_verb_is_for_its_side_and_strangers_see_nothing(market: Bargain) -> None:
    offer = await market.offer(await market.item())
    stranger = await a_seller(market.database)
    before = await market.rows()
    await refused(MOVE_NOT_OPEN, market.do(market.buyer, offers.accept, offer))
    await refused(MOVE_NOT_OPEN, market.do(market.buyer, offers.decline, offer, offers.Decline()))
    await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.withdraw, offer))
    for verb, more in ((offers.accept, ()), (offers.withdraw, ()), (offers.decline, (offers.Decline(),))):
        await refused(NOT_FOUND, market.do(stranger, verb, offer, *more))
    await refused(NOT_FOUND, market.see(offer, stranger))
    assert await market.rows() == before


async def test_no_is_no_and_the_next_offer_is_open(market: Bargain) -> None:
    item = await market.item()
    offer = await market.offer(item)
    await market.do(market.seller, offers.decline, offer, offers.Decline("谢谢，先不出"))
    seen = await market.see(offer)
    assert (seen.state, seen.answer, seen.turn, seen.until, seen.actions) == (
        "declined",
        "谢谢，先不出",
        "nobody",
        None,
        [],
    )
    await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.accept, offer))
    await market.offer(item, 11_000)


async def test_time_ends_what_nobody_answers(market: Bargain, clock: Any) -> None:
    item = await market.item()
    offer = await market.offer(item)
    clock.move(hours=23, minutes=59)
    await market.pass_time()
    assert (await market.see(offer)).state == "open"
    clock.move(minutes=1)
    # Overdue counts as expired before time has come by.
    assert (await market.see(offer)).state == "expired"
    await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.accept, offer))
    await market.pass_time()
    assert (await market.see(offer)).state == "expired"
    assert await market.stock(item) == ("live", 0, 0)
    await market.offer(item)


async def test_a_yes_keeps_one_unit_and_time_puts_it_back(market: Bargain, clock: Any) -> None:
    item = await market.item()
    offer = await market.accepted(item)
    other = await a_member(market.database)
    await refused(items.ITEM_SOLD_OUT, market.buy(item, actor=other))
    clock.move(hours=24)
    await refused(items.ITEM_SOLD_OUT, market.buy(item))
    await market.pass_time()
    assert ((await market.see(offer)).state, await market.stock(item)) == ("expired", ("live", 0, 0))
    order = await market.buy(item)
    assert (await market.page(order)).money.total.amount == 12_900


async def test_a_buyer_who_lets_an_agreed_price_go_frees_the_unit(market: Bargain) -> None:
    item = await market.item()
    offer = await market.accepted(item)
    await refused(MOVE_NOT_OPEN, market.do(market.seller, offers.decline, offer, offers.Decline()))
    await market.do(market.buyer, offers.withdraw, offer)
    assert await market.stock(item) == ("live", 0, 0)


async def test_edits_do_not_touch_an_agreed_price(market: Bargain) -> None:
    item = await market.item()
    await market.accepted(item, 10_000)
    await market.do(market.seller, items.edit_item, item, items.EditItem(1, price=Money(20_000), bargain=False))
    await market.do(market.seller, items.pause, item)
    order = await market.buy(item)
    page = await market.page(order)
    assert (page.money.total.amount, page.lines[0].snapshot.deal) == (
        10_000,
        orders.Deal(20_000, "offer", page.lines[0].snapshot.deal.id if page.lines[0].snapshot.deal else ""),
    )


async def test_a_thing_that_is_gone_ends_what_is_on_the_table(market: Bargain) -> None:
    item = await market.item(stock=2)
    agreed, waiting = await market.accepted(item), await market.offer(item, actor=await a_member(market.database))
    await market.do(SYSTEM, offers.end_of_item, item, "paused")
    assert (await market.see(waiting, market.seller)).state == "open"
    await market.do(market.seller, items.remove, item)
    await refused(items.ITEM_NOT_FOR_SALE, market.buy(item))
    await market.do(SYSTEM, offers.end_of_item, item, "removed")
    assert [(await market.see(one, market.seller)).state for one in (agreed, waiting)] == ["declined", "declined"]
    assert await market.stock(item) == ("removed", 0, 0)


async def test_an_agreed_price_is_for_one_unit_and_its_own_thing(market: Bargain) -> None:
    item, other = await market.item(stock=3), await market.item()
    offer, other_buyer = await market.accepted(item), await a_member(market.database)
    before = await market.rows()
    await refused(model.OFFER_ONE_UNIT, market.buy(item, quantity=2))
    await refused(model.OFFER_OTHER_ITEM, market.buy(other, offer=offer))
    await refused(NOT_FOUND, market.buy(other, actor=other_buyer, offer=offer))
    assert await market.rows() == before
    order = await market.buy(item, other, offer=offer)
    assert (await market.page(order)).money.total.amount == 10_000 + 12_900
    await refused(MOVE_NOT_OPEN, market.buy(item, offer=offer))


async def test_the_unit_of_an_order_that_was_not_paid_is_free_and_the_price_is_spent(
    market: Bargain, clock: Any
) -> None:
    item = await market.item()
    offer = await market.accepted(item)
    await market.buy(item)
    clock.move(minutes=31)
    await market.pass_time()
    assert ((await market.see(offer)).state, await market.stock(item)) == ("used", ("live", 0, 0))


async def test_the_quote_knows_the_agreed_price(market: Bargain) -> None:
    item = await market.item()
    offer = await market.accepted(item)
    ask = orders.PlaceOrder([orders.WantedLine(item)], "meet", offer=offer)
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, ask)
    assert (quote.lines[0].asking.amount, quote.lines[0].price.amount, quote.money.total.amount) == (
        12_900,
        10_000,
        10_000,
    )
    async with market.database.look(await a_member(market.database)) as look:
        with pytest.raises(Refusal) as caught:
            await orders.quote(look, ask)
    assert caught.value.code in (NOT_FOUND, items.ITEM_SOLD_OUT)


class TestFloor:
    async def floor(self, market: Bargain, item: str, amount: int, actor: Actor | None = None) -> None:
        await market.do(actor or market.seller, offers.set_floor, item, offers.Floor(Money(amount)))

    async def test_it_answers_at_once_and_names_no_number(self, market: Bargain) -> None:
        item = await market.item(stock=2)
        await self.floor(market, item, 10_000)
        low = await market.offer(item, 9_999)
        seen = await market.see(low)
        assert (seen.state, seen.counter, seen.answer, seen.tries_left) == ("declined", None, "", 2)
        high = await market.offer(item, 10_000)
        assert ((await market.see(high)).state, await market.stock(item)) == ("accepted", ("live", 1, 0))

    async def test_nothing_that_others_can_read_holds_the_floor(self, market: Bargain) -> None:
        item = await market.item()
        await self.floor(market, item, 10_007)
        low = await market.offer(item, 9_000)
        async with market.database.look(market.buyer) as look:
            page = await items.item_page(look, item)
            told = await look.db.fetch("select body::text as body from outbox")
            export = await offers.export_for(look, market.buyer.me)
        texts = [str(page), str(await market.see(low)), str(export), *(row["body"] for row in told)]
        assert not [text for text in texts if "10007" in text or "10_007" in text]
        async with market.database.look(market.seller) as look:
            assert (await offers.floor_view(look, item)).amount == Money(10_007)
            assert (await offers.export_for(look, market.seller.me))["floors"][0]["floor"] == 10_007

    async def test_probing_ends_after_three_tries(self, market: Bargain) -> None:
        item = await market.item()
        await self.floor(market, item, 12_000)
        for amount in (6_000, 9_000, 10_500):
            assert (await market.see(await market.offer(item, amount))).state == "declined"
        await refused(model.OFFER_TRIES_SPENT, market.offer(item, 11_250))

    async def test_it_is_the_sellers_and_sensible(self, market: Bargain) -> None:
        item = await market.item()
        for amount in (0, 12_901):
            await refused(model.FLOOR_NOT_VALID, self.floor(market, item, amount))
        await refused(NOT_FOUND, self.floor(market, item, 9_000, market.buyer))
        async with market.database.look(market.buyer) as look:
            with pytest.raises(Refusal) as caught:
                await offers.floor_view(look, item)
        assert caught.value.code is NOT_FOUND
        await self.floor(market, item, 9_000)
        await market.do(market.seller, offers.drop_floor, item)
        assert (await market.see(await market.offer(item, 9_500))).state == "open"

    async def test_when_the_last_unit_has_just_gone_the_offer_is_refused_whole(self, market: Bargain) -> None:
        item = await market.item()
        await self.floor(market, item, 9_000)
        await market.offer(item, 9_000)
        other = await a_member(market.database)
        before = await market.rows()
        await refused(items.ITEM_SOLD_OUT, market.offer(item, 9_500, other))
        assert await market.rows() == before


async def test_kept_units_of_one_buyer_are_limited(market: Bargain) -> None:
    await configure(market, "offers.holds_most", 2)
    for _ in range(2):
        await market.accepted(await market.item())
    offer_on = await market.item()
    await refused(model.TOO_MANY_HOLDS, market.offer(offer_on))


async def test_offers_that_wait_are_limited(market: Bargain) -> None:
    await configure(market, "offers.open_most", 2)
    for _ in range(2):
        await market.offer(await market.item())
    await refused(model.TOO_MANY_OFFERS, market.offer(await market.item()))


async def test_both_sides_list_their_offers(market: Bargain, clock: Any) -> None:
    first = await market.offer(await market.item())
    second = await market.offer(await market.item())
    clock.move(minutes=1)
    await market.do(market.seller, offers.decline, first, offers.Decline())
    async with market.database.look(market.seller) as look:
        every = await offers.offers_of(look, "seller")
        assert {one.id for one in every.items} == {first, second}
        assert [one.id for one in (await offers.offers_of(look, "seller", ["open"])).items] == [second]
        page = await offers.offers_of(look, "seller", limit=1)
        rest = await offers.offers_of(look, "seller", cursor=page.next_cursor, limit=1)
        assert {page.items[0].id, rest.items[0].id} == {first, second}
        assert (await offers.offers_of(look, "buyer")).items == []


async def test_a_member_who_leaves_takes_offers_and_links_along(market: Bargain) -> None:
    item = await market.item()
    offer = await market.accepted(item)
    await market.do(market.seller, offers.make_link, item, offers.NewLink(Money(9_000), market.buyer.me))
    await market.do(SYSTEM, offers.end_of_member, market.buyer.me)
    await market.do(SYSTEM, offers.scrub, market.buyer.me)
    seen = await market.see(offer, market.seller)
    assert (seen.state, seen.message) == ("declined", "")
    assert await market.stock(item) == ("live", 0, 0)
    async with market.database.look(market.seller) as look:
        assert [link.state for link in await offers.links_of(look, item)] == ["revoked"]
