"""The database of the bench: an embedded PostgreSQL of its own, filled once and kept between runs."""

import asyncio
import hashlib
import inspect
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from xianji.host.embedded import EmbeddedPostgres
from xianji.kernel.migrations import MigrationChanged, migrate

from . import data, words


def folder() -> Path:
    """Where everything of the bench lies that is no result: XIANJI_HOME/bench, or a folder among the temporary ones."""
    home = os.environ.get("XIANJI_HOME")
    return Path(home).expanduser().resolve() / "bench" if home else Path(tempfile.gettempdir()) / "xianji-bench"


@contextmanager
def filled(scale: float) -> Iterator[tuple[Path, str]]:
    """A running cluster with the community in it: its home folder and its address. Stopped at the end.

    A newer schema is migrated to, as in any installation; another generator means another community.
    """
    place = folder() / f"{scale:g}-{_generator()}"
    place.mkdir(parents=True, exist_ok=True)
    for step in (folder(), place):
        step.chmod(0o755)  # as root, PostgreSQL runs as another user and must get in
    server = EmbeddedPostgres(place)
    server.start()
    try:
        stamp = place / "filled"
        asyncio.run(_bring_up(server.dsn(), scale, full=stamp.exists()))
        stamp.touch()
        yield place, server.dsn()
    finally:
        server.stop()


def _generator() -> str:
    """Changes whenever the generator does."""
    sources = [inspect.getsource(module) for module in (data, words)]
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]


async def _bring_up(dsn: str, scale: float, *, full: bool) -> None:
    try:
        await migrate(dsn)
    except MigrationChanged:
        print("a migration changed after it was applied here; making the community anew")
        full = False
        await drop_everything(dsn)
        await migrate(dsn)
    if not full:
        await _fill(dsn, scale)


async def drop_everything(dsn: str) -> None:
    """The tables go with their schema; `vector` lives in it too and only the superuser may put it back."""
    connection = await asyncpg.connect(dsn, user="postgres")
    try:
        await connection.execute(
            "drop schema public cascade; create schema public authorization xianji; create extension vector"
        )
    finally:
        await connection.close()


async def _fill(dsn: str, scale: float) -> None:
    began = time.monotonic()
    connection = await asyncpg.connect(dsn, user="postgres")
    try:
        await connection.execute(
            "truncate members, handles, ties, circles, notes, note_items, note_media, note_topics, topics, comments,"
            " items, item_prices, item_media, media cascade"
        )
        counts = await data.fill(connection, scale)
    finally:
        await connection.close()
    for table, count in sorted(counts.items()):
        print(f"  {table:<12} {count:>9,}")
    print(f"filled in {time.monotonic() - began:.0f} s")
