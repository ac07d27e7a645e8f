"""Rows of notes for writing. A loader takes the row's lock and answers only to those who may."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

import asyncpg
import msgspec

from xianji.domains import items
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import rules
from .events import NoteMoved
from .model import GuestStalls, NoteKind, NoteState, Segment, StallState, Way, Wish


class Facts(msgspec.Struct, frozen=True):
    """What is true of a note after judging: texts valid and cut into pieces, the place coarse."""

    title: str
    body: str
    segments: list[Segment]
    topics: dict[str, str]
    mentioned: list[str]
    kind: NoteKind
    media: tuple[str, ...]
    circle: str | None
    cell: int | None
    place_label: str | None
    guest_stalls: GuestStalls
    wanted: Wish | None


async def lock_own(work: Work, note: str) -> asyncpg.Record:
    """The actor's own note, locked. Everybody else's, and none, is `not_found`."""
    row = await work.db.fetchrow("select * from notes where id = $1 and author = $2 for update", note, work.actor.me)
    if row is None:
        raise NOT_FOUND()
    return row


async def lock_any(work: Work, note: str) -> asyncpg.Record:
    """A note, locked, for operators and rules; the caller has checked the right to it."""
    row = await work.db.fetchrow("select * from notes where id = $1 for update", note)
    if row is None:
        raise NOT_FOUND()
    return row


async def lock_live(work: Work, note: str) -> asyncpg.Record:
    """A note that is shown to the actor, locked against changes of its counts and its board."""
    row = await work.db.fetchrow(
        "select n.* from notes n where n.id = $1 and n.state = 'live'"
        " and not exists (select from apart where member = $2 and other = n.author) for no key update",
        note,
        work.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def seen(work: Work, note: str) -> asyncpg.Record:
    """A live note that the actor can see, not locked."""
    row = await work.db.fetchrow(
        "select n.id, n.title, n.author from notes n where n.id = $1 and n.state = 'live'"
        " and not exists (select from apart where member = $2 and other = n.author)",
        note,
        work.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def insert(work: Work, note: str, facts: Facts, state: NoteState, from_note: str | None) -> None:
    """Write a new note of the actor with its pictures."""
    await work.db.execute(
        "insert into notes (id, author, kind, state, title, body, segments, circle, cell, place_label, guest_stalls,"
        " from_note, wanted, created_at, changed_at, published_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)",
        note,
        work.actor.me,
        facts.kind,
        state,
        facts.title,
        facts.body,
        facts.segments,
        facts.circle,
        facts.cell,
        facts.place_label,
        facts.guest_stalls,
        from_note,
        facts.wanted,
        work.now,
        work.now if state == "live" else None,
    )
    await _write_media(work, note, facts.media)


async def write_facts(work: Work, note: str, facts: Facts) -> int:
    """Write edited facts over the locked row; returns the new version."""
    version: int = await work.db.fetchval(
        "update notes set kind = $2, title = $3, body = $4, segments = $5, circle = $6, cell = $7, place_label = $8,"
        " guest_stalls = $9, changed_at = $10, wanted = $11, version = version + 1 where id = $1 returning version",
        note,
        facts.kind,
        facts.title,
        facts.body,
        facts.segments,
        facts.circle,
        facts.cell,
        facts.place_label,
        facts.guest_stalls,
        work.now,
        facts.wanted,
    )
    await work.db.execute("delete from note_media where note = $1", note)
    await _write_media(work, note, facts.media)
    return version


async def _write_media(work: Work, note: str, media: Sequence[str]) -> None:
    await work.db.execute(
        "insert into note_media (note, place, media)"
        " select $1, place - 1, media from unnest($2::text[]) with ordinality as given (media, place)",
        note,
        list(media),
    )


async def media_of(work: Work, note: str) -> tuple[str, ...]:
    """The note's pictures and video in order."""
    rows = await work.db.fetch("select media from note_media where note = $1 order by place", note)
    return tuple(row["media"] for row in rows)


