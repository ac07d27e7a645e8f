"""Giveaways and wanted posts."""

import asyncio

import pytest

from tests.conftest import FakeClock
from tests.items.build import a_member, an_item, refused, snapshot, thing, tie
from xianji.domains import items
from xianji.domains.items import NewItem, NewWanted
from xianji.domains.items.rules import alike
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor


def gift(**more: object) -> NewItem:
    return NewItem("绘本一箱", Money(0), kind="giveaway", **more)  # type: ignore[arg-type]


async def ask(database: Database, who: Actor, item: str, reason: str = "") -> bool:
    async with database.work(who) as work:
        return await items.ask_for(work, item, reason)


async def states(database: Database, item: str) -> dict[str, str]:
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select member, state from item_requests where item = $1", item)
    return {row["member"]: row["state"] for row in rows}


async def test_the_giver_picks_and_only_the_chosen_gets_the_line(database: Database) -> None:
    giver, one, two = [await a_member(database, name) for name in ("giver", "one", "two")]
    item = await an_item(database, giver, gift())
    assert [await ask(database, one, item, "给孩子读"), await ask(database, two, item)] == [False, False]
    with pytest.raises(Refusal) as caught:
        async with database.work(two) as work:
            await items.reserve(work, item, 1)
    assert refused(caught) == ("item_not_for_sale", {})
    async with database.look(giver) as look:
        page = await items.gift_requests(look, item)
    assert [(asked.member.id, asked.reason, asked.state) for asked in page.items] == sorted(
        [(one.me, "给孩子读", "waiting"), (two.me, "", "waiting")]
    )
    async with database.work(giver) as work:
        await items.pick_request(work, item, one.me)
    with pytest.raises(Refusal) as caught:
        async with database.work(two) as work:
            await items.giveaway_line(work, item)
    assert refused(caught) == ("not_chosen", {})
    async with database.work(one) as work:
        line = await items.giveaway_line(work, item)
    assert (line.item, line.quantity, line.price, line.seller) == (item, 1, Money(0), giver.me)
    with pytest.raises(Refusal):
        async with database.work(one) as work:
            await items.giveaway_line(work, item)
    row = await snapshot(database, item)
    assert (row["reserved"], row["sold"], row["state"]) == (1, 0, "live")
    assert await states(database, item) == {one.me: "taken", two.me: "waiting"}
    async with database.work(SYSTEM) as work:
        await items.settle(work, item, 1)
    assert (await snapshot(database, item))["state"] == "sold"


async def test_a_promise_taken_back_frees_the_unit(database: Database) -> None:
    giver, one, two = [await a_member(database, name) for name in ("giver", "one", "two")]
    item = await an_item(database, giver, gift())
    for who in (one, two):
        await ask(database, who, item)
    async with database.work(giver) as work:
        await items.pick_request(work, item, one.me)
    with pytest.raises(Refusal) as caught:
        async with database.work(giver) as work:
            await items.pick_request(work, item, two.me)
    assert refused(caught) == ("item_sold_out", {"left": 0})
    async with database.work(giver) as work:
        await items.unpick_request(work, item, one.me)
        await items.pick_request(work, item, two.me)
    async with database.work(two) as work:
        await items.withdraw_request(work, item)
        await items.withdraw_request(work, item)
    assert (await snapshot(database, item))["reserved"] == 0
    assert await states(database, item) == {one.me: "passed_over", two.me: "withdrawn"}


async def test_a_draw_is_fair_and_skips_those_who_had_enough(database: Database) -> None:
    giver, lucky = await a_member(database, "giver"), await a_member(database, "lucky")
    hopeful = [await a_member(database, f"hope{number}") for number in range(3)]
    for _ in range(3):
        first = await an_item(database, giver, gift(way="first_come"))
        assert await ask(database, lucky, first) is True
    item = await an_item(database, giver, gift(way="draw"))
    for who in (lucky, *hopeful):
        await ask(database, who, item)
    async with database.work(giver) as work:
        drawn = await items.draw_request(work, item)
    assert drawn in {who.me for who in hopeful}
    assert (await states(database, item))[drawn] == "chosen"
    with pytest.raises(Refusal) as caught:
        await ask(database, lucky, await an_item(database, giver, gift(way="first_come")))
    assert refused(caught) == ("too_many_gifts", {"most": 3})


