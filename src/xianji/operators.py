"""Making operators from the command line."""

from collections.abc import Mapping
from typing import Any

from xianji import settings
from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM

FIRST = "admin"


async def add(dsn: str, environment: Mapping[str, str], handle: str, role: Any = "admin") -> str:
    """Make an operator; returns the one-time password. Refuses what `members.make_operator` refuses."""
    database = await Database(dsn, settings.read(environment).keys()).open()
    try:
        async with database.work(SYSTEM) as work:
            return await members.make_operator(work, handle, handle, role)
    finally:
        await database.close()


async def first(dsn: str, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The rows of the greeting when the site has no operator yet: makes one, whose password is shown this once."""
    database = await Database(dsn, settings.read(environment).keys()).open()
    try:
        async with database.look(NOBODY) as look:
            if await members.has_operators(look):
                return []
    finally:
        await database.close()
    password = await add(dsn, environment, FIRST)
    return [
        ("后台 console", "/console/sign-in"),
        ("管理员 operator", FIRST),
        ("一次性密码 one-time password", password),
    ]
