"""What a reader asks of their feed: topics they follow, what they want less of; and the feed of nobody nowhere."""

from typing import Any

import pytest

from tests.build import a_member
from tests.conftest import FakeClock
from tests.feed.build import a_thing, home, see, shown
from tests.notes.build import a_block, a_follow, a_note, a_seller
from xianji import worker
from xianji.domains import feed, notes
from xianji.domains.feed import Choose, SayLess
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor


async def follow(database: Database, reader: Actor, topic: str) -> None:
    async with database.work(reader) as work:
        await notes.follow_topic(work, topic)


async def less(database: Database, reader: Actor, subject: str) -> None:
    async with database.work(reader) as work:
        await feed.say_less(work, SayLess(subject))


async def said(database: Database, reader: Actor) -> list[tuple[str, str]]:
    async with database.look(reader) as look:
        return [(one.subject, one.name) for one in await feed.my_less(look)]


async def parts(database: Database, reader: Actor) -> dict[str, dict[str, float]]:
    return {card.id: card.parts for card in (await home(database, reader, None)).items}


async def following(database: Database, reader: Actor, **more: Any) -> list[tuple[str, str]]:
    async with database.look(reader) as look:
        return [(card.id, card.why) for card in (await notes.feed(look, "following", **more)).items]


async def test_a_followed_topic_brings_its_notes(database: Database) -> None:
    seller, reader, other = await a_seller(database), await a_member(database), await a_member(database)
    tagged, plain = await a_note(database, seller, body="#CCD 相机"), await a_note(database, seller)
    assert set(await parts(database, reader)) == {tagged, plain}
    await follow(database, reader, "#ccd")
    await follow(database, reader, "CCD")
    assert {id: points.get("topic") for id, points in (await parts(database, reader)).items()} == {
        tagged: 14.0,
        plain: None,
    }
    told = {card.id: [(one.code, one.name) for one in card.reasons] for card in (await home(database, reader)).items}
    assert told == {tagged: [("fresh", ""), ("topic", "ccd")], plain: [("fresh", "")]}
    assert all("topic" not in points for points in (await parts(database, other)).values())
    async with database.look(reader) as look:
        assert [(topic.name, topic.notes, topic.followed) for topic in await notes.followed_topics(look)] == [
            ("ccd", 1, True)
        ]
    async with database.work(reader) as work:
        await feed.choose(work, Choose(personal=False, history=True))
    assert all("topic" not in points for points in (await parts(database, reader)).values())
    async with database.work(reader) as work:
        await notes.unfollow_topic(work, "ccd")
        await notes.unfollow_topic(work, "ccd")
        assert await notes.followed_topics(work) == []


async def test_the_following_tab_holds_people_and_topics_each_note_once(database: Database, clock: FakeClock) -> None:
    friend, stranger, blocked = [await a_seller(database) for _ in range(3)]
    reader = await a_member(database)
    await a_follow(database, reader, friend)
    made = []
    for author, body in ((stranger, "#ccd"), (friend, "#ccd"), (friend, "随便"), (blocked, "#ccd"), (reader, "#ccd")):
        clock.move(minutes=1)
        made.append(await a_note(database, author, body=body))
    await follow(database, reader, "ccd")
    await a_block(database, reader, blocked)
    expected = [(made[2], "following"), (made[1], "following"), (made[0], "followed_topic")]
    assert await following(database, reader) == expected
    assert await following(database, reader, kind="sale") == []
    async with database.look(reader) as look:
        first = await notes.feed(look, "following", limit=2)
        second = await notes.feed(look, "following", cursor=first.next_cursor, limit=2)
    assert [card.id for card in (*first.items, *second.items)] == [id for id, _ in expected]


async def test_only_topics_there_are_and_not_too_many_are_followed(database: Database) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    await a_note(database, seller, body="#一 #二")
    with pytest.raises(Refusal, match="not_found"):
        await follow(database, reader, "没人用过")
    async with database.work(SYSTEM) as work:
        await set_value(work, "notes.topics_followed_most", 1, "made for the test")
    database.book.forget()
    await follow(database, reader, "一")
    await follow(database, reader, "一")
    with pytest.raises(Refusal, match="too_many_topics_followed"):
        await follow(database, reader, "二")


async def test_less_of_something_weighs_for_this_reader_only(database: Database) -> None:
    seller, friend = await a_seller(database), await a_seller(database)
    reader, other = await a_member(database), await a_member(database)
    camera = await a_thing(database, seller, category="cameras", title="相机")
    tagged = await a_note(database, friend, body="#ccd 相机", title="样片")
    plain = await a_note(database, friend, title="书")
    before = await parts(database, other)
    for subject, hit in (("c:cameras", camera), ("t:ccd", tagged), (f"m:{seller.me}", camera)):
        await less(database, reader, subject)
        assert {id for id, points in (await parts(database, reader)).items() if points.get("less") == -45.0} == {hit}
        assert (await shown(database, reader, None))[-1] == hit
        async with database.work(reader) as work:
            await feed.take_less_back(work, SayLess(subject))
            await feed.take_less_back(work, SayLess(subject))
    await less(database, reader, f"n:{plain}")
    assert set(await shown(database, reader)) == {camera, tagged}
    assert await parts(database, other) == before
    assert await said(database, reader) == [(f"n:{plain}", "书")]
    async with database.work(reader) as work:
        await feed.choose(work, Choose(personal=False, history=True))
    await less(database, reader, "c:cameras")
    assert all("less" not in points for points in (await parts(database, reader)).values())
    assert plain not in await shown(database, reader)
    assert await said(database, other) == []


