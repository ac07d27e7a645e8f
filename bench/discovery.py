"""`python -m bench.discovery`: being found with 10,000, 100,000, a million things.

Each size is a community of its own (`bench.data`) with an index of its own, both kept between runs. At each, the index
is built where there is none (or with --reindex), a table is brought in through `xianji import listings`, and search
and feed are loaded beside their limits in the same run: a bare Tantivy query (`bench.raw`), prepared bytes
(`bench.bare`).
"""

import argparse
import asyncio
import json
import os
import resource
import shlex
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg

from xianji.importing import listings as bring_in
from xianji.reindexing import reindex

from . import cluster, cpu, pages, questions, raw, report, sides
from .listings import write
from .prepare import environment, prepare

THINGS = 300_000  # of a community of scale 1
FEED_AIM = 2.0  # p95 at the largest size to that at the smallest
RANKED = "ranked feed JSON, cold"
_INDEXED = "indexed.json"


@dataclass(frozen=True)
class Indexed:
    """How the index was built: documents, seconds, megabytes of all processes at their most, load of the machine."""

    documents: int
    seconds: float
    megabytes: float
    load: float


@dataclass(frozen=True)
class Size:
    """What was found with so many things. `alone` are bare queries a second without HTTP, in as many processes."""

    things: int
    rows_a_second: float
    indexed: Indexed
    alone: float
    lines: list[report.Line]
    megabytes: float


def main() -> None:
    """Measure size by size and report; the exit code says nothing about the aim, the table does."""
    asked = _arguments()
    load = round(os.getloadavg()[0], 1)
    sizes = [_one_size(int(size), asked) for size in asked.sizes.split(",")]
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "bench.discovery", *sys.argv[1:]]),
        "cores": report.cores(),
        "load": load,
        "feed_aim": FEED_AIM,
        **{name: getattr(asked, name) for name in ("connections", "workers", "rounds", "seconds")},
    }
    print("\n" + table(sizes))
    print(f"\n{report.write_json(asked.name, as_json(sizes, facts))}")
    if asked.doc:
        report.write_doc(_section(sizes, facts), "discovery")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.discovery", description="Being found, size by size.")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="things, ascending, by commas")
    parser.add_argument("--rows", type=int, default=5_000, help="rows of the table that is brought in at each size")
    parser.add_argument("--reindex", action="store_true", help="build the index anew where there is one, too")
    parser.add_argument("--rounds", type=int, default=3, help="turns for each look; both sides are loaded in each")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long one side is loaded in one turn")
    parser.add_argument("--warm", type=float, default=1.0, help="how long each side is loaded before it counts")
    parser.add_argument("--connections", type=int, default=8, help="kept-alive connections of the load")
    parser.add_argument("--workers", type=int, default=min(report.cores(), 4), help="workers of each server")
    parser.add_argument("--name", default="discovery", help="write to bench/results/<name>.json")
    parser.add_argument("--doc", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


def _one_size(things: int, asked: argparse.Namespace) -> Size:
    with cluster.filled(things / THINGS) as (place, dsn):
        indexed = _index(place, dsn, anew=asked.reindex)
        rate = asyncio.run(_bring_in(place, dsn, asked.rows))
        prepared = asyncio.run(prepare(place, dsn, pages.FOUND))
        lines: list[report.Line] = []
        with sides.client() as client:
            for alike, limit in ((True, "bench.raw:create"), (False, "bench.bare:create")):
                with sides.both(place, dsn, asked.workers, limit) as running:
                    for look in (one for one in pages.FOUND if one.alike == alike):
                        lines.append(sides.measure(client, look, prepared, running, asked))
                        print(f"{things:>9,} {lines[-1].name:<26} {lines[-1].ratio:6.0%}", flush=True)
                    held = cpu.memory(running[1][1])
        return Size(things, rate, indexed, _alone(place, asked), lines, held)


def _index(place: Path, dsn: str, *, anew: bool) -> Indexed:
    """The index of this community, built by a process of its own where there is none; the schema must be today's."""
    kept = place / _INDEXED
    if anew or not kept.exists():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            kept.write_text(json.dumps(asdict(process.submit(_build, place, dsn).result())))
    return Indexed(**json.loads(kept.read_text()))


def _build(place: Path, dsn: str) -> Indexed:
    load, began = round(os.getloadavg()[0], 1), time.perf_counter()
    count = asyncio.run(reindex(dsn, environment(place, dsn), lambda _done, _total: None))
    took = time.perf_counter() - began
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Indexed(count, round(took, 1), round((own + child * report.cores()) / 1000), load)


def _alone(place: Path, asked: argparse.Namespace) -> float:
    """Bare queries a second without HTTP, in as many processes as a server has workers."""
    texts = questions.texts(2000, "alone")
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(raw.alone, place / "search", texts, asked.seconds) for _ in range(asked.workers)]
        return sum(part.result()[0] for part in parts) / asked.seconds


