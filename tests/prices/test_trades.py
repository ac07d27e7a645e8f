"""Which sales count: each reason why one does not, and that nothing else moves."""

import itertools

from tests.build import a_phone, an_id_number, long_here
from tests.conftest import FakeClock
from tests.orders.build import ADDRESS
from tests.refunds.build import Desk
from xianji.domains import items, members, offers, orders, prices
from xianji.domains.prices.model import BOUNCE_DAYS, LINK_DAYS
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

from .build import a_member, old_sellers, on_sale, reasons, sold


async def at_home(desk: Desk, actor: Actor, detail: str, phone: str) -> None:
    async with desk.database.work(actor) as work:
        await members.add_address(
            work,
            members.PutAddress(name="小周", phone=phone, lines={**ADDRESS.lines, "detail": detail}),
        )


async def test_a_sale_between_strangers_counts_with_its_model_and_its_price(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    order = await sold(desk, seller, buyer, price=210_000, condition="like_new")
    async with desk.database.look(SYSTEM) as look:
        (row,) = await look.db.fetch("select * from price_trades")
        (subjects,) = await look.db.fetch(
            "select array_agg(kind || ' ' || code order by kind) as s from price_subjects"
        )
    assert (row["order_id"], row["model"], row["variant"], row["category"]) == (order, "iphone-13", "128G", "digital")
    assert (row["price"], row["condition"], row["excluded"], row["demo"]) == (210_000, "like_new", None, False)
    assert subjects["s"] == ["category digital", "model iphone-13"]
    await desk.react()
    assert await reasons(desk.database) == {order: None}, "heard twice, noted once"


async def test_a_lowered_price_is_the_price(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    desk.seller, desk.buyer = seller, buyer
    order = await desk.placed("meet", await on_sale(desk, seller, price=210_000))
    async with desk.database.work(seller) as work:
        await orders.change_price(work, order, orders.ChangePrice(version=1, goods=Money(180_000)))
    async with desk.database.work(buyer) as work:
        await orders.reconfirm(work, order, orders.Reconfirm((await orders.order_page(work, order)).version))
    await desk.receive(desk.provider.pay(await desk.opened(order)))
    await desk.book()
    async with desk.database.work(seller) as work:
        await orders.redeem(work, order, orders.Redeem(str((await desk.page(order)).meet_code)))
    await desk.react()
    async with desk.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select price from price_trades") == 180_000


async def test_a_refund_after_the_sale_takes_it_out(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    order = await sold(desk, seller, buyer)
    refund = await desk.asked(order, "partial", 4_000)
    await desk.react()
    assert await reasons(desk.database) == {order: None}, "asking is not refunding"
    await desk.agree(refund)
    await desk.react()
    assert await reasons(desk.database) == {order: "refunded"}


async def test_what_was_not_paid_here_says_nothing(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    order = await sold(desk, seller, buyer)
    async with desk.database.work(SYSTEM) as work:
        await work.db.execute("delete from price_trades")
        await work.db.execute("update orders set paid = 0, refunded = 0 where id = $1", order)
        await prices.note_completed(work, order)
        await work.db.execute("delete from price_subjects")
    assert await reasons(desk.database) == {order: "not_paid_here"}
    async with desk.database.work(SYSTEM) as work:
        await work.db.execute("delete from price_trades")
        await work.db.execute("update orders set paid = total, refunded = 1 where id = $1", order)
        await prices.note_completed(work, order)
        assert await work.db.fetchval("select count(*) from price_subjects") == 0
    assert await reasons(desk.database) == {order: "part_refunded"}


async def test_one_person_with_two_accounts(desk: Desk) -> None:
    (seller,) = await old_sellers(desk, 1)
    twin = await a_member(desk.database)
    number = an_id_number()
    async with desk.database.work(SYSTEM) as work:
        await work.db.execute(
            "update verifications set id_digest = $2 where member = $1", seller.me, work.keys.digest("t", number)
        )
        await work.db.execute(
            "insert into verifications (member, request, state, id_digest, name_sealed, asked_at)"
            " select $2, 'x', state, id_digest, name_sealed, asked_at from verifications where member = $1",
            seller.me,
            twin.me,
        )
    await long_here(desk.database)
    order = await sold(desk, seller, twin)
    assert await reasons(desk.database) == {order: "same_identity"}


async def test_one_number_or_one_door(desk: Desk) -> None:
    seller, cousin, neighbour, stranger = await old_sellers(desk, 4)
    mine, shared = a_phone(), a_phone()
    await at_home(desk, seller, "文三路 1 号", mine)
    await at_home(desk, seller, "文三路 2 号", shared)
    await at_home(desk, cousin, "古翠路 9 号", shared)
    await at_home(desk, neighbour, "文三路1号", a_phone())
    await at_home(desk, stranger, "文三路 3 号", a_phone())
    by = {name: await sold(desk, seller, one) for name, one in (("c", cousin), ("n", neighbour), ("s", stranger))}
    assert await reasons(desk.database) == {by["c"]: "same_phone", by["n"]: "same_address", by["s"]: None}


async def test_a_price_named_for_one_person_is_not_the_markets(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    item = await on_sale(desk, seller)
    async with desk.database.work(seller) as work:
        link = await offers.make_link(work, item, offers.NewLink(Money(150_000), buyer.me))
    async with desk.database.look(seller) as look:
        token = (await offers.link_page(look, link)).token
    desk.seller, desk.buyer = seller, buyer
    async with desk.database.work(buyer) as work:
        order = await orders.place_order(work, orders.PlaceOrder([orders.WantedLine(item, 1)], "meet", link=token))
    await desk.receive(desk.provider.pay(await desk.opened(order)))
    await desk.book()
    async with desk.database.work(seller) as work:
        await orders.redeem(work, order, orders.Redeem(str((await desk.page(order)).meet_code)))
    await desk.react()
    assert await reasons(desk.database) == {order: "private_price"}


async def test_who_gives_to_each_other_does_not_make_prices(desk: Desk) -> None:
    seller, buyer = await old_sellers(desk, 2)
    async with desk.database.work(seller) as work:
        gift = await items.publish_item(work, items.NewItem(title="绿萝", price=Money(0), kind="giveaway"))
    async with desk.database.work(buyer) as work:
        await items.ask_for(work, gift)
    order = await sold(desk, seller, buyer)
    assert await reasons(desk.database) == {order: None}, "asking ties nobody"
    async with desk.database.work(seller) as work:
        await items.pick_request(work, gift, buyer.me)
    second, _ = await old_sellers(desk, 2)
    other = await sold(desk, buyer, second)
    back = await sold(desk, buyer, seller, title="Kindle Paperwhite 4")
    assert await reasons(desk.database) == {order: None, other: None, back: "gift_between"}


async def test_the_same_two_count_once_in_a_season(desk: Desk, clock: FakeClock) -> None:
    seller, buyer = await old_sellers(desk, 2)
    first = await sold(desk, seller, buyer)
    again = await sold(desk, seller, buyer, title="iPhone 12")
    assert await reasons(desk.database) == {first: None, again: "pair_repeated"}
    clock.move(days=LINK_DAYS.default + 1)
    later = await sold(desk, await renewed(desk, seller), await renewed(desk, buyer), title="iPhone 11")
    assert (await reasons(desk.database))[later] is None


async def renewed(desk: Desk, actor: Actor) -> Actor:
    """The same person on a later day."""
    return Actor(actor.me)


async def test_what_goes_round_in_a_circle_is_taken_out_whole(desk: Desk) -> None:
    one, two, three, four = await old_sellers(desk, 4)
    honest = await sold(desk, one, four)
    legs = [await sold(desk, one, two), await sold(desk, two, three)]
    assert set((await reasons(desk.database)).values()) == {None}
    legs.append(await sold(desk, three, one))
    found = await reasons(desk.database)
    assert found == {honest: None, **dict.fromkeys(legs, "circle")}
    swap = [await sold(desk, four, two, title="iPhone 12"), await sold(desk, two, four, title="iPhone 11")]
    assert {order: (await reasons(desk.database))[order] for order in swap} == dict.fromkeys(swap, "circle")


async def test_a_thing_that_bounces_counts_nowhere(desk: Desk, clock: FakeClock) -> None:
    people = await old_sellers(desk, 4)
    item, sales = await on_sale(desk, people[0]), []
    for seller, buyer in itertools.pairwise(people):
        sales.append(await sold(desk, seller, buyer, item))
        async with desk.database.work(buyer) as work:
            item = await orders.resell(work, sales[-1], orders.Resell(None))
            await items.take_from_draft(work, item)
    assert await reasons(desk.database) == dict.fromkeys(sales, "bounced"), "three hands in a day"
    clock.move(days=BOUNCE_DAYS.default + 1)
    last = await sold(desk, await renewed(desk, people[3]), people[0], item)
    assert (await reasons(desk.database))[last] == "bounced", "it is back where it began"


async def test_a_serial_number_is_the_same_thing_too(desk: Desk) -> None:
    one, two, three, four = await old_sellers(desk, 4)
    serial = "490154203237518"
    sales = [
        await sold(desk, seller, buyer, serial=serial) for seller, buyer in ((one, two), (two, three), (three, four))
    ]
    assert await reasons(desk.database) == dict.fromkeys(sales, "bounced")


async def test_two_newcomers_wait(desk: Desk) -> None:
    order = await sold(desk, desk.seller, desk.buyer)
    assert await reasons(desk.database) == {order: "both_new"}
    async with desk.database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from price_subjects") == 0


async def test_gifts_and_what_came_back_are_no_sales(desk: Desk) -> None:
    await long_here(desk.database)
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    await desk.agree(refund)
    await desk.react()
    assert await reasons(desk.database) == {}


async def test_who_leaves_still_weighs_as_one_person(desk: Desk) -> None:
    seller, one, two = await old_sellers(desk, 3)
    await sold(desk, seller, one)
    await sold(desk, seller, two)
    async with desk.database.look(SYSTEM) as look:
        told = await prices.export_for(look, seller.me)
    assert [row["sold"] for row in told["price_trades"]] == [True, True]
    async with desk.database.work(SYSTEM) as work:
        await prices.scrub(work, seller.me)
    async with desk.database.look(SYSTEM) as look:
        rows = await look.db.fetch("select distinct seller from price_trades")
        assert await prices.export_for(look, seller.me) == {"price_trades": []}
    assert len(rows) == 1
    assert rows[0]["seller"] != seller.me
