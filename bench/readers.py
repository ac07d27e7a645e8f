"""Members with a past, for the ranked feed: what they liked, saved and saw lately, and how far notes got by now.

Moments lie close to the present, so the rows are laid down before each run; the community itself stays as it is.
"""

from random import Random
from typing import Any
from urllib.parse import urlencode

from xianji.domains.members.actions.entry import open_session
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from . import words

READERS, LIKES, SAVES, VIEWS = 200, 30, 15, 500
OWED = 0.005  # of all notes are owed their first readers
_NEWEST = 20_000  # notes among which they have looked around


async def lay_down(connection: Any, database: Database) -> list[str]:
    """Give some members a past and a session each; their tokens."""
    members = [row["id"] for row in await connection.fetch("select id from members order by id desc limit $1", READERS)]
    notes = [
        row["id"]
        for row in await connection.fetch(
            "select id from notes where state = 'live' order by published_at desc limit $1", _NEWEST
        )
    ]
    await _reaches(connection)
    await connection.execute("delete from feed_views where viewer = any($1::text[])", members)
    for member in members:
        await _past(connection, member, Random(member).sample(notes, min(VIEWS, len(notes) // 2)))
    await connection.execute("analyze feed_views, feed_reaches, note_likes, note_saves")
    tokens = []
    for member in members:
        async with database.work(SYSTEM) as work:
            signed_in: Any = await open_session(work, member, "bench", "code")
        tokens.append(signed_in.token)
    return tokens


def places(count: int, seed: str) -> list[str]:
    """Places of readers as queries of an address, each somewhere in a city of the community."""
    random, found = Random(seed), []
    for _ in range(count):
        lat, lon = random.choice(words.POINTS)
        found.append(
            urlencode(
                {"lat": f"{lat + random.uniform(-0.05, 0.05):.5f}", "lon": f"{lon + random.uniform(-0.05, 0.05):.5f}"}
            )
        )
    return found


async def _past(connection: Any, member: str, seen: list[str]) -> None:
    await connection.execute(
        "insert into feed_views (viewer, subject, day, at, opened)"
        " select $1, note, (now() - place * interval '10 minutes')::date, now() - place * interval '10 minutes',"
        " place % 7 = 0 from unnest($2::text[]) with ordinality as s (note, place)",
        member,
        seen,
    )
    for sql, count in (
        ("insert into note_likes (note, member, at) select note, $1, now() from unnest($2::text[]) note", LIKES),
        ("insert into note_saves (note, member, at) select note, $1, now() from unnest($2::text[]) note", SAVES),
    ):
        await connection.execute(f"{sql} on conflict do nothing", member, seen[:count])


async def _reaches(connection: Any) -> None:
    """How far every note got; the newest are owed their first readers."""
    await connection.execute(
        "insert into feed_reaches (subject, area, shown, placed, near, opened, heat, began_at)"
        " select id, coalesce(area_of(cell), 0), n, n, n / 2, n / 9, case when n % 3 = 0 then n else 0 end,"
        " published_at from (select id, cell, published_at, hashtext(id) & 255 as n from notes where state = 'live') s"
        " on conflict do nothing"
    )
    await connection.execute("update feed_reaches set floor_until = null where floor_until is not null")
    await connection.execute(
        "update feed_reaches set floor_until = now() + interval '6 hours' where subject = any(array("
        "select id from notes where state = 'live' order by published_at desc"
        " limit (select (count(*) * $1)::integer from notes)))",
        OWED,
    )
