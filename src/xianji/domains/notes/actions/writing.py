"""A note's own life: publish, keep as a draft, edit, remove, bring back, hide and restore."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import msgspec

from xianji.domains import items, members
from xianji.domains.items import NewItem, NewWanted
from xianji.domains.notes import store
from xianji.domains.notes.events import MemberMentioned, NoteEdited, NoteHeld, NotePublished
from xianji.domains.notes.model import (
    DRAFTS_MOST,
    NOTE_CHANGED,
    NOTE_EMPTY,
    NOTE_FIXED,
    NOTES_A_DAY,
    RESTORE_DAYS,
    TITLE_LONGEST,
    TOO_LATE_TO_RESTORE,
    TOO_MANY_DRAFTS,
    TOO_MANY_NOTES,
    EditNote,
    NewNote,
    Wish,
)
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.ids import NoteId
from xianji.kernel.work import Actor, Work

from . import judging


async def publish_note(work: Work, new: NewNote, from_note: NoteId | None = None) -> NoteId:
    """Publish a note and its things in one go, or keep both as drafts when `new.draft`.

    `from_note` is the note that made the author want the same; `not_found` when they cannot see it.
    Refuses `note_empty`, the limits of texts, pictures, topics and things, `join_circle_first`, `kind_not_welcome`,
    `too_many_notes`, `too_many_drafts`, and whatever items refuse of a thing.
    """
    members.need_unrestricted(work.actor, "speak")
    if from_note is not None:
        await store.seen(work, from_note)
    judging.need_room(work, len(new.items))
    facts = await judging.new_facts(work, new)
    if not new.draft:
        _need_content(facts, len(new.items))
        await _need_turn(work)
    elif await store.drafts_of(work, work.actor.me) >= work.config.get(DRAFTS_MOST):
        raise TOO_MANY_DRAFTS(most=work.config.get(DRAFTS_MOST))
    note = work.new_id("nte")
    await store.insert(work, note, facts, "draft", from_note)
    await store.write_topics(work, note, facts.topics, counts=False)
    things = await _put_things(work, note, judging.prepared(new, facts.media))
    if not new.draft:
        await _show(work, await store.lock_own(work, note), facts, things, new.second_look)
    return note


async def save_draft(work: Work, new: NewNote) -> NoteId:
    """Keep a note for later; nobody else sees it or its things."""
    return await publish_note(work, msgspec.structs.replace(new, draft=True))


async def publish_draft(work: Work, note: NoteId, second_look: bool = False) -> None:
    """Show a draft, judged as of today, and put its things on sale.

    With `second_look` a person looks at what a rule blocks; else it is refused as `screened_out`.
    """
    members.need_unrestricted(work.actor, "speak")
    row = await store.lock_own(work, note)
    if row["state"] != "draft":
        raise MOVE_NOT_OPEN(state=row["state"], verb="publish")
    facts = await judging.edited_facts(work, row, EditNote(row["version"]))
    if facts.circle:
        await judging.welcome(work, facts.circle, facts.kind, note)
    things = await store.own_things(work, note)
    _need_content(facts, len(things))
    await _need_turn(work)
    for thing in await _drafts_among(work, things):
        await items.take_from_draft(work, thing, second_look=second_look)
    await _show(work, row, facts, things, second_look)


async def _show(
    work: Work, row: asyncpg.Record, facts: store.Facts, things: Sequence[str], second_look: bool = False
) -> None:
    """Show a note for the first time, unless a rule wants a person to look first."""
    held = await judging.screened(work, facts, second_look)
    if held:
        await store.move(work, row, "hold", "system", ",".join(held))
        work.tell(NoteHeld(row["id"], row["author"], held))
        return
    await store.move(work, row, "publish", "author")
    await _announce(work, row, facts, things)


async def _announce(work: Work, row: asyncpg.Record, facts: store.Facts, things: Sequence[str]) -> None:
    await store.redate_topics(work, row["id"])
    work.tell(
        NotePublished(
            row["id"], row["author"], facts.kind, facts.circle, facts.cell, sorted(facts.topics), list(things)
        )
    )
    await _mention(work, row["id"], facts)
    if facts.kind == "wanted":
        await _open_wish(work, row, facts)


async def _open_wish(work: Work, row: asyncpg.Record, facts: store.Facts) -> None:
    """A wanted note also stands among the wanted posts, where things can answer it."""
    await items.open_wanted(work, _asked(work, row, facts), row["id"], (facts.cell, facts.place_label))


def _asked(work: Work, row: asyncpg.Record, facts: store.Facts) -> NewWanted:
    wish = facts.wanted or Wish()
    title = facts.title or facts.body.partition("\n")[0][: work.config.get(TITLE_LONGEST)]
    return NewWanted(title, wish.budget, wish.category, from_note=row["from_note"])


async def _keep_wish(work: Work, row: asyncpg.Record, facts: store.Facts) -> None:
    """What a shown note asks for after an edit: the post follows its words, or leaves when it asks for nothing."""
    post = await store.wish_of(work, row["id"])
    await items.show_wanted_of(work, row["id"], facts.kind == "wanted")
    if facts.kind != "wanted":
        return
    if post is None:
        await _open_wish(work, row, facts)
    else:
        await items.edit_wanted(work, post, _asked(work, row, facts), (facts.cell, facts.place_label))


async def want_same(work: Work, note: NoteId) -> NoteId:
    """求同款: a draft of a wanted note of the actor, made from a note they can see."""
    seen = await store.seen(work, note)
    draft = NewNote(title=seen["title"], kind="wanted", draft=True)
    return await publish_note(work, draft, from_note=note)


async def _mention(work: Work, note: str, facts: store.Facts) -> None:
    for member in await store.write_mentions(work, note, "", facts.mentioned):
        if member != work.actor.me:
            work.tell(MemberMentioned(note, None, member, work.actor.me))


def _need_content(facts: store.Facts, things: int) -> None:
    if not (facts.title or facts.body or facts.media or things):
        raise NOTE_EMPTY()


async def _need_turn(work: Work) -> None:
    if await store.published_since(work, work.actor.me, 24) >= work.config.get(NOTES_A_DAY):
        raise TOO_MANY_NOTES(most=work.config.get(NOTES_A_DAY))


async def _drafts_among(work: Work, things: Sequence[str]) -> list[str]:
    return [card.id for card in await items.cards(work, things) if card.state == "draft"]


async def _put_things(work: Work, note: str, things: Sequence[NewItem]) -> list[str]:
    ids = [await _publish_thing(work, number, thing) for number, thing in enumerate(things)]
    await store.add_to_board(work, note, ids, None, work.actor.me, "note", "shown")
    await store.attach(work, note, ids)
    return ids


async def _publish_thing(work: Work, number: int, thing: NewItem) -> str:
    """A refusal says which of the things it is about, as the field's place: `items.3.price`."""
    try:
        return await items.publish_item(work, thing)
    except Refusal as refusal:
        field = refusal.facts.get("field") or refusal.code.field
        if field:
            refusal.facts["field"] = f"items.{number}.{field}"
        raise


