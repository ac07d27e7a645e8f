"""Profile, ties, addresses: exact rows, and nothing else moved."""

import asyncio

import pytest

from tests.build import a_member, a_phone
from tests.members.test_entry import count, refused
from xianji.domains import members
from xianji.domains.members.model import MOST_FOLLOWS
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor


async def do(database, actor: Actor, verb, *args):
    async with database.work(actor) as work:
        return await verb(work, *args)


async def see(database, actor: Actor, view, *args):
    async with database.look(actor) as look:
        return await view(look, *args)


async def test_a_profile_is_edited_field_by_field_with_its_version(database) -> None:
    actor = await a_member(database)
    before = await see(database, actor, members.me)
    edit = members.EditProfile(version=before.version, name="小满", city="上海", avatar="med_" + "0" * 26)
    assert await do(database, actor, members.edit_profile, edit) == before.version + 1
    after = await see(database, actor, members.me)
    assert (after.card.name, after.card.city, after.card.avatar) == ("小满", "上海", "med_" + "0" * 26)
    assert (after.card.handle, after.bio, after.zone) == (before.card.handle, "", "Asia/Shanghai")
    with refused("profile_changed", version=before.version + 1):
        await do(database, actor, members.edit_profile, edit)
    same = members.EditProfile(version=after.version, avatar=None)
    await do(database, actor, members.edit_profile, same)
    last = await see(database, actor, members.me)
    assert (last.card.avatar, last.card.name) == (None, "小满")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "text_empty"),
        ({"name": "长" * 25}, "text_too_long"),
        ({"bio": "字" * 301}, "text_too_long"),
        ({"name": "a\u202eb"}, "text_turns_direction"),
        ({"zone": "Mars/Base"}, "zone_not_valid"),
        ({"handle": "Admin"}, "handle_not_valid"),
    ],
)
async def test_a_bad_edit_changes_nothing(database, change: dict, code: str) -> None:
    actor = await a_member(database)
    before = await see(database, actor, members.me)
    with refused(code):
        await do(database, actor, members.edit_profile, members.EditProfile(version=before.version, **change))
    assert await see(database, actor, members.me) == before


async def test_a_handle_changes_once_in_a_while_and_the_old_one_still_leads_here(database, clock) -> None:
    actor, other = await a_member(database), await a_member(database)
    old = (await see(database, actor, members.me)).card.handle

    async def rename(who, handle):
        version = (await see(database, who, members.me)).version
        await do(database, who, members.edit_profile, members.EditProfile(version=version, handle=handle))

    await rename(actor, "@Xiaoman")
    for name in (old, "xiaoman", "@XIAOMAN", actor.me):
        assert (await see(database, NOBODY, members.member_page, name)).card.handle == "xiaoman"
    with refused("handle_changed_recently", days=30):
        await rename(actor, "another")
    for taken in ("xiaoman", old):
        with refused("handle_taken"):
            await rename(other, taken)
    clock.move(days=30)
    await rename(actor, old)
    assert (await see(database, actor, members.me)).card.handle == old


@pytest.mark.parametrize("wanted", ["nobody_here", "mbr_" + "0" * 26, "", "\u0000", "a b", "%"])
async def test_an_unknown_page(database, wanted: str) -> None:
    with refused("not_found"):
        await see(database, NOBODY, members.member_page, wanted)


async def test_following_is_counted_once_on_both_sides(database, clock) -> None:
    fan, star = await a_member(database), await a_member(database)
    for _ in range(2):
        await do(database, fan, members.follow, star.me)
    page = await see(database, fan, members.member_page, star.me)
    assert (page.followers, page.following, page.followed_by_me, page.can_follow) == (1, 0, True, False)
    assert [card.id for card in (await see(database, NOBODY, members.followers, star.me)).items] == [fan.me]
    assert [card.id for card in (await see(database, NOBODY, members.following, fan.me)).items] == [star.me]
    for _ in range(2):
        await do(database, fan, members.unfollow, star.me)
    page = await see(database, fan, members.member_page, star.me)
    assert (page.followers, page.followed_by_me, page.can_follow) == (0, False, True)
    assert await count(database, "ties") == 0


async def test_opposite_follows_at_once_do_not_wait_for_each_other(database) -> None:
    one, other = await a_member(database), await a_member(database)
    await asyncio.gather(
        *(do(database, a, verb, b.me) for a, b in ((one, other), (other, one)) for verb in (members.follow,) * 3)
    )
    for who in (one, other):
        page = await see(database, NOBODY, members.member_page, who.me)
        assert (page.followers, page.following) == (1, 1)


async def test_a_block_ends_following_both_ways_and_closes_it(database) -> None:
    one, other = await a_member(database), await a_member(database)
    await do(database, one, members.follow, other.me)
    await do(database, other, members.follow, one.me)
    assert not await see(database, NOBODY, members.blocks_between, one.me, other.me)
    await do(database, one, members.block, other.me)
    assert await see(database, NOBODY, members.blocks_between, one.me, other.me)
    assert await see(database, NOBODY, members.blocks_between, other.me, one.me)
    assert [card.id for card in (await see(database, one, members.blocks)).items] == [other.me]
    assert (await see(database, other, members.blocks)).items == []
    for who, whom in ((one, other), (other, one)):
        with refused("not_found"):
            await do(database, who, members.follow, whom.me)
        page = await see(database, who, members.member_page, whom.me)
        assert (page.followers, page.following, page.can_follow, page.can_talk) == (0, 0, False, False)
    await do(database, one, members.unblock, other.me)
    await do(database, other, members.follow, one.me)


