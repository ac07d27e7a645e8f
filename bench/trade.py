"""`python -m bench.trade`: trades a second through the real verbs beside pgbench sending the same statements."""

import argparse
import asyncio
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from xianji.host.binaries import wheel_binaries
from xianji.host.embedded import EmbeddedPostgres
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database
from xianji.kernel.migrations import migrate

from . import cluster, cpu, replay, report, rows
from .trading import SAMPLES, Instantly, trade

AIM = 0.50
SAMPLE = 1  # the trade that is recorded and multiplied
_SPARE = 30_000  # things laid ready for one turn of one side


@dataclass(frozen=True)
class Turn:
    """One side for a while. `cpu` is the client's processor time, then client and database for one trade; seconds.

    `in_all` counts the trades that only warmed it, too.
    """

    trades: int
    seconds: float
    cpu: float
    in_all: int

    @property
    def rate(self) -> float:
        """Trades a second."""
        return self.trades / self.seconds


@dataclass
class Size:
    """What was measured with so many orders in the tables, each side's turns in the order in which they ran."""

    orders: int
    load: float
    ours: list[Turn] = field(default_factory=list)
    bare: list[Turn] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of the turns' ratios."""
        return statistics.median(ours.rate / bare.rate for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def cpu_ratio(self) -> float:
        """The same by processor time."""
        return statistics.median(bare.cpu / ours.cpu for ours, bare in zip(self.ours, self.bare, strict=True))


@dataclass(frozen=True)
class Ground:
    """Where it happens: the folder, the database, its server's process."""

    place: Path
    dsn: str
    postgres: int
    major: int


def main() -> None:
    """Fill to each size in turn, measure both sides, write what was found."""
    asked = _arguments()
    place = cluster.folder() / "trade"
    place.mkdir(parents=True, exist_ok=True)
    for step in (cluster.folder(), place):
        step.chmod(0o755)  # as root, PostgreSQL runs as another user and must get in
    server = EmbeddedPostgres(place)
    server.start()
    try:
        process = server.pid
        assert process is not None
        asyncio.run(_measure(Ground(place, server.dsn(), process, server.major), asked))
    finally:
        server.stop()


def _keep(asked: argparse.Namespace, statements: int, sizes: list[Size]) -> None:
    """Write what is known so far: a large size takes long to fill."""
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "bench.trade", *sys.argv[1:]]),
        "cores": report.cores(),
        "aim": AIM,
        **{name: getattr(asked, name) for name in ("connections", "rounds", "seconds")},
    }
    print(f"{_said(sizes[-1])}   {report.write_json(asked.name, _as_json(facts, statements, sizes))}", flush=True)
    if asked.doc:
        report.write_doc(_section(facts, statements, sizes), "trade")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.trade", description="Trades a second beside pgbench.")
    parser.add_argument("--sizes", default="10000,100000", help="orders in the tables, ascending, by commas")
    parser.add_argument("--rounds", type=int, default=3, help="turns for each size; both sides are loaded in each")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long one side is loaded in one turn")
    parser.add_argument("--connections", type=int, default=8, help="trades at the same moment")
    parser.add_argument("--processes", type=int, default=min(report.cores(), 4), help="processes of our side")
    parser.add_argument("--name", default="trade", help="write to bench/results/<name>.json")
    parser.add_argument("--doc", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


async def _measure(ground: Ground, asked: argparse.Namespace) -> None:
    """Fill, measure and keep, size by size."""
    await cluster.drop_everything(ground.dsn)
    await migrate(ground.dsn)
    db = await asyncpg.connect(ground.dsn, user="postgres")
    await rows.people(db)
    await db.execute("alter sequence bench_trades owner to xianji")  # as whom both sides come
    await rows.things(db, 0, SAMPLES)
    sent = await replay.record(ground.dsn, Keys(Ring.new()), SAMPLE)
    steps = ground.place / "trade.pgbench"
    steps.write_text(replay.script(sent, SAMPLE + 1), "utf-8")
    sizes: list[Size] = []
    filled = SAMPLES
    numbers = count(_FIRST, _SPARE)
    for size in map(int, asked.sizes.split(",")):
        began = time.monotonic()
        await rows.grow(db, SAMPLE, filled, size - filled)
        filled = size
        await db.execute("analyze")
        print(f"{size:,} orders, filled in {time.monotonic() - began:.0f} s", flush=True)
        sizes.append(await _one_size(ground, asked, db, steps, size, numbers))
        _keep(asked, len(sent), sizes)
    await db.close()


# The numbers of the trades that are measured lie above all that are laid down.
_FIRST = 10_000_000


async def _one_size(
    ground: Ground, asked: argparse.Namespace, db: Any, steps: Path, size: int, numbers: "count[int]"
) -> Size:
    found = Size(size, round(os.getloadavg()[0], 1))
    for turn in range(asked.rounds + 1):
        for ours in (True, False) if turn % 2 else (False, True):
            first = next(numbers)
            await rows.things(db, first, _SPARE)
            await db.execute("select setval('bench_trades', $1::bigint)", first)
            before = cpu.spent(ground.postgres)
            measured = await asyncio.to_thread(_ours if ours else _pgbench, ground, asked, steps, first)
            spent = cpu.spent(ground.postgres) - before + measured.cpu
            if turn:  # the first round only warms both
                one = replace(measured, cpu=spent / measured.in_all)
                (found.ours if ours else found.bare).append(one)
    return found


def _ours(ground: Ground, asked: argparse.Namespace, _: Path, first: int) -> Turn:
    """The real verbs, in as many processes as the house would have."""
    each = asked.connections // asked.processes
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        share = _SPARE // asked.processes
        ends = [
            pool.submit(_work, ground.dsn, first + number * share, each, asked.seconds)
            for number in range(asked.processes)
        ]
        parts = [end.result() for end in ends]
    trades, spent = sum(one[0] for one in parts), sum(one[2] for one in parts)
    return Turn(trades, max(one[1] for one in parts), spent, trades + sum(one[3] for one in parts))


def _work(dsn: str, first: int, tasks: int, seconds: float) -> tuple[int, float, float, int]:
    """One process: trades done, seconds, its own processor time, trades done before to get warm."""
    return asyncio.run(_trades(dsn, first, tasks, seconds))


async def _trades(dsn: str, first: int, tasks: int, seconds: float) -> tuple[int, float, float, int]:
    busy = time.process_time()
    database = await Database(dsn, Keys(Ring.new())).open(readers=tasks, writers=tasks)
    numbers, provider = count(first), Instantly()

    async def go_on(until: float) -> int:
        made = 0
        while time.perf_counter() < until:
            await trade(database, provider, next(numbers))
            made += 1
        return made

    warm = sum(await asyncio.gather(*(go_on(time.perf_counter() + _WARM) for _ in range(tasks))))
    began = time.perf_counter()
    done = sum(await asyncio.gather(*(go_on(began + seconds) for _ in range(tasks))))
    took, spent = time.perf_counter() - began, time.process_time() - busy
    await database.close()
    return done, took, spent, warm


_WARM = 1.0  # connections open, statements prepared
_TPS = re.compile(r"tps = ([\d.]+) \(without initial connection time\)")
_MADE = re.compile(r"number of transactions actually processed: (\d+)")


def _pgbench(ground: Ground, asked: argparse.Namespace, steps: Path, _: int) -> Turn:
    """The same statements, sent by PostgreSQL's own bench."""
    sockets = parse_qs(urlsplit(ground.dsn).query)["host"][0]
    argv = [
        *(wheel_binaries(ground.major).program("pgbench"), "--no-vacuum", "--protocol=prepared"),
        *(f"--client={asked.connections}", f"--jobs={min(report.cores(), asked.connections)}"),
        *(f"--time={max(1, round(asked.seconds))}", f"--file={steps}"),
        *("--host", sockets, "--username", "xianji", "xianji"),
    ]
    before = os.times()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    after = os.times()
    rate, made = _TPS.search(done.stdout), _MADE.search(done.stdout)
    if done.returncode or rate is None or made is None:
        raise RuntimeError(f"pgbench: {done.stdout}\n{done.stderr[-2000:]}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Turn(int(made[1]), int(made[1]) / float(rate[1]), used, int(made[1]))


def _said(size: Size) -> str:
    turns = " ".join(f"{ours.rate / bare.rate:.0%}" for ours, bare in zip(size.ours, size.bare, strict=True))
    return f"{size.orders:>9,} orders {size.ratio:6.0%}   by processor time {size.cpu_ratio:6.0%}   rounds {turns}"


def _table(sizes: list[Size]) -> str:
    """The medians as Markdown."""
    head = (
        "| orders | load | pgbench /s | ours /s | ratio | pgbench CPU ms | ours CPU ms | CPU ratio |\n"
        "|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *(_row(size) for size in sizes)])


def _row(size: Size) -> str:
    bare, ours = (
        (statistics.median(one.rate for one in side), statistics.median(one.cpu for one in side) * 1000)
        for side in (size.bare, size.ours)
    )
    return (
        f"| {size.orders:,} | {size.load} | {bare[0]:,.1f} | {ours[0]:,.1f} | **{size.ratio:.0%}** | {bare[1]:.1f} |"
        f" {ours[1]:.1f} | **{size.cpu_ratio:.0%}** |"
    )


def _as_json(facts: dict[str, Any], statements: int, sizes: list[Size]) -> str:
    lines = [{**asdict(size), "ratio": round(size.ratio, 3), "cpu_ratio": round(size.cpu_ratio, 3)} for size in sizes]
    return json.dumps({**facts, "statements": statements, "sizes": lines}, indent=1)


def _section(facts: dict[str, Any], statements: int, sizes: list[Size]) -> str:
    return (
        f"`{facts['command']}`, {facts['at'][:16].replace('T', ' ')} UTC, {facts['cores']} cores,"
        f" {facts['connections']} trades at the same moment, {facts['rounds']} rounds of {facts['seconds']:g} s,"
        f" {statements} statements a trade. Load is that of the whole machine before the rounds.\n\n" + _table(sizes)
    )


if __name__ == "__main__":
    main()
