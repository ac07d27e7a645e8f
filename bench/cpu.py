"""Processor time of processes, from /proc: what a request costs, whatever else runs on the machine."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def spent(*roots: int) -> float:
    """Seconds of processor time that these processes and everything below them, ended or not, have used so far."""
    return sum(used for _, used in _family(roots))


def memory(*roots: int) -> float:
    """Megabytes that these processes and everything below them hold now; what they share counts in each."""
    total = 0
    for process, _ in _family(roots):
        try:
            total += int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
        except OSError:
            continue  # it has ended meanwhile
    return total / 1_000_000


def _family(roots: Sequence[int]) -> list[tuple[int, float]]:
    """These processes and everything below them, each with its seconds of processor time."""
    below: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        below[int(fields[1])].append(int(folder.name))
        used[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS  # its own and its ended children's
    found, open_ones = [], list(roots)
    while open_ones:
        one = open_ones.pop()
        found.append((one, used.get(one, 0.0)))
        open_ones += below[one]
    return found


def parent(process: int) -> int:
    """Who started it: for a backend of PostgreSQL, the server."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[1])
