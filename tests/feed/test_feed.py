"""The home feed over a real database: who is shown what, what is counted, what is forgotten."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.build import a_member
from tests.conftest import FakeClock
from tests.feed.build import CELL, CLOSE, FAR, HOME, a_thing, home, reach, see, shown
from tests.notes.build import a_block, a_follow, a_note, a_seller, thing
from xianji import worker
from xianji.domains import circles, feed, items, notes
from xianji.domains.feed import Choose, Recorder, Seen
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM


async def test_a_card_says_what_its_score_is_made_of(database: Database) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller, HOME)
    page = await home(database, reader)
    assert [card.id for card in page.items] == [note]
    assert page.items[0].parts == {"near": 30.0, "fresh": 20.0, "fair": 25.0}
    assert [(reason.code, reason.km) for reason in page.items[0].reasons] == [("near", 0.0), ("fair", None)]
    assert (page.items[0].why, page.personal, page.next_cursor) == ("near", True, None)
    nowhere = await home(database, reader, None)
    assert nowhere.items[0].parts == {"fresh": 20.0, "fair": 25.0}


async def test_every_source_brings_its_notes(database: Database, clock: FakeClock) -> None:
    seller, friend, reader = await a_seller(database), await a_seller(database), await a_member(database)
    await a_follow(database, reader, friend)
    async with database.work(friend) as work:
        circle = await circles.found_circle(work, circles.FoundCircle(slug="cameras", kind="interest", name="相机圈"))
    async with database.work(reader) as work:
        await circles.join_circle(work, circle)
    liked = await a_thing(database, seller, HOME, category="cameras")
    async with database.work(reader) as work:
        await notes.like_note(work, liked)
    followed = await a_note(database, friend, title="关注的人")
    joined = await a_note(database, friend, title="圈里的", circle=circle)
    similar = await a_thing(database, seller, FAR, category="cameras")
    found = {card.id: card for card in (await home(database, reader)).items}
    assert found[followed].parts["follow"] == 18.0
    assert found[joined].parts["circle"] == 12.0
    assert {reason.code: reason.name for reason in found[joined].reasons} == {"fresh": "", "follow": ""}
    assert found[similar].parts == {
        "near": 0.55,
        "far": -40.0,
        "fresh": 20.0,
        "taste": 13.33,
        "fair": 25.0,
        "again": -11.0,
    }
    async with database.work(reader) as work:
        await feed.choose(work, Choose(personal=False, history=True))
    plain = await home(database, reader)
    assert not plain.personal
    assert all(set(card.parts) <= {"near", "far", "fresh", "fair", "known", "again"} for card in plain.items)


async def test_what_is_gone_is_never_shown(database: Database) -> None:
    seller, blocked, reader = await a_seller(database), await a_seller(database), await a_member(database)
    kept = await a_thing(database, seller)
    sold, removed, hidden, own = [await a_thing(database, seller) for _ in range(4)]
    from_blocked = await a_thing(database, blocked)
    assert set(await shown(database, reader)) == {kept, sold, removed, hidden, own, from_blocked}
    async with database.work(SYSTEM) as work:
        await work.db.execute("update items set sold = stock, state = 'sold' where note = $1", sold)
        await notes.hide_note(work, hidden, "made for the test")
    async with database.work(seller) as work:
        await notes.remove_note(work, removed)
    await a_block(database, reader, blocked)
    assert set(await shown(database, reader)) == {kept, own}
    assert await shown(database, seller) == [from_blocked]
    await see(database, reader, own)
    assert await shown(database, reader) == [kept]


async def test_what_was_seen_comes_back_after_some_days(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_note(database, seller, place=CLOSE)
    await see(database, reader, note)
    assert await shown(database, reader) == []
    clock.move(days=7)
    assert await shown(database, reader) == []
    clock.move(days=1)
    assert await shown(database, reader) == [note]


async def test_no_card_comes_twice_while_scrolling(database: Database, clock: FakeClock) -> None:
    sellers, reader = [await a_seller(database) for _ in range(4)], await a_member(database)
    made = [await a_note(database, seller, title=f"第 {n} 篇", place=CLOSE) for n in range(3) for seller in sellers]
    seen: list[str] = []
    cursor = None
    while True:
        page = await home(database, reader, cursor=cursor, limit=5)
        seen += [card.id for card in page.items]
        await a_note(database, sellers[0], title="新来的")
        if cursor is None:
            async with database.work(sellers[1]) as work:
                await notes.remove_note(work, next(one for one in made if one not in seen))
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert len(set(seen)) == len(seen)
    assert len(set(made) & set(seen)) >= 11
    async with database.work(SYSTEM) as work:
        await set_value(work, "feed.session_cards", 5, "made for the test")
    database.book.forget()
    assert (await home(database, reader, limit=5)).next_cursor is None


async def test_with_enough_close_by_what_is_far_stays_where_it_is(database: Database) -> None:
    seller, other, reader = await a_seller(database), await a_seller(database), await a_member(database)
    async with database.work(SYSTEM) as work:
        await set_value(work, "feed.enough_supply", 2, "made for the test")
    database.book.forget()
    far = await a_thing(database, other, FAR)
    sent = await a_thing(database, other, FAR, handover=["ship"])
    close = await a_thing(database, seller)
    assert set(await shown(database, reader)) == {far, sent, close}
    another = await a_thing(database, seller)
    assert set(await shown(database, reader)) == {sent, close, another}


async def test_each_viewer_counts_once_a_day(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller)
    await see(database, reader, note)
    await see(database, reader, note)
    await see(database, seller, note)
    assert await reach(database, note) == (1, 1, 1, 0)
    await see(database, reader, note, opened=True)
    await see(database, reader, note, opened=True)
    assert await reach(database, note) == (1, 1, 1, 1)
    clock.move(days=1)
    far = items.cell_of(FAR.lat, FAR.lon)
    await see(database, reader, note, cell=far)
    await see(database, await a_member(database), note, "itm_" + "0" * 26, cell=None)
    assert await reach(database, note) == (3, 2, 1, 1)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from feed_reaches") == 1
        thing = await look.db.fetchval("select item from note_items where note = $1", note)
    await see(database, reader, thing)
    assert await reach(database, thing) == (1, 1, 1, 0)


async def test_the_floor_ends_when_it_is_met_or_its_hours_are_over(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    async with database.work(SYSTEM) as work:
        await set_value(work, "feed.floor_shown", 2, "made for the test")
    database.book.forget()
    met, late = await a_thing(database, seller), await a_thing(database, seller)
    await see(database, reader, met)
    assert "fair" in (await home(database, seller and await a_member(database))).items[0].parts
    await see(database, await a_member(database), met)
    clock.move(hours=6)
    await worker.do_due(database, feed.DUE)
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select subject, floor_until, floor_at is not null as met from feed_reaches")
    assert {(row["subject"], row["floor_until"], row["met"]) for row in rows} == {
        (met, None, True),
        (late, None, False),
    }
    async with database.work(SYSTEM) as work:
        await feed.open_reach(work, met)
        await feed.open_reach(work, late)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(floor_until) from feed_reaches") == 0


async def test_a_batch_loses_nothing_when_the_process_stops(database: Database, monkeypatch: Any) -> None:
    seller = await a_seller(database)
    note = await a_thing(database, seller)
    readers = [await a_member(database) for _ in range(3)]
    recorder = Recorder(database)
    for reader in readers:
        recorder.add([Seen(reader.me, note, cell=CELL), Seen(reader.me, note, opened=True, cell=CELL)])
        await asyncio.sleep(0)
    assert await reach(database, note) == (0, 0, 0, 0)
    await recorder.close()
    assert await reach(database, note) == (3, 3, 3, 3)
    await recorder.close()
    assert await reach(database, note) == (3, 3, 3, 3)


async def test_a_batch_is_kept_while_the_database_is_away(database: Database) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller)
    recorder = Recorder(database)
    recorder.add([Seen(reader.me, note)])
    async with database.work(SYSTEM) as work:
        await work.db.execute("alter table feed_views rename to away")
    await recorder.flush()
    async with database.work(SYSTEM) as work:
        await work.db.execute("alter table away rename to feed_views")
    await recorder.close()
    assert (await reach(database, note))[0] == 1


async def test_more_than_eyes_can_see_is_not_counted(database: Database, clock: FakeClock) -> None:
    reader = await a_member(database)
    recorder = Recorder(database)
    recorder.add([Seen(reader.me, f"nte_{n:026}") for n in range(300)])
    assert len(recorder._held) == 240
    clock.move(minutes=1)
    recorder.add([Seen(reader.me, "nte_" + "z" * 26)])
    assert len(recorder._held) == 241
    await recorder.close()


async def test_a_member_reads_and_erases_what_they_saw(database: Database, clock: FakeClock) -> None:
    seller, reader, other = await a_seller(database), await a_member(database), await a_member(database)
    one, two = await a_thing(database, seller), await a_thing(database, seller)
    for who in (reader, other):
        await see(database, who, one, opened=True)
        clock.move(minutes=1)
        await see(database, who, two)
    async with database.look(reader) as look:
        mine = await feed.my_views(look)
        assert [(line.subject, line.opened, line.note is not None) for line in mine.items] == [
            (two, False, True),
            (one, True, True),
        ]
        first = await feed.my_views(look, limit=1)
        assert [line.subject for line in (await feed.my_views(look, first.next_cursor)).items] == [one]
        kept = await feed.export_for(look, reader.me)
        assert [(row["subject"], row["opened"]) for row in kept["feed_views"]] == [(one, True), (two, False)]
    async with database.work(reader) as work:
        await feed.erase_views(work, one)
    assert await left(database) == {(reader.me, two), (other.me, one), (other.me, two)}
    async with database.work(reader) as work:
        await feed.erase_views(work)
    assert await left(database) == {(other.me, one), (other.me, two)}
    assert await reach(database, one) == (2, 2, 2, 2)
    async with database.work(SYSTEM) as work:
        await feed.choose(work, Choose(True, True)) if work.actor.member else None
        await feed.scrub(work, other.me)
    assert await left(database) == set()


async def left(database: Database) -> set[tuple[str, str]]:
    async with database.look(SYSTEM) as look:
        return {
            (row["viewer"], row["subject"]) for row in await look.db.fetch("select viewer, subject from feed_views")
        }


async def test_who_wants_no_list_is_counted_without_a_name(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    note = await a_thing(database, seller)
    async with database.work(reader) as work:
        await feed.choose(work, Choose(personal=True, history=False))
    await see(database, reader, note)
    await see(database, reader, note)
    assert await reach(database, note) == (1, 1, 1, 0)
    ((viewer, _),) = await left(database)
    assert viewer.startswith("~")
    assert reader.me not in viewer
    assert await shown(database, reader) == [note]
    clock.move(days=1)
    await see(database, reader, note)
    assert len({who for who, _ in await left(database)}) == 2
    clock.move(days=2)
    await worker.do_due(database, feed.DUE)
    assert len(await left(database)) == 1


async def test_views_are_forgotten_after_their_time(database: Database, clock: FakeClock) -> None:
    seller, reader = await a_seller(database), await a_member(database)
    old, new = await a_thing(database, seller), await a_thing(database, seller)
    await see(database, reader, old)
    clock.move(days=1)
    await see(database, reader, new)
    clock.move(days=90)
    await worker.do_due(database, feed.DUE)
    assert await left(database) == {(reader.me, new)}
    assert await reach(database, old) == (1, 1, 1, 0)


async def test_visitors_count_by_their_number_alone(database: Database) -> None:
    seller = await a_seller(database)
    note = await a_thing(database, seller)
    async with database.work(SYSTEM) as work:
        await feed.record(work, [Seen("a", note, member=False), Seen("b", note, member=False, cell=CELL)])
    assert await reach(database, note) == (2, 1, 1, 0)
    assert all(viewer.startswith("~") for viewer, _ in await left(database))
    assert await shown(database, NOBODY) == [note]


async def test_a_page_asks_three_times(database: Database) -> None:
    from tests.notes.test_plans import recording

    seller, reader = await a_seller(database), await a_member(database)
    await a_note(database, seller, kind="sale", items=[thing()], place=CLOSE)
    async with database.look(reader) as look:
        with recording(look) as recorder:
            await feed.home(look, CELL)
            assert len(recorder.asked) == 3


def test_times_are_kept_for_seconds_only() -> None:
    from xianji.domains.feed.model import KEPT_SECONDS

    assert timedelta(seconds=KEPT_SECONDS.default) <= timedelta(seconds=10)
