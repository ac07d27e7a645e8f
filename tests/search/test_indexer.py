"""The indexer as processes meet it: killed, twice at once, building while it serves, and how soon things are seen."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import readable
from tests.items.build import a_member, an_item
from xianji.domains import items, search
from xianji.domains.search import building, index
from xianji.kernel.work import NOBODY, SYSTEM

from .conftest import Bench
from .test_true import everything_in

_FOLLOW = """
import asyncio, sys
from pathlib import Path
from xianji.domains import search
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database

async def main():
    database = await Database(sys.argv[1], Keys(Ring.new())).open(readers=1, writers=1)
    await search.follow(database, search.Folder(Path(sys.argv[2])), asyncio.Event())

asyncio.run(main())
"""


# Builds, and dies of nothing but a kill: after the first documents it says who helps and waits.
_BUILD = """
import asyncio, multiprocessing, sys, time
from pathlib import Path
from xianji.domains import search
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database

def wait(done, total):
    print(multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(600)

async def main():
    database = await Database(sys.argv[1], Keys(Ring.new())).open(readers=1, writers=1)
    await search.build(database, search.Folder(Path(sys.argv[2])), wait, helpers=1)

asyncio.run(main())
"""


def a_worker(dsn: str, folder: Path) -> "subprocess.Popen[bytes]":
    """An indexer in a process of its own, as the worker runs it."""
    return subprocess.Popen([sys.executable, "-c", _FOLLOW, dsn, str(folder)])


async def seen(bench: Bench, wanted: set[str], seconds: float = 30.0) -> float:
    """Wait until exactly these things are found; how long that took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        async with bench.database.look(NOBODY) as look:
            found = await search.find(look, bench.reader, search.Ask(text="书桌"), limit=100)
        if {card.id for card in found.items} == wanted and found.count == len(wanted):
            return time.monotonic() - began
        await asyncio.sleep(0.005)
    raise AssertionError(f"not seen in {seconds} s")


async def test_soon_seen_and_after_a_kill_neither_lost_nor_doubled(database: Any, dsn: str, bench: Bench) -> None:
    """A real indexer beside a reader: new and sold things are seen within a second (the median, so that one hiccup of
    the machine says nothing). Killed among more events, it goes on where the index stands."""
    lin, wu = await a_member(database, "lin"), await a_member(database, "wu")
    first = await an_item(database, lin)
    took, worker = [], a_worker(dsn, bench.folder.path)
    try:
        await seen(bench, {first})
        for _ in range(3):
            item = await an_item(database, lin)
            took.append(await seen(bench, {first, item}))
            async with database.work(wu) as work:
                await items.reserve(work, item, 1)
                await items.settle(work, item, 1)
            took.append(await seen(bench, {first}))
        more = {await an_item(database, lin) for _ in range(12)}
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert sorted(took)[len(took) // 2] <= 1.0, took
    await bench.catch_up()
    await seen(bench, {first, *more}, 1.0)
    other = search.Folder(bench.folder.path.with_name("other"))
    await search.build(database, other)
    assert everything_in(bench.reader) == everything_in(search.Reader(other))


async def test_two_writers_refuse(database: Any, bench: Bench) -> None:
    twin = search.Folder(bench.folder.path)
    with bench.folder.lock("follow"), pytest.raises(search.IndexBusy), twin.lock("follow"):
        raise AssertionError("two hold it")
    await bench.follower.step()
    with pytest.raises(search.IndexBusy):
        await search.Follower(database, bench.folder).step()
    with bench.folder.lock("build"), pytest.raises(search.IndexBusy):
        await search.build(database, bench.folder)


async def test_the_old_index_serves_while_a_new_one_is_built(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    first = await an_item(database, lin)
    await bench.catch_up()
    before = bench.folder.current
    asked: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        searcher = bench.reader.searcher()
        assert searcher is not None
        assert index.said_of(searcher, [first]).keys() == {first}
        assert bench.folder.current == before
        asked.append((done, total))

    await search.build(database, bench.folder, progress)
    assert asked[-1] == (2, 2)
    assert bench.folder.current != before
    second = await an_item(database, lin)
    await bench.catch_up()
    await seen(bench, {first, second}, 1.0)
    assert [one.name for one in bench.folder.path.iterdir() if one.is_dir()] == [bench.folder.current.name]


async def test_helpers_read_what_one_process_reads(database: Any, bench: Bench) -> None:
    lin = await a_member(database, "lin")
    await an_item(database, lin)
    other = search.Folder(bench.folder.path.with_name("other"))
    counts = [await search.build(database, bench.folder, helpers=0), await search.build(database, other, helpers=2)]
    assert counts == [2, 2]
    assert everything_in(bench.reader) == everything_in(search.Reader(other))


async def test_a_helper_that_is_killed_ends_the_build_and_the_old_index_serves(database: Any, bench: Bench) -> None:
    await a_member(database, "lin")
    await a_member(database, "wu")
    await bench.catch_up()
    before = bench.folder.current

    def progress(_done: int, _total: int) -> None:
        for helper in multiprocessing.active_children():
            helper.kill()

    async with database.work(SYSTEM) as work:
        await work.db.execute("insert into topics (name, shown, notes) values ('书', '书', 1)")
    with pytest.raises(RuntimeError):
        await search.build(database, bench.folder, progress, helpers=1)
    assert bench.folder.current == before
    assert multiprocessing.active_children() == []


async def test_helpers_end_with_a_builder_that_is_killed(database: Any, dsn: str, bench: Bench) -> None:
    await a_member(database, "lin")
    command = [sys.executable, "-c", _BUILD, dsn, str(bench.folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout is not None
        helper = int(builder.stdout.readline())
        builder.kill()
    for _ in range(1000):
        if not Path(f"/proc/{helper}").exists():
            break
        await asyncio.sleep(0.01)
    assert not Path(f"/proc/{helper}").exists()
    await bench.catch_up()
    assert bench.folder.current is not None


async def test_what_happens_during_a_build_is_not_lost(database: Any, bench: Bench) -> None:
    """The cursor is taken before the rows are read: events that come between are read after the switch."""
    lin = await a_member(database, "lin")
    await bench.catch_up()
    async with database.look(SYSTEM) as look:
        mark = await building._mark_of_now(look)
    late = await an_item(database, lin)
    await readable(database)
    generation = bench.folder.fresh()
    writer = index.Writer(generation)
    writer.commit(mark)
    writer.close()
    bench.folder.switch(generation)
    await bench.catch_up()
    async with database.look(NOBODY) as look:
        assert [card.id for card in (await search.find(look, bench.reader, search.Ask())).items] == [late]


@pytest.mark.parametrize("fault", ["version", "event", "rows"])
async def test_an_index_of_no_use_is_built_anew(database: Any, bench: Bench, fault: str) -> None:
    """Another make, another history of the outbox, or an outbox without what stands behind the cursor."""
    lin = await a_member(database, "lin")
    item = await an_item(database, lin)
    await bench.catch_up()
    mark, before = bench.reader.mark(), bench.folder.current
    assert mark is not None
    assert await search.state_of(database, bench.folder) == (2, 0)
    if fault == "rows":
        async with database.work(SYSTEM) as work:
            await work.db.execute("delete from outbox")
    else:
        bench.crash()
        writer = index.Writer(before)
        strange = {"version": "old"} if fault == "version" else {"event": "evt_other"}
        writer.commit(index.msgspec.structs.replace(mark, **strange))
        writer.close()
    bench.crash()
    assert await search.state_of(database, bench.folder) is None
    await bench.catch_up()
    assert bench.folder.current != before
    async with database.look(NOBODY) as look:
        assert [card.id for card in (await search.find(look, bench.reader, search.Ask())).items] == [item]
