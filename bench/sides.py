"""The bare application and the house side by side, loaded in turns by one client."""

import argparse
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from . import cpu, load, pages, report
from .prepare import Prepared, environment
from .servers import serving

# Warm is: every worker has seen every address, every connection has its plans (PostgreSQL keeps one after five times).
_TIMES_SEEN, _PLANNED = 6, 250
Side = tuple[int, int]  # port and process


@contextmanager
def both(place: Path, dsn: str, workers: int, limit: str = "bench.bare:create") -> Iterator[tuple[Side, Side]]:
    """The bare application (`limit`) and ours, each as (port, process)."""
    log = place / "servers.log"
    env = environment(place, dsn)
    with (
        serving(limit, env, workers, log) as bare,
        serving("xianji.app:create_app", env, workers, log) as ours,
    ):
        yield bare, ours


@contextmanager
def client() -> Iterator[ProcessPoolExecutor]:
    """The process that loads them."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as client:
        yield client


def measure(
    client: ProcessPoolExecutor,
    look: pages.Look,
    prepared: Prepared,
    sides: tuple[Side, Side],
    asked: argparse.Namespace,
) -> report.Line:
    """Both sides in turns, each round in the other order, so that what else runs here meets both alike."""

    def requests(turn: int) -> list[bytes]:
        paths = prepared.paths(look, turn)
        if not look.many:
            return load.requests_for(paths, look.headers(prepared.token))
        turns = zip(paths, cycle(prepared.tokens), strict=False)
        return [load.requests_for([path], look.headers(token))[0] for path, token in turns]

    line = report.Line(look.name, prepared.trips[look.name], prepared.bytes[look.name])
    turns = list(zip(sides, (line.bare, line.ours), strict=True))
    seen = load.FEWEST if asked.warm == 0 else max(_PLANNED, _TIMES_SEEN * len(prepared.paths(look)))
    for (port, _), _ in turns:
        client.submit(load.run, port, requests(0), asked.connections, asked.warm, seen).result()
    for number in range(asked.rounds):
        for (port, process), found in turns if number % 2 == 0 else reversed(turns):
            # Only what was prepared has an answer on the bare side.
            turn = 0 if found is line.bare and not look.alike else number + 1
            sent = requests(turn)
            before = cpu.spent(process, prepared.postgres)
            measured = client.submit(load.run, port, sent, asked.connections, asked.seconds).result()
            found.append(replace(measured, cpu=(cpu.spent(process, prepared.postgres) - before) / measured.requests))
    return line