async def move(work: Work, row: asyncpg.Record, verb: str, who: str, reason: str = "") -> NoteState:
    """Move a locked note by the machine; the only function that writes its `state`. Refuses `move_not_open`."""
    to: NoteState = rules.NOTE.decide(row["state"], verb, who).to  # type: ignore[assignment]
    version = await work.db.fetchval(
        "update notes set state = $3, version = version + 1, changed_at = $4,"
        " published_at = case when $3 = 'live' then coalesce(published_at, $4) else published_at end"
        " where id = $1 and state = $2 returning version",
        row["id"],
        row["state"],
        to,
        work.now,
    )
    assert version is not None, "a locked note changed its state"
    await log_move(work, row["id"], "", version, verb, row["state"], to, who, reason)
    await _count_topics(work, row["id"], (to == "live") - (row["state"] == "live"))
    if verb != "publish":
        work.tell(NoteMoved(row["id"], row["author"], verb, row["state"], to, who, reason))
    return to


async def log_move(
    work: Work,
    note: str,
    comment: str,
    version: int,
    verb: str,
    before: str,
    after: str,
    role: str,
    reason: str,
) -> None:
    """One line of history for a note (`comment` is "") or a comment."""
    await work.db.execute(
        "insert into note_moves (note, comment, version, verb, from_state, to_state, role, actor, reason, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        note,
        comment,
        version,
        verb,
        before,
        after,
        role,
        work.actor.member,
        reason,
        work.now,
    )


async def moved_at(work: Work, note: str) -> asyncpg.Record:
    """The note's last move: where it came from and when."""
    row = await work.db.fetchrow(
        "select from_state, at from note_moves where note = $1 and comment = '' order by version desc limit 1", note
    )
    assert row is not None, "a moved note has a history"
    return row


async def _count_topics(work: Work, note: str, change: int) -> None:
    """A note came into sight or left it: its topics count one more or less. Rows are taken in order of their names."""
    if change:
        await work.db.execute(
            "with held as (select name from topics where name in (select topic from note_topics where note = $1)"
            " order by name for update)"
            " update topics set notes = notes + $2 from held where topics.name = held.name",
            note,
            change,
        )


async def write_topics(work: Work, note: str, topics: Mapping[str, str], counts: bool) -> None:
    """Replace a note's topics; `counts` is whether the note is in sight."""
    names = sorted(topics)
    await _count_topics(work, note, -1 if counts else 0)
    await work.db.execute("delete from note_topics where note = $1", note)
    if names:
        await work.db.execute(
            "insert into topics (name, shown) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
            names,
            [topics[name] for name in names],
        )
        await work.db.execute(
            "insert into note_topics (note, topic, at) select $1, topic, coalesce(n.published_at, n.created_at)"
            " from unnest($2::text[]) as given (topic), notes n where n.id = $1",
            note,
            names,
        )
        await work.db.execute(
            "insert into note_topics (note, topic, at) select n.id, g.topic, coalesce(n.published_at, n.created_at)"
            " from topic_gathers g, notes n where n.id = $1 and g.tags <@ $2::text[] on conflict do nothing",
            note,
            names,
        )
    await _count_topics(work, note, 1 if counts else 0)


async def gather(work: Work, topic: str, shown: str, tags: Sequence[str]) -> None:
    """Put a topic over others, with the notes that carry all of them, and count it anew."""
    await work.db.execute("insert into topics (name, shown) values ($1, $2) on conflict do nothing", topic, shown)
    await work.db.execute(
        "insert into topic_gathers (topic, tags, made_at) values ($1, $2, $3) on conflict do nothing",
        topic,
        tags,
        work.now,
    )
    await work.db.execute(
        "insert into note_topics (note, topic, at) select note, $1, max(at) from note_topics"
        " where topic = any($2::text[]) group by note having count(*) = cardinality($2::text[]) on conflict do nothing",
        topic,
        tags,
    )
    await work.db.execute(
        "update topics set notes = (select count(*) from note_topics t join notes n on n.id = t.note"
        " and n.state = 'live' where t.topic = $1) where name = $1",
        topic,
    )


async def redate_topics(work: Work, note: str) -> None:
    """A draft was published: under its topics it stands at that moment."""
    await work.db.execute("update note_topics set at = $2 where note = $1", note, work.now)


