"""What is kept of one member: for their copy of their data, and for forgetting them."""

from typing import Any

from xianji.kernel.work import Look, Work

from . import store, talk


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """Everything this domain keeps of the member, as plain data."""
    written = await look.db.fetch(
        "select id, kind, state, title, body, circle, place_label, created_at, published_at,"
        " array(select media from note_media where note = notes.id order by place) as media,"
        " array(select item from note_items where note = notes.id and way = 'note' order by place) as items"
        " from notes where author = $1 order by id",
        member,
    )
    said = await look.db.fetch(
        "select note, id, parent, state, body, media, item, created_at from comments where author = $1 order by id",
        member,
    )
    liked = await look.db.fetch("select note, at from note_likes where member = $1 order by at, note", member)
    saved = await look.db.fetch("select note, at from note_saves where member = $1 order by at, note", member)
    cheered = await look.db.fetch(
        "select note, comment, at from comment_likes where member = $1 order by at, comment", member
    )
    followed = await look.db.fetch("select topic, at from topic_follows where member = $1 order by at, topic", member)
    return {
        "notes": [dict(row) for row in written],
        "comments": [dict(row) for row in said],
        "liked_notes": [dict(row) for row in liked],
        "saved_notes": [dict(row) for row in saved],
        "liked_comments": [dict(row) for row in cheered],
        "followed_topics": [dict(row) for row in followed],
    }


async def scrub(work: Work, member: str) -> None:
    """Forget the member: their notes and comments leave sight and lose their words, their marks are undone."""
    for row in await work.db.fetch(
        "select * from notes where author = $1 and state in ('draft', 'live') order by id for update", member
    ):
        await store.move(work, row, "remove", "author", "account deleted")
    for row in await work.db.fetch("select note, id from comments where author = $1 and state = 'live'", member):
        await talk.move(work, await talk.lock(work, row["note"], row["id"]), "remove", "author", "account deleted")
    await work.db.execute(
        "with emptied as (update notes set title = '', body = '', segments = '[]', cell = null, place_label = null,"
        " wanted = null where author = $1 returning id)"
        " delete from note_media where note in (select id from emptied)",
        member,
    )
    await work.db.execute("delete from note_topics where note in (select id from notes where author = $1)", member)
    await work.db.execute("delete from topic_follows where member = $1", member)
    await work.db.execute("update comments set body = '', segments = '[]', media = '{}' where author = $1", member)
    await _undo_marks(work, member)


async def _undo_marks(work: Work, member: str) -> None:
    await work.db.execute(
        "with gone as (delete from note_likes where member = $1 returning note)"
        " update notes set likes = likes - 1 from gone where notes.id = gone.note",
        member,
    )
    await work.db.execute(
        "with gone as (delete from note_saves where member = $1 returning note)"
        " update notes set saves = saves - 1 from gone where notes.id = gone.note",
        member,
    )
    await work.db.execute(
        "with gone as (delete from comment_likes where member = $1 returning note, comment)"
        " update comments set likes = likes - 1 from gone"
        " where comments.note = gone.note and comments.id = gone.comment",
        member,
    )
    await work.db.execute("delete from note_mentions where member = $1", member)
