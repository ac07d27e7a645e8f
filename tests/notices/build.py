"""Reactions as the worker runs them, and what members were told by them."""

from typing import Any

from tests.conftest import readable
from xianji.domains import notices
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions import TABLE
from xianji.reactions.engine import Engine


async def react(database: Database) -> None:
    """Every reaction to everything that was told so far, also to what they tell themselves."""
    engine = Engine(database, TABLE)
    await readable(database)
    while await engine.drain():
        await readable(database)


async def told(database: Database, member: Actor) -> list[notices.Notice]:
    """What the member was told, the newest first."""
    async with database.look(member) as look:
        return (await notices.my_notices(look)).items


async def kinds(database: Database, member: Actor) -> list[str]:
    """The kinds of what the member was told, in the order of the alphabet."""
    return sorted(one.kind for one in await told(database, member))


async def do(database: Database, actor: Actor, verb: Any, *arguments: Any) -> Any:
    """One verb in a work of its own."""
    async with database.work(actor) as work:
        return await verb(work, *arguments)


async def rows(database: Database) -> list[tuple[str, str]]:
    """Every notice there is, as (member, kind)."""
    async with database.look(SYSTEM) as look:
        found = await look.db.fetch("select member, kind from notices order by member, kind")
    return [(row["member"], row["kind"]) for row in found]
