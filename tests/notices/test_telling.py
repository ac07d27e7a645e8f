"""Who is told what: never of their own acts, never by whom a block keeps apart, one row until it is read."""

import asyncio

import pytest

from tests.build import a_member, long_here
from tests.conftest import FakeClock, readable
from tests.notes.build import a_block, a_comment, a_note, a_seller, page, thing
from xianji.domains import items, members, notes, notices
from xianji.domains.items import NewItem
from xianji.domains.notices import ChooseNotices, ReadNotices
from xianji.domains.notices.model import KEPT_DAYS, NOTICES_ALWAYS_ON
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions import TABLE
from xianji.reactions.engine import Engine
from xianji.worker import do_due

from .build import do, kinds, react, rows, told


async def test_likes_gather_in_one_row_until_it_is_read(database: Database, clock: FakeClock) -> None:
    host = await a_seller(database)
    note = await a_note(database, host)
    fans = [await a_member(database) for _ in range(3)]
    await do(database, host, notes.like_note, note)
    for fan in fans[:2]:
        clock.move(minutes=1)
        await do(database, fan, notes.like_note, note)
    await do(database, fans[0], notes.unlike_note, note)
    await do(database, fans[0], notes.like_note, note)
    await react(database)
    (one,) = await told(database, host)
    assert (one.kind, one.people, one.read, one.link) == ("note_liked", 2, False, f"/notes/{note}")
    assert one.person is not None
    assert (one.person.id, one.title) == (fans[0].me, "搬家出闲置")
    assert await do(database, host, notices.read_notice, one.id) == f"/notes/{note}"
    assert await do(database, host, notices.read_notice, one.id) == f"/notes/{note}"
    clock.move(minutes=1)
    await do(database, fans[2], notes.like_note, note)
    await react(database)
    newest, oldest = await told(database, host)
    assert (newest.people, newest.read, oldest.people, oldest.read) == (1, False, 2, True)
    assert {member for member, _ in await rows(database)} == {host.me}


async def test_a_comment_an_answer_and_a_mention_reach_each_once(database: Database) -> None:
    host, guest, third = await a_seller(database), await a_member(database), await a_member(database)
    note = await a_note(database, host)
    await a_comment(database, host, note, "先占个楼")
    comment = await a_comment(database, guest, note)
    handle = (await members_handle(database, third)).lower()
    await a_comment(database, host, note, f"在的 @{handle} 你也看看", parent=comment)
    await react(database)
    assert await kinds(database, host) == ["commented"]
    assert await kinds(database, guest) == ["answered"]
    assert await kinds(database, third) == ["mentioned"]
    await a_comment(database, third, note, "谢谢", parent=comment)
    await react(database)
    assert await kinds(database, host) == ["commented"]
    (answered,) = await told(database, guest)
    assert answered.people == 2


async def members_handle(database: Database, actor: Actor) -> str:
    async with database.look(SYSTEM) as look:
        return str(await look.db.fetchval("select handle from members where id = $1", actor.me))


async def test_a_reaction_that_runs_twice_at_once_tells_once(database: Database) -> None:
    host, fan = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    await a_comment(database, fan, note)
    await readable(database)
    await asyncio.gather(*(Engine(database, TABLE).drain() for _ in range(3)))
    (one,) = await told(database, host)
    assert (one.kind, one.people) == ("commented", 1)


async def test_a_block_keeps_people_apart_but_for_trades(database: Database) -> None:
    host, fan, other = await a_seller(database), await a_member(database), await a_member(database)
    note = await a_note(database, host)
    for one in (fan, other):
        await do(database, one, notes.like_note, note)
    await do(database, fan, notes.save_note, note)
    await react(database)
    assert await kinds(database, host) == ["note_liked", "note_saved"]
    await do(database, host, members.block, fan.me)
    await react(database)
    (left,) = await told(database, host)
    assert (left.kind, left.people, left.person and left.person.id) == ("note_liked", 1, other.me)
    stranger = await a_member(database)
    await a_comment(database, stranger, note)
    await a_block(database, host, stranger)
    await react(database)
    assert await kinds(database, host) == ["note_liked"]


async def test_groups_are_switched_off_and_trades_are_not(database: Database) -> None:
    host, fan = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    await do(database, host, notices.choose_notices, ChooseNotices(["likes", "talk"]))
    with pytest.raises(Refusal) as no:
        await do(database, host, notices.choose_notices, ChooseNotices(["orders"]))
    assert no.value.code is NOTICES_ALWAYS_ON
    await do(database, fan, notes.like_note, note)
    await a_comment(database, fan, note)
    await do(database, fan, members.follow, host.me)
    await react(database)
    assert await kinds(database, host) == ["followed"]
    async with database.look(host) as look:
        assert (await notices.my_choices(look)).off == ["likes", "talk"]


async def test_guests_and_hosts_hear_of_each_other(database: Database) -> None:
    host, guest = await a_seller(database), await a_seller(database)
    note = await a_note(database, host, guest_stalls="approve")
    await a_comment(database, guest, note, "我也出一件", item=thing("闲置台灯"))
    await react(database)
    assert await kinds(database, host) == ["commented", "guest_waiting"]
    item = (await page(database, note, host)).board.things[0].card.id
    await do(database, host, notes.approve_guest_item, note, item)
    await react(database)
    assert await kinds(database, guest) == ["guest_shown"]
    await do(database, host, notes.refuse_guest_item, note, item)
    await react(database)
    assert await kinds(database, guest) == ["guest_refused", "guest_shown"]


