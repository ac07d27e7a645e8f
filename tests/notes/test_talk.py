"""Comments, threads, guests' stalls, likes: who sees what, and exact counts."""

import asyncio
from typing import Any

import pytest

from tests.build import a_member
from tests.notes.build import a_block, a_comment, a_note, a_seller, handle_of, page, refused, thing
from xianji.domains import items, notes
from xianji.domains.notes import EditNote
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor

MODERATOR = Actor("mbr_" + "0" * 26, roles=frozenset({"moderator"}))


async def threads(database: Database, note: str, viewer: Actor = NOBODY, **more: Any) -> list[notes.Thread]:
    async with database.look(viewer) as look:
        return (await notes.comments(look, note, **more)).items


async def an_item(database: Database, seller: Actor, title: str = "台灯") -> str:
    async with database.work(seller) as work:
        return await items.publish_item(work, thing(title))


async def board(database: Database, note: str, viewer: Actor) -> list[tuple[str, bool, str]]:
    return [(one.card.title, one.guest, one.state) for one in (await page(database, note, viewer)).board.things]


@pytest.mark.parametrize("way", ["stall", "link"])
@pytest.mark.parametrize("rule", ["allow", "approve", "forbid"])
async def test_the_hosts_rule_for_guests_things(database: Database, rule: str, way: str) -> None:
    host, guest, reader = await a_seller(database), await a_seller(database), await a_member(database)
    note = await a_note(database, host, guest_stalls=rule, items=[thing("主人的")])
    brought = thing("客人的") if way == "stall" else await an_item(database, guest, "客人的")
    own = ("主人的", False, "shown")
    if rule == "forbid":
        with pytest.raises(Refusal) as error:
            await a_comment(database, guest, note, item=brought)
        assert refused(error) == ("guest_stalls_closed", {})
        assert (await page(database, note)).comments == 0
        async with database.look(SYSTEM) as look:
            assert await look.db.fetchval("select count(*) from items") == (1 if way == "stall" else 2)
        await a_comment(database, host, note, item=thing("主人又一件"))
        assert await board(database, note, reader) == [own, ("主人又一件", False, "shown")]
        return
    await a_comment(database, guest, note, item=brought)
    state = {"allow": "shown", "approve": "waiting"}[rule]
    for viewer in (host, guest, MODERATOR):
        assert await board(database, note, viewer) == [own, ("客人的", True, state)]
    for viewer in (reader, NOBODY):
        assert await board(database, note, viewer) == [own, *([("客人的", True, "shown")] if rule == "allow" else [])]
        assert [bool(one.comment.thing) for one in await threads(database, note, viewer)] == [rule == "allow"]


async def test_the_host_approves_and_refuses_and_nobody_else(database: Database) -> None:
    host, guest = await a_seller(database), await a_seller(database)
    note = await a_note(database, host, guest_stalls="approve")
    await a_comment(database, guest, note, item=thing("客人的"))
    item = (await page(database, note, host)).board.things[0]
    assert item.actions == ["approve", "refuse"]
    for who in (guest, await a_member(database)):
        with pytest.raises(Refusal) as error:
            async with database.work(who) as work:
                await notes.approve_guest_item(work, note, item.card.id)
        assert refused(error) == ("not_found", {})
    for verb, seen in (
        (notes.approve_guest_item, 1),
        (notes.approve_guest_item, 1),
        (notes.refuse_guest_item, 0),
        (notes.approve_guest_item, 1),
    ):
        async with database.work(host) as work:
            await verb(work, note, item.card.id)
        assert (await page(database, note)).board.total == seen


async def test_a_thing_stands_on_a_board_once_and_leaves_with_its_comment(database: Database) -> None:
    host, guest = await a_seller(database), await a_seller(database)
    note, item = await a_note(database, host), await an_item(database, guest)
    comment = await a_comment(database, guest, note, item=item)
    with pytest.raises(Refusal) as error:
        await a_comment(database, host, note, item=item)
    assert refused(error) == ("already_on_board", {})
    async with database.work(host) as work:
        await notes.remove_comment(work, note, comment)
    seen = await page(database, note)
    assert (seen.board.total, seen.comments) == (0, 0)
    assert [card.state for card in await look_at(database, item)] == ["live"]


async def look_at(database: Database, item: str) -> list[items.ItemCard]:
    async with database.look(NOBODY) as look:
        return await items.cards(look, [item])


async def test_replies_nest_one_level_and_page(database: Database, clock: Any) -> None:
    host, guest = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    first = await a_comment(database, guest, note, "一楼")
    clock.move(minutes=1)
    second = await a_comment(database, guest, note, "二楼")
    below = [await a_comment(database, host, note, "回0", parent=first)]
    for number in range(1, 6):
        clock.move(minutes=1)
        below.append(await a_comment(database, guest, note, f"回{number}", parent=below[-1]))
    seen = await threads(database, note)
    assert [(one.comment.id, one.comment.replies, one.more) for one in seen] == [(second, 0, 0), (first, 6, 3)]
    assert [one.id for one in seen[1].replies] == below[:3]
    assert [one.host for one in seen[1].replies] == [True, False, False]
    async with database.look(NOBODY) as look:
        rest = await notes.replies(look, note, first, seen[1].replies_cursor)
        assert [one.id for one in rest.items] == below[3:]
        paged = await notes.comments(look, note, limit=1)
        again = await notes.comments(look, note, limit=1, cursor=paged.next_cursor)
        oldest = await notes.comments(look, note, sort="old")
    assert [one.comment.id for one in [*paged.items, *again.items]] == [second, first]
    assert again.next_cursor is None
    assert [one.comment.id for one in oldest.items] == [first, second]
    assert (await page(database, note)).comments == 8


