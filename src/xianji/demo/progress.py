"""A bar for each stage of the load: redrawn in place on a terminal, one line at the end anywhere else."""

import sys
import time

_WIDTH = 28
_PAUSE_SECONDS = 0.1


class Progress:
    """One stage. Call `told(done, of)` as it goes and `end()` once."""

    def __init__(self, zh: str, en: str) -> None:
        self._name = f"{zh} · {en}"
        self._begun = self._shown = time.monotonic()
        self._of = 0
        self._live = sys.stdout.isatty()

    def told(self, done: int, of: int) -> None:
        """`done` of `of` are there."""
        self._of = of
        now = time.monotonic()
        if self._live and (now - self._shown > _PAUSE_SECONDS or done == of):
            self._shown = now
            full = _WIDTH * done // max(of, 1)
            sys.stdout.write(f"\r  [{'█' * full}{'·' * (_WIDTH - full)}] {done}/{of} {self._name}")
            sys.stdout.flush()

    def end(self) -> float:
        """Say how long it took; returns the seconds."""
        seconds = time.monotonic() - self._begun
        if self._of:
            sys.stdout.write(
                f"{chr(13) + chr(27) + '[K' if self._live else ''}  ✓ {self._name}: {self._of}, {seconds:.1f} s\n"
            )
            sys.stdout.flush()
        return seconds
