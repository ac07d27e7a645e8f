"""What a rule holds: a case opens by itself, a person lets it through or not, and the owner may appeal."""

from typing import Any

import pytest

from tests.build import a_member
from tests.conftest import readable
from tests.notes.build import a_comment, a_note, a_seller, page, refused, thing
from xianji.domains import items, members, moderation, notes
from xianji.domains.moderation import Appeal, CaseCard, Decision, Restriction
from xianji.domains.notes import EditNote
from xianji.kernel import outbox
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import NOBODY, SYSTEM, Actor
from xianji.reactions import TABLE
from xianji.reactions.engine import Engine

from .test_cases import a_moderator, appealed, decided, item_state, state_of

LENSES = "日抛美瞳两盒"
ELSEWHERE = "便宜点，微信转我就行"
REJECT = Decision("reject", "没有注册证", "R1")


async def react(database: Database) -> None:
    await readable(database)
    await Engine(database, TABLE).drain()


async def waiting(database: Database) -> list[CaseCard]:
    async with database.look(SYSTEM) as look:
        return (await moderation.queue(look)).items


async def a_held_item(database: Database, seller: Actor) -> tuple[str, str]:
    """A thing that waits, and its case."""
    async with database.work(seller) as work:
        item = await items.publish_item(work, thing(LENSES))
    await react(database)
    return item, (await waiting(database))[0].id


async def told(database: Database, *kinds: str) -> list[str]:
    await readable(database)
    async with database.look(SYSTEM) as look:
        return [one.kind for one in await outbox.read(look, Cursor(), 100) if one.kind in kinds]


async def test_a_held_thing_opens_a_case_and_is_let_through(database: Database) -> None:
    seller = await a_seller(database)
    item, case = await a_held_item(database, seller)
    cards = await waiting(database)
    assert [(one.id, one.subject, one.held, one.waits, one.reports) for one in cards] == [
        (case, item, ["contact-lenses"], True, 0)
    ]
    async with database.look(await a_moderator(database)) as look:
        seen = await moderation.case_page(look, case)
    assert [(one.rule, one.matched) for one in seen.findings] == [("contact-lenses", "美瞳")]
    assert seen.actions == ["release", "reject"]
    async with database.look(seller) as look:
        mine = (await moderation.my_cases(look)).items
    assert [(one.id, one.state, one.held, one.actions) for one in mine] == [(case, "open", ["contact-lenses"], [])]
    await decided(database, await a_moderator(database), case, Decision("release", "有注册证"))
    assert (await item_state(database, item), await state_of(database, case)) == ("live", "released")
    assert await told(database, "moderation.held.v1", "items.published.v1") == [
        "moderation.held.v1",
        "items.published.v1",
    ]
    async with database.look(seller) as look:
        assert (await moderation.my_cases(look)).items == []


async def test_a_rejected_thing_says_why_and_comes_back_on_appeal(database: Database) -> None:
    seller = await a_seller(database)
    item, case = await a_held_item(database, seller)
    with pytest.raises(Refusal) as error:
        await decided(database, await a_moderator(database), case, Decision("reject", "没有注册证"))
    assert error.value.code.name == "unknown_rule"
    await decided(database, await a_moderator(database), case, REJECT)
    async with database.look(seller) as look:
        shown = await items.item_page(look, item)
        mine = (await moderation.my_cases(look)).items[0]
    assert (shown.state, shown.why, "publish" in shown.actions) == ("rejected", "R1", True)
    assert [(line.kind, line.rule, line.reason) for line in mine.sanctions] == [("hide", "R1", "没有注册证")]
    await appealed(database, seller, case)
    await decided(database, await a_moderator(database), case, Decision("restore", "补了注册证"))
    assert await item_state(database, item) == "live"
    async with database.look(SYSTEM) as look:
        kept = await look.db.fetchval("select evidence from sanctions where case_id = $1", case)
    assert (kept["held"], kept["snapshot"]["title"]) == (["contact-lenses"], LENSES)


