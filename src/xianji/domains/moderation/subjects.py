"""What is reported: who answers for it, what it said, and how it is hidden and shown through the doors below."""

from typing import Any

import msgspec

from xianji.domains import items, media, notes, orders
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import rules
from .model import MEMBERS_ARE_NOT_HIDDEN, SubjectKind


class Subject(msgspec.Struct, frozen=True):
    """A subject that can be seen now. `snapshot` keeps its words as they were; `note` is set for comments.

    `other` is the second side of a disputed refund.
    """

    id: str
    kind: SubjectKind
    owner: str
    note: str | None
    snapshot: dict[str, Any]
    other: str | None = None


async def find(look: Look, subject: str, held: bool = False) -> Subject:
    """The subject as everybody can see it now, or while it is held. Refuses `not_found`."""
    kind = rules.kind_of(subject)
    found = {"item": _item, "note": _note, "comment": _comment, "member": _member, "thanks": _thanks}
    row = await found[kind](look, subject, held)
    if row is None:
        raise NOT_FOUND()
    facts = dict(row)
    return Subject(subject, kind, facts.pop("owner"), facts.pop("note"), facts)


async def _item(look: Look, item: str, held: bool) -> Any:
    return await look.db.fetchrow(
        "select seller as owner, null as note, title, description as body, price, currency,"
        " array(select media from item_media where item = items.id order by place) as media"
        " from items where id = $1 and (state in ('live', 'paused', 'sold', 'expired') or $2 and state = 'screening')",
        item,
        held,
    )


async def _note(look: Look, note: str, held: bool) -> Any:
    return await look.db.fetchrow(
        "select author as owner, null as note, title, body,"
        " array(select media from note_media where note = notes.id order by place) as media"
        " from notes where id = $1 and (state = 'live' or $2 and state = 'hidden')",
        note,
        held,
    )


async def _comment(look: Look, comment: str, held: bool) -> Any:
    return await look.db.fetchrow(
        "select c.author as owner, c.note, '' as title, c.body, c.media from comments c"
        " join notes n on n.id = c.note and n.state = 'live'"
        " where c.id = $1 and (c.state = 'live' or $2 and c.state = 'hidden')",
        comment,
        held,
    )


async def _member(look: Look, member: str, _held: bool) -> Any:
    return await look.db.fetchrow(
        "select id as owner, null as note, name as title, bio as body, array_remove(array[avatar], null) as media"
        " from members where id = $1 and scrubbed_at is null",
        member,
    )


async def _thanks(look: Look, thanks: str, held: bool) -> Any:
    return await look.db.fetchrow(
        "select member as owner, null as note, '' as title, words as body, '{}'::text[] as media from order_thanks"
        " where id = $1 and (state = 'live' or $2)",
        thanks,
        held,
    )


async def hide(work: Work, kind: SubjectKind, subject: str, note: str | None, reason: str) -> bool:
    """Take the subject out of sight; False when its owner had done so before."""
    if kind == "member":
        raise MEMBERS_ARE_NOT_HIDDEN()
    if not await _in_sight(work, kind, subject):
        return False
    if kind == "item":
        await items.take_down(work, subject, reason)
    elif kind == "note":
        await notes.hide_note(work, subject, reason)
    elif kind == "thanks":
        await orders.hide_thanks(work, subject)
    else:
        await notes.hide_comment(work, str(note), subject, reason)
    return True


async def _in_sight(look: Look, kind: SubjectKind, subject: str) -> bool:
    return bool(
        await look.db.fetchval(
            "select case $1 when 'item' then exists (select from items where id = $2"
            " and state in ('screening', 'live', 'paused', 'sold', 'expired'))"
            " when 'note' then exists (select from notes where id = $2 and state in ('live', 'removed'))"
            " when 'thanks' then exists (select from order_thanks where id = $2 and state = 'live')"
            " else exists (select from comments where id = $2 and state = 'live') end",
            kind,
            subject,
        )
    )


async def _is_held(look: Look, kind: SubjectKind, subject: str) -> bool:
    return bool(
        await look.db.fetchval(
            "select case $1 when 'item' then exists (select from items where id = $2 and state = 'screening')"
            " when 'note' then exists (select from notes where id = $2 and state = 'hidden')"
            " when 'thanks' then exists (select from order_thanks where id = $2 and state = 'hidden')"
            " else exists (select from comments where id = $2 and state = 'hidden') end",
            kind,
            subject,
        )
    )


async def let_through(work: Work, kind: SubjectKind, subject: str, note: str | None, reason: str) -> None:
    """Show what a rule held, unless its owner has taken it back meanwhile."""
    if not await _is_held(work, kind, subject):
        return
    if kind == "item":
        await items.pass_screening(work, subject, reason)
    else:
        await show(work, kind, subject, note, reason)


async def keep_out(work: Work, kind: SubjectKind, subject: str, rule: str) -> bool:
    """What a rule held stays out of sight; False when its owner has taken it back meanwhile."""
    if not await _is_held(work, kind, subject):
        return False
    if kind == "item":
        await items.reject(work, subject, rule)
    return True


async def may_be_shown(look: Look, kind: SubjectKind, subject: str) -> bool:
    """False for a rejected thing that its seller has changed and sent in again: that is judged on its own."""
    return kind != "item" or bool(
        await look.db.fetchval(
            "select exists (select from items where id = $1 and state in ('removed', 'rejected'))", subject
        )
    )


async def show(work: Work, kind: SubjectKind, subject: str, note: str | None, reason: str) -> None:
    """Bring back what `hide` took out of sight."""
    if kind == "item":
        await items.restore(work, subject, reason)
    elif kind == "note":
        await notes.restore_note(work, subject, reason)
    elif kind == "thanks":
        await orders.restore_thanks(work, subject)
    else:
        await notes.restore_comment(work, str(note), subject, reason)


async def set_media_hidden(work: Work, pictures: list[str], hidden: bool) -> None:
    """Take pictures off their addresses, or put them back."""
    if pictures:
        await media.set_hidden(work, pictures, hidden)
