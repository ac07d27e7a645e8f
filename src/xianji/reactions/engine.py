"""Delivers events to reactions: in order, at least once, each remembered as done in the work that did it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from xianji.kernel import outbox, trace
from xianji.kernel.config import Key
from xianji.kernel.db import Database
from xianji.kernel.outbox import Told
from xianji.kernel.work import SYSTEM, Event, Work

TRIES = Key("kernel.reaction_tries", 5, "how often a reaction may fail on one event before the event is parked")

_CONSUMER = "reactions"


@dataclass(frozen=True, slots=True)
class Reaction:
    """When `event` has happened, call `verb(work, event)` in a work of its own, as the system."""

    event: type[Event]
    name: str
    verb: Callable[[Work, Any], Awaitable[object]]


class Engine:
    """Reads the outbox from the stored cursor and runs what the table says."""

    def __init__(self, database: Database, table: Sequence[Reaction]) -> None:
        self._database = database
        self._by_kind: dict[str, list[Reaction]] = {}
        for reaction in table:
            self._by_kind.setdefault(outbox.kind_of(reaction.event), []).append(reaction)
        self._failures: dict[tuple[str, str], int] = {}

    async def drain(self, limit: int = 200) -> int:
        """Handle the next events; returns how many were read. A failing reaction stops the line behind it."""
        async with self._database.look(SYSTEM) as look:
            told = await outbox.read(look, await outbox.cursor_of(look, _CONSUMER), limit)
        done = None
        for event in told:
            if not await self._handle(event):
                break
            done = event
        if done is not None:
            async with self._database.work(SYSTEM) as work:
                await outbox.advance(work, _CONSUMER, done.cursor)
        return len(told)

    async def _handle(self, told: Told) -> bool:
        for reaction in self._by_kind.get(told.kind, ()):
            try:
                with trace.span("reaction", reaction=reaction.name, event=told.kind, id=told.id):
                    await self._react(told, reaction)
            except Exception as error:  # whatever went wrong, the event must not be lost
                if not await self._failed(told, reaction, error):
                    return False
        return True

    async def _react(self, told: Told, reaction: Reaction) -> None:
        async with self._database.work(SYSTEM) as work:
            if await outbox.first_time(work, told.id, reaction.name):
                await reaction.verb(work, msgspec.json.decode(told.body, type=reaction.event))

    async def _failed(self, told: Told, reaction: Reaction, error: Exception) -> bool:
        """Count a failure; after enough of them park the event and let the line go on."""
        structlog.get_logger().error("reaction_failed", reaction=reaction.name, told=told.id, exc_info=error)
        place = (told.id, reaction.name)
        self._failures[place] = self._failures.get(place, 0) + 1
        async with self._database.work(SYSTEM) as work:
            if self._failures[place] < work.config.get(TRIES):
                return False
            await outbox.park(work, told, reaction.name, repr(error))
            await outbox.first_time(work, told.id, reaction.name)
        del self._failures[place]
        return True
