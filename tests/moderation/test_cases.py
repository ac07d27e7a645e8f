"""From a report to a decision to an appeal: who may, what moves, and that nothing else does."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.build import a_member
from tests.conftest import readable
from tests.notes.build import a_comment, a_note, a_seller, page, refused, thing
from xianji.domains import items, moderation, notes
from xianji.domains.moderation import CASE, Appeal, Decision, Report
from xianji.kernel import audit, outbox
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.outbox import Cursor
from xianji.kernel.states import Move
from xianji.kernel.work import NOBODY, SYSTEM, Actor

HIDE = Decision("hide", "卖的是仿品", "R1")


async def a_moderator(database: Database, role: str = "moderator") -> Actor:
    actor = await a_member(database)
    return Actor(actor.member, actor.session, frozenset({role}))


async def a_report(database: Database, who: Actor, subject: str, reason: str = "fraud", words: str = "") -> str:
    async with database.work(who) as work:
        return await moderation.report(work, Report(subject, reason, words))


async def decided(database: Database, who: Actor, case: str, decision: Decision) -> None:
    async with database.work(who) as work:
        await moderation.decide(work, case, decision)


async def appealed(database: Database, who: Actor, case: str) -> None:
    async with database.work(who) as work:
        await moderation.appeal(work, case, Appeal("这是正品，有小票"))


async def state_of(database: Database, case: str) -> str:
    async with database.look(SYSTEM) as look:
        return str(await look.db.fetchval("select state from cases where id = $1", case))


async def item_state(database: Database, item: str) -> str:
    async with database.look(SYSTEM) as look:
        return str(await look.db.fetchval("select state from items where id = $1", item))


async def a_scene(database: Database) -> tuple[Actor, Actor, Actor, str]:
    """An owner, a reporter, a moderator and the owner's note."""
    owner, reporter = await a_seller(database), await a_member(database)
    return owner, reporter, await a_moderator(database), await a_note(database, owner)


async def test_several_reports_gather_in_one_case_and_each_person_has_one(database: Database) -> None:
    _, reporter, moderator, note = await a_scene(database)
    other = await a_member(database)
    case = await a_report(database, reporter, note, "fraud", "让我加微信")
    assert await a_report(database, other, note, "spam") == case
    with pytest.raises(Refusal) as error:
        await a_report(database, reporter, note, "abuse")
    assert refused(error) == ("reported_already", {})
    async with database.look(moderator) as look:
        queue = await moderation.queue(look)
        seen = await moderation.case_page(look, case)
    assert [(card.id, card.reports, card.reasons) for card in queue.items] == [(case, 2, ["fraud", "spam"])]
    assert [(line.reporter, line.reason, line.words) for line in seen.reports] == [
        (reporter.me, "fraud", "让我加微信"),
        (other.me, "spam", ""),
    ]
    assert seen.actions == ["dismiss", "hide", "restrict_member"]