async def edit_note(work: Work, note: NoteId, edit: EditNote) -> int:
    """Change the actor's own note and return its new version; things may be added and taken off its board.

    Refuses `note_changed` when the person saw an older version, `note_fixed` when it is hidden or removed.
    """
    members.need_unrestricted(work.actor, "speak")
    row = await store.lock_own(work, note)
    if row["state"] not in ("draft", "live"):
        raise NOTE_FIXED(state=row["state"])
    if row["version"] != edit.version:
        raise NOTE_CHANGED(version=row["version"])
    facts = await judging.edited_facts(work, row, edit)
    dropped = await store.drop_from_board(work, note, edit.drop_items)
    await store.attach(work, None, dropped)
    own, _, _ = await store.count_board(work, note, work.actor.me)
    judging.need_room(work, own + len(edit.add_items))
    draft = row["state"] == "draft"
    added = [msgspec.structs.replace(thing, draft=draft or thing.draft) for thing in edit.add_items]
    await _put_things(work, note, added)
    held = [] if draft else await judging.screened(work, facts, edit.second_look)
    if not draft:
        _need_content(facts, own + len(added))
    version = await store.write_facts(work, note, facts)
    await store.write_topics(work, note, facts.topics, counts=not draft)
    if not draft:
        work.tell(NoteEdited(note, row["author"], version))
        await _keep_wish(work, row, facts)
        await _mention(work, note, facts)
    if held:
        await store.move(work, row, "hide", "system", ",".join(held))
        work.tell(NoteHeld(note, row["author"], held))
    return version + bool(held)


async def remove_note(work: Work, note: NoteId) -> None:
    """Take the actor's own note out of sight; its things stay on their own, for sale or as drafts."""
    row = await store.lock_own(work, note)
    await store.move(work, row, "remove", "author")
    await items.show_wanted_of(work, note, False)
    if row["state"] == "draft":  # it cannot be brought back, and its things would be found nowhere
        await store.attach(work, None, await store.own_things(work, note))


async def restore_note(work: Work, note: NoteId, reason: str = "") -> None:
    """The author brings a removed note back within the configured days; an operator restores a hidden one.

    Refuses `too_late_to_restore`, `move_not_open`; a removed draft stays removed.
    """
    row = await store.lock_any(work, note)
    if row["state"] == "removed" and row["author"] == work.actor.member:
        last = await store.moved_at(work, note)
        if last["at"] + timedelta(days=work.config.get(RESTORE_DAYS)) < work.now or last["from_state"] != "live":
            raise TOO_LATE_TO_RESTORE(days=work.config.get(RESTORE_DAYS))
        await store.move(work, row, "bring_back", "author")
    else:
        await store.move(work, row, "restore", operator(work), reason)
        if row["published_at"] is None:
            await _announce_held(work, row)
    await items.show_wanted_of(work, note, row["kind"] == "wanted")


async def _announce_held(work: Work, row: asyncpg.Record) -> None:
    """A note that was held before anybody saw it is published now, in its author's name."""
    theirs = replace(work, actor=Actor(row["author"]))
    facts = await judging.edited_facts(theirs, row, EditNote(row["version"]))
    await _announce(theirs, row, facts, await store.own_things(theirs, row["id"]))


async def hide_note(work: Work, note: NoteId, reason: str) -> None:
    """A moderator or a rule takes a note out of sight; `reason` names the rule. It can be restored on appeal."""
    role = operator(work)
    row = await store.lock_any(work, note)
    if row["published_at"] is None:
        raise NOT_FOUND()
    await store.move(work, row, "hide", role, reason)
    await items.show_wanted_of(work, note, False)


def operator(work: Work) -> str:
    """The role word of a moderator or the system; `not_found` for everybody else."""
    if work.actor.system:
        return "system"
    if work.actor.roles & {"moderator", "admin"}:
        return "operator"
    raise NOT_FOUND()
