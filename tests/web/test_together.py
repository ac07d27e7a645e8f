"""Questions asked at the same moment are asked once, and nobody is told anything older than their question."""

import asyncio

import pytest

from xianji.web.together import Together


class World:
    """A fact that changes, and readings that wait until they are let go and tell what was true when they began."""

    def __init__(self) -> None:
        self.fact = 0
        self.begun: list[asyncio.Event] = []

    async def read(self) -> int:
        found, go = self.fact, asyncio.Event()
        self.begun.append(go)
        await go.wait()
        return found


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_those_who_come_meanwhile_share_a_reading_that_begins_after_them() -> None:
    world, together = World(), Together()
    first = asyncio.create_task(together.ask("feed", world.read))
    await settle()
    world.fact = 1
    later = [asyncio.create_task(together.ask("feed", world.read)) for _ in range(3)]
    await settle()
    world.fact = 2
    assert len(world.begun) == 1
    world.begun[0].set()
    await settle()
    assert len(world.begun) == 2
    latest = asyncio.create_task(together.ask("feed", world.read))
    await settle()
    world.fact = 3
    for go in range(1, 3):
        world.begun[go].set()
        await settle()
    assert [await first, *[await one for one in later], await latest] == [0, 2, 2, 2, 3]
    assert (together._running, together._next) == ({}, {})


async def test_other_questions_wait_for_nobody() -> None:
    world, together = World(), Together()
    asked = [asyncio.create_task(together.ask(name, world.read)) for name in ("a", "b")]
    await settle()
    assert len(world.begun) == 2
    for go in world.begun:
        go.set()
    assert await asyncio.gather(*asked) == [0, 0]


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    world, together = World(), Together()
    first, *others = [asyncio.create_task(together.ask("feed", world.read)) for _ in range(3)]
    await settle()
    first.cancel()
    others[0].cancel()
    await settle()
    world.begun[0].set()
    await settle()
    world.begun[1].set()
    assert await others[1] == 0
    assert (first.cancelled(), others[0].cancelled()) == (True, True)
    await settle()
    assert (together._running, together._next) == ({}, {})


async def test_a_mistake_reaches_its_askers_and_the_next_ones_ask_anew() -> None:
    together = Together()
    told = iter([ValueError("gone"), "there"])

    async def read() -> str:
        await asyncio.sleep(0)
        found = next(told)
        if isinstance(found, ValueError):
            raise found
        return found

    one, two = (asyncio.create_task(together.ask("feed", read)) for _ in range(2))
    with pytest.raises(ValueError, match="gone"):
        await one
    assert await two == "there"
    assert (together._running, together._next) == ({}, {})
