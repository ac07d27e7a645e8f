"""Events reach reactions in order, at least once, and once in effect; a stuck one is parked, not lost."""

import asyncio

import asyncpg
import msgspec

from tests.conftest import readable
from xianji import worker
from xianji.kernel import outbox
from xianji.kernel.db import Database
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import SYSTEM, Event, Work
from xianji.reactions.engine import TRIES, Engine, Reaction


class Rang(Event, frozen=True, tag="tests.rang.v1"):
    number: int


async def ring(database: Database, *numbers: int) -> None:
    for number in numbers:
        async with database.work(SYSTEM) as work:
            work.tell(Rang(number))
    await readable(database)


async def drained(engine: Engine) -> None:
    while await engine.drain():
        pass


async def test_reactions_run_in_commit_order_and_once(database: Database) -> None:
    heard: list[int] = []

    async def hear(work: Work, told: Rang) -> None:
        heard.append(told.number)

    engine = Engine(database, [Reaction(Rang, "hear", hear)])
    await ring(database, 1, 2, 3)
    await drained(engine)
    await ring(database, 4)
    await drained(engine)
    assert heard == [1, 2, 3, 4]


async def test_a_killed_engine_resumes_without_loss_or_double(database: Database) -> None:
    """The second reaction dies once; a fresh engine, which knows nothing but the rows, finishes what is left."""
    heard: list[tuple[str, int]] = []
    dies = [2]

    async def first(work: Work, told: Rang) -> None:
        heard.append(("first", told.number))

    async def second(work: Work, told: Rang) -> None:
        if told.number in dies:
            dies.clear()
            raise ConnectionError
        heard.append(("second", told.number))

    table = [Reaction(Rang, "first", first), Reaction(Rang, "second", second)]
    await ring(database, 1, 2, 3)
    await Engine(database, table).drain()
    assert heard == [("first", 1), ("second", 1), ("first", 2)]
    await drained(Engine(database, table))
    assert heard[3:] == [("second", 2), ("first", 3), ("second", 3)]


async def test_an_event_that_fails_again_and_again_is_parked_and_the_line_goes_on(database: Database) -> None:
    heard: list[int] = []

    async def hear(work: Work, told: Rang) -> None:
        if told.number == 1:
            raise ValueError("never")
        heard.append(told.number)

    engine = Engine(database, [Reaction(Rang, "hear", hear)])
    await ring(database, 1, 2)
    for _ in range(TRIES.default):
        assert heard == []
        await engine.drain()
    assert heard == [2]
    async with database.look(SYSTEM) as look:
        parked = await look.db.fetch("select reaction, kind, body, why from outbox_parked")
    assert [
        (row["reaction"], row["kind"], msgspec.json.decode(row["body"])["number"], row["why"]) for row in parked
    ] == [("hear", "tests.rang.v1", 1, "ValueError('never')")]


async def test_a_failed_reaction_leaves_no_trace_of_its_own(database: Database) -> None:
    async def write_and_fail(work: Work, told: Rang) -> None:
        await work.db.execute("insert into rate_windows (what, whom, starts, count) values ('x', 'y', now(), 1)")
        raise ValueError

    await ring(database, 1)
    await Engine(database, [Reaction(Rang, "bad", write_and_fail)]).drain()
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from rate_windows") == 0
        assert await look.db.fetchval("select count(*) from outbox_reactions") == 0
        assert await outbox.cursor_of(look, "reactions") == Cursor()


async def test_two_engines_at_once_do_everything_once(database: Database) -> None:
    import asyncio

    heard: list[int] = []

    async def hear(work: Work, told: Rang) -> None:
        await work.db.execute(
            "insert into rate_windows (what, whom, starts, count) values ('ring', $1, now(), 1)", str(told.number)
        )
        heard.append(told.number)

    table = [Reaction(Rang, "hear", hear)]
    await ring(database, *range(20))
    await asyncio.gather(*(drained(Engine(database, table)) for _ in range(2)))
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from rate_windows") == 20
    assert sorted(heard) == list(range(20))


async def test_a_loop_of_the_worker_goes_on_after_whatever_went_wrong() -> None:
    """A loop that ends would be missed only when somebody waits for it in vain."""
    stopping, met = asyncio.Event(), [asyncpg.InternalClientError(), ConnectionRefusedError(), KeyError("nobody")]

    async def fail() -> None:
        if not met:
            stopping.set()
            return
        raise met.pop()

    await asyncio.wait_for(worker._repeat(fail, 0.0, stopping), 20)
    assert met == []
    assert stopping.is_set()
