"""A note's life: drafts, edits, removal, circles, wanted notes, topics, lists, leaving."""

from typing import Any

import pytest

from tests.build import a_member
from tests.notes.build import (
    a_block,
    a_comment,
    a_follow,
    a_note,
    a_seller,
    page,
    refused,
    thing,
    yuan,
)
from xianji.domains import circles, items, notes
from xianji.domains.items import Place
from xianji.domains.notes import EditNote, NewNote, Wish
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor

WEST_LAKE = Place(30.2460, 120.1490, "西湖区")
RIVERSIDE = Place(30.2080, 120.2120, "滨江区")


async def note_row(database: Database, note: str) -> dict[str, Any]:
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select * from notes where id = $1", note)
        assert row is not None
        return dict(row)


async def edit(database: Database, who: Actor, note: str, **change: Any) -> int:
    async with database.work(who) as work:
        return await notes.edit_note(work, note, EditNote(**change))


async def titles(database: Database, viewer: Actor = NOBODY, **which: Any) -> list[str]:
    async with database.look(viewer) as look:
        return [card.title for card in (await notes.feed(look, **which)).items]


async def test_a_draft_is_the_authors_alone_until_it_is_published(database: Database, clock: Any) -> None:
    host, reader = await a_seller(database), await a_member(database)
    async with database.work(host) as work:
        draft = await notes.save_draft(work, NewNote("草稿", "#搬家", items=[thing()]))
    assert await titles(database) == []
    async with database.look(reader) as look:
        with pytest.raises(Refusal):
            await notes.note_page(look, draft)
        assert (await items.live_items(look)).items == []
        assert (await notes.topic_page(look, "搬家")).notes == 0
    async with database.look(host) as look:
        assert [card.id for card in (await notes.drafts(look)).items] == [draft]
    clock.move(days=1)
    with pytest.raises(Refusal):
        async with database.work(reader) as work:
            await notes.publish_draft(work, draft)
    async with database.work(host) as work:
        await notes.publish_draft(work, draft)
    assert await titles(database) == ["草稿"]
    seen = await page(database, draft, reader)
    assert (seen.published_at, seen.board.unsold) == (clock.now(), 1)
    async with database.look(reader) as look:
        assert (await notes.topic_page(look, "#搬家#")).notes == 1
        assert [card.title for card in (await notes.topic_items(look, "搬家")).items] == ["折叠书桌"]
    with pytest.raises(Refusal) as error:
        async with database.work(host) as work:
            await notes.publish_draft(work, draft)
    assert error.value.code.name == "move_not_open"


async def test_an_edit_needs_the_version_that_was_seen_and_the_author(database: Database) -> None:
    host, other = await a_seller(database), await a_seller(database)
    note = await a_note(database, host, body="#搬家 #书", items=[thing("留"), thing("走")])
    before = await note_row(database, note)
    version = before["version"]
    for who, change, code in (
        (host, {"version": version - 1, "title": "新"}, "note_changed"),
        (other, {"version": version, "title": "新"}, "not_found"),
    ):
        with pytest.raises(Refusal) as error:
            await edit(database, who, note, **change)
        assert error.value.code.name == code
    assert await note_row(database, note) == before
    gone = (await page(database, note)).board.things[1].card.id
    after = await edit(database, host, note, version=version, body="#书", drop_items=[gone], add_items=[thing("新")])
    seen = await page(database, note)
    assert (after, seen.version, seen.title) == (version + 1, version + 1, "搬家出闲置")
    assert [one.card.title for one in seen.board.things] == ["留", "新"]
    async with database.look(NOBODY) as look:
        assert [(await notes.topic_page(look, name)).notes for name in ("搬家", "书")] == [0, 1]
        assert (await items.item_page(look, gone)).note is None


