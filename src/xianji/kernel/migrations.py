"""Forward-only SQL files, each applied once, in order, in one transaction, under one lock.

An applied file is remembered with its digest; a file that changed afterwards is refused, because two
databases of the same version would no longer be equal.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import asyncpg

_LOCK = 7_011_302_205


class MigrationChanged(Exception):
    """A file that this database has already applied differs from what was applied."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name without the ending, and its SQL."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def all_migrations(folder: Path | None = None) -> list[Migration]:
    """Every migration in order of its number."""
    place = folder or Path(str(files("xianji"))) / "migrations"
    return [Migration(path.stem, path.read_text("utf-8")) for path in sorted(place.glob("*.sql"))]


async def migrate(dsn: str, folder: Path | None = None) -> list[str]:
    """Bring the database to the newest version. Returns the names applied now; several callers are safe."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "create table if not exists migrations"
            " (name text primary key, digest text not null, applied_at timestamptz not null default now())"
        )
        rows = await connection.fetch("select name, digest from migrations")
        done = {row["name"]: row["digest"] for row in rows}
        applied = []
        for migration in all_migrations(folder):
            if migration.name in done:
                if done[migration.name] != migration.digest:
                    raise MigrationChanged(migration.name)
                continue
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into migrations (name, digest) values ($1, $2)", migration.name, migration.digest
                )
            applied.append(migration.name)
        await _install_queue(connection, done)
        return applied
    finally:
        await connection.close()


async def _install_queue(connection: "asyncpg.Connection[asyncpg.Record]", done: Collection[str]) -> None:
    """The queue's own tables, once for each version of its library."""
    name = f"pgqueuer {version('pgqueuer')}"
    if name in done:
        return
    from . import queue  # imported late: see there

    await queue.install(connection)
    await connection.execute("insert into migrations (name, digest) values ($1, '') on conflict do nothing", name)


async def pending(dsn: str) -> list[str]:
    """Names of migrations this database has not applied yet."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("select to_regclass('migrations')") is None:
            return [migration.name for migration in all_migrations()]
        done = {row["name"] for row in await connection.fetch("select name from migrations")}
        return [migration.name for migration in all_migrations() if migration.name not in done]
    finally:
        await connection.close()
