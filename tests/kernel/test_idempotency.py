"""One key, one effect: the cases every idempotent interface must answer, by name."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from xianji.kernel.db import Database
from xianji.kernel.errors import BUSY, NOT_ALLOWED, Refusal
from xianji.kernel.idempotency import KEY_USED_FOR_ANOTHER_REQUEST, Answer, forget_old, once, once_outside
from xianji.kernel.work import SYSTEM, Actor, Work

ALICE = Actor(member="mbr_" + "a" * 26)
BOB = Actor(member="mbr_" + "b" * 26)


def counting(calls: list[str], name: str = "first") -> Callable[[], Awaitable[Answer]]:
    async def do() -> Answer:
        calls.append(name)
        return Answer(201, "/there", name.encode())

    return do


async def ask_outside(
    database: Database, actor: Actor, key: str, body: bytes, do: Callable[[], Awaitable[Answer]]
) -> Answer:
    return await once_outside(database, actor, actor.me, key, body, do)


async def ask(database: Database, actor: Actor, key: str, body: bytes, do: Callable[[], Awaitable[Answer]]) -> Answer:
    async with database.work(actor) as work:
        return await once(work, key, body, do)


async def rows(database: Database) -> int:
    async with database.look(SYSTEM) as look:
        count: int = await look.db.fetchval("select count(*) from idempotency")
        return count


Way = Callable[[Database, Actor, str, bytes, Callable[[], Awaitable[Answer]]], Awaitable[Answer]]
# The same cases for what is one work and for what talks to a provider between two.
WAYS = pytest.mark.parametrize("way", [ask, ask_outside], ids=["inside", "outside"])


@WAYS
async def test_a_first_call_works_and_is_remembered(database: Database, way: Way) -> None:
    calls: list[str] = []
    answer = await way(database, ALICE, "k", b"body", counting(calls))
    assert (answer, calls, await rows(database)) == (Answer(201, "/there", b"first"), ["first"], 1)


@WAYS
async def test_a_repeat_gets_the_stored_answer_and_does_nothing(database: Database, way: Way) -> None:
    calls: list[str] = []
    await way(database, ALICE, "k", b"body", counting(calls))
    again = await way(database, ALICE, "k", b"body", counting(calls, "second"))
    assert (again, calls) == (Answer(201, "/there", b"first"), ["first"])


@WAYS
async def test_the_same_key_with_another_body_is_refused(database: Database, way: Way) -> None:
    calls: list[str] = []
    await way(database, ALICE, "k", b"body", counting(calls))
    with pytest.raises(Refusal) as refused:
        await way(database, ALICE, "k", b"other", counting(calls, "second"))
    assert (refused.value.code, calls, await rows(database)) == (KEY_USED_FOR_ANOTHER_REQUEST, ["first"], 1)


@WAYS
async def test_another_members_equal_key_is_another_key(database: Database, way: Way) -> None:
    calls: list[str] = []
    await way(database, ALICE, "k", b"body", counting(calls, "alice"))
    await way(database, BOB, "k", b"body", counting(calls, "bob"))
    assert (calls, await rows(database)) == (["alice", "bob"], 2)


@WAYS
async def test_another_key_is_another_request(database: Database, way: Way) -> None:
    calls: list[str] = []
    await way(database, ALICE, "k1", b"body", counting(calls, "one"))
    await way(database, ALICE, "k2", b"body", counting(calls, "two"))
    assert calls == ["one", "two"]


@WAYS
async def test_a_twin_in_progress_is_busy_and_does_nothing(database: Database, way: Way) -> None:
    calls: list[str] = []
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Answer:
        inside.set()
        await go_on.wait()
        return Answer(201, "", b"slow")

    first = asyncio.create_task(way(database, ALICE, "k", b"body", slow))
    await inside.wait()
    with pytest.raises(Refusal) as refused:
        await way(database, ALICE, "k", b"body", counting(calls, "twin"))
    go_on.set()
    assert (await first).body == b"slow"
    assert (refused.value.code, calls, await rows(database)) == (BUSY, [], 1)


@WAYS
async def test_a_refused_call_stores_nothing_and_may_be_repeated(database: Database, way: Way) -> None:
    async def refuse() -> Answer:
        raise NOT_ALLOWED()

    with pytest.raises(Refusal):
        await way(database, ALICE, "k", b"body", refuse)
    assert await rows(database) == 0
    calls: list[str] = []
    await way(database, ALICE, "k", b"body", counting(calls))
    assert calls == ["first"]


async def test_a_crash_before_the_commit_leaves_neither_work_nor_answer(database: Database) -> None:
    async def work_and_crash(work: Work) -> Answer:
        await work.db.execute("insert into rate_windows (what, whom, starts, count) values ('x', 'y', now(), 1)")
        return Answer(201, "", b"")

    with pytest.raises(ConnectionError):
        async with database.work(ALICE) as work:
            await once(work, "k", b"body", lambda: work_and_crash(work))
            raise ConnectionError
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from rate_windows") == 0
    assert await rows(database) == 0


@WAYS
async def test_an_answer_is_forgotten_after_its_time(database: Database, way: Way, clock: FakeClock) -> None:
    calls: list[str] = []
    await way(database, ALICE, "k", b"body", counting(calls, "old"))
    clock.moment += timedelta(hours=48)
    async with database.work(SYSTEM) as work:
        assert await forget_old(work) == 0
    clock.moment += timedelta(seconds=1)
    async with database.work(SYSTEM) as work:
        assert await forget_old(work) == 1
    await way(database, ALICE, "k", b"body", counting(calls, "new"))
    assert calls == ["old", "new"]


async def test_a_key_whose_request_died_is_free_again_after_its_time(database: Database, clock: FakeClock) -> None:
    async def die() -> Answer:
        raise asyncio.CancelledError

    calls: list[str] = []
    with pytest.raises(asyncio.CancelledError):
        await ask_outside(database, ALICE, "k", b"body", die)
    clock.moment += timedelta(seconds=59)
    with pytest.raises(Refusal) as refused:
        await ask_outside(database, ALICE, "k", b"body", counting(calls))
    assert (refused.value.code, calls) == (BUSY, [])
    clock.moment += timedelta(seconds=1)
    with pytest.raises(Refusal) as refused:
        await ask_outside(database, ALICE, "k", b"other", counting(calls))
    assert refused.value.code is KEY_USED_FOR_ANOTHER_REQUEST
    assert (await ask_outside(database, ALICE, "k", b"body", counting(calls))).body == b"first"
    assert (calls, await rows(database)) == (["first"], 1)


@WAYS
async def test_a_stored_answer_cannot_be_read_in_the_database(database: Database, way: Way) -> None:
    await way(database, ALICE, "k", b"body", counting([], "secret token"))
    async with database.look(SYSTEM) as look:
        stored = await look.db.fetchval("select body from idempotency")
    assert b"secret" not in stored