async def test_a_gift_tells_the_giver_the_chosen_and_the_others(database: Database) -> None:
    giver = await a_seller(database)
    chosen, other = await a_member(database), await a_member(database)
    await long_here(database)
    new = NewItem("旧书架", Money(0), kind="giveaway", way="pick")
    item = await do(database, giver, items.publish_item, new)
    for one in (chosen, other):
        await do(database, one, items.ask_for, item)
    await react(database)
    (asked,) = await told(database, giver)
    assert (asked.kind, asked.people) == ("gift_asked_for", 2)
    await do(database, giver, items.pick_request, item, chosen.me)
    await do(database, giver, items.unpick_request, item, chosen.me)
    await do(database, giver, items.pick_request, item, other.me)
    await do(database, giver, items.remove, item)
    await react(database)
    assert await kinds(database, chosen) == ["gift_promised", "gift_taken_back"]
    assert await kinds(database, other) == ["gift_promised"]


async def test_a_lower_price_is_told_once_to_whom_it_matters(database: Database, clock: FakeClock) -> None:
    seller = await a_seller(database)
    keen, quiet, apart, other = [await a_member(database) for _ in range(4)]
    item = await do(database, seller, items.publish_item, NewItem("小相机", Money(90_000)))
    for one in (keen, quiet, apart):
        await do(database, one, items.save_item, item)
    await do(database, keen, items.save_item, item)
    await do(database, quiet, items.set_alerts, item, items.Alerts(False))
    await a_block(database, seller, apart)

    async def reprice(amount: int) -> None:
        clock.move(hours=1)
        async with database.look(seller) as look:
            version = (await items.item_page(look, item)).version
        await do(database, seller, items.edit_item, item, items.EditItem(version, price=Money(amount)))
        await react(database)

    await reprice(80_000)
    (one,) = await told(database, keen)
    assert one.facts == {
        "before": {"amount": 90_000, "currency": "CNY"},
        "after": {"amount": 80_000, "currency": "CNY"},
    }
    await reprice(70_000)
    (one,) = await told(database, keen)
    assert (one.facts["before"]["amount"], one.facts["after"]["amount"]) == (90_000, 70_000)
    await reprice(95_000)
    assert await told(database, keen) == []
    await reprice(70_000)
    assert await told(database, keen) == []
    await reprice(60_000)
    assert await kinds(database, keen) == ["price_drop"]
    assert await rows(database) == [(keen.me, "price_drop")]
    assert [await told(database, one) for one in (quiet, apart, other)] == [[], [], []]
    async with database.look(keen) as look:
        assert [card.id for card in (await items.saved_items(look)).items] == [item]
    with pytest.raises(Refusal) as no:
        await do(database, other, items.set_alerts, item, items.Alerts(True))
    assert no.value.code is NOT_FOUND
    with pytest.raises(Refusal) as own:
        await do(database, seller, items.save_item, item)
    assert own.value.code is NOT_FOUND


async def test_reading_all_leaves_what_came_later(database: Database, clock: FakeClock) -> None:
    host, fan = await a_seller(database), await a_member(database)
    first, second = await a_note(database, host), await a_note(database, host, title="第二篇")
    await do(database, fan, notes.like_note, first)
    await react(database)
    seen = clock.now()
    clock.move(minutes=1)
    await do(database, fan, notes.like_note, second)
    await react(database)
    await do(database, host, notices.read_notices, ReadNotices(seen))
    async with database.look(host) as look:
        told_now = await notices.my_notices(look, limit=1)
        assert (told_now.unread, [one.read for one in told_now.items]) == (1, [False])
        rest = await notices.my_notices(look, told_now.next_cursor)
        assert ([one.read for one in rest.items], rest.next_cursor) == ([True], None)
    with pytest.raises(Refusal) as no:
        await do(database, fan, notices.read_notice, rest.items[0].id)
    assert no.value.code is NOT_FOUND
    await do(database, host, notices.read_notices, ReadNotices())
    async with database.look(host) as look:
        assert (await notices.my_notices(look)).unread == 0


async def test_old_notices_are_tidied(database: Database, clock: FakeClock) -> None:
    host, fan = await a_seller(database), await a_member(database)
    note = await a_note(database, host)
    await do(database, fan, notes.like_note, note)
    await react(database)
    clock.move(days=KEPT_DAYS.default - 1)
    await do(database, fan, notes.save_note, note)
    await react(database)
    clock.move(days=2)
    assert await do_due(database, notices.DUE) == 1
    assert await kinds(database, host) == ["note_saved"]
    assert await do_due(database, notices.DUE) == 0


async def test_who_leaves_takes_everything_along(database: Database) -> None:
    host, fan, other = await a_seller(database), await a_member(database), await a_member(database)
    note = await a_note(database, host)
    for one in (other, fan):
        await do(database, one, notes.like_note, note)
    await do(database, fan, members.follow, other.me)
    await do(database, host, notices.choose_notices, ChooseNotices(["follows"]))
    await react(database)
    async with database.look(SYSTEM) as look:
        kept = await notices.export_for(look, host.me)
    assert [(one["kind"], one["subject"]) for one in kept["notices"]] == [("note_liked", note)]
    assert (kept["notices_off"], kept["prices_told"]) == (["follows"], [])
    await do(database, SYSTEM, notices.scrub, fan.me)
    (left,) = await told(database, host)
    assert (left.people, left.person and left.person.id) == (1, other.me)
    assert [one.person for one in await told(database, other)] == [None]
    await do(database, SYSTEM, notices.scrub, host.me)
    assert await rows(database) == [(other.me, "followed")]
    async with database.look(SYSTEM) as look:
        tables = await look.db.fetchrow(
            "select (select count(*) from notice_people) as people, (select count(*) from notice_choices) as choices"
        )
    assert dict(tables or {}) == {"people": 0, "choices": 0}
