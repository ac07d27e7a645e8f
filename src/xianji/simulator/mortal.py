"""A database whose process may die between any two statements or commits, and whose tasks may be made to take turns.

Dying is `Killed`, which nothing but the simulator catches: the transaction under way is undone, what was committed
stays, exactly as when a process is shot. Taking turns makes a race repeatable: of two tasks each runs one statement at
a time in an order that the seed decides, and one that waits for the other's lock lets the other go on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from random import Random
from typing import Any

import asyncpg

from xianji.kernel.clock import Clock
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.kernel.work import Actor, Look, Work

_LOOK_FOR_LOCKS_SECONDS = 0.03
_WATCHED = frozenset({"fetch", "fetchrow", "fetchval", "execute", "executemany"})
_task: ContextVar[str | None] = ContextVar("simulator_task", default=None)


class Killed(BaseException):
    """The process died here."""


class Fuse:
    """How many more statements and commits this process lives; None is for ever."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        """One more; dies when it was the last."""
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            raise Killed


class MortalDatabase(Database):
    """`Database` whose every statement and commit burns the fuse and waits for its turn."""

    def __init__(self, dsn: str, keys: Keys, clock: Clock, seed: int) -> None:
        super().__init__(dsn, keys, clock, seed)
        self.fuse = Fuse()
        self.turns: Turns | None = None

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[Look]:
        """As the house's, but mortal."""
        async with super().look(actor) as look:
            look.db = _Watched(look.db, self)  # type: ignore[assignment]
            yield look

    @asynccontextmanager
    async def work(self, actor: Actor) -> AsyncIterator[Work]:
        """As the house's, but mortal, also just after the commit."""
        async with super().work(actor) as work:
            work.db = _Watched(work.db, self)  # type: ignore[assignment]
            yield work
        self.fuse.burn()


class _Watched:
    """A connection that asks before every statement."""

    def __init__(self, connection: Any, database: MortalDatabase) -> None:
        self._connection = connection
        self._database = database

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return self._asking(found) if name in _WATCHED else found

    def _asking(self, do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def ask(*arguments: Any, **options: Any) -> Any:
            self._database.fuse.burn()
            turns, task = self._database.turns, _task.get()
            if turns is not None and task is not None:
                await turns.take(task, self._connection.get_server_pid())
            return await do(*arguments, **options)

        return ask


class Turns:
    """Of several tasks, one statement at a time in an order drawn from `random`."""

    def __init__(self, dsn: str, random: Random) -> None:
        self._dsn = dsn
        self._random = random
        self._waiting: dict[str, asyncio.Event] = {}
        self._pids: dict[str, int] = {}
        self._came = asyncio.Event()

    async def take(self, task: str, pid: int) -> None:
        """Wait until it is this task's turn."""
        self._pids[task] = pid
        mine = self._waiting[task] = asyncio.Event()
        self._came.set()
        await mine.wait()

    async def run(self, tasks: dict[str, Awaitable[object]]) -> dict[str, object]:
        """Run the tasks to their ends; what each returned or raised, by name."""
        server = await asyncpg.connect(self._dsn)
        running = {name: asyncio.create_task(self._named(name, do)) for name, do in tasks.items()}
        try:
            away: set[str] = set(running)
            while any(not task.done() for task in running.values()):
                await self._until_still(server, running, away)
                if self._waiting:
                    name = self._random.choice(sorted(self._waiting))
                    away.add(name)
                    self._waiting.pop(name).set()
        finally:
            await server.close()
        ended = await asyncio.gather(*running.values(), return_exceptions=True)
        return dict(zip(running, ended, strict=True))

    async def _named(self, name: str, do: Awaitable[object]) -> object:
        _task.set(name)
        try:
            return await do
        finally:
            self._came.set()

    async def _until_still(
        self, server: "asyncpg.Connection[Any]", running: dict[str, "asyncio.Task[object]"], away: set[str]
    ) -> None:
        """Return when every task that was let go waits for its turn again, has ended, or waits for a lock."""
        while True:
            self._came.clear()
            moving = [name for name in away if name not in self._waiting and not running[name].done()]
            if not moving:
                return
            try:
                await asyncio.wait_for(self._came.wait(), _LOOK_FOR_LOCKS_SECONDS)
            except TimeoutError:
                if await self._all_blocked(server, moving):
                    return

    async def _all_blocked(self, server: "asyncpg.Connection[Any]", moving: list[str]) -> bool:
        pids = [self._pids[name] for name in moving if name in self._pids]
        blocked: int = await server.fetchval(
            "select count(*) from unnest($1::integer[]) as p (pid) where cardinality(pg_blocking_pids(p.pid)) > 0", pids
        )
        return bool(pids) and blocked == len(moving) and bool(self._waiting)