async def test_a_removed_note_comes_back_within_the_days(database: Database, clock: Any) -> None:
    host, fan = await a_seller(database), await a_member(database)
    note = await a_note(database, host, body="#搬家")
    async with database.work(fan) as work:
        await notes.save_note(work, note)
    with pytest.raises(Refusal) as error:
        async with database.work(fan) as work:
            await notes.remove_note(work, note)
    assert refused(error) == ("not_found", {})
    async with database.work(host) as work:
        await notes.remove_note(work, note)
    assert await titles(database) == []
    async with database.look(fan) as look:
        assert (await notes.saved_notes(look)).items == []
        assert (await notes.topic_page(look, "搬家")).notes == 0
    clock.move(days=29)
    async with database.work(host) as work:
        await notes.restore_note(work, note)
    async with database.look(fan) as look:
        assert [card.id for card in (await notes.saved_notes(look)).items] == [note]
        assert (await notes.topic_page(look, "搬家")).notes == 1
    async with database.work(host) as work:
        await notes.remove_note(work, note)
    clock.move(days=31)
    with pytest.raises(Refusal) as error:
        async with database.work(host) as work:
            await notes.restore_note(work, note)
    assert refused(error) == ("too_late_to_restore", {"days": 30})


async def test_only_operators_hide_and_restore(database: Database) -> None:
    host, other = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    for who in (host, other):
        with pytest.raises(Refusal) as error:
            async with database.work(who) as work:
                await notes.hide_note(work, note, "R1")
        assert refused(error) == ("not_found", {})
    async with database.work(SYSTEM) as work:
        await notes.hide_note(work, note, "R1")
    for verb in (notes.restore_note, notes.remove_note):
        with pytest.raises(Refusal):
            async with database.work(host) as work:
                await verb(work, note)
    assert (await note_row(database, note))["state"] == "hidden"
    with pytest.raises(Refusal) as error:
        await edit(database, host, note, version=(await note_row(database, note))["version"], title="换个说法")
    assert refused(error) == ("note_fixed", {"state": "hidden"})


async def test_a_circles_rules_hold(database: Database) -> None:
    host, outsider = await a_seller(database), await a_seller(database)
    async with database.work(Actor(host.member, roles=frozenset({"admin"}))) as work:
        circle = await circles.found_circle(work, circles.FoundCircle(slug="dorm", kind="campus", name="紫金港"))
        await set_value(work, circles.GUEST_STALLS.name, "forbid", "安静", scope=circle)
        await set_value(work, circles.KINDS_WELCOME.name, ["sale"], "只卖", scope=circle)
    database.book.forget()
    with pytest.raises(Refusal) as error:
        await a_note(database, outsider, kind="sale", circle=circle)
    assert refused(error) == ("join_circle_first", {"circle": "紫金港"})
    with pytest.raises(Refusal) as error:
        await a_note(database, host, kind="warning", circle=circle)
    assert refused(error) == ("kind_not_welcome", {"kind": "warning", "circle": "紫金港"})
    note = await a_note(database, host, kind="sale", circle=circle)
    await a_note(database, outsider, title="别处")
    seen = await page(database, note, outsider)
    assert (seen.guest_stalls, seen.circle and seen.circle.slug) == ("forbid", "dorm")
    assert "add_item" not in seen.actions
    assert await titles(database, circle=circle) == ["搬家出闲置"]


async def test_a_wanted_note_is_answered_with_things(database: Database) -> None:
    host, seller = await a_member(database), await a_seller(database)
    note = await a_note(database, host, title="求一盏台灯", kind="wanted", wanted=Wish(yuan(60)))
    await a_comment(database, seller, note, "我有", item=thing("台灯", 50))
    seen = await page(database, note)
    assert (seen.wish, seen.board.guests) == (Wish(yuan(60)), 1)
    assert seen.wanted is not None
    async with database.look(NOBODY) as look:
        wanted = await items.wanted_page(look, seen.wanted)
    assert (wanted.wanted.note, wanted.wanted.budget) == (note, yuan(60))
    assert [card.title for card in wanted.answers] == ["台灯"]


