"""Keeping the index true: follow the outbox.

An event only says which ids to look at. Their rows as they are now replace what the index holds, so it does not matter
in which order events come, how often, or how late.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from xianji.kernel import ids, outbox
from xianji.kernel.db import LOST, Database
from xianji.kernel.outbox import Told
from xianji.kernel.work import SYSTEM, Look

from . import documents
from .building import build
from .index import Doc, Folder, IndexBusy, Mark, Reader, Writer, mark_of, print_of, said_of, version

_AT_ONCE = 1000
_PAUSE_SECONDS = 0.15  # between commits: what happens meanwhile is committed together
_RETRY_SECONDS = 2.0
_STEPS_UNWRITTEN = 20


@dataclass(slots=True)
class Touched:
    """Ids whose documents may differ now."""

    items: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    circles: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)


class Follower:
    """The indexer of one node: the only writer of the generation that serves."""

    def __init__(self, database: Database, folder: Folder) -> None:
        self._database = database
        self._folder = folder
        self._writer: Writer | None = None
        self._mark = Mark()
        self._serving = folder.current
        self._unwritten = 0  # steps since the mark moved without being written

    async def step(self) -> int:
        """Read some events and make them visible; returns how many. Builds the index first when it is of no use."""
        if self._writer is None or self._folder.current != self._serving:
            await self._open()
        assert self._writer is not None
        async with self._database.look(SYSTEM) as look:
            events = await outbox.read(look, self._mark.cursor, _AT_ONCE)
            changed, gone = await _changes(look, events, self._writer) if events else ([], [])
        last = events[-1] if events else None
        mark = Mark(last.transaction, last.sequence, last.id, version()) if last else self._mark
        # Most events change nothing that is found: how far they were read is written now and then.
        self._unwritten += bool(events or self._unwritten)
        if changed or gone or self._unwritten > _STEPS_UNWRITTEN:
            await asyncio.to_thread(_write, self._writer, changed, gone, mark)
            self._unwritten = 0
        self._mark = mark
        return len(events)

    def close(self) -> None:
        """Give the index back."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _open(self) -> None:
        self.close()
        if not await _is_usable(self._database, self._folder):
            await build(self._database, self._folder)
        serving = self._folder.current
        assert serving is not None, "what is usable is there"
        with suppress(IndexBusy), self._folder.lock("build"):
            self._folder.tidy()
        self._writer = Writer(serving)
        self._serving, self._mark = serving, mark_of(self._writer.searcher())


async def follow(database: Database, folder: Folder, stopping: asyncio.Event) -> None:
    """Keep this node's index true until `stopping` is set; returns at once while another process of the node does."""
    with suppress(IndexBusy), folder.lock("follow"):
        await _follow(Follower(database, folder), stopping)


async def _follow(follower: Follower, stopping: asyncio.Event) -> None:
    try:
        while not stopping.is_set():
            seconds = _PAUSE_SECONDS
            try:
                if await follower.step() == _AT_ONCE:
                    seconds = 0.0
            except LOST as lost:
                structlog.get_logger().warning("search_lost_database", why=str(lost))
                seconds = _RETRY_SECONDS
            await _pause(stopping, seconds)
    finally:
        follower.close()


async def behind(look: Look, reader: Reader) -> int:
    """How many events of the outbox the index that serves has not read, or not yet written that it has."""
    cursor = (reader.mark() or Mark()).cursor
    count: int = await look.db.fetchval("select count(*) from outbox where (transaction, sequence) > ($1, $2)", *cursor)
    return count


async def state_of(database: Database, folder: Folder) -> tuple[int, int] | None:
    """How many documents the index has and how many events it is behind; None when it is missing or of no use."""
    reader = Reader(folder)
    searcher = reader.searcher()
    if searcher is None or not await _is_usable(database, folder):
        return None
    async with database.look(SYSTEM) as look:
        return searcher.num_docs - 1, await behind(look, reader)


async def _is_usable(database: Database, folder: Folder) -> bool:
    """Whether the index was built as we would now, and the outbox still holds everything behind its cursor."""
    mark = Reader(folder).mark()
    if mark is None or mark.version != version():
        return False
    async with database.look(SYSTEM) as look:
        if not mark.event:
            return bool(await look.db.fetchval("select coalesce(min(sequence), 1) = 1 from outbox"))
        found = await look.db.fetchval(
            "select id from outbox where transaction = $1 and sequence = $2", mark.transaction, mark.sequence
        )
        return bool(found == mark.event)


async def _changes(look: Look, events: Iterable[Told], writer: Writer) -> tuple[list[Doc], list[str]]:
    """The documents that differ from the index, and the ids of those that are no more."""
    searcher = writer.searcher()
    touched = _named(events)
    await _widen(look, touched)
    docs: list[Doc] = await documents.of_members(look, list(touched.members))
    known = said_of(searcher, touched.members)
    moved = [doc.id for doc in docs if doc.id in known and known[doc.id].kept != doc.kept]
    await _add_belongings(look, touched, moved)
    notes = await documents.of_notes(look, list(touched.notes))
    before = said_of(searcher, touched.notes)
    named = [one.kept for one in before.values()] + [note.kept for note in notes]
    touched.topics = {f"#{topic}" for kept in named for topic in kept}
    docs += notes
    docs += await documents.of_items(look, list(touched.items))
    docs += await documents.of_circles(look, list(touched.circles))
    docs += await documents.of_topics(look, list(touched.topics))
    everything = touched.items | touched.notes | touched.members | touched.circles | touched.topics
    held = said_of(searcher, everything)
    changed = [doc for doc in docs if doc.id not in held or held[doc.id].print != print_of(doc)]
    return changed, list(held.keys() - {doc.id for doc in docs})


def _named(events: Iterable[Told]) -> Touched:
    found = {id for event in events for id in ids.named_in(event.body)}
    return Touched(*({id for id in found if ids.is_id(prefix, id)} for prefix in ("itm", "nte", "mbr", "cir")))


async def _widen(look: Look, touched: Touched) -> None:
    """A note shows the names of its things, and a thing stands in the circle of its note."""
    rows = await look.db.fetch(
        "select note, null as item from note_items where item = any($1::text[])"
        " union select null, id from items where note = any($2::text[])",
        list(touched.items),
        list(touched.notes),
    )
    touched.notes |= {row["note"] for row in rows if row["note"]}
    touched.items |= {row["item"] for row in rows if row["item"]}


async def _add_belongings(look: Look, touched: Touched, members: list[str]) -> None:
    if not members:
        return
    rows = await look.db.fetch(
        "select id from items where seller = any($1::text[]) and state = 'live'"
        " union all select id from notes where author = any($1::text[]) and state = 'live'",
        members,
    )
    for row in rows:
        (touched.items if row["id"].startswith("itm") else touched.notes).add(row["id"])


def _write(writer: Writer, changed: Iterable[Doc], gone: Iterable[str], mark: Mark) -> None:
    writer.put(changed)
    writer.drop(gone)
    writer.commit(mark)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
