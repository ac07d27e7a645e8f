"""`python -m bench`: fill once, start both servers, load them in turns, write what was found."""

import argparse
import asyncio
import os
import shlex
import sys
from datetime import UTC, datetime
from typing import Any

from . import cluster, pages, report, sides, startup
from .prepare import prepare


def main() -> None:
    """Measure and report; the exit code says nothing about the aim, the table does."""
    asked = _arguments()
    looks = [look for look in pages.ALL if all(word in look.name for word in asked.only.split())]
    facts = _facts(asked)
    lines: list[report.Line] = []
    with cluster.filled(asked.scale) as (place, dsn):
        prepared = asyncio.run(prepare(place, dsn, looks))
        with sides.both(place, dsn, asked.workers) as running, sides.client() as client:
            for look in looks:
                lines.append(sides.measure(client, look, prepared, running, asked))
                print(_said(lines[-1]), flush=True)
    starts = [] if asked.only else startup.warm_starts(cluster.folder() / "start")
    facts["warm_start_seconds"] = [round(one, 2) for one in starts]
    print("\n" + report.table(lines))
    if starts:
        print(f"\nwarm start to the first page: {startup.median(starts):.2f} s, the median of {len(starts)}")
    print(f"\n{report.write_json(asked.name, report.as_json(lines, facts))}")
    if asked.doc:
        report.write_doc(_section(lines, facts, starts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast, beside the bare ASGI limit.")
    parser.add_argument("--scale", type=float, default=1.0, help="share of 100k notes and 300k things (0.01: a check)")
    parser.add_argument("--rounds", type=int, default=5, help="turns for each look; both sides are loaded in each")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long one side is loaded in one turn")
    parser.add_argument("--warm", type=float, default=1.5, help="how long each side is loaded before it counts")
    parser.add_argument("--connections", type=int, default=16, help="kept-alive connections of the load")
    parser.add_argument("--workers", type=int, default=min(report.cores(), 4), help="workers of each server")
    parser.add_argument("--only", default="", help="only looks whose name holds these words, e.g. 'note JSON'")
    parser.add_argument("--name", default="latest", help="write to bench/results/<name>.json")
    parser.add_argument("--doc", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def _facts(asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        "cores": report.cores(),
        "load_before": round(os.getloadavg()[0], 1),
        "python": sys.version.split()[0],
        "scale": asked.scale,
        "workers": asked.workers,
        "connections": asked.connections,
        "rounds": asked.rounds,
        "seconds": asked.seconds,
    }


def _said(line: report.Line) -> str:
    rounds = " ".join(f"{ratio:.0%}" for ratio in line.ratios)
    return f"{line.name:<22} {line.ratio:6.0%}   by processor time {line.cpu_ratio:6.0%}   rounds {rounds}"


def _section(lines: list[report.Line], facts: dict[str, Any], starts: list[float]) -> str:
    said = (
        f"`{facts['command']}`, {facts['at'][:16].replace('T', ' ')} UTC, {facts['cores']} cores,"
        f" {facts['workers']} workers on each side, {facts['connections']} connections, {facts['rounds']} rounds of"
        f" {facts['seconds']:g} s, Python {facts['python']}, load of the machine before the run {facts['load_before']}."
    )
    if not starts:
        return said + "\n\n" + report.table(lines)
    warm = f"\n\nWarm start to the first page: {startup.median(starts):.2f} s (median of {len(starts)})."
    return said + "\n\n" + report.table(lines) + warm


if __name__ == "__main__":
    main()