async def test_what_was_changed_and_sent_in_again_gets_a_case_of_its_own(database: Database) -> None:
    seller = await a_seller(database)
    item, first = await a_held_item(database, seller)
    await decided(database, await a_moderator(database), first, REJECT)
    async with database.work(seller) as work:
        await items.take_from_draft(work, item)
    await react(database)
    second = (await waiting(database))[0].id
    assert second != first
    await appealed(database, seller, first)
    await decided(database, await a_moderator(database), first, Decision("restore", "看错了"))
    assert await item_state(database, item) == "screening"
    await decided(database, await a_moderator(database), second, Decision("release", "可以"))
    assert await item_state(database, item) == "live"


async def test_only_release_and_reject_end_a_wait_and_only_a_wait(database: Database) -> None:
    seller, moderator = await a_seller(database), await a_moderator(database)
    _, case = await a_held_item(database, seller)
    for verb in ("dismiss", "hide", "restrict_member", "restore", "uphold"):
        with pytest.raises(Refusal) as error:
            await decided(database, moderator, case, Decision(verb, "理由", "R1", kind="sell"))
        assert error.value.code.name == "move_not_open"
    note = await a_note(database, seller)
    async with database.work(await a_member(database)) as work:
        reported = await moderation.report(work, moderation.Report(note, "spam"))
    for verb in ("release", "reject"):
        with pytest.raises(Refusal) as error:
            await decided(database, moderator, reported, Decision(verb, "理由", "R1"))
        assert error.value.code.name == "move_not_open"
    assert (await state_of(database, case), await state_of(database, reported)) == ("open", "open")


async def test_a_wait_ends_when_the_seller_takes_the_thing_back_and_follows_its_edits(database: Database) -> None:
    seller = await a_seller(database)
    item, case = await a_held_item(database, seller)
    async with database.work(seller) as work:
        await items.edit_item(work, item, items.EditItem(1, description="没拆封的美瞳"))
    await react(database)
    async with database.look(SYSTEM) as look:
        assert (await moderation.case_page(look, case)).snapshot["body"] == "没拆封的美瞳"
    async with database.work(seller) as work:
        await items.remove(work, item)
    await react(database)
    assert (await waiting(database), await state_of(database, case)) == ([], "dismissed")


async def test_a_held_note_is_published_when_it_is_let_through(database: Database) -> None:
    author, guest = await a_seller(database), await a_seller(database)
    note = await a_note(database, author, body=ELSEWHERE)
    with pytest.raises(Refusal) as error:
        await page(database, note, guest)
    assert refused(error) == ("not_found", {})
    mine = await page(database, note, author)
    assert (mine.state, mine.hidden_reason, mine.published_at) == ("hidden", "pay-elsewhere", None)
    await react(database)
    assert await told(database, "notes.published.v1") == []
    await decided(database, await a_moderator(database), (await waiting(database))[0].id, Decision("release", "可以"))
    assert (await page(database, note, guest)).state == "live"
    assert await told(database, "notes.published.v1") == ["notes.published.v1"]


async def test_an_edit_that_a_rule_holds_takes_a_note_out_of_sight(database: Database) -> None:
    author = await a_seller(database)
    note = await a_note(database, author)
    async with database.work(author) as work:
        version = await notes.edit_note(work, note, EditNote(2, body=ELSEWHERE))
    mine = await page(database, note, author)
    assert (mine.state, mine.version) == ("hidden", version)
    await react(database)
    await decided(database, await a_moderator(database), (await waiting(database))[0].id, REJECT)
    assert (await page(database, note, author)).state == "hidden"
    assert await told(database, "notes.published.v1") == ["notes.published.v1"]


