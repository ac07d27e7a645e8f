"""Until the members' tables are in this branch: the columns this domain reads of them."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.conftest import cloned


@pytest.fixture
async def dsn(server_dsn: str, template: str) -> AsyncIterator[str]:
    async with cloned(server_dsn, template) as address:
        connection = await asyncpg.connect(address)
        await connection.execute(
            "create table if not exists members (id text primary key, handle text not null, name text not null,"
            " city text not null default '', avatar text, seller_type text not null default 'individual',"
            " verified_at timestamptz, response_minutes integer, sold_count integer not null default 0,"
            " items_live integer not null default 0);"
            " create table if not exists ties (member text not null, kind text not null, other text not null,"
            " at timestamptz not null, primary key (member, kind, other))"
        )
        await connection.close()
        yield address
