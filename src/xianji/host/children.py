"""The supervised processes of one installation: web, worker, sandbox payment provider."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from xianji.host import processes
from xianji.host.logs import open_log

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0


@dataclass(frozen=True)
class ChildSpec:
    """One process to run: its name (also of its log), how people call it, its command.

    What a `shown` process prints goes to our own terminal instead of a log.
    """

    name: str
    zh: str
    en: str
    argv: tuple[str, ...]
    shown: bool = False


class Child:
    """A process in a session of its own, restarted with growing pauses when it ends by itself."""

    def __init__(self, spec: ChildSpec, env: Mapping[str, str], logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.crashes = 0
        self.due: float | None = None
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while one is running or not yet reaped."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process; its output goes to its log."""
        self.due = None
        self._begun = time.monotonic()
        with nullcontext() if self.spec.shown else open_log(self.log) as log:
            self._process = subprocess.Popen(
                self.spec.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                # Ctrl-C in the terminal is for the supervisor alone: it stops the children in order.
                start_new_session=True,
                preexec_fn=processes.signal_when_parent_dies(signal.SIGTERM),
            )

    def note_end(self) -> int | None:
        """When the process has ended by itself: clear its group, plan the restart, return its exit code."""
        process = self._process
        if process is None or process.poll() is None:
            return None
        self._clear_group()
        steady = time.monotonic() - self._begun >= STEADY_SECONDS
        self.crashes = 1 if steady else self.crashes + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (self.crashes - 1), LONGEST_PAUSE_SECONDS)
        self.due = time.monotonic() + pause
        return int(process.returncode)

    def ask_to_end(self) -> None:
        """Send SIGTERM without waiting, so that several can end at the same time."""
        self.due = None
        if self._process is not None:
            self._process.terminate()

    def stop(self, until: float) -> bool:
        """Ask the process to end, wait until that moment, then kill what remains. False when killed."""
        self.ask_to_end()
        process = self._process
        if process is None:
            return True
        in_time = True
        try:
            process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            in_time = False
        self._clear_group()
        return in_time

    def _clear_group(self) -> None:
        """Kill whatever is left of the session's group, so that no grandchild keeps the port."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
