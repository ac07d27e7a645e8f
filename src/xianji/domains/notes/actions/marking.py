"""Likes and saves: each is one statement, doing it twice is doing it once, and the counts stay exact."""

import asyncpg
import msgspec

from xianji.domains.notes.events import NoteLiked, NoteSaved
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import CommentId, NoteId
from xianji.kernel.work import Work


class Marked(msgspec.Struct, frozen=True):
    """Whether the mark is set now, and how many have set it."""

    on: bool
    count: int


async def like_note(work: Work, note: NoteId) -> Marked:
    """Like a note the actor can see."""
    row = await work.db.fetchrow(
        "with seen as (select n.id, n.author, n.likes from notes n where n.id = $1 and n.state = 'live'"
        " and not exists (select from apart where member = $2 and other = n.author)),"
        " added as (insert into note_likes (note, member, at) select id, $2, $3 from seen on conflict do nothing"
        " returning note),"
        " counted as (update notes set likes = likes + 1 where id in (select note from added) returning likes)"
        " select seen.author, coalesce((select likes from counted), seen.likes) as count,"
        " exists (select from added) as moved from seen",
        note,
        work.actor.me,
        work.now,
    )
    if _found(row)["moved"] and _found(row)["author"] != work.actor.me:
        work.tell(NoteLiked(note, _found(row)["author"], work.actor.me))
    return Marked(True, _found(row)["count"])


async def unlike_note(work: Work, note: NoteId) -> Marked:
    """Take a like back."""
    row = await work.db.fetchrow(
        "with gone as (delete from note_likes where note = $1 and member = $2 returning note),"
        " counted as (update notes set likes = likes - 1 where id in (select note from gone) returning likes)"
        " select coalesce((select likes from counted), n.likes) as count from notes n where n.id = $1",
        note,
        work.actor.me,
    )
    return Marked(False, _found(row)["count"])


async def save_note(work: Work, note: NoteId) -> Marked:
    """Keep a note the actor can see in the list of saved ones."""
    row = await work.db.fetchrow(
        "with seen as (select n.id, n.author, n.saves from notes n where n.id = $1 and n.state = 'live'"
        " and not exists (select from apart where member = $2 and other = n.author)),"
        " added as (insert into note_saves (note, member, at) select id, $2, $3 from seen on conflict do nothing"
        " returning note),"
        " counted as (update notes set saves = saves + 1 where id in (select note from added) returning saves)"
        " select seen.author, coalesce((select saves from counted), seen.saves) as count,"
        " exists (select from added) as moved from seen",
        note,
        work.actor.me,
        work.now,
    )
    if _found(row)["moved"] and _found(row)["author"] != work.actor.me:
        work.tell(NoteSaved(note, _found(row)["author"], work.actor.me))
    return Marked(True, _found(row)["count"])


async def unsave_note(work: Work, note: NoteId) -> Marked:
    """Take a note off the list of saved ones."""
    row = await work.db.fetchrow(
        "with gone as (delete from note_saves where note = $1 and member = $2 returning note),"
        " counted as (update notes set saves = saves - 1 where id in (select note from gone) returning saves)"
        " select coalesce((select saves from counted), n.saves) as count from notes n where n.id = $1",
        note,
        work.actor.me,
    )
    return Marked(False, _found(row)["count"])


async def like_comment(work: Work, note: NoteId, comment: CommentId) -> Marked:
    """Like a comment the actor can see."""
    row = await work.db.fetchrow(
        "with seen as (select c.note, c.id, c.likes from comments c join notes n on n.id = c.note and n.state = 'live'"
        " where c.note = $1 and c.id = $2 and c.state = 'live'"
        " and not exists (select from apart where member = $3 and other in (c.author, n.author))),"
        " added as (insert into comment_likes (note, comment, member, at) select note, id, $3, $4 from seen"
        " on conflict do nothing returning comment),"
        " counted as (update comments set likes = likes + 1 where note = $1 and id in (select comment from added)"
        " returning likes)"
        " select coalesce((select likes from counted), seen.likes) as count from seen",
        note,
        comment,
        work.actor.me,
        work.now,
    )
    return Marked(True, _found(row)["count"])


async def unlike_comment(work: Work, note: NoteId, comment: CommentId) -> Marked:
    """Take a like back."""
    row = await work.db.fetchrow(
        "with gone as (delete from comment_likes where note = $1 and comment = $2 and member = $3 returning comment),"
        " counted as (update comments set likes = likes - 1 where note = $1 and id in (select comment from gone)"
        " returning likes)"
        " select coalesce((select likes from counted), c.likes) as count from comments c"
        " where c.note = $1 and c.id = $2",
        note,
        comment,
        work.actor.me,
    )
    return Marked(False, _found(row)["count"])


def _found(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise NOT_FOUND()
    return row
