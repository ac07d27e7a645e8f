"""What the database has answered, kept until somebody writes about it.

An answer is valid as long as no id it names was touched (`kernel.touched`), nor its viewer, nor a list it was taken
from. Every request first hears what was touched, in a reading that begins after the request came, so it is told
nothing older than itself: what was committed before it came counts, on whichever process it was written. Those who
come at the same moment hear it together, which is what makes this cheaper than asking again.
"""

import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from xianji.kernel import ids, touched
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, Actor

from .together import Together

T = TypeVar("T")

_MOST_BYTES = 24 * 1024 * 1024  # of packed answers, for one process; as structs they take some times that
_LONGEST = timedelta(minutes=10)
_NEVER = 2**62
_pack = msgspec.msgpack.Encoder().encode
_pack_asked = msgspec.msgpack.Encoder(enc_hook=lambda _: None).encode  # an index that is asked names no ids


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Something to be read: `read(look, *what)`.

    `lists` names what else may be touched than ids: "notes", "items". `until` says of an answer how long the clock
    alone leaves it true; a moment that has passed means that it is not kept.
    """

    read: Callable[..., Awaitable[T]]
    lists: tuple[str, ...] = ()
    until: Callable[[T], datetime] | None = None


class Told(Generic[T]):
    """An answer: what was said, the same packed, and as JSON (plain, zipped) when somebody wants it so."""

    def __init__(self, said: T, until: datetime) -> None:
        self.said = said
        self.until = until
        self.packed = _pack(said)

    @cached_property
    def json(self) -> bytes:
        return msgspec.json.encode(self.said)

    @cached_property
    def zipped(self) -> bytes:
        return zlib.compress(self.json, wbits=zlib.MAX_WBITS | 16)


NOTHING: Told[None] = Told(None, datetime.max.replace(tzinfo=UTC))


class Known:
    """The answers of a process, the longest unused forgotten first when they take too much room."""

    def __init__(self, database: Database, most_bytes: int = _MOST_BYTES) -> None:
        self._database = database
        self._together = Together()
        self._told: OrderedDict[Hashable, tuple[Told[Any], set[str]]] = OrderedDict()
        self._naming: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._bytes, self._most_bytes = 0, most_bytes
        self._changes = 0  # how often something was touched, or everything forgotten
        self._begin = _NEVER
        self._server: datetime | None = None
        self._heard: frozenset[int] = frozenset()

    async def catch_up(self) -> None:
        """Hear what was touched before now. Everything asked afterwards is as true as if it was read afterwards."""
        await self._together.ask("touched", self._hear)

    def touch(self, id: str) -> None:
        """Forget what names this id or comes from the list of this name; what is being read now is not kept."""
        self._changes += 1
        for key in list(self._naming.get(id, ())):
            self._forget(key)

    async def ask(self, question: Question[T], actor: Actor, *what: Hashable) -> Told[T]:
        """The answer for this viewer as of the last `catch_up`, or newer."""
        now = self._database.clock.now()
        viewer = (actor.member, actor.roles, actor.restrictions)
        key = (question.read, viewer, what, self._database.book.at(now))
        kept = self._told.get(key)
        if kept is not None and now < kept[0].until:
            self._told.move_to_end(key)
            return kept[0]
        return await self._together.ask(key, lambda: self._read(key, question, actor, what))

    async def _read(self, key: Hashable, question: Question[T], actor: Actor, what: tuple[Hashable, ...]) -> Told[T]:
        changes = self._changes
        async with self._database.look(actor) as look:
            said = await question.read(look, *what)
        until = look.now + _LONGEST if question.until is None else min(look.now + _LONGEST, question.until(said))
        told = Told(said, until)
        # What was touched while this was read may have been heard already, and would not be heard again.
        if changes == self._changes and look.now < until:
            named = ids.named_in(told.packed + _pack_asked((what, actor.member)))
            self._keep(key, told, named.union(question.lists))
        return told

    async def _hear(self) -> None:
        try:
            async with self._database.look(NOBODY) as look:
                heard = await touched.since(look, self._begin)
        except BaseException:
            self._forget_all()
            raise
        if heard.server != self._server or not heard.oldest <= self._begin <= heard.begin:
            self._forget_all()  # another server, or what we have missed is no longer on record
        for number, id in heard.touches:
            if number not in self._heard:
                self.touch(id)
        self._server, self._begin = heard.server, heard.begin
        self._heard = frozenset(number for number, _ in heard.touches)

    def _keep(self, key: Hashable, told: Told[Any], named: set[str]) -> None:
        if key in self._told:
            self._forget(key)
        self._told[key] = (told, named)
        self._bytes += len(told.packed)
        for id in named:
            self._naming[id].add(key)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._told)))

    def _forget(self, key: Hashable) -> None:
        told, named = self._told.pop(key)
        self._bytes -= len(told.packed)
        for id in named:
            self._naming[id].discard(key)
            if not self._naming[id]:
                del self._naming[id]

    def _forget_all(self) -> None:
        self._changes += 1
        self._told.clear()
        self._naming.clear()
        self._bytes = 0
