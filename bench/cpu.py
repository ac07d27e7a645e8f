"""Processor time of processes, from /proc: what a request costs, whatever else runs on the machine."""

import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(*roots: int) -> float:
    """Seconds of processor time that these processes and everything below them, ended or not, have used so far."""
    below: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        below[int(fields[1])].append(int(folder.name))
        used[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS  # its own and its ended children's
    open_ones, total = list(roots), 0.0
    while open_ones:
        one = open_ones.pop()
        total += used.get(one, 0.0)
        open_ones += below[one]
    return total


def parent(process: int) -> int:
    """Who started it: for a backend of PostgreSQL, the server."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[1])
