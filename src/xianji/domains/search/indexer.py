"""Keeping the index true: follow the outbox, or build everything anew.

An event only says which ids to look at. Their rows as they are now replace what the index holds, so it does not matter
in which order events come, how often, or how late.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context

import structlog

from xianji.kernel import ids, outbox
from xianji.kernel.db import LOST, Database
from xianji.kernel.outbox import Told
from xianji.kernel.work import SYSTEM, Look

from . import documents
from .index import Doc, Folder, IndexBusy, Mark, Reader, Writer, mark_of, print_of, said_of, version

_AT_ONCE = 1000
_PAUSE_SECONDS = 0.15  # between commits: what happens meanwhile is committed together
_RETRY_SECONDS = 2.0
_PIECE = 2000
_AHEAD = 4  # pieces that are read while one is written
_MANY = 50_000  # documents from which on other processes are worth their start
_STEPS_UNWRITTEN = 20

Progress = Callable[[int, int], None]


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


async def build(database: Database, folder: Folder, progress: Progress | None = None) -> int:
    """A new generation from every row there is, which serves once it is whole. Returns how many documents it has.

    What happens meanwhile stands behind the cursor taken before, and is read by whoever follows. Raises `IndexBusy`.
    """
    with folder.lock("build"):
        async with database.look(SYSTEM) as look:
            mark = await _mark_of_now(look)
            total = await look.db.fetchval(
                "select (select count(*) from items where state = 'live') + (select count(*) from members)"
                " + (select count(*) from notes where state = 'live') + (select count(*) from circles)"
                " + (select count(*) from topics where notes > 0)"
            )
        generation = folder.fresh()
        writer = Writer(generation)
        done = 0
        with _analysts(total) as analysts:
            async for docs in _read_all(database, analysts):
                await asyncio.to_thread(_add, writer, docs)
                done += len(docs)
                if progress is not None:
                    progress(done, total)
        await asyncio.to_thread(writer.commit, mark)
        await asyncio.to_thread(writer.close)
        folder.switch(generation)
        return done


def _analysts(total: int) -> Executor:
    """Who makes documents of rows, which is most of the work: this process where starting others would take longer."""
    if total < _MANY:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn"))


async def _read_all(database: Database, analysts: Executor) -> AsyncIterator[list[Doc]]:
    """Every row there is as a document, some thousand at a time."""
    loop = asyncio.get_running_loop()
    made: deque[asyncio.Future[list[Doc]]] = deque()
    for kind in documents.KINDS:
        after = ""
        while True:
            async with database.look(SYSTEM) as look:
                piece = await _next(look, kind, after)
                rows = await documents.rows_of(look, kind, piece)
            if not piece:
                break
            after = piece[-1]
            made.append(loop.run_in_executor(analysts, documents.made, kind, rows))
            if len(made) > _AHEAD:
                yield await made.popleft()
    while made:
        yield await made.popleft()


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


async def _mark_of_now(look: Look) -> Mark:
    cursor, event = await outbox.newest(look)
    return Mark(*cursor, event, version())


async def _changes(look: Look, events: Iterable[Told], writer: Writer) -> tuple[list[Doc], list[str]]:
    """The documents that differ from the index, and the ids of those that are no more."""
    searcher = writer.searcher()
    touched = _named(events)
    await _widen(look, touched)
    docs: list[Doc] = await documents.of(look, "member", list(touched.members))
    known = said_of(searcher, touched.members)
    moved = [doc.id for doc in docs if doc.id in known and known[doc.id].kept != doc.kept]
    await _add_belongings(look, touched, moved)
    notes = await documents.of(look, "note", list(touched.notes))
    before = said_of(searcher, touched.notes)
    named = [one.kept for one in before.values()] + [note.kept for note in notes]
    touched.topics = {f"#{topic}" for kept in named for topic in kept}
    docs += notes
    docs += await documents.of(look, "item", list(touched.items))
    docs += await documents.of(look, "circle", list(touched.circles))
    docs += await documents.of(look, "topic", list(touched.topics))
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


async def _next(look: Look, kind: str, after: str) -> list[str]:
    """The next ids of a kind, in order."""
    match kind:
        case "item":
            rows = await look.db.fetch(
                "select id from items where id > $1 and state = 'live' order by id limit $2", after, _PIECE
            )
        case "note":
            rows = await look.db.fetch(
                "select id from notes where id > $1 and state = 'live' order by id limit $2", after, _PIECE
            )
        case "member":
            rows = await look.db.fetch("select id from members where id > $1 order by id limit $2", after, _PIECE)
        case "circle":
            rows = await look.db.fetch("select id from circles where id > $1 order by id limit $2", after, _PIECE)
        case _:
            rows = await look.db.fetch(
                "select name as id from topics where name > $1 and notes > 0 order by name limit $2", after, _PIECE
            )
    return [row["id"] for row in rows]


def _add(writer: Writer, docs: Iterable[Doc]) -> None:
    for doc in docs:
        writer.add(doc)


def _write(writer: Writer, changed: Iterable[Doc], gone: Iterable[str], mark: Mark) -> None:
    writer.put(changed)
    writer.drop(gone)
    writer.commit(mark)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
