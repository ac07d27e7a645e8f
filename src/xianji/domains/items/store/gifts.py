"""Rows of requests for gifts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from xianji.domains.items.model import RequestState
from xianji.kernel.work import Work

_WEEK = timedelta(days=7)


async def one_at_a_time(work: Work, what: str, member: str) -> None:
    """Let one transaction at a time count what this member may still do."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended($1 || $2, 0))", what, member)


async def asked_this_week(work: Work, member: str) -> int:
    """How many gifts the member has asked for in seven days."""
    return int(
        await work.db.fetchval(
            "select count(*) from item_requests where member = $1 and asked_at > $2", member, work.now - _WEEK
        )
    )


async def given_this_week(work: Work, member: str) -> int:
    """How many gifts the member was promised in seven days and did not turn down."""
    return int(
        await work.db.fetchval(
            "select count(*) from item_requests where member = $1 and state in ('chosen', 'taken') and moved_at > $2",
            member,
            work.now - _WEEK,
        )
    )


async def joined_at(work: Work, member: str) -> datetime:
    """When the member came."""
    moment: datetime = await work.db.fetchval("select joined_at from members where id = $1", member)
    return moment


async def missed_since(work: Work, member: str, days: int) -> list[datetime]:
    """When the member left a gift uncollected in so many days, the newest first."""
    rows = await work.db.fetch(
        "select moved_at from item_requests where member = $1 and state = 'no_show' and moved_at > $2"
        " order by moved_at desc",
        member,
        work.now - timedelta(days=days),
    )
    return [row["moved_at"] for row in rows]


async def got_since(work: Work, member: str, days: int) -> list[asyncpg.Record]:
    """The gifts the member took in so many days, the newest first."""
    return await work.db.fetch(
        "select i.id, i.title, i.category, i.seller from item_requests r join items i on i.id = r.item"
        " where r.member = $1 and r.state = 'taken' and r.moved_at > $2 order by r.moved_at desc, i.id",
        member,
        work.now - timedelta(days=days),
    )


async def mark_resale(work: Work, item: str, gift: str) -> None:
    """Remember which gift this thing looks like."""
    await work.db.execute("update items set resale_of = $2 where id = $1", item, gift)


async def state_of(work: Work, item: str, member: str) -> RequestState | None:
    """The state of this member's request; the item's row is locked by the caller."""
    state: RequestState | None = await work.db.fetchval(
        "select state from item_requests where item = $1 and member = $2", item, member
    )
    return state


async def promised_to(work: Work, items: Sequence[str], member: str) -> frozenset[str]:
    """Which of these gifts are promised to the member and not taken yet."""
    rows = await work.db.fetch(
        "select item from item_requests where item = any($1::text[]) and member = $2 and state = 'chosen'",
        list(items),
        member,
    )
    return frozenset(row["item"] for row in rows)


async def count_waiting(work: Work, item: str) -> int:
    """How many wait for this gift."""
    return int(await work.db.fetchval("select count(*) from item_requests where item = $1 and state = 'waiting'", item))


async def waiting(work: Work, item: str) -> Sequence[str]:
    """Who waits for this gift, in the order of member ids."""
    rows = await work.db.fetch(
        "select member from item_requests where item = $1 and state = 'waiting' order by member", item
    )
    return [row["member"] for row in rows]


async def put(work: Work, item: str, member: str, reason: str) -> None:
    """Write a request, or open a withdrawn one again."""
    await work.db.execute(
        "insert into item_requests (item, member, reason, state, asked_at, moved_at)"
        " values ($1, $2, $3, 'waiting', $4, $4)"
        " on conflict (item, member) do update set reason = $3, state = 'waiting', asked_at = $4, moved_at = $4",
        item,
        member,
        reason,
        work.now,
    )


async def set_state(work: Work, item: str, member: str, state: RequestState) -> None:
    """Move a request; the item's row is locked by the caller."""
    await work.db.execute(
        "update item_requests set state = $3, moved_at = $4 where item = $1 and member = $2",
        item,
        member,
        state,
        work.now,
    )
