"""Bringing things in from a table: the code behind `xianji import listings`.

A table of any length goes through in constant memory: it is read as far as the next batch, each batch is one short
transaction, and only refused rows are written down.
"""

import io
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO

from . import settings
from .domains import items, members
from .kernel import installation
from .kernel.db import Database
from .kernel.errors import Code, Refusal
from .kernel.words import Language, sentence
from .kernel.work import NOBODY

__all__ = ["Progress", "listings"]

_PIECE = 1 << 20
_WIDTH = 24
_QUIET_SECONDS = 10.0  # between two lines where nobody watches


class Progress:
    """How far an import is: how many rows became things, were things already, were refused, and how fast."""

    def __init__(self, size: int, out: TextIO) -> None:
        self.published = self.again = self.refused = 0
        self._size, self._out = max(size, 1), out
        self._begun = self._shown = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been since it began."""
        return max(time.monotonic() - self._begun, 0.001)

    @property
    def rows(self) -> int:
        """All rows so far."""
        return self.published + self.again + self.refused

    def told(self, report: Sequence[items.RowResult], read: int) -> None:
        """A batch is committed; `read` bytes of the table have been read."""
        self.again += sum(1 for row in report if row.again)
        self.refused += sum(1 for row in report if row.item is None)
        self.published += sum(1 for row in report if row.item is not None and not row.again)
        now = time.monotonic()
        if self._out.isatty():
            self._out.write(f"\r\x1b[K{self._bar(read)}")
        elif now - self._shown >= _QUIET_SECONDS:
            self._shown = now
            self._out.write(self._bar(read) + "\n")
        self._out.flush()

    def _bar(self, read: int) -> str:
        part = min(read / self._size, 1.0)
        spent = self.seconds
        left = spent / part - spent if part else 0.0
        full = int(_WIDTH * part)
        rate = f"{self.rows / spent:,.0f} 行/s · 还要 {left / 60:.0f} 分 {left % 60:02.0f} 秒 left"
        return f"  [{'█' * full}{'·' * (_WIDTH - full)}] {part:4.0%}  {self.rows:,} 行 rows · {rate}"

    def line(self) -> str:
        """What came of it."""
        spent = self.seconds
        done = f"上架 published {self.published:,} · 早已在 already {self.again:,} · 没过 refused {self.refused:,}"
        clean = "\r\x1b[K" if self._out.isatty() else ""
        return f"{clean}✓ {done}  ({spent:.1f} s, {self.rows / spent:,.0f} 行/s)"


async def listings(
    dsn: str, environment: Mapping[str, str], table: Path, columns: str, seller: str, report: Path
) -> Progress:
    """Publish the rows of a table for the member `seller`; refused rows go to `report`, which begins anew.

    Raises the refusals of the table itself: `table_not_readable`, `table_has_no_column`, `not_found` for the seller.
    """
    plan = items.parse_map(columns) if columns else None
    database = await Database(dsn, settings.read(environment).keys()).open(readers=1, writers=1)
    try:
        async with database.look(NOBODY) as look:
            page = await members.member_page(look, seller)
            actor = await members.load_actor(look, page.card.id)
            here = installation.facts(look.config)
        with _opened(table, report) as (raw, text, refused):
            progress = Progress(os.fstat(raw.fileno()).st_size, sys.stdout)

            def told(answers: Sequence[items.RowResult]) -> None:
                refused.writelines(_line(row, here.language) for row in answers if row.item is None)
                refused.flush()
                progress.told(answers, raw.tell())

            await items.import_table(database, actor, items.stream_listings(text, here.currency, plan), told)
    finally:
        await database.close()
    return progress


@contextmanager
def _opened(table: Path, report: Path) -> Iterator[tuple[BinaryIO, TextIO, TextIO]]:
    """The table as bytes and as the text in them, and the report, which begins anew."""
    encoding = items.encoding_of(partial(_pieces, table))
    with (
        table.open("rb") as raw,
        io.TextIOWrapper(raw, encoding, newline="") as text,
        report.open("w", encoding="utf-8") as refused,
    ):
        yield raw, text, refused


def _pieces(table: Path) -> Iterator[bytes]:
    with table.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _line(row: items.RowResult, language: Language) -> str:
    """A refused row: its number, the code, the sentence."""
    return f"{row.row}\t{row.code}\t{sentence(Refusal(Code.catalogue[row.code or ''], row.facts), language)}\n"
