"""The two servers side by side: same Granian, same flags, same workers, same database."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from xianji.cli import web_argv
from xianji.host.processes import signal_when_parent_dies

_UP_SECONDS = 90.0
ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: str, env: dict[str, str], workers: int, log: Path) -> Iterator[tuple[int, int]]:
    """Serve this factory as the product serves itself; gives port and process, ends the server at the end."""
    port = free_port()
    os.environ["XIANJI_WORKERS"] = str(workers)
    argv = [*web_argv(port)[:-1], app]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with log.open("ab") as out:
        server = _spawn(argv, {**os.environ, **env, "PYTHONPATH": path, "XIANJI_PORT": str(port)}, out)
        try:
            _wait_up(port, server, log)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(10)


def _spawn(argv: list[str], env: dict[str, str], out: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        argv, env=env, stdout=out, stderr=out, preexec_fn=signal_when_parent_dies(signal.SIGTERM), cwd=ROOT
    )


def _wait_up(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _UP_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"server did not come up; see {log}")
