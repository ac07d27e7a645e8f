"""Rows of wanted posts and what answers them."""

import asyncpg

from xianji.domains.items.model import NewWanted
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work


async def insert(
    work: Work,
    wanted: str,
    title: str,
    new: NewWanted,
    currency: str,
    where: tuple[int | None, str | None],
    note: str | None,
) -> None:
    """Write an open wanted post of the actor."""
    await work.db.execute(
        "insert into wanted_posts (id, note, from_note, member, title, budget, currency, category, cell, place_label,"
        " state, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11)",
        wanted,
        note,
        new.from_note,
        work.actor.me,
        title,
        new.budget.amount if new.budget else None,
        currency,
        new.category,
        *where,
        work.now,
    )


async def write(work: Work, wanted: str, title: str, new: NewWanted, where: tuple[int | None, str | None]) -> None:
    """Write what a locked post says now."""
    await work.db.execute(
        "update wanted_posts set title = $2, budget = $3, category = $4, cell = $5, place_label = $6 where id = $1",
        wanted,
        title,
        new.budget.amount if new.budget else None,
        new.category,
        *where,
    )


async def show_of(work: Work, note: str, shown: bool) -> None:
    """Open posts of this note are hidden, or hidden ones open again."""
    await work.db.execute(
        "update wanted_posts set state = case when $2 then 'open' else 'hidden' end"
        " where note = $1 and state = case when $2 then 'hidden' else 'open' end",
        note,
        shown,
    )


async def count_open(work: Work) -> int:
    """Open wanted posts of the actor."""
    return int(
        await work.db.fetchval("select count(*) from wanted_posts where member = $1 and state = 'open'", work.actor.me)
    )


async def lock(work: Work, wanted: str) -> asyncpg.Record:
    """A wanted post, locked; open to everybody who knows its id."""
    row = await work.db.fetchrow("select id, member, state from wanted_posts where id = $1 for update", wanted)
    if row is None:
        raise NOT_FOUND()
    return row


async def close(work: Work, wanted: str) -> None:
    """Mark a locked post as closed."""
    await work.db.execute("update wanted_posts set state = 'closed', closed_at = $2 where id = $1", wanted, work.now)


async def count_answers(work: Work, wanted: str) -> tuple[int, int]:
    """How many answers there are, and how many of them are the actor's."""
    row = await work.db.fetchrow(
        "select count(*) as of_all, count(*) filter (where member = $2) as mine from wanted_answers where wanted = $1",
        wanted,
        work.actor.me,
    )
    assert row is not None, "a count has a row"
    return row["of_all"], row["mine"]


async def answer(work: Work, wanted: str, item: str) -> bool:
    """Write an answer; False when this item answered before."""
    return bool(
        await work.db.fetchval(
            "insert into wanted_answers (wanted, item, member, at) values ($1, $2, $3, $4)"
            " on conflict do nothing returning true",
            wanted,
            item,
            work.actor.me,
            work.now,
        )
    )
