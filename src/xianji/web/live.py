"""Open pages hear that something they show has changed.

Each process follows the outbox while at least one stream is open and wakes the streams that watch an id named in an
event. A stream carries ids only, never content: the page re-reads what it shows through its own door, so permission
is asked again each time, and a lost wake-up costs a delay, not a fact.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

import structlog

from xianji.kernel import ids, outbox
from xianji.kernel.db import LOST, Database
from xianji.kernel.work import NOBODY

_BUSY_SECONDS = 0.05
_IDLE_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15.0


class Stream:
    """One open page: which ids it watches and which of them changed since it last heard."""

    def __init__(self, watched: Iterable[str]) -> None:
        self.watched = frozenset(watched)
        self.changed: set[str] = set()
        self.wake = asyncio.Event()


class Follower:
    """Follows the outbox for all streams of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: dict[str, set[Stream]] = defaultdict(set)
        self._open = 0
        self._task: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()

    async def listen(self, watched: Iterable[str]) -> AsyncIterator[bytes]:
        """Server-sent events: `changed` with an id, or a comment line as heartbeat, until the process stops."""
        stream = Stream(watched)
        self._add(stream)
        try:
            yield b": open\n\n"
            while not self.stopping.is_set():
                try:
                    await asyncio.wait_for(stream.wake.wait(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                stream.wake.clear()
                changed, stream.changed = stream.changed, set()
                for found in sorted(changed):
                    yield b"event: changed\ndata: " + found.encode() + b"\n\n"
        finally:
            self._remove(stream)

    def stop(self) -> None:
        """End every stream; called when the process is asked to stop, before it waits for open requests."""
        self.stopping.set()
        for streams in self._streams.values():
            for stream in streams:
                stream.wake.set()
        if self._task is not None:
            self._task.cancel()

    def _add(self, stream: Stream) -> None:
        for watched in stream.watched:
            self._streams[watched].add(stream)
        self._open += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())

    def _remove(self, stream: Stream) -> None:
        for watched in stream.watched:
            self._streams[watched].discard(stream)
            if not self._streams[watched]:
                del self._streams[watched]
        self._open -= 1

    async def _follow(self) -> None:
        cursor: outbox.Cursor | None = None
        pause = _IDLE_SECONDS
        while self._open and not self.stopping.is_set():
            try:
                async with self._database.look(NOBODY) as look:
                    cursor = cursor or await outbox.head(look)
                    told = await outbox.read(look, cursor, 500)
            except LOST as lost:
                structlog.get_logger().warning("follower_lost_database", why=str(lost))
                told = []
            for event in told:
                for found in ids.named_in(event.body):
                    for stream in self._streams.get(found, ()):
                        stream.changed.add(found)
                        stream.wake.set()
            cursor = told[-1].cursor if told else cursor
            pause = _BUSY_SECONDS if told else min(_IDLE_SECONDS, pause * 1.5)
            await asyncio.sleep(pause)
