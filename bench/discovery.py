"""`python -m bench.discovery`: being found with 10,000, 100,000, a million things: bringing in, looks, memory.

Each size is a community of its own (`bench.data`), kept between runs. A table is brought in through `xianji import
listings` at that size, and the looks are measured beside the bare ASGI limit in the same run.
"""

import argparse
import asyncio
import json
import os
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from xianji.importing import listings as bring_in

from . import cluster, cpu, pages, report, sides
from .listings import write
from .prepare import environment, prepare

THINGS = 300_000  # of a community of scale 1
FEED_AIM = 2.0  # p95 at the largest size to that at the smallest
LOOKS = [look for look in pages.ALL if look.name in ("feed JSON, cold", "feed page, cold")]


@dataclass(frozen=True)
class Size:
    """What was found with so many things: rows brought in a second, the looks, megabytes of the web processes."""

    things: int
    rows_a_second: float
    lines: list[report.Line]
    megabytes: float


def main() -> None:
    """Measure size by size and report; the exit code says nothing about the aim, the table does."""
    asked = _arguments()
    sizes = [_one_size(int(size), asked) for size in asked.sizes.split(",")]
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "bench.discovery", *sys.argv[1:]]),
        "cores": report.cores(),
        "load": round(os.getloadavg()[0], 1),
        "feed_aim": FEED_AIM,
    }
    print(table(sizes))
    print(f"\n{report.write_json(asked.name, as_json(sizes, facts))}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.discovery", description="Being found, size by size.")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="things, ascending, by commas")
    parser.add_argument("--rows", type=int, default=5_000, help="rows of the table that is brought in at each size")
    parser.add_argument("--rounds", type=int, default=3, help="turns for each look; both sides are loaded in each")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long one side is loaded in one turn")
    parser.add_argument("--warm", type=float, default=1.0, help="how long each side is loaded before it counts")
    parser.add_argument("--connections", type=int, default=8, help="kept-alive connections of the load")
    parser.add_argument("--workers", type=int, default=min(report.cores(), 4), help="workers of each server")
    parser.add_argument("--name", default="discovery", help="write to bench/results/<name>.json")
    return parser.parse_args()


def _one_size(things: int, asked: argparse.Namespace) -> Size:
    with cluster.filled(things / THINGS) as (place, dsn):
        rate = asyncio.run(_bring_in(place, dsn, asked.rows))
        prepared = asyncio.run(prepare(place, dsn, LOOKS))
        with sides.both(place, dsn, asked.workers) as running, sides.client() as client:
            lines = [sides.measure(client, look, prepared, running, asked) for look in LOOKS]
            held = cpu.memory(running[1][1])
    return Size(things, rate, lines, held)


async def _bring_in(place: Path, dsn: str, rows: int) -> float:
    """Bring in a table that no earlier run has brought in, for some seller of the community; rows a second."""
    table = place / "table.csv"
    connection = await asyncpg.connect(dsn)
    try:
        seller = await connection.fetchrow("select id, handle from members order by id limit 1")
        await connection.execute(
            "update members set verified_at = coalesce(verified_at, now()) where id = $1", seller[0]
        )
        write(table, rows, seed=await connection.fetchval("select count(*)::integer from items"))
    finally:
        await connection.close()
    columns = "title=title,price=price,condition=condition,category=category,place=place,description=description"
    done = await bring_in(dsn, environment(place, dsn), table, columns, seller["handle"], place / "refused.tsv")
    return done.published / done.seconds


def table(sizes: list[Size]) -> str:
    """A row a look and size, as Markdown."""
    head = (
        "| things | look | rows in /s | bare /s | ours /s | ratio | CPU ratio | p50 / p95 / p99 ms | web MB |\n"
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *(_row(size, line) for size in sizes for line in size.lines)])


def _row(size: Size, line: report.Line) -> str:
    times = " / ".join(f"{report.middle(line.ours, name):.1f}" for name in ("p50", "p95", "p99"))
    return (
        f"| {size.things:,} | {line.name} | {size.rows_a_second:,.0f} | {report.middle(line.bare, 'rate'):,.0f} |"
        f" {report.middle(line.ours, 'rate'):,.0f} | **{line.ratio:.0%}** | **{line.cpu_ratio:.0%}** | {times} |"
        f" {size.megabytes:,.0f} |"
    )


def as_json(sizes: list[Size], facts: dict[str, object]) -> str:
    """Everything that was measured."""
    return json.dumps(
        {
            **facts,
            "sizes": [
                {
                    "things": size.things,
                    "rows_a_second": round(size.rows_a_second, 1),
                    "web_megabytes": round(size.megabytes),
                    "looks": json.loads(report.as_json(size.lines, {}))["looks"],
                }
                for size in sizes
            ],
        },
        indent=1,
    )


if __name__ == "__main__":
    main()