async def test_ties_refuse_oneself_strangers_to_the_house_and_too_many(database) -> None:
    actor, a, b = await a_member(database), await a_member(database), await a_member(database)
    with refused("not_with_yourself"):
        await do(database, actor, members.follow, actor.me)
    with refused("not_found"):
        await do(database, actor, members.follow, "mbr_" + "0" * 26)
    with refused("sign_in_first"):
        await do(database, NOBODY, members.follow, actor.me)
    await do(database, SYSTEM, set_value, MOST_FOLLOWS.name, 1, "tight")
    database.book.forget()
    await do(database, actor, members.follow, a.me)
    with refused("too_many_follows", most=1):
        await do(database, actor, members.follow, b.me)
    page = await see(database, NOBODY, members.member_page, actor.me)
    assert page.following == 1


async def test_followers_turn_by_cursor(database, clock) -> None:
    star = await a_member(database)
    fans = []
    for _ in range(5):
        fan = await a_member(database)
        await do(database, fan, members.follow, star.me)
        fans.insert(0, fan.me)
        clock.move(seconds=1)
    seen, cursor = [], None
    while True:
        page = await see(database, NOBODY, members.followers, star.me, cursor, 2)
        seen.append([card.id for card in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [fans[:2], fans[2:4], fans[4:]]


HOME = {"province": "上海市", "city": "上海市", "district": "静安区", "detail": "大宁路 1 号 2 室"}


def an_address(**changes) -> members.PutAddress:
    plain = {"name": "王小满", "phone": "13912345678", "lines": HOME}
    return members.PutAddress(**plain | changes)


async def test_addresses_are_sealed_and_open_for_their_owner_only(database) -> None:
    actor, other = await a_member(database), await a_member(database)
    home = await do(database, actor, members.add_address, an_address())
    office = await do(database, actor, members.add_address, an_address(name="前台", is_default=True))
    opened = await see(database, actor, members.address_for, home, actor)
    assert opened == members.Address(home, "CN", "王小满", "+8613912345678", HOME, False)
    assert [(a.id, a.is_default) for a in await see(database, actor, members.list_addresses)] == [
        (office, True),
        (home, False),
    ]
    for verb, args in ((members.remove_address, ()), (members.change_address, (an_address(),))):
        with refused("not_found"):
            await do(database, other, verb, home, *args)
    with refused("not_found"):
        await see(database, other, members.address_for, home, other)
    rows = await see(database, SYSTEM, lambda look: look.db.fetch("select * from addresses"))
    assert "静安" not in repr(rows)
    assert "王小满" not in repr(rows)
    await do(database, actor, members.change_address, home, an_address(name="小满", is_default=True))
    assert [a.name for a in await see(database, actor, members.list_addresses)] == ["小满", "前台"]
    await do(database, actor, members.remove_address, home)
    assert [(a.id, a.is_default) for a in await see(database, actor, members.list_addresses)] == [(office, True)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": "123"}, "phone_not_valid"),
        ({"name": ""}, "text_empty"),
        ({"lines": {}}, "text_empty"),
        ({"lines": HOME | {"zip": "1"}}, "address_line_unknown"),
        ({"country": "ZZ"}, "country_not_valid"),
    ],
)
async def test_a_bad_address(database, change: dict, code: str) -> None:
    actor = await a_member(database)
    with refused(code):
        await do(database, actor, members.add_address, an_address(**change))
    assert await count(database, "addresses") == 0


async def test_addresses_abroad_and_their_greatest_number(database) -> None:
    actor = await a_member(database)
    us = {"line1": "1 Main St", "city": "Springfield", "state": "IL", "zip": "62701"}
    await do(database, actor, members.add_address, an_address(country="US", lines=us, phone="+12025550123"))
    paris = {"line1": "1 rue de Lille", "city": "Paris", "postcode": "75007"}
    await do(database, actor, members.add_address, an_address(country="FR", lines=paris))
    await do(database, SYSTEM, set_value, "members.most_addresses", 3, "tight")
    database.book.forget()
    assert len(await see(database, actor, members.list_addresses)) == 2  # one read renews the configuration
    outcomes = await asyncio.gather(
        *(do(database, actor, members.add_address, an_address()) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 2
    assert await count(database, "addresses") == 3


async def test_figures_kept_by_higher_domains(database) -> None:
    actor = await a_member(database)
    await do(database, SYSTEM, members.record_sale, actor.me)
    await do(database, SYSTEM, members.set_response_minutes, actor.me, 6)
    await do(database, SYSTEM, members.count_live_items, actor.me, 2)
    await do(database, SYSTEM, members.count_live_items, actor.me, -1)
    await do(database, SYSTEM, members.set_seller_type, actor.me, "professional")
    for _ in range(2):
        await do(database, SYSTEM, members.award_badge, actor.me, "beta")
    page = await see(database, NOBODY, members.member_page, actor.me)
    assert (page.card.sold_count, page.card.response_minutes, page.items_live) == (1, 6, 1)
    assert (page.card.seller_type, page.badges) == ("professional", ["beta"])
    await do(database, SYSTEM, members.withdraw_badge, actor.me, "beta")
    cards = await see(database, NOBODY, members.cards, [actor.me, "mbr_" + "0" * 26])
    assert cards == {actor.me: page.card}
    assert a_phone() != a_phone()
