"""Databases for tests, used one after the other: emptying one costs a hundredth of making one."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.server import named

# What a test may not leave behind; a database that differs from the template in any of this is thrown away.
_SHAPE = (
    "select (select count(*) from pg_class where relpersistence <> 't'), (select count(*) from pg_proc),"
    " (select count(*) from pg_trigger where tgenabled = 'O'), (select count(*) from pg_constraint),"
    " (select count(*) from pg_attribute where not attisdropped),"
    " (select md5(string_agg(m::text, ',' order by m::text)) from migrations m)"
)
_OTHERS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


class Databases:
    """Clones of one migrated template, lent to one test at a time."""

    def __init__(self, server: str, template: str) -> None:
        self.server = server
        self.template = template
        self._made: list[str] = []
        self._free: list[str] = []
        self._shape: Any = None
        self._tables: list[str] = []
        self._sequences: list[str] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The address of an empty, migrated database."""
        name = self._free.pop() if self._free else await self._make()
        yield named(self.server, name)
        if await self._emptied(name):
            self._free.append(name)

    async def close(self) -> None:
        """Drop all of them."""
        connection = await asyncpg.connect(self.server)
        for name in self._made:
            await connection.execute(f'drop database "{name}" with (force)')
        await connection.close()

    async def _make(self) -> str:
        name = "test_" + uuid.uuid4().hex[:12]
        connection = await asyncpg.connect(self.server)
        await connection.execute(f'create database "{name}" template "{self.template}" strategy file_copy')
        await connection.close()
        self._made.append(name)
        if self._shape is None:
            connection = await asyncpg.connect(named(self.server, name))
            self._shape = await connection.fetchrow(_SHAPE)
            tables = await connection.fetch(
                "select oid::regclass::text as name from pg_class where relkind = 'r'"
                " and relnamespace = 'public'::regnamespace and relname <> 'migrations'"
            )
            self._tables = [row["name"] for row in tables]
            sequences = await connection.fetch("select oid::regclass::text as name from pg_class where relkind = 'S'")
            self._sequences = [row["name"] for row in sequences]
            await connection.close()
        return name

    async def _emptied(self, name: str) -> bool:
        connection = await asyncpg.connect(named(self.server, name))
        try:
            await connection.fetch(f"select pg_terminate_backend(pid) {_OTHERS}")
            async with asyncio.timeout(10):
                while await connection.fetchval(f"select count(*) {_OTHERS}"):
                    await asyncio.sleep(0.002)
            if await connection.fetchrow(_SHAPE) != self._shape:
                return False
            full = await connection.fetchrow(
                "select " + ", ".join(f"exists (select from {table})" for table in self._tables)
            )
            # Rows that are never deleted in life go too: a replica's session fires no trigger and checks no key.
            await connection.execute("set session_replication_role = replica")
            used = [table for table, any_row in zip(self._tables, full, strict=True) if any_row]
            clean = [f"delete from {table}" for table in used]
            clean += [f"alter sequence {sequence} restart" for sequence in self._sequences]
            await connection.execute(";".join(clean))
            return True
        finally:
            await connection.close()