async def write_mentions(work: Work, note: str, comment: str, members: Sequence[str]) -> list[str]:
    """Remember who is mentioned; returns those who were not before."""
    rows = await work.db.fetch(
        "insert into note_mentions (note, comment, member) select $1, $2, member from unnest($3::text[]) as m (member)"
        " on conflict do nothing returning member",
        note,
        comment,
        list(members),
    )
    return [row["member"] for row in rows]


async def members_named(work: Work, handles: Sequence[str]) -> dict[str, str]:
    """Handle → member, for those who exist and are not blocked either way with the actor."""
    if not handles:
        return {}
    rows = await work.db.fetch(
        "select h.handle, h.member from handles h join members m on m.id = h.member and m.scrubbed_at is null"
        " where h.handle = any($1) and not exists (select from apart where member = $2 and other = h.member)",
        list(handles),
        work.actor.me,
    )
    return {row["handle"]: row["member"] for row in rows}


async def count_board(work: Work, note: str, owner: str) -> tuple[int, int, int]:
    """How many things stand on the board: the note's own, guests', and this owner's among the guests'."""
    row = await work.db.fetchrow(
        "select count(*) filter (where b.owner = n.author) as own,"
        " count(*) filter (where b.owner <> n.author) as guests,"
        " count(*) filter (where b.owner = $2 and b.owner <> n.author) as mine"
        " from notes n left join note_items b on b.note = n.id where n.id = $1",
        note,
        owner,
    )
    assert row is not None
    return row["own"], row["guests"], row["mine"]


async def add_to_board(
    work: Work, note: str, things: Iterable[str], comment: str | None, owner: str, way: Way, state: StallState
) -> bool:
    """Put things on the board in their order; False when one of them stands there already."""
    ids = list(things)
    done = await work.db.fetch(
        "insert into note_items (note, item, comment, owner, way, state, place, added_at)"
        " select $1, given.item, $3, $4, $5, $6, $7::integer + given.place, $8"
        " from unnest($2::text[]) with ordinality as given (item, place)"
        " on conflict do nothing returning item",
        note,
        ids,
        comment,
        owner,
        way,
        state,
        await work.db.fetchval("select coalesce(max(place), 0) from note_items where note = $1", note),
        work.now,
    )
    return len(done) == len(ids)


async def drop_from_board(work: Work, note: str, things: Sequence[str]) -> list[str]:
    """Take the note's own things off its board; returns which were there."""
    rows = await work.db.fetch(
        "delete from note_items where note = $1 and item = any($2) and way = 'note' returning item", note, list(things)
    )
    return [row["item"] for row in rows]


async def own_things(work: Work, note: str) -> list[str]:
    """The things a note carries itself, in order."""
    rows = await work.db.fetch("select item from note_items where note = $1 and way = 'note' order by place", note)
    return [row["item"] for row in rows]


async def attach(work: Work, note: str | None, things: Sequence[str]) -> None:
    """Let the things know the note that carries them, or that none does any more."""
    if things:
        await items.attach_to_note(work, things, note)


async def wish_of(work: Look, note: str) -> str | None:
    """The wanted post that a note shows, if any."""
    wanted: str | None = await work.db.fetchval("select id from wanted_posts where note = $1 order by id limit 1", note)
    return wanted


async def published_since(work: Look, member: str, hours: int) -> int:
    """How many notes this member published in the last hours."""
    count: int = await work.db.fetchval(
        "select count(*) from notes where author = $1 and created_at > $2 and published_at is not null",
        member,
        work.now - timedelta(hours=hours),
    )
    return count


async def posted_in(work: Look, circle: str, selling: Collection[str], days: int, but: str) -> tuple[int, int]:
    """How many notes the actor shows in a circle since some days, and how many of them sell; `but` is not counted."""
    row = await work.db.fetchrow(
        "select count(*) as posted, count(*) filter (where kind = any($3)) as selling from notes"
        " where author = $1 and circle = $2 and state = 'live' and published_at > $4 and id <> $5",
        work.actor.me,
        circle,
        list(selling),
        work.now - timedelta(days=days),
        but,
    )
    assert row is not None, "a count has a row"
    return row["posted"], row["selling"]


async def drafts_of(work: Look, member: str) -> int:
    """How many drafts this member keeps."""
    count: int = await work.db.fetchval("select count(*) from notes where author = $1 and state = 'draft'", member)
    return count
