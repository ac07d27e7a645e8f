"""Taking one's data along, leaving nothing personal behind, old keys, and what is due."""

import asyncpg
import msgspec
import pyotp
import pytest

from tests.build import a_member, signed_in
from tests.members.test_entry import count, refused
from tests.members.test_people import HOME, an_address, do, see
from tests.members.test_secrets import a_passkey
from tests.members.test_standing import GOOD, a_restriction, verify
from xianji.domains import members
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor

PHONE = "13700001234"
PERSONAL = [
    PHONE,
    PHONE[2:],
    "王小满",
    GOOD,
    "静安区",
    "大宁路",
    "满满的旧物铺",
    "爱逛旧书市",
    "温州",
    "盗图",
    "13912345678",
    "my phone",
]


async def a_full_member(database) -> Actor:
    """Somebody who has used everything there is."""
    came = await signed_in(database, PHONE, "my phone")
    actor = (await see(database, NOBODY, members.load_session, came.token)).actor
    version = (await see(database, actor, members.me)).version
    edit = members.EditProfile(version, "满满的旧物铺", "爱逛旧书市", "温州", "med_" + "1" * 26, handle="manman_shop")
    await do(database, actor, members.edit_profile, edit)
    await do(database, actor, members.add_address, an_address())
    await verify(database, actor)
    await members.set_password(database, actor, members.SetPassword("correct horse battery"))
    await a_passkey(database, actor)
    setup = await do(database, actor, members.begin_totp)
    code = pyotp.TOTP(setup.secret).at(database.clock.now())
    await members.verify_totp(database, actor, members.TotpCode(code))
    await do(database, SYSTEM, members.restrict, a_restriction(actor.me, kind="speak", evidence={"text": "盗图"}))
    return actor


async def whole_database(dsn: str) -> str:
    """Every row of every table as text."""
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    rows = [row[0] for table in tables for row in await connection.fetch(f'select t::text from "{table[0]}" t')]
    await connection.close()
    return "\n".join(rows)


def traces(dump: str, text: str) -> bool:
    """Whether the text is there in clear, or as the hexadecimal that bytea columns print."""
    return text in dump or text.encode().hex() in dump


async def test_at_rest_nothing_that_is_sealed_shows(database, dsn) -> None:
    await a_full_member(database)
    dump = await whole_database(dsn)
    hidden = [PHONE, PHONE[2:], "王小满", GOOD, "静安区", "大宁路", "13912345678", '000000"']
    assert [text for text in hidden if traces(dump, text)] == []
    assert traces(dump, "满满的旧物铺")


async def test_an_export_opens_everything(database) -> None:
    actor = await a_full_member(database)
    found = await see(database, actor, members.export_for, actor.me)
    assert found["profile"]["phone"] == "+86" + PHONE
    assert found["profile"]["handle"] == "manman_shop"
    [address] = found["addresses"]
    assert address["address"] == {"name": "王小满", "phone": "+8613912345678", "lines": HOME}
    assert [(kept["state"], kept["name"]) for kept in found["verification"]] == [("verified", "王小满")]
    assert {name: len(rows) for name, rows in found.items() if name != "profile"} == {
        "handles": 2,
        "sessions": 1,
        "passkeys": 1,
        "roles": 0,
        "restrictions": 1,
        "ties": 0,
        "addresses": 1,
        "verification": 1,
    }
    assert GOOD not in msgspec.json.encode(found).decode()


async def test_a_deleted_account_leaves_no_personal_text(database, dsn) -> None:
    actor = await a_full_member(database)
    friend = await a_member(database)
    await do(database, friend, members.follow, actor.me)
    await do(database, actor, members.follow, friend.me)
    await do(database, SYSTEM, members.record_sale, actor.me)
    before = await whole_database(dsn)
    assert traces(before, "满满的旧物铺")
    assert traces(before, "my phone")
    await do(database, actor, members.delete_account, members.DeleteAccount("@Manman_Shop"))
    dump = await whole_database(dsn)
    assert [text for text in PERSONAL if traces(dump, text)] == []
    digest = database.keys.digest("member.phone", "+86" + PHONE).hex()
    assert digest not in dump
    with refused("not_found"):
        await see(database, NOBODY, members.member_page, actor.me)
    card = (await see(database, NOBODY, members.cards, [actor.me]))[actor.me]
    assert (card.name, card.handle, card.sold_count, card.verified) == ("", actor.me, 1, False)
    page = await see(database, NOBODY, members.member_page, friend.me)
    assert (page.followers, page.following) == (0, 0)
    assert await count(database, "ties") == 0
    await do(database, SYSTEM, members.scrub, actor.me)
    assert await whole_database(dsn) == dump


