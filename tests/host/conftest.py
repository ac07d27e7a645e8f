"""Real homes in short folders the server's user may pass through; no run outlives its test."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from xianji.host import processes
from xianji.host.home import Home, resolve_home

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent / "src"
# What a real site must be told before it starts; nothing is sent or paid in these tests.
GATEWAYS = {
    f"XIANJI_{name}": "http://127.0.0.1:9/" for name in ("SMS_URL", "SMS_SECRET", "IDENTITY_URL", "IDENTITY_SECRET")
}


@pytest.fixture
def ground():
    """An empty folder, 0755, with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="xj-"))
    folder.chmod(0o755)
    yield folder
    for data in folder.rglob("PG_VERSION"):
        processes.end(processes.servers_in(data.parent), ((signal.SIGKILL, 5.0),))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(ground):
    return Home(ground / "home", ground / "state" / "one")


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def home_of(ground: Path) -> Home:
    """The home of a run on this ground, as the run itself finds it."""
    return resolve_home({"XIANJI_HOME": str(ground / "home"), "XIANJI_STATE": str(ground / "state")})


class Run:
    """One `runner.py` process, or the given command, and what it printed."""

    def __init__(
        self, ground: Path, port: int, mode: str = "fine", command: list[str] | None = None, **env: str
    ) -> None:
        self.output = ground / f"output-{time.monotonic_ns()}"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command or [sys.executable, str(HERE / "runner.py"), str(port), mode],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(SOURCE),
                    "XIANJI_HOME": str(ground / "home"),
                    "XIANJI_STATE": str(ground / "state"),
                    "XIANJI_PORT": str(port),
                    **env,
                },
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, seconds: float = 20.0) -> None:
        until = time.monotonic() + seconds
        while words not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < until, self.text()
            time.sleep(0.02)

    def interrupt(self, seconds: float = 15.0) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(seconds)


@pytest.fixture
def start(ground):
    runs = []

    def starter(port, mode="fine", command=None, **env):
        run = Run(ground, port, mode, command, **env)
        runs.append(run)
        return run

    yield starter
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(20)