async def test_what_less_is_wanted_of_makes_no_interest_and_passes(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    camera = await a_thing(database, seller, category="cameras")
    async with database.work(reader) as work:
        await notes.like_note(work, camera)
    assert "taste" in (await parts(database, reader))[camera]
    await less(database, reader, "c:cameras")
    points = (await parts(database, reader))[camera]
    assert (points["less"], "taste" in points) == (-45.0, False)
    clock.move(days=60)
    assert "less" not in (await parts(database, reader))[camera]
    assert await said(database, reader) == []
    await worker.do_due(database, feed.DUE)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from feed_less") == 0


async def test_only_what_there_is_and_never_more_than_the_most(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_note(database, seller, body="#一 #二")
    for subject in ("c:nothing", "t:没人用过", "n:nte_00000000000000000000000000", f"m:{reader.me}", "m:mbr_0"):
        with pytest.raises(Refusal, match="not_found"):
            await less(database, reader, subject)
    async with database.work(SYSTEM) as work:
        await set_value(work, "feed.less_most", 2, "made for the test")
    database.book.forget()
    for subject in ("t:一", "t:二", f"n:{note}"):
        await less(database, reader, subject)
        clock.move(seconds=1)
    assert await said(database, reader) == [(f"n:{note}", "搬家出闲置"), ("t:二", "二")]


async def test_a_note_says_what_less_may_be_wanted_of(database: Database) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller, category="cameras")
    tagged = await a_note(database, seller, body="#ccd", title="样片")
    await less(database, reader, "t:ccd")
    async with database.look(reader) as look:
        assert [one.subject for one in await feed.less_of(look, note)] == [f"n:{note}", f"m:{seller.me}", "c:cameras"]
        found = [(one.subject, one.name, one.until is None) for one in await feed.less_of(look, tagged)]
        assert (found[0], found[-1]) == ((f"n:{tagged}", "样片", True), ("t:ccd", "ccd", False))
    async with database.look(seller) as look:
        with pytest.raises(Refusal, match="not_found"):
            await feed.less_of(look, note)


async def test_a_copy_holds_what_was_asked_and_forgetting_ends_it(database: Database) -> None:
    seller, reader, other = await a_seller(database), await a_member(database), await a_member(database)
    await a_note(database, seller, body="#ccd")
    await follow(database, reader, "ccd")
    await follow(database, other, "ccd")
    for who in (reader, other):
        await less(database, who, f"m:{seller.me}")
    async with database.look(SYSTEM) as look:
        copy = await feed.export_for(look, reader.me) | await notes.export_for(look, reader.me)
    assert [one["subject"] for one in copy["feed_less"]] == [f"m:{seller.me}"]
    assert [one["topic"] for one in copy["followed_topics"]] == ["ccd"]
    async with database.work(SYSTEM) as work:
        for forget in (feed.scrub, notes.scrub):
            await forget(work, reader.me)
        counts = await work.db.fetch(
            "select member from feed_less union all select member from topic_follows order by member"
        )
        assert [row["member"] for row in counts] == [other.me, other.me]
        await feed.scrub(work, seller.me)
        assert await work.db.fetchval("select count(*) from feed_less") == 0


async def test_nobody_nowhere_gets_what_is_fresh_good_fair_and_mixed(database: Database, clock: FakeClock) -> None:
    busy, other = await a_seller(database), await a_seller(database)
    loved = await a_thing(database, other, title="大家爱看")
    for _ in range(3):
        reader = await a_member(database)
        await see(database, reader, loved, opened=True)
    clock.move(hours=5)
    many = [await a_thing(database, busy, title=f"第 {n} 件") for n in range(6)]
    page = await home(database, NOBODY, None)
    found = {card.id: card.parts for card in page.items}
    assert set(found) == {loved, *many}
    assert "warm" in found[loved]
    assert all({"fresh", "fair"} <= set(points) for points in found.values())
    assert loved in [card.id for card in page.items[:4]]  # three of one author, then somebody else
    assert not {name for points in found.values() for name in points} & {"near", "taste", "follow", "topic", "less"}
    assert (page.good_until - clock.now()).total_seconds() == 30
    rest = await home(database, NOBODY, None, limit=4)
    more = await home(database, NOBODY, None, cursor=rest.next_cursor, limit=4)
    assert sorted(card.id for card in (*rest.items, *more.items)) == sorted([loved, *many])