async def test_hiding_a_note_and_giving_it_back_on_appeal(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    other_note = await a_note(database, owner)
    case = await a_report(database, reporter, note)
    await decided(database, moderator, case, HIDE)
    with pytest.raises(Refusal) as error:
        await page(database, note)
    assert refused(error) == ("not_found", {})
    mine = await page(database, note, owner)
    assert (mine.state, mine.hidden_reason) == ("hidden", "R1")
    assert (await page(database, other_note)).state == "live"
    async with database.look(owner) as look:
        told = (await moderation.my_cases(look)).items[0]
    assert (told.id, told.state, told.actions) == (case, "acted", ["appeal"])
    assert [(line.kind, line.rule, line.reason) for line in told.sanctions] == [("hide", "R1", "卖的是仿品")]
    assert told.sanctions[0].until - told.sanctions[0].since == timedelta(days=180)
    await appealed(database, owner, case)
    with pytest.raises(Refusal) as error:
        await decided(database, moderator, case, Decision("restore", "看错了"))
    assert refused(error) == ("appeal_needs_other_eyes", {})
    await decided(database, await a_moderator(database), case, Decision("restore", "看错了"))
    assert (await page(database, note)).state == "live"
    async with database.look(SYSTEM) as look:
        assert await audit.first_broken(look) is None
        assert await look.db.fetchval("select count(*) from sanctions where lifted_at is null") == 0


async def test_hiding_reaches_comments_and_things_through_their_doors(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    comment = await a_comment(database, owner, note, "加我微信", item=thing())
    item = (await page(database, note)).board.things[0].card.id
    await decided(database, moderator, await a_report(database, reporter, item), HIDE)
    assert await item_state(database, item) == "removed"
    case = await a_report(database, reporter, comment)
    await decided(database, moderator, case, HIDE)
    async with database.look(NOBODY) as look:
        assert (await notes.comments(look, note)).items == []
    assert (await page(database, note)).comments == 0
    await decided(database, moderator, case, Decision("restore", "看错了"))
    async with database.look(NOBODY) as look:
        assert [thread.comment.id for thread in (await notes.comments(look, note)).items] == [comment]
    assert await item_state(database, item) == "removed"


async def test_a_restriction_bites_and_ends_when_the_appeal_is_won(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    case = await a_report(database, reporter, owner.me, "abuse")
    with pytest.raises(Refusal) as error:
        await decided(database, moderator, case, HIDE)
    assert refused(error) == ("members_are_not_hidden", {})
    await decided(database, moderator, case, Decision("restrict_member", "骂人", "R6", kind="speak", days=3))
    async with database.look(SYSTEM) as look:
        from xianji.domains import members

        muted = await members.load_actor(look, owner.me)
    assert muted.restrictions == {"speak"}
    for verb in (a_note(database, muted), a_comment(database, muted, note)):
        with pytest.raises(Refusal) as error:
            await verb
        assert refused(error) == ("restricted", {"kind": "speak"})
    await appealed(database, owner, case)
    await decided(database, await a_moderator(database), case, Decision("restore", "没有骂人"))
    async with database.look(SYSTEM) as look:
        assert (await members.load_actor(look, owner.me)).restrictions == frozenset()


async def test_an_appeal_comes_once_in_time_and_from_the_owner(database: Database, clock: Any) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    case = await a_report(database, reporter, note)
    for who, code in ((owner, "move_not_open"), (reporter, "not_found")):
        with pytest.raises(Refusal) as error:
            await appealed(database, who, case)
        assert error.value.code.name == code
    await decided(database, moderator, case, HIDE)
    clock.move(days=181)
    with pytest.raises(Refusal) as error:
        await appealed(database, owner, case)
    assert refused(error) == ("appeal_too_late", {})
    assert await state_of(database, case) == "acted"
    clock.move(days=-100)
    await appealed(database, owner, case)
    await decided(database, await a_moderator(database, "admin"), case, Decision("uphold", "证据充分", "R1"))
    with pytest.raises(Refusal) as error:
        await appealed(database, owner, case)
    assert error.value.code.name == "move_not_open"


async def test_only_moderators_look_and_decide(database: Database) -> None:
    owner, reporter, _, note = await a_scene(database)
    case = await a_report(database, reporter, note)
    finance = await a_moderator(database, "finance")
    for who, code in ((NOBODY, "sign_in_first"), (owner, "not_allowed"), (finance, "not_allowed")):
        with pytest.raises(Refusal) as error:
            await decided(database, who, case, HIDE)
        assert error.value.code.name == code
        for view in ("queue", "case_page"):
            with pytest.raises(Refusal) as error:
                async with database.look(who) as look:
                    await getattr(moderation, view)(look, *([case] if view == "case_page" else []))
            assert error.value.code.name == code
    assert await state_of(database, case) == "open"


@pytest.mark.parametrize(
    ("subject", "reason", "code"),
    [("own", "fraud", "own_subject"), ("gone", "fraud", "not_found"), ("note", "whatever", "unknown_reason")],
)
async def test_reports_that_are_refused(database: Database, subject: str, reason: str, code: str) -> None:
    owner, reporter, _, note = await a_scene(database)
    target = {"own": note, "note": note, "gone": "nte_" + "0" * 26}[subject]
    with pytest.raises(Refusal) as error:
        await a_report(database, owner if subject == "own" else reporter, target, reason)
    assert error.value.code.name == code
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from cases") == 0


async def test_both_sides_hear_of_it_and_the_owner_never_learns_who(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    case = await a_report(database, reporter, note)
    await decided(database, moderator, case, Decision("dismiss", "没有问题"))
    await readable(database)
    async with database.look(SYSTEM) as look:
        told = [one for one in await outbox.read(look, Cursor(), 100) if one.kind.startswith("moderation.")]
    assert [one.kind for one in told] == ["moderation.reported.v1", "moderation.decided.v1"]
    said = msgspec.json.decode(told[1].body)
    assert (said["owner"], said["reporters"], said["state"]) == (owner.me, [reporter.me], "dismissed")
    async with database.look(owner) as look:
        assert (await moderation.my_cases(look)).items == []
        assert reporter.me not in str(await moderation.export_for(look, owner.me))
    async with database.look(reporter) as look:
        assert [(one.case, one.state) for one in (await moderation.my_reports(look)).items] == [(case, "dismissed")]
    assert await a_report(database, reporter, note) != case


async def test_hiding_what_the_seller_removed_still_counts_and_restores_nothing(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    await a_comment(database, owner, note, item=thing())
    item = (await page(database, note)).board.things[0].card.id
    case = await a_report(database, reporter, item)
    async with database.work(owner) as work:
        await items.remove(work, item)
    await decided(database, moderator, case, HIDE)
    await decided(database, moderator, case, Decision("restore", "看错了"))
    assert await item_state(database, item) == "removed"


async def test_the_public_figures_count(database: Database) -> None:
    _, reporter, moderator, note = await a_scene(database)
    await decided(database, moderator, await a_report(database, reporter, note), HIDE)
    async with database.look(NOBODY) as look:
        seen = await moderation.figures(look)
    assert (seen.reports, seen.cases, seen.waiting, seen.hidden, seen.dismissed, seen.hours_to_decide) == (
        1,
        1,
        0,
        1,
        0,
        0.0,
    )


async def test_forgetting_keeps_the_figures_and_no_words(database: Database) -> None:
    owner, reporter, moderator, note = await a_scene(database)
    await decided(database, moderator, await a_report(database, reporter, note, words="电话 138"), HIDE)
    async with database.work(SYSTEM) as work:
        await moderation.scrub(work, owner.me)
        await moderation.scrub(work, reporter.me)
    async with database.look(moderator) as look:
        case = (await moderation.queue(look, "acted")).items[0]
        seen = await moderation.case_page(look, case.id)
    assert (seen.snapshot["body"], [line.words for line in seen.reports], len(seen.sanctions)) == ("", [""], 1)


def test_the_case_machine_is_exactly_this() -> None:
    assert CASE.final == {"dismissed", "released", "overturned"}
    assert {(row.frm, row.verb, row.to, *row.who) for row in CASE.moves} == {
        ("open", "dismiss", "dismissed", "operator"),
        ("open", "hide", "acted", "operator"),
        ("open", "restrict_member", "acted", "operator"),
        ("open", "release", "released", "operator"),
        ("open", "reject", "acted", "operator"),
        ("open", "lapse", "dismissed", "system"),
        ("open", "rule", "acted", "operator"),
        ("open", "settle", "dismissed", "system"),
        ("acted", "appeal", "appealed", "owner"),
        ("appealed", "uphold", "upheld", "operator"),
        ("acted", "restore", "overturned", "operator"),
        ("appealed", "restore", "overturned", "operator"),
        ("upheld", "restore", "overturned", "operator"),
    }
    assert all(isinstance(row, Move) for row in CASE.moves)


def test_the_policy_speaks_both_languages() -> None:
    lines = [*moderation.policy().reasons.values(), *moderation.policy().rules.values()]
    assert all(line.zh and line.en for line in lines)
