"""A bar for the load: redrawn in place on a terminal; anywhere else a line at each quarter, which suits logs."""

import sys
import time

_WIDTH = 28
_PAUSE_SECONDS = 0.1
_LINES = 4


class Progress:
    """Call `expect(of)` once, `told(count)` as it goes, and `end()` once."""

    def __init__(self, zh: str, en: str) -> None:
        self._name = f"{zh} · {en}"
        self._begun = self._shown = time.monotonic()
        self._done = self._of = 0
        self._live = sys.stdout.isatty()

    def expect(self, of: int) -> None:
        """`of` pieces are to be done."""
        self._of = of

    def told(self, count: int = 1) -> None:
        """So many more are done."""
        before, self._done = self._done, self._done + count
        if self._live:
            self._draw()
        elif before * _LINES // self._of < self._done * _LINES // self._of < _LINES:
            self._write(f"  … {self._name} {100 * self._done // self._of} %\n")

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._shown > _PAUSE_SECONDS:
            self._shown = now
            full = _WIDTH * self._done // max(self._of, 1)
            self._write(f"\r  [{'█' * full}{'·' * (_WIDTH - full)}] {self._done}/{self._of} {self._name}")

    def end(self) -> None:
        """Say how long it took."""
        clean = "\r\x1b[K" if self._live else ""
        self._write(f"{clean}✓ {self._name}  ({time.monotonic() - self._begun:.2f} s)\n")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
