"""Asks the house itself for every answer that the bare application shall give, and counts the round trips it took."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx

from xianji import app
from xianji.kernel.db import Database
from xianji.kernel.pages import encode_cursor
from xianji.kernel.work import Actor, Look
from xianji.ports import open_ports
from xianji.settings import read
from xianji.web import render
from xianji.web.house import House

from . import cpu, pages, questions, readers

PHONE = "13800138000"
SAMPLES = 40  # different items and notes asked for in a run
COLD = 4000  # the same for a cold look, in each turn others
ASKED = 30_000  # questions and places of which looks take theirs
MARKED = 30  # whom the bench's member follows
_COUNTED = ("fetch", "fetchrow", "fetchval", "execute")


class CountingDatabase(Database):
    """The house's database, counting statements of looks."""

    trips = 0

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[Look]:
        async with super().look(actor) as look:
            look.db = _Counted(look.db, self)  # type: ignore[assignment]
            yield look


class _Counted:
    def __init__(self, connection: Any, database: CountingDatabase) -> None:
        self._connection = connection
        self._database = database

    def __getattr__(self, name: str) -> Any:
        if name in _COUNTED:
            self._database.trips += 1
        return getattr(self._connection, name)


def environment(home: Path, dsn: str) -> dict[str, str]:
    """What the house is started with, here and as a server, so that both give the same bytes."""
    return {"XIANJI_HOME": str(home), "DATABASE_URL": dsn, "XIANJI_DEMO": "1", "XIANJI_URL": "http://127.0.0.1:8000"}


class Prepared:
    """Paths to ask for, how many round trips each look takes on average, the member's token, PostgreSQL's process."""

    def __init__(self, token: str, ids: dict[str, list[str]], postgres: int) -> None:
        self.token = token
        self.tokens = [token]
        self.postgres = postgres
        self._ids = ids
        self.trips: dict[str, float] = {}
        self.bytes: dict[str, int] = {}

    def paths(self, look: pages.Look, turn: int = 0) -> list[str]:
        """The addresses of one look, one for each sampled row; of a cold one other rows in each turn."""
        known = self._ids[look.of]
        count, seed = (COLD if turn else SAMPLES, f"cold {turn}") if look.cold else (SAMPLES, "warm")
        return [look.path.format(id=one) for one in Random(seed).sample(known, min(count, len(known)))]


async def prepare(home: Path, dsn: str, looks: list[pages.Look]) -> Prepared:
    """Fill the schema `bench` with the house's own answers to these looks."""
    settings = read(environment(home, dsn))
    database = CountingDatabase(dsn, settings.keys())
    ports = open_ports(settings, database)
    await database.open()
    try:
        site = app.build(House(settings, database, render.environments(), ports))
        transport = httpx.ASGITransport(app=site)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await _prepare(client, database, home, dsn, looks)
    finally:
        await ports.close()
        await database.close()


async def _prepare(
    client: httpx.AsyncClient, database: CountingDatabase, home: Path, dsn: str, looks: list[pages.Look]
) -> Prepared:
    connection = await asyncpg.connect(dsn)
    try:
        postgres = cpu.parent(await connection.fetchval("select pg_backend_pid()"))
        prepared = Prepared(await _token(client, connection, home), await _ids(connection), postgres)
        await _make_tables(connection)
        if any(look.many for look in looks):
            prepared.tokens = await readers.lay_down(connection, database)
        for look in looks:
            await _record(client, database, connection, prepared, look)
        await connection.execute("vacuum (analyze) bench.answers")
    finally:
        await connection.close()
    return prepared


async def _token(client: httpx.AsyncClient, connection: Any, home: Path) -> str:
    """The token of a member of the bench, kept beside the cluster; signed in by the API when it is not good."""
    kept = home / "token"
    if kept.exists():
        token = kept.read_text()
        answer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
        if answer.status_code == 200:
            return token
    await client.post("/api/v1/auth/codes", json={"phone": PHONE})
    answer = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": "000000"})
    session = answer.raise_for_status().json()
    kept.write_text(session["access_token"])
    await connection.execute(
        "insert into ties (member, kind, other, at) select $1, 'follows', id, now() from members"
        " where id <> $1 order by id limit $2 on conflict do nothing",
        session["member"]["id"],
        MARKED,
    )
    return str(session["access_token"])


async def _ids(connection: Any) -> dict[str, list[str]]:
    things = [row["id"] for row in await connection.fetch("select id from items where state = 'live' order by id")]
    rows = await connection.fetch("select id, published_at from notes where state = 'live' order by id")
    told = [row["id"] for row in rows]
    places = [encode_cursor(row["published_at"], row["id"]) for row in rows]
    asked = questions.texts(ASKED, "asked")
    return {
        "items": things,
        "notes": told,
        "": places,
        "questions": [urlencode({"q": text}) for text in asked],
        "wishes": [questions.wishes(text, Random(text)) for text in asked],
        "readers": readers.places(ASKED, "readers"),
    }


async def _make_tables(connection: Any) -> None:
    """Bodies are stored outside of the row and uncompressed: the limit shall not pay for unpacking."""
    await connection.execute(
        "drop schema if exists bench cascade; create schema bench;"
        " create table bench.answers (path text, variant text, media_type bytea, encoding bytea, body bytea,"
        " trips integer, primary key (path, variant)); alter table bench.answers alter body set storage external;"
        " create table bench.steps (number integer primary key, name text, value text);"
        " insert into bench.steps select n, 'step ' || n, repeat('x', 200) from generate_series(0, 9) n"
    )


async def _record(
    client: httpx.AsyncClient, database: CountingDatabase, connection: Any, prepared: Prepared, look: pages.Look
) -> None:
    rows, headers = [], look.headers(prepared.tokens[0] if look.many else prepared.token)
    client.headers.clear()
    for path in prepared.paths(look):
        for _ in range(1 if look.cold else 2):
            before = database.trips
            async with client.stream("GET", path, headers=headers) as answer:
                body = b"".join([part async for part in answer.aiter_raw()])
                assert answer.status_code == 200, f"{path} answered {answer.status_code}: {body[:300]!r}"
        rows.append(
            (
                path,
                look.variant,
                answer.headers["content-type"].encode(),
                answer.headers.get("content-encoding", "").encode(),
                body,
                database.trips - before,
            )
        )
    await connection.executemany(
        "insert into bench.answers (path, variant, media_type, encoding, body, trips)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        rows,
    )
    prepared.trips[look.name] = sum(row[5] for row in rows) / len(rows)
    prepared.bytes[look.name] = sum(len(row[4]) for row in rows) // len(rows)
