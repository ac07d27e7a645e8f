"""The statements of one real trade, written down, and the pgbench script that runs the very same ones.

What the script cannot know from one run to the next is only the ids. Every id of the recorded trade gets the number of
the new one as its tail, in one extra statement at the beginning; everything else is the text that the house sent,
prepared once for each connection as the house does.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from xianji.kernel.db import Database
from xianji.kernel.work import Actor, Look, Work

from .trading import PEOPLE, Instantly, buyer_of, id_of, seller_of, trade

_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_SHARD = re.compile(r"#\d+")


class Statement(NamedTuple):
    """What was sent: the text, what was bound, and the types of it."""

    sql: str
    values: tuple[Any, ...]
    types: tuple[str, ...]


class RecordingDatabase(Database):
    """Writes down every statement of looks and works, the beginning and end of transactions too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sent: list[Statement] = []

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[Look]:
        """As the house's."""
        async with super().look(actor) as look:
            look.db = _Recorded(look.db, self.sent)  # type: ignore[assignment]
            yield look

    @asynccontextmanager
    async def work(self, actor: Actor) -> AsyncIterator[Work]:
        """As the house's."""
        async with super().work(actor) as work:
            self.sent.append(Statement("begin", (), ()))
            work.db = _Recorded(work.db, self.sent)  # type: ignore[assignment]
            yield work
        self.sent.append(Statement("commit", (), ()))


class _Recorded:
    def __init__(self, connection: Any, sent: list[Statement]) -> None:
        self._connection = connection
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return (
            self._writing(name, found) if name in ("fetch", "fetchrow", "fetchval", "execute", "executemany") else found
        )

    def _writing(self, name: str, do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(sql: str, *values: Any, **options: Any) -> Any:
            prepared = await self._connection.prepare(sql)
            types = tuple(one.name for one in prepared.get_parameters())
            for row in values[0] if name == "executemany" else [values]:
                self._sent.append(Statement(sql, tuple(row), types))
            return await do(sql, *values, **options)

        return send


async def record(dsn: str, keys: Any, number: int) -> list[Statement]:
    """The statements of one trade, when every plan and every setting is known already."""
    database = await RecordingDatabase(dsn, keys).open(readers=1, writers=1)
    try:
        await trade(database, Instantly(), number)
        database.sent.clear()
        await trade(database, Instantly(), number + 1)
    finally:
        await database.close()
    return database.sent


def as_text(value: Any, kind: str) -> str:
    """A bound value as PostgreSQL reads it."""
    if kind in ("json", "jsonb"):
        return msgspec.json.encode(value).decode()
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case bytes():
            return "\\x" + value.hex()
        case list() | tuple():
            inner = kind.removesuffix("[]")
            return (
                "{"
                + ",".join(
                    "null" if one is None else json.dumps(as_text(one, inner), ensure_ascii=False) for one in value
                )
                + "}"
            )
        case _:
            return str(value)


def _quoted(text: str) -> str:
    """A literal without a colon, which pgbench would take for the beginning of a variable."""
    if ":" not in text and "\\" not in text:
        return "'" + text.replace("'", "''") + "'"
    return "U&'" + text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\003A") + "'"


def script(sent: list[Statement], number: int) -> str:
    """A pgbench script that does what trade `number` did, each time with the next number of sequence `bench_trades`."""
    marks = _marks(sent, number)
    made: dict[str, str] = {}
    lines = [_line(one, marks, made) for one in sent]
    tails = ", ".join(f"{text} as {name}" for text, name in made.items())
    begin = (
        "with n as (select nextval('bench_trades') as n), t as (select lpad(n::text, 12, '0') as own,"
        f" lpad((n % {PEOPLE})::text, 12, '0') as seller, lpad(((n + 1) % {PEOPLE})::text, 12, '0') as buyer,"
        f" '#' || n % 32 as shard from n) select {tails} from t \\gset"
    )
    return "\n".join([begin, *lines]) + "\n"


def _line(one: Statement, marks: dict[str, str], made: dict[str, str]) -> str:
    return re.sub(r"\$(\d+)", lambda found: _bound(one, int(found[1]) - 1, marks, made), one.sql) + ";"


def _marks(sent: list[Statement], number: int) -> dict[str, str]:
    """Every id that belongs to the recorded trade → the expression of the same id in another one."""
    people = {id_of("mbr", seller_of(number)): "seller", id_of("mbr", buyer_of(number)): "buyer"}
    found: dict[str, str] = {}
    for one in sent:
        for value, kind in zip(one.values, one.types, strict=True):
            for id in _ID.findall(as_text(value, kind)) if value is not None else ():
                found[id] = f"'{id[:-12]}' || {people.get(id, 'own')}"
    return found


def _bound(one: Statement, place: int, marks: dict[str, str], made: dict[str, str]) -> str:
    """What stands in the script for a parameter: a constant, or a variable that the first statement fills."""
    value, kind = one.values[place], one.types[place]
    if value is None:
        return f"null::{kind}"
    text = as_text(value, kind)
    known = {id: tail for id, tail in marks.items() if id in text}
    shard = _SHARD.search(text) if kind in ("text", "text[]") else None
    if not known and shard is None:
        return f"{_quoted(text)}::{kind}"
    expression = _quoted(text)
    for id, tail in known.items():
        expression = f"replace({expression}, '{id}', {tail})"
    if shard is not None:
        expression = f"replace({expression}, '{shard[0]}', shard)"
    return f"(:{made.setdefault(expression, f'v{len(made)}')})::{kind}"