async def test_most_liked_first(database: Database) -> None:
    host, guest = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    made = [await a_comment(database, guest, note, str(number)) for number in range(3)]
    for who, comment in ((host, made[1]), (guest, made[1]), (guest, made[1]), (host, made[0])):
        async with database.work(who) as work:
            await notes.like_comment(work, note, comment)
    seen = await threads(database, note, guest, sort="liked")
    assert [(one.comment.id, one.comment.likes, one.comment.liked) for one in seen] == [
        (made[1], 2, True),
        (made[0], 1, False),
        (made[2], 0, False),
    ]
    async with database.work(guest) as work:
        assert (await notes.unlike_comment(work, note, made[1])).count == 1
        assert (await notes.unlike_comment(work, note, made[1])).count == 1


async def test_a_removed_comment_with_replies_keeps_its_place_without_words(database: Database) -> None:
    host, guest = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    first = await a_comment(database, guest, note, "电话写错了")
    await a_comment(database, host, note, "好的", parent=first)
    async with database.work(guest) as work:
        await notes.remove_comment(work, note, first)
    seen = (await threads(database, note, guest))[0]
    assert (seen.comment.state, seen.comment.author, seen.comment.body, seen.comment.actions) == (
        "removed",
        None,
        "",
        [],
    )
    assert [one.body for one in seen.replies] == ["好的"]
    with pytest.raises(Refusal) as error:
        await a_comment(database, host, note, "再说", parent=first)
    assert refused(error) == ("not_found", {})


@pytest.mark.parametrize(("who", "allowed"), [("author", 1), ("host", 1), ("moderator", 1), ("other", 0)])
async def test_who_may_remove_a_comment(database: Database, who: str, allowed: int) -> None:
    host, author, other = await a_seller(database), await a_member(database), await a_member(database)
    note = await a_note(database, host)
    comment = await a_comment(database, author, note)
    actor = {"author": author, "host": host, "moderator": MODERATOR, "other": other}[who]
    if allowed:
        async with database.work(actor) as work:
            await notes.remove_comment(work, note, comment)
    else:
        with pytest.raises(Refusal) as error:
            async with database.work(actor) as work:
                await notes.remove_comment(work, note, comment)
        assert refused(error) == ("not_found", {})
    assert (await page(database, note)).comments == 1 - allowed


async def test_blocked_pairs_see_and_touch_nothing_of_each_other(database: Database) -> None:
    host, other, third = await a_seller(database), await a_seller(database), await a_member(database)
    note = await a_note(database, host, items=[thing()])
    elsewhere = await a_note(database, third)
    comment = await a_comment(database, host, elsewhere, "我也想要")
    await a_block(database, host, other)
    async with database.look(other) as look:
        assert [card.id for card in (await notes.feed(look)).items] == [elsewhere]
        assert (await notes.comments(look, note)).items == []
        assert (await notes.comments(look, elsewhere)).items == []
    for call in (
        lambda work: notes.like_note(work, note),
        lambda work: notes.save_note(work, note),
        lambda work: notes.add_comment(work, note, notes.NewComment("在吗")),
        lambda work: notes.add_comment(work, elsewhere, notes.NewComment("在吗", parent=comment)),
        lambda work: notes.like_comment(work, elsewhere, comment),
        lambda work: notes.want_same(work, note),
    ):
        with pytest.raises(Refusal) as error:
            async with database.work(other) as work:
                await call(work)
        assert refused(error) == ("not_found", {})
    with pytest.raises(Refusal) as error:
        await page(database, note, other)
    assert refused(error) == ("not_found", {})
    assert (await page(database, note)).likes == 0


async def test_fifty_likes_at_once_are_fifty(database: Database) -> None:
    host = await a_seller(database)
    note = await a_note(database, host)
    fans = [Actor(f"mbr_{number:026d}") for number in range(50)]

    async def like(fan: Actor) -> None:
        async with database.work(fan) as work:
            await notes.like_note(work, note)

    await asyncio.gather(*(like(fan) for fan in fans), *(like(fan) for fan in fans[:10]))
    assert (await page(database, note, fans[0])).likes == 50
    assert (await page(database, note, fans[0])).liked

    async def unlike(fan: Actor) -> None:
        async with database.work(fan) as work:
            await notes.unlike_note(work, note)

    await asyncio.gather(*(unlike(fan) for fan in fans[:20]), *(unlike(fan) for fan in fans[:20]))
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetchval("select count(*) from note_likes where note = $1", note)
    assert ((await page(database, note)).likes, rows) == (30, 30)


async def test_twenty_comments_at_once_are_counted(database: Database) -> None:
    host = await a_seller(database)
    note = await a_note(database, host)
    people = [await a_member(database) for _ in range(4)]
    await asyncio.gather(*(a_comment(database, person, note, str(n)) for person in people for n in range(5)))
    assert (await page(database, note)).comments == 20


async def test_mentions_reach_only_those_who_exist(database: Database) -> None:
    host, friend = await a_seller(database), await a_member(database)
    handle = await handle_of(database, friend)
    note = await a_note(database, host, body=f"@{handle} 和 @nobody_here 看看")
    pieces = [(piece.kind, piece.text) for piece in (await page(database, note)).segments]
    assert pieces == [("mention", f"@{handle}"), ("text", " 和 "), ("text", "@nobody_here"), ("text", " 看看")]
    async with database.work(host) as work:
        await notes.edit_note(work, note, EditNote((await page(database, note)).version, body=f"@{handle} 再看看"))
    async with database.look(SYSTEM) as look:
        told = await look.db.fetchval("select count(*) from outbox where kind = 'notes.member_mentioned.v1'")
    assert told == 1
