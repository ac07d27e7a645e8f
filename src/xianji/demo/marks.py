"""What of the town was made already, row by row, written in the transaction that made it."""

from collections.abc import Mapping

import asyncpg

from xianji.kernel.work import Look, Work

DONE = "done"


async def is_missing(dsn: str) -> bool:
    """Whether this database has no whole town yet."""
    connection = await asyncpg.connect(dsn)
    try:
        return not await is_done(connection)
    finally:
        await connection.close()


async def is_done(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Whether the whole town was loaded."""
    done: bool = await connection.fetchval("select exists (select from demo_made where name = 'done')")
    return done


async def all_made(look: Look) -> dict[str, str]:
    """Everything made so far: name → id."""
    return {row["name"]: row["id"] for row in await look.db.fetch("select name, id from demo_made")}


async def one_made(look: Look, name: str) -> str | None:
    """The id under this name, or None when it was not made."""
    found: str | None = await look.db.fetchval("select id from demo_made where name = $1", name)
    return found


async def write(work: Work, made: Mapping[str, str]) -> None:
    """Remember what this work makes."""
    await work.db.execute(
        "insert into demo_made (name, id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        list(made),
        list(made.values()),
    )


async def forget(work: Work, name: str) -> str | None:
    """Take one mark away and return what it held, for what is shown once."""
    held: str | None = await work.db.fetchval("delete from demo_made where name = $1 returning id", name)
    return held