async def test_the_phone_of_a_deleted_account_makes_a_new_member(database, clock) -> None:
    actor = await a_full_member(database)
    await do(database, actor, members.delete_account, members.DeleteAccount("manman_shop"))
    again = await signed_in(database, PHONE)
    assert again.new
    assert again.member != actor.me
    other = await a_member(database)
    await verify(database, other)


async def test_deleting_needs_the_handle_and_no_open_business(database, dsn) -> None:
    actor = await a_full_member(database)
    before = await whole_database(dsn)
    with refused("confirm_with_handle", handle="manman_shop"):
        await do(database, actor, members.delete_account, members.DeleteAccount("yes"))
    with refused("business_still_open", what="2 个订单、1 个纠纷"):
        await do(
            database, actor, members.delete_account, members.DeleteAccount("manman_shop"), ["2 个订单", "1 个纠纷"]
        )
    assert await whole_database(dsn) == before


async def test_after_a_rotation_everything_is_sealed_again(database, dsn, clock, keys) -> None:
    actor = await a_full_member(database)
    rotated = Keys(keys.ring.rotated())
    newest = Keys(Ring("k2", {"k2": rotated.ring.keys["k2"]}, keys.ring.hash_key, keys.ring.sign_key))
    async with Opened(dsn, rotated, clock) as house:
        assert await do(house, SYSTEM, members.reseal, 3) == 3
        assert await do(house, SYSTEM, members.reseal, 3) == 1
        assert await do(house, SYSTEM, members.reseal, 3) == 0
    async with Opened(dsn, newest, clock) as house:
        found = await see(house, actor, members.export_for, actor.me)
        assert found["profile"]["phone"] == "+86" + PHONE
        assert found["addresses"][0]["address"]["name"] == found["verification"][0]["name"] == "王小满"
        clock.move(seconds=60)
        assert (await signed_in(house, PHONE)).member == actor.me
        with refused("totp_not_right"):
            await members.verify_totp(house, actor, members.TotpCode("123"))


class Opened:
    def __init__(self, dsn: str, keys: Keys, clock) -> None:
        self.database = Database(dsn, keys, clock, seed=8)

    async def __aenter__(self) -> Database:
        return await self.database.open()

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()


async def test_what_has_expired_is_forgotten(database, clock) -> None:
    came = await signed_in(database, PHONE)
    await do(database, NOBODY, members.begin_passkey_sign_in, members.Site("a.example", "https://a.example"))
    due = members.DUE[0]
    assert await see(database, SYSTEM, due.find, 10) == []
    clock.move(minutes=10)
    assert await see(database, SYSTEM, due.find, 10) == ["expired"]
    await do(database, SYSTEM, due.act, "expired")
    assert (await count(database, "phone_codes"), await count(database, "passkey_challenges")) == (0, 0)
    assert await count(database, "sessions") == 1
    assert await see(database, SYSTEM, due.find, 10) == []
    clock.move(days=30)
    await do(database, SYSTEM, due.act, "expired")
    assert await count(database, "sessions") == 0
    assert came.new


async def test_nobody_reaches_what_is_mine(database) -> None:
    """Default deny: every verb and view of one's own refuses the one who is not signed in."""
    for verb, args in (
        (members.edit_profile, (members.EditProfile(1),)),
        (members.add_address, (an_address(),)),
        (members.remove_address, ("adr_x",)),
        (members.revoke_session, ("ses_x",)),
        (members.revoke_others, ()),
        (members.begin_totp, ()),
        (members.begin_passkey, (members.Site("a", "b"),)),
        (members.delete_account, (members.DeleteAccount("x"),)),
        (members.need_seller, ()),
        (members.grant_role, ("mbr_x", "admin", "")),
        (members.restrict, (a_restriction("mbr_x"),)),
    ):
        with refused("sign_in_first"):
            await do(database, NOBODY, verb, *args)
    for view in (members.me, members.list_sessions, members.list_addresses, members.blocks, members.my_restrictions):
        with pytest.raises(Refusal):
            await see(database, NOBODY, view)
