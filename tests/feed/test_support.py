"""A campaign's labelled card: metered, never above its quota, beside the ranking; and topics made of what rises."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.build import a_member
from tests.conftest import FakeClock
from tests.feed.build import CELL, CLOSE, a_thing, home, reach, see
from tests.notes.build import a_note, a_seller, refused
from xianji.domains import feed, notes
from xianji.domains.feed import FeedPage, NewQuota, Supporter
from xianji.domains.feed.support import lease
from xianji.domains.notes import GatherTopic
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM, Actor


async def a_quota(database: Database, clock: FakeClock, quota: int = 3, **more: Any) -> str:
    times = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(days=1)} | more
    async with database.work(SYSTEM) as work:
        return await feed.grant_quota(work, NewQuota("小卖部", "二次元小卖部", quota, **times))


async def joined(database: Database, support: Supporter, reader: Actor) -> FeedPage:
    return await support.join(reader, CELL, await home(database, reader))


async def used(database: Database) -> tuple[int, int]:
    """Impressions taken from all quotas, and given to notes."""
    async with database.look(SYSTEM) as look:
        taken = await look.db.fetchval("select sum(used) from feed_quotas")
        return taken, await look.db.fetchval("select coalesce(sum(shown), 0) from feed_boosts")


async def test_a_campaign_never_hands_out_more_than_it_was_given(database: Database, clock: FakeClock) -> None:
    seller, readers = await a_seller(database), [await a_member(database) for _ in range(5)]
    others = [await a_note(database, seller, place=CLOSE) for _ in range(2)]
    note = await a_note(database, seller, body="#小卖部# 开张", place=CLOSE)
    async with database.work(SYSTEM) as work:
        await set_value(work, "feed.lease", 2, "made for the test")
    database.book.forget()
    quota = await a_quota(database, clock, 3)
    supporters = [Supporter(database), Supporter(database)]
    pages = [await joined(database, supporters[n % 2], reader) for n, reader in enumerate(readers)]
    labelled = [[card for card in page.items if card.label] for page in pages]
    assert [len(cards) for cards in labelled] == [1, 1, 1, 0, 0]
    assert {(card.id, card.label, card.why) for cards in labelled for card in cards} == {
        (note, "二次元小卖部", "support")
    }
    assert all(sorted(card.id for card in page.items) == sorted([note, *others]) for page in pages)
    for one in supporters:
        await one.flush()
    assert await used(database) == (3, 3)
    async with database.look(seller) as look:
        assert (await feed.note_reach(look, note)).boosted == 3
    async with database.work(SYSTEM) as work:
        assert await lease(work, quota) == 0


async def test_leases_taken_at_the_same_moment_stay_within_the_quota(database: Database, clock: FakeClock) -> None:
    quota = await a_quota(database, clock, 50)

    async def one() -> int:
        async with database.work(SYSTEM) as work:
            return await lease(work, quota)

    assert sorted(await asyncio.gather(*(one() for _ in range(6)))) == [0, 0, 0, 10, 20, 20]
    assert await used(database) == (50, 0)


async def test_what_is_supported_is_not_shown_again_in_the_same_scroll(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_note(database, seller, body="#小卖部#")
    clock.move(days=3)
    fresh = [await a_note(database, seller, place=CLOSE) for _ in range(2)]
    await a_quota(database, clock)
    first = await Supporter(database).join(reader, CELL, await home(database, reader, limit=2))
    assert {card.id for card in first.items} == {note, *fresh}
    assert (await home(database, reader, cursor=first.next_cursor)).items == []


async def test_a_quota_ends_and_is_for_operators(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    await a_note(database, seller, body="#小卖部#")
    quota = await a_quota(database, clock)
    async with database.work(SYSTEM) as work:
        await feed.end_quota(work, quota, "made for the test")
    clock.move(seconds=2)
    assert not any(card.label for card in (await joined(database, Supporter(database), reader)).items)
    with pytest.raises(Refusal) as error:
        await a_quota(database, clock, starts_at=clock.now(), ends_at=clock.now() - timedelta(hours=1))
    assert refused(error) == ("quota_times_not_valid", {})
    for call in (feed.quotas, feed.rising):
        async with database.look(reader) as look:
            with pytest.raises(Refusal) as error:
                await call(look)
            assert error.value.code.name == "not_allowed"


async def test_topics_that_rise_together_become_one_topic(database: Database, clock: FakeClock) -> None:
    people = [await a_member(database) for _ in range(4)]
    await a_note(database, people[0], body="#分手 #闲置")
    clock.move(days=4)
    both = [await a_note(database, one, body="#分手 #闲置 再见") for one in people]
    await a_note(database, people[0], body="#分手 #旅行")
    async with database.look(SYSTEM) as look:
        assert [(one.one, one.other, one.now, one.before) for one in await feed.rising(look)] == [
            ("分手", "闲置", 4, 1)
        ]
    async with database.work(SYSTEM) as work:
        topic = await notes.gather_topic(work, GatherTopic("#215分手节", ["闲置", "分手"]))
    later = await a_note(database, people[1], body="#闲置 #分手 又一篇")
    await a_note(database, people[1], body="#闲置 #别的")
    async with database.look(SYSTEM) as look:
        page = await notes.topic_page(look, "215分手节")
        found = await notes.feed(look, topic=topic)
    assert (page.shown, page.notes) == ("215分手节", 6)
    assert {card.id for card in found.items} >= {later, *both}
    assert len(found.items) == 6
    async with database.work(SYSTEM) as work:
        for name, tags in (("闲置", ["闲置"]), ("123", ["闲置"]), ("很" * 21, ["闲置"])):
            with pytest.raises(Refusal) as error:
                await notes.gather_topic(work, GatherTopic(name, tags))
            assert error.value.code.name == "topic_name_not_valid"
    async with database.work(people[0]) as work:
        with pytest.raises(Refusal) as error:
            await notes.gather_topic(work, GatherTopic("新话题", ["闲置"]))
        assert error.value.code.name == "not_allowed"


async def test_reach_says_how_far_and_why(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller)
    await see(database, reader, note, opened=True)
    await see(database, await a_member(database), note, cell=None)
    async with database.look(seller) as look:
        found = await feed.note_reach(look, note)
        thing = await look.db.fetchval("select item from note_items where note = $1", note)
        assert (await feed.item_reach(look, thing)).floor == "none"
    assert (found.shown, found.near_percent, found.opened, found.floor, found.standing) == (2, 100, 1, "owed", "open")
    assert await reach(database, note) == (2, 1, 1, 1)
    clock.move(hours=7)
    async with database.work(SYSTEM) as work:
        await notes.hide_note(work, note, "R1")
    async with database.look(seller) as look:
        found = await feed.note_reach(look, note)
    assert (found.floor, found.standing, found.rule) == ("over", "held", "R1")
    async with database.look(reader) as look:
        for read, id in ((feed.note_reach, note), (feed.item_reach, thing)):
            with pytest.raises(Refusal) as error:
                await read(look, id)
            assert error.value.code.name == "not_found"
