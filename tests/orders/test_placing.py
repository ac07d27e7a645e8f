"""Placing: one buyer for the last unit, what is frozen, what is refused, and who sees what."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import asyncpg
import pytest

from tests.build import a_member, a_seller
from tests.orders.build import Market
from xianji.domains import items, orders
from xianji.domains.orders import model
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_ALLOWED, NOT_FOUND, Code, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import Actor, Work


async def place(market: Market, actor: Actor, *item: str, handover: str = "meet", quantity: int = 1) -> str:
    async with market.database.work(actor) as work:
        wanted = [orders.WantedLine(one, quantity) for one in item]
        return await orders.place_order(work, orders.PlaceOrder(wanted, handover))  # type: ignore[arg-type]


async def test_fifty_buyers_of_one_unit_make_exactly_one_order(market: Market) -> None:
    """Five times over, each time in another order, on many real connections."""
    buyers = [await a_member(market.database) for _ in range(50)]
    crowd = Market(
        await Database(market.database.dsn, market.database.keys, market.database.clock, seed=9).open(writers=20),
        market.provider,
        market.seller,
        market.buyer,
    )
    try:
        for seed in range(5):
            item = await market.item()
            Random(seed).shuffle(buyers)
            outcomes = await asyncio.gather(*(place(crowd, buyer, item) for buyer in buyers), return_exceptions=True)
            placed = [outcome for outcome in outcomes if isinstance(outcome, str)]
            refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
            assert len(placed) == 1
            assert len(refused) == 49
            assert {refusal.code for refusal in refused} == {items.ITEM_SOLD_OUT}
            assert await market.stock(item) == ("live", 1, 0)
    finally:
        await crowd.database.close()


async def test_two_carts_with_the_same_things_in_opposite_order_both_end(market: Market) -> None:
    one, two = await market.item(stock=50), await market.item(stock=50)
    other = await a_member(market.database)
    await asyncio.gather(
        *(place(market, market.buyer, one, two) for _ in range(10)),
        *(place(market, other, two, one) for _ in range(10)),
    )
    assert await market.stock(one) == await market.stock(two) == ("live", 20, 0)


async def test_nothing_is_reserved_when_one_line_is_refused(market: Market) -> None:
    there, gone = await market.item(stock=3), await market.item()
    await place(market, market.buyer, gone)
    with pytest.raises(Refusal) as refused:
        await place(market, market.buyer, there, gone)
    assert refused.value.code is items.ITEM_SOLD_OUT
    assert await market.stock(there) == ("live", 0, 0)
    async with market.database.look(market.buyer) as look:
        assert len((await orders.orders_of(look, "buyer")).items) == 1


async def test_what_cannot_be_ordered(market: Market) -> None:
    mine, post_only = await market.item(), await market.item(handover=["ship"])
    other = Market(market.database, market.provider, await a_seller(market.database), market.buyer)
    theirs, limited = await other.item(), Actor(member=market.buyer.member, restrictions=frozenset({"buy"}))
    cases: list[tuple[Code, Callable[[], Awaitable[str]]]] = [
        (items.OWN_ITEM, lambda: place(market, market.seller, mine)),
        (model.SEVERAL_SELLERS, lambda: place(market, market.buyer, mine, theirs)),
        (model.LINE_TWICE, lambda: place(market, market.buyer, mine, mine)),
        (model.HANDOVER_NOT_OFFERED, lambda: place(market, market.buyer, post_only)),
        (model.ADDRESS_NEEDED, lambda: place(market, market.buyer, post_only, handover="ship")),
        (model.BUYING_RESTRICTED, lambda: place(market, limited, mine)),
        (items.ITEM_SOLD_OUT, lambda: place(market, market.buyer, mine, quantity=2)),
    ]
    for code, attempt in cases:
        with pytest.raises(Refusal) as refused:
            await attempt()
        assert refused.value.code is code
    assert await market.stock(mine) == await market.stock(theirs) == await market.stock(post_only) == ("live", 0, 0)


async def test_somebody_elses_address_is_not_found(market: Market) -> None:
    item, address = await market.item(), await market.address(market.seller)
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.buyer) as work:
            await orders.place_order(work, orders.PlaceOrder([orders.WantedLine(item)], "ship", address))
    assert refused.value.code is NOT_FOUND
    assert await market.stock(item) == ("live", 0, 0)


async def test_the_snapshot_does_not_follow_the_item(market: Market) -> None:
    item = await market.item(description="快门次数一万")
    order = await market.placed("meet", item)
    before = (await market.page(order)).lines
    async with market.database.work(market.seller) as work:
        edit = items.EditItem(version=1, title="别的东西", price=Money(1), description="坏的")
        await items.edit_item(work, item, edit)
    after = await market.page(order)
    assert after.lines == before
    assert (after.lines[0].snapshot.title, after.lines[0].price.amount) == ("小相机", 12_900)
    assert after.money.total == Money(12_900)
    with pytest.raises(asyncpg.RaiseError, match="frozen"):
        async with market.database.work(market.seller) as work:
            await work.db.execute("update order_lines set quantity = 2")


async def test_a_stranger_finds_no_order_by_any_verb(market: Market) -> None:
    order, stranger = await market.paid("ship"), await a_member(market.database)
    verbs: list[Callable[[Work], Awaitable[object]]] = [
        lambda work: orders.start_payment(work, order),
        lambda work: orders.cancel(work, order, orders.Cancel()),
        lambda work: orders.cancel_paid(work, order, orders.Cancel()),
        lambda work: orders.ship(work, order, orders.Ship("sf", "SF1234567890123")),
        lambda work: orders.deliver_in_writing(work, order, orders.DeliverInWriting("x")),
        lambda work: orders.arrange(work, order, orders.Meeting("x")),
        lambda work: orders.redeem(work, order, orders.Redeem("000000")),
        lambda work: orders.confirm(work, order),
        lambda work: orders.extend(work, order),
        lambda work: orders.order_page(work, order),
    ]
    version = (await market.page(order)).version
    for verb in verbs:
        with pytest.raises(Refusal) as refused:
            async with market.database.work(stranger) as work:
                await verb(work)
        assert refused.value.code is NOT_FOUND
    assert (await market.page(order)).version == version


async def test_a_member_cannot_act_as_time_or_carrier(market: Market) -> None:
    order = await market.shipped()
    with pytest.raises(AssertionError):
        async with market.database.work(market.buyer) as work:
            await orders.time_out(work, order)
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.buyer) as work:
            await orders.deliver(work, order)
    assert refused.value.code is NOT_ALLOWED
    assert (await market.page(order)).state == "shipped"


async def test_the_address_is_shown_only_where_it_is_needed(market: Market) -> None:
    order = await market.placed("ship")
    assert (await market.page(order)).address is not None
    assert (await market.page(order, market.seller)).address is None
    assert (await market.page(order, market.seller)).unpaid
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()
    seen = (await market.page(order, market.seller)).address
    assert seen is not None
    assert (seen["name"], seen["phone"]) == ("小周", "+8613912345678")
    async with market.database.look(market.buyer) as look:
        assert "小周" not in await look.db.fetchval("select address_sealed from orders where id = $1", order)
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, order, orders.Cancel("坏了"))
    assert (await market.page(order, market.seller)).address is None


async def test_either_side_may_call_a_paid_order_off_before_it_is_sent(market: Market) -> None:
    for actor in (market.buyer, market.seller):
        item = await market.item()
        order = await market.paid("ship", item)
        async with market.database.work(actor) as work:
            await orders.cancel_paid(work, order, orders.Cancel("不卖了"))
        assert await market.stock(item) == ("live", 0, 0)
        await market.provider_round()
        assert await market.balances() == {}
        page = await market.page(order)
        assert (page.state, page.money.refunded.amount, page.actions) == ("refunded", 12_900, [])
        assert page.timeline[-1].facts == {"reason": "不卖了"}
    order = await market.shipped()
    with pytest.raises(Refusal) as refused:
        async with market.database.work(market.buyer) as work:
            await orders.cancel_paid(work, order, orders.Cancel())
    assert refused.value.code is MOVE_NOT_OPEN


async def test_waybills(market: Market) -> None:
    first, second = await market.paid("ship"), await market.paid("ship")
    other = Market(market.database, market.provider, await a_seller(market.database), market.buyer)
    third = await other.paid("ship")
    tries: list[tuple[Market, str, str, str, Code | None]] = [
        (market, first, "nobody", "123", model.CARRIER_UNKNOWN),
        (market, first, "sf", "13912345678", model.WAYBILL_NOT_VALID),
        (market, first, "sf", "sf 1234-5678-90123", None),
        (market, second, "sf", "SF1234567890123", None),
        (other, third, "sf", "SF1234567890123", model.WAYBILL_USED),
    ]
    for side, order, carrier, waybill, code in tries:
        if code is None:
            async with market.database.work(side.seller) as work:
                await orders.ship(work, order, orders.Ship(carrier, waybill))
            shipment = (await market.page(order)).shipment
            assert shipment is not None
            assert shipment.waybill == "SF1234567890123"
            continue
        with pytest.raises(Refusal) as refused:
            async with market.database.work(side.seller) as work:
                await orders.ship(work, order, orders.Ship(carrier, waybill))
        assert refused.value.code is code
    assert (await market.page(third)).state == "awaiting_shipment"


async def test_a_quote_says_every_line_and_reserves_nothing(market: Market) -> None:
    item = await market.item(5_000, stock=3)
    ask = orders.PlaceOrder([orders.WantedLine(item, 2)], "meet")
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, ask)
    assert quote.seller == market.seller.member
    assert (quote.money.goods, quote.money.total, quote.money.net) == (Money(10_000), Money(10_000), Money(10_000))
    assert [(line.amount, line.available) for line in quote.lines] == [(Money(10_000), 3)]
    assert await market.stock(item) == ("live", 0, 0)
    async with market.database.look(market.seller) as look:
        with pytest.raises(Refusal) as refused:
            await orders.quote(look, ask)
    assert refused.value.code is items.OWN_ITEM


async def test_lists_of_both_sides_page_newest_first(market: Market, clock: object) -> None:
    placed = []
    for _ in range(3):
        clock.move(seconds=1)  # type: ignore[attr-defined]
        placed.append(await market.placed())
    for actor, role, other in (
        (market.buyer, "buyer", market.seller.member),
        (market.seller, "seller", market.buyer.member),
    ):
        async with market.database.look(actor) as look:
            first = await orders.orders_of(look, role, limit=2)  # type: ignore[arg-type]
            rest = await orders.orders_of(look, role, cursor=first.next_cursor, limit=2)  # type: ignore[arg-type]
            none = await orders.orders_of(look, role, ["completed"])  # type: ignore[arg-type]
        assert [card.id for card in first.items + rest.items] == placed[::-1]
        assert (rest.next_cursor, none.items) == (None, [])
        assert (first.items[0].title, first.items[0].count, first.items[0].other) == ("小相机", 1, other)
        assert first.items[0].unpaid
