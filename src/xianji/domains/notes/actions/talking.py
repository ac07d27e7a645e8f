"""Talk below a note: comments, guests' stalls, and what the host decides about them."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import msgspec

from xianji.domains import items, media, members, screening
from xianji.domains.items import NewItem
from xianji.domains.notes import rules, store, talk
from xianji.domains.notes.events import CommentAdded, CommentHeld, GuestItemMoved, GuestItemWaiting, MemberMentioned
from xianji.domains.notes.model import (
    ALREADY_ON_BOARD,
    COMMENT_EMPTY,
    COMMENT_LONGEST,
    COMMENT_PICTURES_MOST,
    COMMENTS_AN_HOUR,
    GUEST_ITEMS_EACH,
    GUEST_ITEMS_MOST,
    GUEST_STALLS_CLOSED,
    LINKS_A_DAY,
    NOTE_PICTURE_TWICE,
    TOO_MANY_COMMENTS,
    TOO_MANY_GUEST_THINGS,
    TOO_MANY_LINKS,
    TOO_MANY_NOTE_PICTURES,
    NewComment,
    StallState,
    Way,
)
from xianji.kernel import text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import CommentId, ItemId, NoteId
from xianji.kernel.work import Actor, Work

from . import judging
from .writing import operator


async def add_comment(work: Work, note: NoteId, new: NewComment) -> CommentId:
    """Comment on a note, or reply to a comment; a thing may come along and goes on the board as the host's rule says.

    Refuses `comment_empty`, `guest_stalls_closed`, `already_on_board`, `too_many_comments`, `too_many_links`,
    `too_many_guest_things`, text and item refusals, and `not_found` for what the actor may not see.
    """
    members.need_unrestricted(work.actor, "speak")
    row = await store.lock_live(work, note)
    if text.shows_nothing(new.body) and not (new.media or new.item):
        raise COMMENT_EMPTY()
    if await talk.written_since(work, work.actor.me, timedelta(hours=1)) >= work.config.get(COMMENTS_AN_HOUR):
        raise TOO_MANY_COMMENTS(most=work.config.get(COMMENTS_AN_HOUR))
    answered = await talk.lock_answered(work, note, new.parent) if new.parent else None
    words = await judging.words(work, "body", new.body, work.config.get(COMMENT_LONGEST))
    held = await screening.screen(work, words.text, talk=True, second_look=new.second_look)
    await _claim_pictures(work, new.media)
    comment = work.new_id("cmt")
    thing, state = await _bring_thing(work, row, comment, new) if new.item else (None, None)
    root: str | None = (answered["parent"] or answered["id"]) if answered else None
    await talk.insert(work, note, comment, root, words.text, words.segments, new.media, thing)
    if held:
        await store.write_mentions(work, note, comment, words.mentioned)
        await talk.move(work, await talk.lock(work, note, comment), "hide", "system", ",".join(held))
        work.tell(CommentHeld(note, comment, work.actor.me, held))
        return comment
    _tell(work, row, comment, root, answered["author"] if answered else None, thing, state)
    for member in await store.write_mentions(work, note, comment, words.mentioned):
        _tell_mentioned(work, note, comment, member)
    return comment


def _tell(
    work: Work,
    row: asyncpg.Record,
    comment: str,
    root: str | None,
    answered: str | None,
    thing: str | None,
    state: StallState | None,
) -> None:
    me, note, host = work.actor.me, row["id"], row["author"]
    work.tell(CommentAdded(note, comment, me, host, root, answered, thing))
    if thing and state == "waiting":
        work.tell(GuestItemWaiting(note, host, thing, me))


def _tell_mentioned(work: Work, note: str, comment: str, member: str) -> None:
    if member != work.actor.me:
        work.tell(MemberMentioned(note, comment, member, work.actor.me))


async def _claim_pictures(work: Work, pictures: list[str]) -> None:
    most = work.config.get(COMMENT_PICTURES_MOST)
    if len(pictures) > most:
        raise TOO_MANY_NOTE_PICTURES(most=most)
    if rules.duplicates(pictures):
        raise NOTE_PICTURE_TWICE()
    await media.claim(work, pictures)


async def _bring_thing(work: Work, row: asyncpg.Record, comment: str, new: NewComment) -> tuple[str, StallState]:
    """Publish the comment's own thing or find the linked one, and put it on the board where the host's rule says."""
    me, mine = work.actor.me, row["author"] == work.actor.me
    way: Way = "stall" if isinstance(new.item, NewItem) else "link"
    state = rules.stall_state(row["guest_stalls"], way, mine)
    if state is None:
        raise GUEST_STALLS_CLOSED()
    await _need_room(work, row["id"], mine)
    if isinstance(new.item, NewItem):
        thing, owner = await items.publish_item(work, _with_pictures(new.item, new.media)), me
        await store.attach(work, row["id"], [thing])
    else:
        thing, owner = await _linked(work, new.item, mine)
    if not await store.add_to_board(work, row["id"], [thing], comment, owner, way, state):
        raise ALREADY_ON_BOARD()
    wish = await store.wish_of(work, row["id"]) if row["kind"] == "wanted" else None
    if wish and owner == me and not mine:
        await items.answer_wanted(work, wish, thing)
    return thing, state


async def _linked(work: Work, item: str | None, mine: bool) -> tuple[str, str]:
    """A thing that the actor can see, with its seller; links under others' notes are counted."""
    if not mine and await talk.links_since(work, work.actor.me, timedelta(days=1)) >= work.config.get(LINKS_A_DAY):
        raise TOO_MANY_LINKS(most=work.config.get(LINKS_A_DAY))
    cards = await items.cards(work, [item] if item else [])
    if not cards:
        raise NOT_FOUND()
    return cards[0].id, cards[0].seller.id


