"""What the person at the terminal sees: one calm line for each step, in Chinese and English."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from xianji.host.refusal import HostRefusal


class Console:
    """Writes lines to a stream at once, so that logs and pipes see them in time."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stdout
        self._waiting = False

    def say(self, zh: str, en: str) -> None:
        """One line with both languages."""
        self._write(f"  {zh} · {en}")

    def warn(self, zh: str, en: str) -> None:
        """One line that should be noticed."""
        self._write(f"! {zh} · {en}")

    def refuse(self, refusal: HostRefusal) -> None:
        """The sentences of a refusal and the command that mends it."""
        first, *rest = refusal.lines()
        self._write(f"✗ {first}")
        for line in rest:
            self._write(f"  {line}")

    def quote(self, text: str) -> None:
        """Lines of somebody else's log, set off from ours."""
        for line in text.splitlines():
            self._write(f"  | {line}")

    def card(self, rows: list[tuple[str, str]]) -> None:
        """The same rows, with a blank line above too."""
        self._write("")
        self.rows(rows)

    def rows(self, rows: list[tuple[str, str]]) -> None:
        """Label and value, one pair in a line, and a blank line below."""
        for label, value in rows:
            self._write(f"  {label}  {value}")
        if rows:
            self._write("")

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[None]:
        """A step that says what was done and how long it took, once it is done."""
        begun = time.monotonic()
        self._announce(f"… {zh} · {en}")
        yield
        self._write(f"✓ {zh} · {en}  ({time.monotonic() - begun:.2f} s)")

    def _announce(self, line: str) -> None:
        """On a terminal, show what is being waited for; the next line takes its place."""
        if self._stream.isatty():
            self._write(line, end="")
            self._waiting = True

    def _write(self, line: str, end: str = "\n") -> None:
        if self._waiting:
            self._waiting = False
            line = f"\r\x1b[K{line}"
        # A closed terminal must not keep us from shutting down in order.
        try:
            print(line, end=end, file=self._stream, flush=True)
        except OSError:
            self._stream = open("/dev/null", "w")  # noqa: SIM115 - lives as long as we do
