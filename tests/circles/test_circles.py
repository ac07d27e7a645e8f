"""Circles: founding, joining, rules as versions."""

import asyncio

import msgspec
import pytest

from tests.conftest import FakeClock, readable
from xianji.domains import circles, members
from xianji.domains.circles import EditCircle, FoundCircle, NewHost, SetRule, SetRules
from xianji.domains.members import RequestCode, SignIn
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.outbox import Cursor, read
from xianji.kernel.work import NOBODY, SYSTEM, Actor

OPERATOR_ROLES = frozenset({"moderator"})


async def member(database: Database, phone: str, roles: frozenset[str] = frozenset()) -> Actor:
    async with database.work(NOBODY) as work:
        await members.request_code(work, RequestCode(phone), "", True)
    signed_in = await members.sign_in(database, SignIn(phone, members.DEMO_CODE))
    return Actor(member=signed_in.member, roles=roles)


async def founded(database: Database, host: Actor, slug: str = "haidian") -> str:
    async with database.work(host) as work:
        return await circles.found_circle(work, FoundCircle(slug=slug, kind="place", name="海淀闲置"))


async def refused(database: Database, actor: Actor, verb: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as caught:
        async with database.work(actor) as work:
            await verb(work, *arguments)  # type: ignore[operator]
    return caught.value.code.name


async def test_the_founder_is_host_and_everybody_else_joins_once(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    guest = await member(database, "13800138002")
    circle = await founded(database, host)
    for _ in range(2):
        async with database.work(guest) as work:
            await circles.join_circle(work, circle)
    await readable(database)
    async with database.look(guest) as look:
        page = await circles.circle_page(look, "haidian")
        told = [event.kind for event in await read(look, Cursor(), 50) if event.kind.startswith("circles.")]
    assert (page.id, page.members, page.joined, page.role) == (circle, 2, True, "member")
    assert told == ["circles.founded.v1", "circles.joined.v1"]


async def test_who_may_not_found_or_edit_is_refused_and_nothing_moves(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    stranger = await member(database, "13800138002")
    circle = await founded(database, host)
    async with database.work(SYSTEM) as work:
        await set_value(work, "circles.who_founds", "operators", "a small town")
    database.book.forget()
    wish = FoundCircle(slug="mine", kind="place", name="我的")
    assert await refused(database, stranger, circles.found_circle, wish) == "not_allowed"
    assert await refused(database, NOBODY, circles.found_circle, wish) == "sign_in_first"
    edit = EditCircle(version=1, name="改名")
    assert await refused(database, stranger, circles.edit_circle, circle, edit) == "not_found"
    rule = SetRule(name="circles.guest_stalls", value="forbid", reason="试试")
    assert await refused(database, stranger, circles.set_circle_rule, circle, rule) == "not_found"
    async with database.look(host) as look:
        page = await circles.circle_page(look, circle)
    assert (page.name, page.version, page.rules.version) == ("海淀闲置", 1, 0)


@pytest.mark.parametrize("slug", ["", "new", "A", "a b", "-a", "a-", "a" * 41, "海淀"])
async def test_an_address_of_the_wrong_shape_is_refused(database: Database, slug: str) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    wish = FoundCircle(slug=slug, kind="place", name="名字")
    assert await refused(database, host, circles.found_circle, wish) == "circle_slug_not_valid"


async def test_an_address_is_taken_once(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    await founded(database, host)
    wish = FoundCircle(slug="haidian", kind="interest", name="别的")
    assert await refused(database, host, circles.found_circle, wish) == "circle_name_taken"


async def test_two_editors_of_one_version_do_not_overwrite_each_other(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    circle = await founded(database, host)
    async with database.work(host) as work:
        await circles.edit_circle(work, circle, EditCircle(version=1, name="第一个"))
    second = EditCircle(version=1, name="第二个")
    assert await refused(database, host, circles.edit_circle, circle, second) == "circle_changed_meanwhile"


async def test_the_last_host_hands_over_before_leaving(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    guest = await member(database, "13800138002")
    circle = await founded(database, host)
    async with database.work(guest) as work:
        await circles.join_circle(work, circle)
    assert await refused(database, host, circles.leave_circle, circle) == "circle_needs_a_host"
    async with database.work(host) as work:
        await circles.make_host(work, circle, guest.me)
        await circles.leave_circle(work, circle)
    async with database.look(guest) as look:
        page = await circles.circle_page(look, circle)
    assert (page.members, page.role) == (1, "host")


async def test_a_rule_is_a_version_with_a_reason(database: Database, clock: FakeClock) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    circle, other = await founded(database, host), await founded(database, host, "other")
    async with database.work(host) as work:
        rule = SetRule(name="circles.guest_stalls", value="approve", reason="先看看再放行")
        await circles.set_circle_rule(work, circle, rule)
    database.book.forget()
    async with database.look(host) as look:
        assert circles.rules_of(look, circle).guest_stalls == "approve"
        assert circles.rules_of(look, other).guest_stalls == "allow"
        assert await look.db.fetchval("select reason from audit") == "先看看再放行"
    foreign = SetRule(name="kernel.idempotency_keep_hours", value="1", reason="越权")
    assert await refused(database, host, circles.set_circle_rule, circle, foreign) == "unknown_circle_rule"


async def test_the_founder_without_a_role_sets_rules_by_the_names_readers_see(database: Database) -> None:
    host = await member(database, "13800138001")
    circle = await founded(database, host)
    async with database.work(host) as work:
        for name, value in (("guest_stalls", "forbid"), ("who_posts", "hosts"), ("commercial_share", "40")):
            await circles.set_circle_rule(work, circle, SetRule(name=name, value=value, reason="说好的"))
    database.book.forget()
    async with database.look(NOBODY) as look:
        rules = circles.rules_of(look, circle)
    assert (rules.guest_stalls, rules.who_posts, rules.commercial_share) == ("forbid", "hosts", 40)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("guest_stalls", "perhaps"),
        ("who_posts", "everybody"),
        ("commercial_share", 101),
        ("commercial_share", "-1"),
        ("kinds_welcome", ["sale", "advert"]),
        ("kinds_welcome", "sale"),
        ("house_rules", "一条"),
    ],
)
async def test_a_rule_with_a_value_it_cannot_have_is_refused(database: Database, name: str, value: object) -> None:
    host = await member(database, "13800138001")
    circle = await founded(database, host)
    rule = SetRule(name=name, value=value, reason="试试")  # type: ignore[arg-type]
    assert await refused(database, host, circles.set_circle_rule, circle, rule) == "circle_rule_not_valid"
    async with database.look(host) as look:
        assert await look.db.fetchval("select count(*) from config_versions") == 0


async def test_the_form_makes_versions_only_of_what_differs(database: Database, clock: FakeClock) -> None:
    host = await member(database, "13800138001")
    circle = await founded(database, host)
    asked = SetRules(
        house_rules=["好好说话", " "],
        kinds_welcome=["share", "sale", "stall", "wanted", "giveaway", "warning"],
        reason="开圈",
    )
    async with database.work(host) as work:
        await circles.set_circle_rules(work, circle, asked)
    async with database.work(host) as work:  # the same again, before any process has read the new version
        await circles.set_circle_rules(work, circle, asked)
    database.book.forget()
    founded_at = clock.now()
    clock.move(days=1)
    async with database.work(host) as work:
        await circles.set_circle_rules(work, circle, msgspec.structs.replace(asked, who_posts="hosts", reason="太乱了"))
    database.book.forget()
    async with database.look(host) as look:
        page = await circles.circle_page(look, circle)
        versions = await circles.rule_versions(look, page)
        in_force = circles.rules_in_force(look, page, versions)
    assert [(one.name, one.value, one.reason) for one in versions] == [
        ("who_posts", "hosts", "太乱了"),
        ("house_rules", ["好好说话"], "开圈"),
    ]
    assert [(one.name, one.number > 0, one.since) for one in in_force] == [
        ("house_rules", True, founded_at),
        ("guest_stalls", False, founded_at),
        ("kinds_welcome", False, founded_at),
        ("who_posts", True, clock.now()),
        ("commercial_share", False, founded_at),
    ]


async def test_one_member_founds_only_so_many(database: Database) -> None:
    host = await member(database, "13800138001")
    for number in range(3):
        await founded(database, host, f"c{number}")
    wish = FoundCircle(slug="one-more", kind="place", name="再一个")
    assert await refused(database, host, circles.found_circle, wish) == "too_many_founded"


async def test_a_host_is_named_by_handle_among_the_members(database: Database) -> None:
    host, guest = await member(database, "13800138001"), await member(database, "13800138002")
    circle = await founded(database, host)
    async with database.look(NOBODY) as look:
        handle = await look.db.fetchval("select handle from members where id = $1", guest.me)
    asked = NewHost(handle="@" + handle)
    assert await refused(database, host, circles.name_host, circle, asked) == "not_in_circle"
    assert await refused(database, guest, circles.name_host, circle, asked) == "not_found"
    async with database.work(guest) as work:
        await circles.join_circle(work, circle)
    assert await refused(database, guest, circles.name_host, circle, asked) == "not_found"
    async with database.work(host) as work:
        await circles.name_host(work, circle, asked)
    async with database.look(guest) as look:
        assert (await circles.circle_page(look, circle)).role == "host"


async def test_fifty_join_at_once_and_are_counted_exactly(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    circle = await founded(database, host)
    guests = [Actor(member="mbr_" + f"{number:026d}") for number in range(50)]

    async def join(guest: Actor) -> None:
        async with database.work(guest) as work:
            await circles.join_circle(work, circle)

    await asyncio.gather(*(join(guest) for guest in guests))
    async with database.look(NOBODY) as look:
        assert (await circles.circle_page(look, circle)).members == 51


async def test_the_list_pages_by_size_without_losing_one(database: Database) -> None:
    host = await member(database, "13800138001", OPERATOR_ROLES)
    async with database.work(SYSTEM) as work:
        await set_value(work, "circles.most_joined", 100, "room for this test")
    slugs = {f"c{number}" for number in range(30)}
    for slug in slugs:
        await founded(database, host, slug)
    seen: list[str] = []
    cursor = None
    while True:
        async with database.look(NOBODY) as look:
            page = await circles.circles(look, cursor)
        seen += [card.slug for card in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert (len(seen), set(seen)) == (30, slugs)