def _with_pictures(thing: NewItem, pictures: list[str]) -> NewItem:
    """A thing without pictures of its own is the one on the comment's pictures."""
    return thing if thing.media else msgspec.structs.replace(thing, media=list(pictures))


async def _need_room(work: Work, note: str, mine: bool) -> None:
    own, guests, of_me = await store.count_board(work, note, work.actor.me)
    if mine:
        judging.need_room(work, own + 1)
    elif guests >= work.config.get(GUEST_ITEMS_MOST) or of_me >= work.config.get(GUEST_ITEMS_EACH):
        raise TOO_MANY_GUEST_THINGS(most=work.config.get(GUEST_ITEMS_EACH))


async def remove_comment(work: Work, note: NoteId, comment: CommentId, reason: str = "") -> None:
    """Take a comment out of sight: its author, the note's host, or a moderator. Its thing leaves the board."""
    row = await talk.lock(work, note, comment)
    await talk.move(work, row, "remove", _role(work, row), reason)


async def hide_comment(work: Work, note: NoteId, comment: CommentId, reason: str) -> None:
    """A moderator or a rule hides a comment; `reason` names the rule. It can be restored on appeal."""
    role = operator(work)
    await talk.move(work, await talk.lock(work, note, comment), "hide", role, reason)


async def restore_comment(work: Work, note: NoteId, comment: CommentId, reason: str) -> None:
    """A moderator shows a hidden comment again; one that was held before anybody saw it is told of now."""
    role = operator(work)
    row = await talk.lock(work, note, comment)
    held = await talk.hidden_by_rule(work, note, comment)
    await talk.move(work, row, "restore", role, reason)
    if held:
        await _tell_of_held(work, row)


async def _tell_of_held(work: Work, row: asyncpg.Record) -> None:
    theirs = replace(work, actor=Actor(row["author"]))
    note, comment = row["note"], row["id"]
    answered = await talk.author_of(work, note, row["parent"]) if row["parent"] else None
    state = await talk.stall_state_of(work, note, comment)
    _tell(theirs, await store.lock_any(work, note), comment, row["parent"], answered, row["item"], state)
    for member in await talk.mentioned_in(work, note, comment):
        _tell_mentioned(theirs, note, comment, member)


def _role(work: Work, row: asyncpg.Record) -> str:
    if row["author"] == work.actor.member:
        return "author"
    if row["host"] == work.actor.member:
        return "host"
    return operator(work)


async def approve_guest_item(work: Work, note: NoteId, item: ItemId) -> None:
    """The host lets a guest's thing onto the board. Doing it twice changes nothing."""
    await _decide(work, note, item, "approve", "shown")


async def refuse_guest_item(work: Work, note: NoteId, item: ItemId) -> None:
    """The host keeps a guest's thing off the board, or takes it down again; the comment stays."""
    await _decide(work, note, item, "refuse", "refused")


async def _decide(work: Work, note: str, item: str, verb: str, wanted: StallState) -> None:
    row = await talk.lock_guest_thing(work, note, item)
    role = "host" if row["host"] == work.actor.member else operator(work)
    if row["state"] == wanted:
        return
    rules.STALL.decide(row["state"], verb, role)
    await talk.set_stall_state(work, note, item, wanted)
    work.tell(GuestItemMoved(note, row["host"], item, row["owner"], verb))
