"""Equal questions, asked together.

When a page is busy, several visitors ask the same at the same moment. While one reading is on its way,
those who come meanwhile wait for the next one and share it: it begins after each of them asked, so nobody is told
anything older than their question. A lone visitor waits for no one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Together:
    """Readings under way and those that begin after them, by what is asked."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}
        self._next: dict[Hashable, asyncio.Task[Any]] = {}

    async def ask(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` returns, or what the same reading returned to another one who waited for it to begin.

        One visitor who goes away takes nothing from the others; a mistake or a refusal reaches all who share it.
        """
        if question in self._next:
            task = self._next[question]
        elif question in self._running:
            task = self._next[question] = asyncio.create_task(self._after(question, self._running[question], read))
        else:
            task = self._running[question] = asyncio.create_task(self._now(question, read))
        told: T = await asyncio.shield(task)
        return told

    async def _after(self, question: Hashable, before: asyncio.Task[Any], read: Callable[[], Awaitable[T]]) -> T:
        await asyncio.wait([before])
        self._running[question] = self._next.pop(question)
        return await self._now(question, read)

    async def _now(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        try:
            return await read()
        finally:
            if question not in self._next:
                del self._running[question]
