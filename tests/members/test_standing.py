"""Real name, selling, roles, restrictions."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from tests.build import a_member
from tests.conftest import START
from tests.members.test_entry import count, refused
from tests.members.test_people import do, see
from tests.members.test_rules import with_check
from xianji.domains import members
from xianji.domains.members.model import OPERATORS_NEED_TOTP, SELLING_PATHS
from xianji.kernel import audit
from xianji.kernel.config import set_value
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM, Actor

GOOD = "11010519491231002X"
DEV = members.DevIdentityProvider()


async def verify(database, actor: Actor, number: str = GOOD, provider=DEV) -> None:
    await members.verify_real_name(database, actor, members.VerifyRealName("王小满", number), provider)


async def test_a_real_name_leaves_a_hash_and_a_verdict(database) -> None:
    actor = await a_member(database)
    await verify(database, actor, GOOD.lower())
    me = await see(database, actor, members.me)
    assert (me.card.verified, me.can_sell) == (True, True)
    rows = await see(
        database,
        SYSTEM,
        lambda look: look.db.fetch("select v.*, i.members from verifications v, identity_numbers i"),
    )
    assert [(row["state"], row["members"]) for row in rows] == [("verified", [actor.me])]
    assert GOOD not in repr(rows)
    assert "王小满" not in repr(rows)
    with refused("already_verified"):
        await verify(database, actor)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "id_number_not_valid"),
        ("110105491231002", "id_number_not_valid"),
        (with_check("99010519491231002"), "id_number_not_valid"),
        (with_check("11010520010229002"), "id_number_not_valid"),
        (with_check("11010520080303002"), "too_young"),
    ],
)
async def test_a_refused_number_is_forgotten(database, number: str, code: str) -> None:
    actor = await a_member(database)
    with refused(code):
        await verify(database, actor, number)
    assert not (await see(database, actor, members.me)).card.verified
    assert await count(database, "identity_numbers") == 0
    row = await see(database, SYSTEM, lambda look: look.db.fetchrow("select * from verifications"))
    assert (row["state"], row["name_sealed"], row["id_digest"]) == ("refused", "", b"")
    await verify(database, actor)


async def test_attempts_run_out(database) -> None:
    actor = await a_member(database)
    for _ in range(5):
        with refused("id_number_not_valid"):
            await verify(database, actor, "1")
    with refused("too_many_requests"):
        await verify(database, actor)


async def test_a_number_of_somebody_else_looks_like_any_unconfirmed_one(database) -> None:
    first, second = await a_member(database), await a_member(database)

    class Doubtful:
        async def check(self, request: members.IdentityRequest) -> members.Verdict:
            return "not_confirmed"

    await verify(database, first)
    with refused("real_name_not_confirmed"):
        await verify(database, second)
    with refused("real_name_not_confirmed"):
        await verify(database, second, GOOD, Doubtful())
    await do(database, SYSTEM, set_value, "members.real_name_shares", 2, "families")
    database.book.forget()
    await verify(database, second)


async def test_two_accounts_race_for_one_number(database) -> None:
    actors = [await a_member(database) for _ in range(3)]
    outcomes = await asyncio.gather(*(verify(database, actor) for actor in actors), return_exceptions=True)
    assert [str(outcome.code.name) for outcome in outcomes if isinstance(outcome, Refusal)] == [
        "real_name_not_confirmed"
    ] * 2
    assert sum([(await see(database, actor, members.me)).card.verified for actor in actors]) == 1


async def test_a_failed_call_is_resumed_under_the_same_request(database) -> None:
    actor = await a_member(database)
    asked = []

    class Shaky(members.DevIdentityProvider):
        async def check(self, request: members.IdentityRequest) -> members.Verdict:
            asked.append(request.id)
            if len(asked) == 1:
                raise ConnectionError
            return await super().check(request)

    provider = Shaky()
    with pytest.raises(ConnectionError):
        await verify(database, actor, GOOD, provider)
    await verify(database, actor, GOOD, provider)
    assert asked[0] == asked[1]
    assert (await see(database, actor, members.me)).card.verified


async def test_selling_opens_with_the_real_name_alone(database) -> None:
    actor = await a_member(database)
    assert await see(database, actor, members.selling_conditions, actor.me) == [
        members.Condition("verified", False, {}, "/verify")
    ]
    with refused("cannot_sell_yet", unmet=["verified"]):
        await do(database, actor, members.need_seller)
    await verify(database, actor)
    await do(database, actor, members.need_seller)
    await do(
        database,
        SYSTEM,
        set_value,
        SELLING_PATHS.name,
        [{"name": "slow", "conditions": [{"kind": "verified"}, {"kind": "account_days", "days": 180}]}],
        "beta",
    )
    database.book.forget()
    with refused("cannot_sell_yet", unmet=["account_days"]):
        await do(database, actor, members.need_seller)


async def an_operator(database, role: str) -> Actor:
    member = await a_member(database)
    await do(database, SYSTEM, members.grant_role, member.me, role, "test")
    return await see(database, SYSTEM, members.load_actor, member.me)


def a_restriction(member: str, **changes) -> members.Restrict:
    plain = {
        "member": member,
        "kind": "sell",
        "rule": "R7",
        "reason": "盗图",
        "evidence": {"items": ["itm_1"]},
        "until": START + timedelta(days=7),
    }
    return members.Restrict(**plain | changes)


async def test_a_restriction_works_until_it_ends(database, clock) -> None:
    actor, moderator = await a_member(database), await an_operator(database, "moderator")
    await verify(database, actor)
    restriction = await do(database, moderator, members.restrict, a_restriction(actor.me))
    now = await see(database, SYSTEM, members.load_actor, actor.me)
    assert now.restrictions == {"sell"}
    with refused("restricted", kind="sell"):
        await do(database, now, members.need_seller)
    members.need_unrestricted(now, "buy")
    [line] = await see(database, actor, members.my_restrictions)
    assert (line.id, line.rule, line.reason, line.in_force, line.appeal) == (restriction, "R7", "盗图", True, "none")
    clock.move(days=7)
    assert (await see(database, SYSTEM, members.load_actor, actor.me)).restrictions == frozenset()
    assert await see(database, SYSTEM, audit.first_broken) is None


@pytest.mark.parametrize("way", ["lift", "overturn"])
async def test_a_restriction_ends_early(database, way: str) -> None:
    actor, moderator = await a_member(database), await an_operator(database, "moderator")
    restriction = await do(database, moderator, members.restrict, a_restriction(actor.me))
    if way == "lift":
        await do(database, moderator, members.lift, actor.me, restriction)
    else:
        await do(database, actor, members.set_appeal, actor.me, restriction, "asked")
        with refused("not_allowed"):
            await do(database, actor, members.set_appeal, actor.me, restriction, "overturned")
        await do(database, moderator, members.set_appeal, actor.me, restriction, "overturned")
    assert (await see(database, SYSTEM, members.load_actor, actor.me)).restrictions == frozenset()
    [line] = await see(database, actor, members.my_restrictions)
    assert (line.in_force, line.lifted_at) == (False, START)


async def test_suspended_members_cannot_come_in_and_their_sessions_are_dead(database, clock) -> None:
    from tests.build import a_phone, signed_in

    phone = a_phone()
    came = await signed_in(database, phone)
    await do(database, SYSTEM, members.restrict, a_restriction(came.member, kind="sign_in"))
    assert await see(database, SYSTEM, members.load_session, came.token) is None
    clock.move(seconds=60)
    with refused("sign_in_suspended", rule="R7"):
        await signed_in(database, phone)


async def test_who_may_restrict_and_grant(database) -> None:
    stranger, moderator, admin = (
        await a_member(database),
        await an_operator(database, "moderator"),
        await an_operator(database, "admin"),
    )
    for verb, args in (
        (members.restrict, (a_restriction(admin.me),)),
        (members.lift, (admin.me, "rst_x")),
        (members.grant_role, (stranger.me, "admin", "please")),
        (members.revoke_role, (admin.me, "admin", "please")),
        (members.reset_totp, (admin.me, "please")),
        (members.set_appeal, (admin.me, "rst_x", "asked")),
        (members.award_badge, (stranger.me, "beta")),
        (members.withdraw_badge, (stranger.me, "beta")),
        (members.set_seller_type, (stranger.me, "merchant")),
        (members.make_operator, ("mallory", "Mallory")),
    ):
        with refused("not_allowed"):
            await do(database, stranger, verb, *args)
    with refused("not_allowed"):
        await do(database, moderator, members.grant_role, stranger.me, "moderator", "friend")
    with refused("restriction_ends_before"):
        await do(database, moderator, members.restrict, a_restriction(stranger.me, until=START))
    with refused("own_admin_role_stays"):
        await do(database, admin, members.revoke_role, admin.me, "admin", "tired")
    await do(database, admin, members.revoke_role, moderator.me, "moderator", "left")
    assert (await see(database, SYSTEM, members.load_actor, moderator.me)).roles == frozenset()
    assert await count(database, "restrictions") == 0


async def test_roles_sleep_until_the_second_factor(database) -> None:
    from tests.build import a_phone, signed_in

    came = await signed_in(database, a_phone())
    await do(database, SYSTEM, members.grant_role, came.member, "moderator", "test")
    session = await see(database, SYSTEM, members.load_session, came.token)
    assert (session.actor.roles, session.roles_asleep) == (frozenset(), {"moderator"})
    await do(database, SYSTEM, set_value, OPERATORS_NEED_TOTP.name, False, "demo")
    database.book.forget()
    session = await see(database, SYSTEM, members.load_session, came.token)
    assert (session.actor.roles, session.roles_asleep) == ({"moderator"}, frozenset())
    assert msgspec.to_builtins(session.badge)["unread_messages"] == 0