async def test_a_held_comment_is_told_of_only_when_it_is_let_through(database: Database) -> None:
    host, guest = await a_seller(database), await a_seller(database)
    note = await a_note(database, host)
    comment = await a_comment(database, guest, note, ELSEWHERE)
    assert (await page(database, note)).comments == 0
    assert await told(database, "notes.comment_added.v1") == []
    await react(database)
    case = (await waiting(database))[0].id
    await decided(database, await a_moderator(database), case, Decision("release", "可以"))
    async with database.look(NOBODY) as look:
        assert [one.comment.id for one in (await notes.comments(look, note)).items] == [comment]
    assert await told(database, "notes.comment_added.v1") == ["notes.comment_added.v1"]
    assert (await page(database, note)).comments == 1


async def test_who_reported_what_is_held_hears_how_it_ended(database: Database) -> None:
    seller, reporter = await a_seller(database), await a_member(database)
    async with database.work(seller) as work:
        item = await items.publish_item(work, thing("一副眼镜"))
    async with database.work(reporter) as work:
        case = await moderation.report(work, moderation.Report(item, "prohibited"))
    async with database.work(seller) as work:
        await items.edit_item(work, item, items.EditItem(1, title=LENSES))
    await react(database)
    cards = await waiting(database)
    assert [(one.id, one.reports, one.held) for one in cards] == [(case, 1, ["contact-lenses"])]
    await decided(database, await a_moderator(database), case, REJECT)
    async with database.look(reporter) as look:
        assert [one.state for one in (await moderation.my_reports(look)).items] == ["acted"]


async def test_a_restriction_by_hand_makes_a_case_that_can_be_appealed(database: Database) -> None:
    member, moderator = await a_seller(database), await a_moderator(database)
    wish = Restriction(member.me, "sell", "R2", "两次发空包", "订单 ord_1 的物流", 3)
    async with database.work(moderator) as work:
        case = await moderation.restrict_by_hand(work, wish)
    async with database.look(SYSTEM) as look:
        assert (await members.load_actor(look, member.me)).restrictions == {"sell"}
        kept = await look.db.fetchrow("select evidence, until - since as time from sanctions where case_id = $1", case)
        held = await look.db.fetchval("select evidence from restrictions where member = $1", member.me)
    assert (kept["evidence"]["by_hand"], held["by_hand"], kept["time"].days) == ("订单 ord_1 的物流",) * 2 + (3,)
    async with database.work(member) as work:
        await moderation.appeal(work, case, Appeal("包裹是满的"))
    await decided(database, await a_moderator(database), case, Decision("restore", "确实发了"))
    async with database.look(SYSTEM) as look:
        assert (await members.load_actor(look, member.me)).restrictions == frozenset()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"evidence": " "}, "text_empty"),
        ({"rule": "R99"}, "unknown_rule"),
        ({"days": 366}, "restriction_too_long"),
        ({"member": "mbr_" + "0" * 26}, "not_found"),
    ],
)
async def test_a_restriction_by_hand_needs_all_its_grounds(
    database: Database, change: dict[str, Any], code: str
) -> None:
    member, moderator = await a_seller(database), await a_moderator(database)
    whole = {"member": member.me, "kind": "sell", "rule": "R2", "reason": "理由", "evidence": "证据", "days": 3}
    with pytest.raises(Refusal) as error:
        async with database.work(moderator) as work:
            await moderation.restrict_by_hand(work, Restriction(**{**whole, **change}))
    assert error.value.code.name == code
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from cases") == 0
        assert await look.db.fetchval("select count(*) from restrictions") == 0


async def test_nobody_restricts_themselves_and_only_moderators_restrict(database: Database) -> None:
    moderator, member = await a_moderator(database), await a_member(database)
    for who, code in ((moderator, "own_subject"), (member, "not_allowed"), (NOBODY, "sign_in_first")):
        with pytest.raises(Refusal) as error:
            async with database.work(who) as work:
                await moderation.restrict_by_hand(work, Restriction(moderator.me, "sell", "R2", "理由", "证据"))
        assert error.value.code.name == code