async def test_the_first_to_come_is_exactly_one(database: Database) -> None:
    giver = await a_member(database, "giver")
    people = [await a_member(database, f"person{number}") for number in range(20)]
    item = await an_item(database, giver, gift(way="first_come"))
    outcome = await asyncio.gather(*(ask(database, who, item) for who in people), return_exceptions=True)
    assert outcome.count(True) == 1
    assert {result.code.name for result in outcome if isinstance(result, Refusal)} == {"item_sold_out"}
    assert list((await states(database, item)).values()) == ["chosen"]
    assert (await snapshot(database, item))["reserved"] == 1


async def test_who_may_not_ask(database: Database, clock: FakeClock) -> None:
    giver, asker = await a_member(database, "giver"), await a_member(database, "asker")
    item, sold = await an_item(database, giver, gift()), await an_item(database, giver, thing())

    async def why(who: Actor, what: str) -> str:
        with pytest.raises(Refusal) as caught:
            await ask(database, who, what)
        return refused(caught)[0]

    assert await why(asker, sold) == "not_a_gift"
    assert await why(giver, item) == "own_item"
    await ask(database, asker, item)
    assert await why(asker, item) == "already_asked"
    async with database.work(SYSTEM) as work:
        await set_value(work, "items.gift_requests_a_week", 1, "test")
    database.book.forget()
    second = await an_item(database, giver, gift())
    assert await why(asker, second) == "too_many_gift_requests"
    clock.move(days=7, seconds=1)
    assert await ask(database, asker, second) is False
    blocked = await a_member(database, "blocked")
    await tie(database, giver, "blocks", blocked)
    assert await why(blocked, item) == "blocked_pair"
    with pytest.raises(Refusal) as caught:
        async with database.look(asker) as look:
            await items.gift_requests(look, item)
    assert refused(caught) == ("not_found", {})


async def test_wanted_is_answered_with_things(database: Database) -> None:
    asker, seller = await a_member(database, "asker"), await a_member(database, "seller")
    item, paused = await an_item(database, seller), await an_item(database, seller)
    async with database.work(asker) as work:
        post = await items.open_wanted(work, NewWanted("求一张折叠桌", Money(5000), "furniture"))
    async with database.work(seller) as work:
        await items.pause(work, paused)
        await items.answer_wanted(work, post, item)
        await items.answer_wanted(work, post, item)
    for who, thing_, code in ((seller, paused, "item_not_for_sale"), (asker, item, "own_item")):
        with pytest.raises(Refusal) as caught:
            async with database.work(who) as work:
                await items.answer_wanted(work, post, thing_)
        assert refused(caught)[0] == code
    async with database.look(NOBODY) as look:
        page = await items.wanted_page(look, post)
        listed = await items.wanted_list(look, category="furniture")
    assert [card.id for card in page.answers] == [item]
    assert (page.wanted.budget, page.wanted.answers, page.wanted.state) == (Money(5000), 1, "open")
    assert [card.id for card in listed.items] == [post]
    async with database.work(asker) as work:
        await items.close_wanted(work, post)
    with pytest.raises(Refusal) as caught:
        async with database.work(seller) as work:
            await items.answer_wanted(work, post, item)
    assert refused(caught) == ("wanted_closed", {})
    async with database.look(NOBODY) as look:
        assert (await items.wanted_list(look)).items == []