async def _bring_in(place: Path, dsn: str, rows: int) -> float:
    """Bring in a table that no earlier run has brought in, for some seller of the community; rows a second."""
    table = place / "table.csv"
    connection = await asyncpg.connect(dsn)
    try:
        seller: Any = await connection.fetchrow("select id, handle from members order by id limit 1")
        await connection.execute(
            "update members set verified_at = coalesce(verified_at, now()) where id = $1", seller["id"]
        )
        write(table, rows, seed=await connection.fetchval("select count(*)::integer from items"))
    finally:
        await connection.close()
    columns = "title=title,price=price,condition=condition,category=category,place=place,description=description"
    done = await bring_in(dsn, environment(place, dsn), table, columns, seller["handle"], place / "refused.tsv")
    return done.published / done.seconds


def table(sizes: list[Size]) -> str:
    """What each size is and holds, and a row a look and size, as Markdown."""
    head = (
        "| things | rows in /s | documents | indexed /s | load | index MB | web MB | bare queries /s, no HTTP |\n"
        "|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    looks = (
        "| things | look | limit /s | ours /s | ratio | limit CPU ms | ours CPU ms | CPU ratio"
        " | limit p50 / p95 / p99 ms | ours p50 / p95 / p99 ms |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    rows = [_row(size, line) for size in sizes for line in size.lines]
    return "\n".join([head, *map(_size_row, sizes), "", looks, *rows, "", _growth(sizes)])


def _size_row(size: Size) -> str:
    one = size.indexed
    return (
        f"| {size.things:,} | {size.rows_a_second:,.0f} | {one.documents:,} | {one.documents / one.seconds:,.0f} |"
        f" {one.load} | {one.megabytes:,.0f} | {size.megabytes:,.0f} | {size.alone:,.0f} |"
    )


def _row(size: Size, line: report.Line) -> str:
    middle = report.middle
    limit, ours = (
        " / ".join(f"{middle(side, name):.1f}" for name in ("p50", "p95", "p99")) for side in (line.bare, line.ours)
    )
    return (
        f"| {size.things:,} | {line.name} | {middle(line.bare, 'rate'):,.0f} | {middle(line.ours, 'rate'):,.0f} |"
        f" **{line.ratio:.0%}** | {middle(line.bare, 'cpu') * 1000:.2f} | {middle(line.ours, 'cpu') * 1000:.2f} |"
        f" **{line.cpu_ratio:.0%}** | {limit} | {ours} |"
    )


def growth(sizes: list[Size]) -> float:
    """The ranked feed's p95 at the largest size to that at the smallest."""
    first, last = (
        next(report.middle(line.ours, "p95") for line in size.lines if line.name == RANKED)
        for size in (sizes[0], sizes[-1])
    )
    return last / first


def _growth(sizes: list[Size]) -> str:
    return (
        f"Ranked feed, p95 at {sizes[-1].things:,} things to that at {sizes[0].things:,}: {growth(sizes):.2f}"
        f" (aim: at most {FEED_AIM:g})."
    )


def as_json(sizes: list[Size], facts: dict[str, object]) -> str:
    """Everything that was measured."""
    return json.dumps(
        {
            **facts,
            "growth": round(growth(sizes), 2),
            "sizes": [
                {
                    "things": size.things,
                    "rows_a_second": round(size.rows_a_second, 1),
                    "indexed": asdict(size.indexed),
                    "bare_queries_a_second": round(size.alone),
                    "web_megabytes": round(size.megabytes),
                    "looks": json.loads(report.as_json(size.lines, {}))["looks"],
                }
                for size in sizes
            ],
        },
        indent=1,
    )


def _section(sizes: list[Size], facts: dict[str, Any]) -> str:
    return (
        f"`{facts['command']}`, {facts['at'][:16].replace('T', ' ')} UTC, {facts['cores']} cores,"
        f" {facts['workers']} workers on each side, {facts['connections']} connections, {facts['rounds']} rounds of"
        f" {facts['seconds']:g} s, load of the machine before the run {facts['load']}.\n\n{table(sizes)}"
    )


if __name__ == "__main__":
    main()
