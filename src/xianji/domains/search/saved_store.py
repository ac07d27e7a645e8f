"""Rows of saved searches and of what was found for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work


async def count(work: Work) -> int:
    """How many searches the actor has saved; their next one waits for this transaction."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('saved ' || $1, 0))", work.actor.me)
    return int(await work.db.fetchval("select count(*) from saved_searches where member = $1", work.actor.me))


async def insert(work: Work, id: str, name: str, ask: Any, frequency: str) -> None:
    """A new saved search of the actor's."""
    await work.db.execute(
        "insert into saved_searches (id, member, name, ask, frequency, made_at) values ($1, $2, $3, $4, $5, $6)",
        id,
        work.actor.me,
        name,
        ask,
        frequency,
        work.now,
    )


async def lock(work: Work, id: str) -> asyncpg.Record:
    """A search of the actor's own. Refuses `not_found`."""
    row = await work.db.fetchrow(
        "select name, frequency from saved_searches where id = $1 and member = $2 for update", id, work.actor.me
    )
    if row is None:
        raise NOT_FOUND()
    return row


async def update(work: Work, id: str, name: str, frequency: str) -> None:
    """Another name or rhythm."""
    await work.db.execute("update saved_searches set name = $2, frequency = $3 where id = $1", id, name, frequency)


async def delete(work: Work, id: str) -> None:
    """Look for it no more."""
    await work.db.execute("delete from saved_searches where id = $1", id)


async def heard(look: Look) -> Sequence[asyncpg.Record]:
    """Each different ask that somebody wants to hear of, with the searches that ask it."""
    return await look.db.fetch(
        "select ask, array_agg(id order by id) as searches from saved_searches where frequency <> 'never' group by ask"
    )


async def note_finds(work: Work, searches: Sequence[str], items: Sequence[str]) -> Sequence[asyncpg.Record]:
    """Keep pairs of search and thing that are new, where the thing is on sale for the searcher now.

    Those of instant searches are told at once; the rest wait. Returns, per instant search, what is to be told.
    """
    return await work.db.fetch(
        "with put as (insert into saved_search_finds (search, item, at, told_at)"
        " select s.id, i.id, $3, case when s.frequency = 'instant' then $3::timestamptz end"
        " from unnest($1::text[], $2::text[]) as w (search, item)"
        " join saved_searches s on s.id = w.search and s.frequency <> 'never'"
        " join items i on i.id = w.item and i.state = 'live' and i.reserved + i.sold < i.stock and i.seller <> s.member"
        " where not exists (select from apart where member = s.member and other = i.seller)"
        " on conflict do nothing returning search, item, told_at)"
        " select s.id, s.member, max(p.item) as item, count(*) as count"
        " from put p join saved_searches s on s.id = p.search where p.told_at is not null"
        " group by s.id, s.member order by s.id",
        list(searches),
        list(items),
        work.now,
    )


async def waiting_since(look: Look, before: datetime, limit: int) -> Sequence[str]:
    """Searches with finds from before a moment that nobody was told of."""
    rows = await look.db.fetch(
        "select distinct search from (select search from saved_search_finds where told_at is null and at < $1"
        " order by at limit $2) as found",
        before,
        limit,
    )
    return [row["search"] for row in rows]


async def tell_waiting(work: Work, search: str) -> asyncpg.Record | None:
    """The finds of a search that wait are told now; those still on sale as (member, item, count), None without any."""
    return await work.db.fetchrow(
        "with told as (update saved_search_finds set told_at = $2 where search = $1 and told_at is null"
        " returning item)"
        " select s.member, max(i.id) as item, count(*) as count from told t"
        " join items i on i.id = t.item and i.state = 'live' join saved_searches s on s.id = $1"
        " where s.frequency = 'daily' and not exists (select from apart where member = s.member and other = i.seller)"
        " group by s.member",
        search,
        work.now,
    )


async def old_finds(look: Look, before: datetime, limit: int) -> Sequence[str]:
    """Searches with finds told before a moment."""
    rows = await look.db.fetch(
        "select distinct search from (select search from saved_search_finds where told_at < $1 limit $2) as found",
        before,
        limit,
    )
    return [row["search"] for row in rows]


async def forget_finds(work: Work, search: str, before: datetime) -> None:
    """Forget what was told before a moment."""
    await work.db.execute("delete from saved_search_finds where search = $1 and told_at < $2", search, before)


async def scrub(work: Work, member: str) -> None:
    """Forget what a member looks for."""
    await work.db.execute("delete from saved_searches where member = $1", member)


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """What a member looks for, and what was found."""
    rows = await look.db.fetch(
        "select s.name, s.ask, s.frequency, s.made_at,"
        " array(select f.item from saved_search_finds f where f.search = s.id order by f.at, f.item) as found"
        " from saved_searches s where s.member = $1 order by s.made_at, s.id",
        member,
    )
    return {"saved_searches": [dict(row) for row in rows]}
