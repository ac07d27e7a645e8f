"""After the sale: what was bought goes on with its facts and where it came from, and people say thanks."""

import pytest

from tests.build import a_member, a_seller, verified
from tests.conftest import readable
from tests.moderation.test_cases import a_moderator
from tests.orders.build import Market
from xianji import reactions
from xianji.domains import items, moderation, orders
from xianji.domains.orders.model import HISTORY_MOST
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions.engine import Engine

HELD = "便宜点，微信转我就行"


async def bought(market: Market, item: str) -> str:
    """The market's buyer meets the seller and takes it home."""
    order = await market.paid("meet", item)
    code = (await market.page(order)).meet_code
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(str(code)))
    return order


async def resell(market: Market, actor: Actor, order: str, item: str | None = None) -> str:
    async with market.database.work(actor) as work:
        return await orders.resell(work, order, orders.Resell(item))


async def thank(market: Market, actor: Actor, order: str, words: str, named: bool = False) -> str:
    async with market.database.work(actor) as work:
        return await orders.thank(work, order, orders.Thank(words, named))


async def refused(market: Market, actor: Actor, order: str) -> str:
    with pytest.raises(Refusal) as no:
        await resell(market, actor, order)
    return no.value.code.name


async def test_the_draft_has_the_frozen_facts_and_none_of_the_sellers_own(market: Market) -> None:
    facts = {"condition": "like_new", "description": "用过两次", "category": "cameras", "attributes": {"model": "GR"}}
    item = await market.item(12_900, **facts)
    order = await bought(market, item)
    draft = await resell(market, market.buyer, order)
    async with market.database.look(market.buyer) as look:
        page = await items.item_page(look, draft)
    assert (page.state, page.title, page.description) == ("draft", "小相机", "用过两次")
    assert (page.price.amount, page.original_price) == (12_900, Money(12_900))
    assert (page.category, page.attributes) == ("cameras", {"model": "GR"})
    assert (page.condition, page.media, page.stock, page.has_serial) == (None, [], 1, False)
    assert page.has_history
    assert await resell(market, market.buyer, order) == draft, "the one that waits"


async def test_only_as_many_as_were_bought_and_only_by_the_one_who_has_them(market: Market) -> None:
    item = await market.item()
    order = await market.paid("meet", item)
    assert await refused(market, market.buyer, order) == "move_not_open"
    code = (await market.page(order)).meet_code
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(str(code)))
    assert await refused(market, market.seller, order) == "move_not_open"
    assert await refused(market, await a_member(market.database), order) == "not_found"
    owner = await verified(market.database, market.buyer)
    draft = await resell(market, owner, order)
    async with market.database.work(owner) as work:
        await items.take_from_draft(work, draft)
    assert await refused(market, owner, order) == "resold_already"
    async with market.database.work(owner) as work:
        await items.remove(work, draft)
    assert await resell(market, owner, order) != draft


async def test_what_went_back_cannot_go_on(market: Market) -> None:
    order = await bought(market, await market.item())
    async with market.database.work(SYSTEM) as work:
        locked = await orders.lock_for_system(work, order)
        await orders.claim_back(work, locked, "rfd_test", 12_900)
    assert await refused(market, market.buyer, order) == "move_not_open"
    assert not orders.may_resell(await market.page(order))


async def test_the_chain_is_told_without_names_and_ends(market: Market) -> None:
    database = market.database
    first = await market.item()
    order = await bought(market, first)
    await thank(market, market.buyer, order, "包得很仔细")
    await thank(market, market.seller, order, "爽快", named=True)
    owner = await verified(database, market.buyer)
    second = await resell(market, owner, order)
    async with database.work(owner) as work:
        await items.take_from_draft(work, second)
    market.seller, market.buyer = owner, await a_seller(database)
    third = await resell(market, market.buyer, await bought(market, second))
    async with database.look(market.buyer) as look:
        told = await orders.history_of(look, third)
        seller = await look.db.fetchval(
            "select m.name from members m join items i on i.seller = m.id where i.id = $1", first
        )
        month = await look.db.fetchval("select to_char(placed_at at time zone 'Asia/Shanghai', 'YYYY-MM') from orders")
    assert [(hop.month, hop.handover) for hop in told.hops] == [(month, "meet"), (month, "meet")]
    assert told.hops[0].thanks == []
    said = told.hops[1].thanks
    assert {(one.role, one.words, one.name) for one in said} == {
        ("buyer", "包得很仔细", None),
        ("seller", "爽快", seller),
    }
    async with database.work(SYSTEM) as work:
        await set_value(work, HISTORY_MOST.name, 1, "shorter")
    database.book.forget()
    async with database.look(market.buyer) as look:
        assert len((await orders.history_of(look, third)).hops) == 1


async def test_thanks_are_said_once_after_the_sale_and_may_be_taken_back(market: Market) -> None:
    order = await market.paid("meet")
    with pytest.raises(Refusal, match="move_not_open"):
        await thank(market, market.buyer, order, "谢谢")
    code = (await market.page(order)).meet_code
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(str(code)))
    await thank(market, market.buyer, order, "谢谢")
    with pytest.raises(Refusal, match="thanked_already"):
        await thank(market, market.buyer, order, "谢谢你")
    async with market.database.work(market.buyer) as work:
        await orders.take_thanks_back(work, order)
    with pytest.raises(Refusal, match="not_found"):
        async with market.database.work(market.seller) as work:
            await orders.take_thanks_back(work, order)
    await thank(market, market.buyer, order, "还是要谢谢")
    async with market.database.look(market.seller) as look:
        assert [one.words for one in (await orders.thanks_on(look, order)).thanks] == ["还是要谢谢"]
    async with market.database.work(SYSTEM) as work:
        await orders.scrub(work, str(market.buyer.member))
    async with market.database.look(market.seller) as look:
        assert (await orders.thanks_on(look, order)).thanks == []


async def test_thanks_are_screened_reported_hidden_and_brought_back(market: Market) -> None:
    database = market.database
    item = await market.item()
    order = await bought(market, item)
    thanks = await thank(market, market.buyer, order, "谢谢")
    stranger, judge = await a_member(database), await a_moderator(database)
    async with database.work(stranger) as work:
        case = await moderation.report(work, moderation.Report(thanks, "abuse"))
    async with database.work(judge) as work:
        await moderation.decide(work, case, moderation.Decision("hide", "骂人", "R1"))
    async with database.look(stranger) as look:
        assert (await orders.history_of(look, item)).thanks == []
    async with database.look(market.buyer) as look:
        assert [one.hidden for one in (await orders.thanks_on(look, order)).thanks] == [True]
    async with database.work(judge) as work:
        await moderation.decide(work, case, moderation.Decision("restore", "看错了"))
    async with database.look(stranger) as look:
        assert [one.words for one in (await orders.history_of(look, item)).thanks] == ["谢谢"]


async def test_thanks_that_a_rule_holds_wait_for_a_person(market: Market) -> None:
    database = market.database
    item = await market.item()
    order = await bought(market, item)
    thanks = await thank(market, market.buyer, order, HELD)
    await readable(database)
    await Engine(database, reactions.TABLE).drain()
    judge = await a_moderator(database)
    async with database.look(judge) as look:
        assert (await orders.history_of(look, item)).thanks == []
        (case,) = (await moderation.queue(look)).items
    assert (case.subject, case.waits) == (thanks, True)
    async with database.work(judge) as work:
        await moderation.decide(work, case.id, moderation.Decision("release", "没问题"))
    async with database.look(judge) as look:
        assert [one.words for one in (await orders.history_of(look, item)).thanks] == [HELD]