async def test_want_the_same_makes_my_draft(database: Database) -> None:
    host, reader = await a_seller(database), await a_member(database)
    note = await a_note(database, host, title="改造小屋")
    async with database.work(reader) as work:
        draft = await notes.want_same(work, note)
    assert (await note_row(database, draft))["from_note"] == note
    async with database.work(reader) as work:
        await notes.publish_draft(work, draft)
    seen = await page(database, draft)
    assert (seen.kind, seen.title, seen.from_note, seen.author.id) == ("wanted", "改造小屋", note, reader.me)
    async with database.look(NOBODY) as look:
        assert [post.from_note for post in (await items.wanted_list(look)).items] == [note]


async def test_following_nearby_kind_author_and_topic(database: Database, clock: Any) -> None:
    near, far, reader = await a_seller(database), await a_seller(database), await a_member(database)
    await a_note(database, near, title="近", place=WEST_LAKE, body="#书", kind="sale")
    clock.move(minutes=1)
    await a_note(database, far, title="远", place=RIVERSIDE, kind="giveaway", body="#书 #免费")
    clock.move(minutes=1)
    await a_note(database, far, title="无处")
    await a_follow(database, reader, near)
    cell = items.cell_of(30.2461, 120.1491)
    assert await titles(database) == ["无处", "远", "近"]
    assert await titles(database, tab="nearby", cell=cell) == ["近", "远"]
    assert await titles(database, tab="nearby") == ["无处", "远", "近"]
    assert await titles(database, reader, tab="following") == ["近"]
    assert await titles(database, tab="following") == []
    assert await titles(database, author=far.me) == ["无处", "远"]
    assert await titles(database, kind="giveaway") == ["远"]
    assert await titles(database, topic="#书") == ["远", "近"]
    assert await titles(database, topic="书", kind="sale") == ["近"]
    async with database.look(NOBODY) as look:
        first = await notes.feed(look, "nearby", cell, limit=1)
        rest = await notes.feed(look, "nearby", cell, cursor=first.next_cursor, limit=1)
    assert [card.distance_km for card in [*first.items, *rest.items]] == [0, 7.6]
    await a_block(database, reader, near)
    assert await titles(database, reader, tab="following") == []
    assert await titles(database, reader, tab="nearby", cell=cell) == ["远"]


async def test_a_point_is_never_stored(database: Database) -> None:
    host = await a_seller(database)
    note = await a_note(database, host, place=WEST_LAKE, items=[thing()])
    row = await note_row(database, note)
    assert (row["cell"], row["place_label"]) == (items.cell_of(30.2460, 120.1490), "西湖区")
    assert "120.14" not in str(row)
    async with database.look(SYSTEM) as look:
        assert "120.14" not in str([dict(one) for one in await look.db.fetch("select body from outbox")])


async def test_leaving_takes_words_and_marks_but_not_others(database: Database) -> None:
    leaver, other = await a_seller(database), await a_seller(database)
    mine = await a_note(database, leaver, body="#搬家 再见", place=WEST_LAKE)
    theirs = await a_note(database, other)
    said = await a_comment(database, leaver, theirs, "路过")
    answer = await a_comment(database, other, mine, "别走")
    async with database.work(leaver) as work:
        await notes.like_note(work, theirs)
        await notes.save_note(work, theirs)
    async with database.look(SYSTEM) as look:
        copy = await notes.export_for(look, leaver.me)
    assert [(len(copy[name])) for name in ("notes", "comments", "liked_notes", "saved_notes")] == [1, 1, 1, 1]
    async with database.work(SYSTEM) as work:
        await notes.scrub(work, leaver.me)
    row = await note_row(database, mine)
    assert (row["state"], row["title"], row["body"], row["segments"], row["cell"]) == ("removed", "", "", [], None)
    seen = await page(database, theirs)
    assert (seen.likes, seen.saves, seen.comments, seen.body) == (0, 0, 0, "周末自提")
    async with database.look(SYSTEM) as look:
        words = dict(await look.db.fetch("select id, body from comments"))
        assert (await notes.topic_page(look, "搬家")).notes == 0
    assert words == {said: "", answer: "别走"}


