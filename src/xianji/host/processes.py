"""Looking at and ending operating-system processes, by /proc and signals only."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

RUN_MARK = "XIANJI_RUN"

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
_POLL_SECONDS = 0.02


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def signal_when_parent_dies(number: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec so that the kernel signals it when we die, however we die."""
    prctl = _libc().prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def adopt_orphans() -> None:
    """Make this process the one that inherits grandchildren whose parent died, so that they can be reaped."""
    _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_adopted(known: Iterable[int]) -> None:
    """Reap finished children that are not in `known` (their own Popen objects reap those)."""
    mine = set(known)
    for pid in _children_of(os.getpid()):
        if pid not in mine and not is_alive(pid):
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def is_alive(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def servers_in(data: Path) -> list[int]:
    """PostgreSQL processes, postmaster or backend, whose working directory is this data folder."""
    wanted = os.path.realpath(data)
    return [pid for pid in _pids() if _name(pid) == "postgres" and _working_folder(pid) == wanted]


def marked(run: str) -> list[int]:
    """Living processes, other than this one, whose environment carries the mark of this run."""
    needle = f"{RUN_MARK}={run}".encode()
    return [pid for pid in _pids() if pid != os.getpid() and needle in _environment(pid) and is_alive(pid)]


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal each process; those already gone are passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def end(pids: list[int], steps: Iterable[tuple[signal.Signals, float]]) -> list[int]:
    """Signal in growing severity, waiting the given seconds after each; return those that still live."""
    left = [pid for pid in pids if is_alive(pid)]
    for number, seconds in steps:
        if not left:
            break
        send(left, number)
        left = wait_gone(left, seconds)
    return left


def wait_gone(pids: list[int], seconds: float) -> list[int]:
    """Wait at most that long for the processes to end; return those that still live."""
    until = time.monotonic() + seconds
    left = [pid for pid in pids if is_alive(pid)]
    while left and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        left = [pid for pid in left if is_alive(pid)]
    return left


def _pids() -> list[int]:
    if not _PROC.is_dir():
        return []
    return [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()]


def _name(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def _working_folder(pid: int) -> str:
    try:
        return os.readlink(_PROC / str(pid) / "cwd")
    except OSError:
        return ""


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _children_of(pid: int) -> list[int]:
    try:
        listed = (_PROC / str(pid) / "task" / str(pid) / "children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]
