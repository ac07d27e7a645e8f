"""Views are gathered in the process and written together: no request waits for its row."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import structlog

from xianji.kernel.config import Key
from xianji.kernel.db import LOST, Database
from xianji.kernel.work import SYSTEM

from .actions import record
from .model import SEEN_A_MINUTE, VISITORS_AN_HOUR, Seen

_PAUSE_SECONDS = 1.0
_MOST_HELD = 20_000  # while the database is away; what is seen above that is not counted


class Recorder:
    """The views of one process that are not written yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[tuple[str, str], Seen] = {}
        self._counted: Counter[tuple[str, int]] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def add(self, views: Iterable[Seen]) -> None:
        """Take views of one or several viewers; they are written within about a second.

        Above `feed.seen_a_minute` of one viewer they are dropped.
        """
        for one in views:
            if len(self._held) >= _MOST_HELD or not self._within(one.viewer, SEEN_A_MINUTE, 60):
                continue
            before = self._held.get((one.viewer, one.subject))
            if before is None or one.opened:
                self._held[one.viewer, one.subject] = one
        if self._held and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_soon())

    def welcomes(self, origin: str) -> bool:
        """Whether one more visitor from this network address may be counted in this hour."""
        return self._within(f"from {origin}", VISITORS_AN_HOUR, 3600)

    def _within(self, whom: str, most: Key[int], seconds: int) -> bool:
        """Count one more of this window; what was counted in the one before is forgotten when there is much of it."""
        now = self._database.clock.now()
        window = int(now.timestamp()) // seconds
        if len(self._counted) > _MOST_HELD:
            self._counted.clear()
        self._counted[whom, window] += 1
        return self._counted[whom, window] <= self._database.book.at(now).get(most)

    async def _write_soon(self) -> None:
        while self._held:
            await asyncio.sleep(_PAUSE_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write what is held; when the database is away it is held on to."""
        views, self._held = self._held, {}
        if not views:
            return
        try:
            async with self._database.work(SYSTEM) as work:
                await record(work, list(views.values()))
        except LOST as lost:
            structlog.get_logger().warning("views_not_written", why=str(lost))
            self._held = views | self._held

    async def close(self) -> None:
        """Write the rest and stop."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.flush()
