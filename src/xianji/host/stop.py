"""Signals turned into one question: has somebody asked us to stop?"""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """Raised out of an interruptible step when somebody asks us to stop. No fault: nothing to report."""


class StopRequest:
    """Catches SIGINT, SIGTERM and SIGHUP while entered, and wakes sleepers at those and at a child's end.

    Between steps nothing is interrupted: the flag is looked at. Asking twice changes nothing, because
    everything is stopped within seconds anyway.
    """

    def __init__(self) -> None:
        self.asked = False
        self._interruptible = False
        self._before: dict[signal.Signals, object] = {}
        self._wakeup_before = -1
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def __enter__(self) -> "StopRequest":
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in _STOPPING:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # Started with nohup: the terminal may go, we stay.
            self._before[number] = signal.signal(number, self._stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes, a child ends, or the time is over."""
        if self.asked:
            return
        ready, _, _ = select.select([self._reader], [], [], max(seconds, 0))
        if ready:
            os.read(self._reader, 4096)

    def check(self) -> None:
        """Raise StopAsked when somebody asked."""
        if self.asked:
            raise StopAsked

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """While inside, a stop breaks off what is being done instead of waiting for its end."""
        self.check()
        self._interruptible = True
        try:
            yield
        finally:
            self._interruptible = False

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self._interruptible:
            self._interruptible = False
            raise StopAsked


def _wake(number: int, frame: FrameType | None) -> None:
    """Nothing to do: that a handler exists is what makes the signal reach the wakeup pipe."""
