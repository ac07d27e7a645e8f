"""Rows of comments and of guests' things for writing. The note's row is locked first, so that counts stay exact."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import rules, store
from .events import CommentMoved
from .model import CommentState, Segment, StallState


async def lock(work: Work, note: str, comment: str) -> asyncpg.Record:
    """A comment with `host`, the author of its note; note and comment are locked. Unknown ones are `not_found`."""
    await store.lock_any(work, note)
    row = await work.db.fetchrow(
        "select c.*, n.author as host, n.state as note_state from comments c join notes n on n.id = c.note"
        " where c.note = $1 and c.id = $2 for update of c",
        note,
        comment,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def lock_answered(work: Work, note: str, comment: str) -> asyncpg.Record:
    """The live comment that is answered, if its author and the actor have not blocked each other."""
    row = await work.db.fetchrow(
        "select c.id, c.parent, c.author from comments c where c.note = $1 and c.id = $2 and c.state = 'live'"
        " and not exists (select from apart where member = $3 and other = c.author) for no key update",
        note,
        comment,
        work.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def insert(
    work: Work,
    note: str,
    comment: str,
    parent: str | None,
    body: str,
    segments: Sequence[Segment],
    media: Sequence[str],
    item: str | None,
) -> None:
    """Write a comment and count it on its note and on the comment it stands under."""
    await work.db.execute(
        "insert into comments (note, id, parent, author, state, body, segments, media, item, created_at)"
        " values ($1, $2, $3, $4, 'live', $5, $6, $7, $8, $9)",
        note,
        comment,
        parent,
        work.actor.me,
        body,
        list(segments),
        list(media),
        item,
        work.now,
    )
    await _count(work, note, parent, 1)


async def _count(work: Work, note: str, parent: str | None, change: int) -> None:
    await work.db.execute("update notes set comments = comments + $2 where id = $1", note, change)
    if parent:
        await work.db.execute(
            "update comments set replies = replies + $3 where note = $1 and id = $2", note, parent, change
        )


async def move(work: Work, row: asyncpg.Record, verb: str, who: str, reason: str = "") -> CommentState:
    """Move a locked comment by the machine; the only function that writes its `state`. Refuses `move_not_open`.

    Its thing follows: it stands on the board while the comment is in sight.
    """
    to: CommentState = rules.COMMENT.decide(row["state"], verb, who).to  # type: ignore[assignment]
    version = await work.db.fetchval(
        "update comments set state = $4, version = version + 1 where note = $1 and id = $2 and state = $3"
        " returning version",
        row["note"],
        row["id"],
        row["state"],
        to,
    )
    assert version is not None, "a locked comment changed its state"
    await store.log_move(work, row["note"], row["id"], version, verb, row["state"], to, who, reason)
    await _count(work, row["note"], row["parent"], (to == "live") - (row["state"] == "live"))
    if row["item"] and to == "removed":
        await work.db.execute("delete from note_items where note = $1 and comment = $2", row["note"], row["id"])
    elif row["item"]:
        await work.db.execute(
            "update note_items set hidden = $3 where note = $1 and comment = $2", row["note"], row["id"], to == "hidden"
        )
    work.tell(CommentMoved(row["note"], row["id"], row["author"], verb, row["state"], to, who, reason))
    return to


async def lock_guest_thing(work: Work, note: str, item: str) -> asyncpg.Record:
    """A guest's thing on a board, locked, with `host`; `not_found` for things of the note itself."""
    row = await work.db.fetchrow(
        "select b.*, n.author as host from note_items b join notes n on n.id = b.note"
        " where b.note = $1 and b.item = $2 and b.owner <> n.author and n.state <> 'removed' for update of b",
        note,
        item,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def set_stall_state(work: Work, note: str, item: str, state: StallState) -> None:
    """Where a thing stands with the host."""
    await work.db.execute("update note_items set state = $3 where note = $1 and item = $2", note, item, state)


async def written_since(work: Look, member: str, time: timedelta) -> int:
    """How many comments this member wrote in this time."""
    count: int = await work.db.fetchval(
        "select count(*) from comments where author = $1 and created_at > $2", member, work.now - time
    )
    return count


async def links_since(work: Look, member: str, time: timedelta) -> int:
    """How many links to things this member put under others' notes in this time."""
    count: int = await work.db.fetchval(
        "select count(*) from comments c join notes n on n.id = c.note and n.author <> c.author"
        " join note_items b on b.note = c.note and b.comment = c.id and b.way = 'link'"
        " where c.author = $1 and c.created_at > $2",
        member,
        work.now - time,
    )
    return count


async def hidden_by_rule(look: Look, note: str, comment: str) -> bool:
    """Whether the comment's last move was a rule's, which holds a comment before anybody has seen it."""
    role = await look.db.fetchval(
        "select role from note_moves where note = $1 and comment = $2 order by version desc limit 1", note, comment
    )
    return bool(role == "system")


async def author_of(look: Look, note: str, comment: str) -> str | None:
    """Who wrote a comment."""
    author: str | None = await look.db.fetchval(
        "select author from comments where note = $1 and id = $2", note, comment
    )
    return author


async def mentioned_in(look: Look, note: str, comment: str) -> list[str]:
    """The members a comment mentions."""
    rows = await look.db.fetch(
        "select member from note_mentions where note = $1 and comment = $2 order by member", note, comment
    )
    return [row["member"] for row in rows]


async def stall_state_of(look: Look, note: str, comment: str) -> StallState | None:
    """Where the thing that a comment brought stands with the host."""
    state: StallState | None = await look.db.fetchval(
        "select state from note_items where note = $1 and comment = $2", note, comment
    )
    return state