async def test_forgetting_a_member(database: Database) -> None:
    member, other = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(
        database, member, thing(description="我家楼下自提", place_label="西湖区", serial="490154203237518")
    )
    theirs = await an_item(database, other, gift())
    kept = await an_item(database, other)
    before = await snapshot(database, kept)
    await ask(database, member, theirs, "住得近")
    async with database.work(other) as work:
        await items.pick_request(work, theirs, member.me)
    async with database.look(member) as look:
        copy = await items.export_for(look, member.me)
    assert [row["title"] for row in copy["items"]] == ["折叠书桌"]
    assert [(row["reason"], row["state"]) for row in copy["gift_requests"]] == [("住得近", "chosen")]
    async with database.work(SYSTEM) as work:
        await items.scrub(work, member.me)
    row = await snapshot(database, item)
    assert (row["state"], row["title"], row["description"], row["place_label"], row["serial_digest"]) == (
        "removed", "", "", None, None,
    )  # fmt: skip
    assert (await snapshot(database, theirs))["reserved"] == 0
    assert await snapshot(database, kept) == before
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from item_serials") == 0
        assert "住得近" not in repr(await look.db.fetch("select * from item_requests"))


async def test_newcomers_wait_before_they_ask(database: Database, clock: FakeClock) -> None:
    giver, newcomer = await a_member(database, "giver"), await a_member(database, "newcomer")
    item = await an_item(database, giver, gift())
    async with database.work(SYSTEM) as work:
        await work.db.execute("update members set joined_at = $2 where id = $1", newcomer.me, work.now)
    clock.move(hours=23, minutes=59)
    with pytest.raises(Refusal) as caught:
        await ask(database, newcomer, item)
    assert refused(caught) == ("gift_too_soon", {"hours": 24})
    assert await states(database, item) == {}
    clock.move(minutes=1)
    assert await ask(database, newcomer, item) is False


async def missed(database: Database, giver: Actor, who: Actor) -> None:
    item = await an_item(database, giver, gift(way="first_come"))
    await ask(database, who, item)
    async with database.work(who) as work:
        await items.giveaway_line(work, item)
    async with database.work(SYSTEM) as work:
        await items.give_back(work, item, who.me, "no_show")
    assert await states(database, item) == {who.me: "no_show"}
    assert (await snapshot(database, item))["reserved"] == 0


async def test_who_misses_two_gifts_pauses_and_the_giver_sees_the_record(database: Database, clock: FakeClock) -> None:
    giver, asker = await a_member(database, "giver"), await a_member(database, "asker")
    wish = await an_item(database, giver, gift())
    await missed(database, giver, asker)
    clock.move(days=1)
    await missed(database, giver, asker)
    clock.move(days=29, hours=23)
    with pytest.raises(Refusal) as caught:
        await ask(database, asker, wish)
    assert refused(caught) == ("gifts_paused", {"missed": 2, "days": 1})
    clock.move(hours=1)
    assert await ask(database, asker, wish) is False
    async with database.look(giver) as look:
        seen = (await items.gift_requests(look, wish)).items
    assert [(one.record.taken, one.record.no_shows) for one in seen] == [(0, 2)]


async def test_a_gift_put_on_sale_is_marked_for_those_who_may_know(database: Database, clock: FakeClock) -> None:
    giver, taker = await a_member(database, "giver"), await a_member(database, "taker")
    given = await an_item(database, giver, gift(way="first_come"))
    await ask(database, taker, given)
    async with database.work(taker) as work:
        await items.giveaway_line(work, given)
    sold = await an_item(database, taker, thing("绘本 一箱，九成新"))
    other = await an_item(database, taker, thing("折叠书桌"))
    hint = {sold: given, other: None}
    for viewer, sees in ((taker, True), (giver, True), (NOBODY, False), (SYSTEM, True)):
        async with database.look(viewer) as look:
            for item, gift_of in hint.items():
                found = (await items.item_page(look, item)).like_gift
                assert (found.id if found else None) == (gift_of if sees else None)
    assert (await snapshot(database, sold))["state"] == "live"
    clock.move(days=31)
    later = await an_item(database, taker, thing("绘本 一箱，九成新"))
    assert (await snapshot(database, later))["resale_of"] is None


@pytest.mark.parametrize(
    ("one", "other", "percent"),
    [
        ("绘本一箱", "绘本一箱", 100),
        ("绘本一箱", "绘本 一箱！", 100),
        ("绘本一箱", "书桌", 0),
        ("绘", "绘本", 0),
        ("", "", 0),
    ],
)
def test_how_much_two_titles_are_alike(one: str, other: str, percent: int) -> None:
    assert alike(one, other) == alike(other, one) == percent
