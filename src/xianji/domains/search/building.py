"""Building the index anew: helpers in processes of their own read rows and the words in them, one process writes.

A helper is asked for some documents through a pipe and answers with them. It ends with its pipe, so with whoever asks,
however that ends; what it had not answered is simply not in the generation, which serves only once it is whole.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection

import msgspec

from xianji.kernel import outbox
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import LOST, Database
from xianji.kernel.work import SYSTEM, Look

from . import documents
from .index import Doc, Folder, Mark, Writer, version

_PIECE = 1000
_WORTH_A_HELPER = 5000  # documents; a helper is as long in starting as in reading so many
_NICENESS = 5  # who serves goes first

Progress = Callable[[int, int], None]
Read = Callable[[str, list[str]], Awaitable[list[Doc]]]
_PIECE_OF = msgspec.msgpack.Decoder(list[Doc])


async def build(
    database: Database, folder: Folder, progress: Progress | None = None, helpers: int | None = None
) -> int:
    """A new generation from every row there is, which serves once it is whole. Returns how many documents it has.

    `helpers` processes read for it; by default as many as there are cores, none for what they would start too late for.
    What happens meanwhile stands behind the cursor taken before, and is read by whoever follows. Raises `IndexBusy`.
    """
    with folder.lock("build"):
        async with database.look(SYSTEM) as look:
            mark = await _mark_of_now(look)
            total = await _count(look)
        generation = folder.fresh()
        filling = _Filling(database, Writer(generation), total, progress)
        count = min(os.cpu_count() or 1, total // _WORTH_A_HELPER) if helpers is None else helpers
        with _helpers(database.dsn, count) as started:
            readers = [helper.read for helper in started] or [partial(_read, database)]
            await asyncio.gather(*map(filling.fill, readers))
        await asyncio.to_thread(filling.writer.commit, mark)
        await asyncio.to_thread(filling.writer.close)
        folder.switch(generation)
        return filling.done


class _Filling:
    """A generation that is being written: whoever reads for it takes the next ids, and writes when it is its turn."""

    def __init__(self, database: Database, writer: Writer, total: int, progress: Progress | None) -> None:
        self.writer = writer
        self.done = 0
        self._total = total
        self._progress = progress
        self._pieces = _pieces(database)
        self._asking, self._writing = asyncio.Lock(), asyncio.Lock()

    async def fill(self, read: Read) -> None:
        while True:
            async with self._asking:
                piece = await anext(self._pieces, None)
            if piece is None:
                return
            docs = await read(*piece)
            async with self._writing:
                await asyncio.to_thread(_add, self.writer, docs)
            self.done += len(docs)
            if self._progress is not None:
                self._progress(self.done, self._total)


async def _read(database: Database, kind: str, ids: list[str]) -> list[Doc]:
    async with database.look(SYSTEM) as look:
        return await documents.OF[kind](look, ids)


def _add(writer: Writer, docs: Iterable[Doc]) -> None:
    for doc in docs:
        writer.add(doc)


async def _pieces(database: Database) -> AsyncIterator[tuple[str, list[str]]]:
    for kind in documents.OF:
        after = ""
        while True:
            async with database.look(SYSTEM) as look:
                piece = await _next(look, kind, after)
            if not piece:
                break
            after = piece[-1]
            yield kind, piece


@contextmanager
def _helpers(dsn: str, count: int) -> Iterator[list["_Helper"]]:
    helpers = [_Helper(dsn) for _ in range(count)]
    try:
        yield helpers
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """A process that reads documents."""

    def __init__(self, dsn: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_help, args=(theirs, dsn), daemon=True)
        self._process.start()
        theirs.close()

    async def read(self, kind: str, ids: list[str]) -> list[Doc]:
        """Raises `ConnectionError` when the helper lost its database, as the database itself does."""
        return await asyncio.to_thread(self._ask, kind, ids)

    def _ask(self, kind: str, ids: list[str]) -> list[Doc]:
        try:
            self._pipe.send((kind, ids))
            return _PIECE_OF.decode(self._pipe.recv_bytes())
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join()
            if self._process.exitcode:
                raise RuntimeError(f"a helper of the index build ended with {self._process.exitcode}") from None
            raise ConnectionError("a helper of the index build lost its database") from None

    def end(self) -> None:
        """End the process; whoever waits for its answer hears of it."""
        self._process.terminate()
        self._process.join()
        self._pipe.close()


def _help(pipe: Connection, dsn: str) -> None:
    """The helper's process. What is read here is never sealed, so its keys open nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the pipe says when to end
    os.nice(_NICENESS)
    asyncio.run(_answer(pipe, Database(dsn, Keys(Ring.new()))))


async def _answer(pipe: Connection, database: Database) -> None:
    try:
        await database.open(readers=1, writers=1)
        while True:
            kind, ids = pipe.recv()
            pipe.send_bytes(msgspec.msgpack.encode(await _read(database, kind, ids)))
    except (*LOST, EOFError):
        return  # nobody asks any more, or nothing can be answered: both sides know


async def _count(look: Look) -> int:
    total: int = await look.db.fetchval(
        "select (select count(*) from items where state = 'live') + (select count(*) from members)"
        " + (select count(*) from notes where state = 'live') + (select count(*) from circles)"
        " + (select count(*) from topics where notes > 0)"
    )
    return total


async def _mark_of_now(look: Look) -> Mark:
    cursor, event = await outbox.newest(look)
    return Mark(*cursor, event, version())


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