async def wish_of(database: Database, note: str) -> Any:
    async with database.look(SYSTEM) as look:
        return await look.db.fetchrow("select * from wanted_posts where note = $1", note)


async def test_the_wanted_post_follows_its_note(database: Database) -> None:
    host = await a_member(database)
    wish = Wish(yuan(60), "furniture")
    note = await a_note(database, host, title="求一盏台灯", kind="wanted", wanted=wish, place=WEST_LAKE)
    before = await wish_of(database, note)
    assert (before["budget"], before["cell"]) == (6_000, items.cell_of(WEST_LAKE.lat, WEST_LAKE.lon))
    async with database.work(host) as work:
        await notes.edit_note(work, note, EditNote(version=2, title="求两盏台灯", wanted=Wish(yuan(90), "appliances")))
    after = await wish_of(database, note)
    kept = ("id", "member", "state", "cell", "created_at", "note")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert (after["title"], after["budget"], after["category"]) == ("求两盏台灯", 9_000, "appliances")
    for kind, state in (("share", "hidden"), ("wanted", "open")):
        version = (await note_row(database, note))["version"]
        async with database.work(host) as work:
            await notes.edit_note(work, note, EditNote(version=version, kind=kind))
        assert (await wish_of(database, note))["state"] == state


async def test_the_wanted_post_leaves_and_comes_back_with_its_note(database: Database) -> None:
    host = await a_member(database)
    note = await a_note(database, host, title="求一盏台灯", kind="wanted")
    post = (await wish_of(database, note))["id"]
    async with database.work(host) as work:
        await notes.remove_note(work, note)
    async with database.look(NOBODY) as look:
        assert (await items.wanted_list(look, member=host.me)).items == []
        with pytest.raises(Refusal):
            await items.wanted_page(look, post)
    async with database.work(host) as work:
        await notes.restore_note(work, note)
        await items.close_wanted(work, post)
        await notes.remove_note(work, note)
        await notes.restore_note(work, note)
    assert (await wish_of(database, note))["state"] == "closed"


async def test_wanted_posts_near_by_come_nearest_first(database: Database, clock: Any) -> None:
    host = await a_member(database)
    here = items.cell_of(WEST_LAKE.lat, WEST_LAKE.lon)
    for title, place in (("近", WEST_LAKE), ("远", RIVERSIDE), ("也近", WEST_LAKE), ("无处", None)):
        clock.move(minutes=1)
        await a_note(database, host, title=title, kind="wanted", place=place)
    found: list[tuple[str, float | None]] = []
    cursor = None
    while True:
        async with database.look(NOBODY) as look:
            seen = await items.wanted_near(look, here, cursor=cursor, limit=1)
        found += [(one.title, one.distance_km) for one in seen.items]
        cursor = seen.next_cursor
        if cursor is None:
            break
    far = items.kilometres(items.metres_between(here, items.cell_of(RIVERSIDE.lat, RIVERSIDE.lon)))
    assert found == [("也近", 0.0), ("近", 0.0), ("远", far)]


async def test_drafts_of_things_leave_out_what_a_draft_note_carries(database: Database) -> None:
    seller = await a_seller(database)
    note = await a_note(database, seller, draft=True, items=[thing("在笔记里")])
    async with database.work(seller) as work:
        await items.publish_item(work, thing("单独的", draft=True))

    async def lone() -> list[str]:
        async with database.look(seller) as look:
            found = await items.seller_items(look, seller.me, ("draft",), alone=True)
        return sorted(card.title for card in found.items)

    assert await lone() == ["单独的"]
    async with database.work(seller) as work:
        await notes.remove_note(work, note)
    assert await lone() == ["单独的", "在笔记里"]
