"""The rows of thanks: one word from each side of a completed order."""

import asyncpg

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work


async def insert(work: Work, order: str, id: str, words: str, named: bool, state: str) -> bool:
    """The actor's thanks; False when there is one already."""
    done = await work.db.execute(
        "insert into order_thanks (order_id, member, id, words, named, state, at) values ($1, $2, $3, $4, $5, $6, $7)"
        " on conflict do nothing",
        order,
        work.actor.me,
        id,
        words,
        named,
        state,
        work.now,
    )
    return done == "INSERT 0 1"


async def delete(work: Work, order: str) -> None:
    """The actor's thanks are taken back. Refuses `not_found`, also for what is hidden: that is a case's business."""
    done = await work.db.execute(
        "delete from order_thanks where order_id = $1 and member = $2 and state = 'live'", order, work.actor.me
    )
    if done == "DELETE 0":
        raise NOT_FOUND()


async def lock(work: Work, id: str) -> asyncpg.Record:
    """Thanks by their id, locked; the caller has checked the right to them. Refuses `not_found`."""
    row = await work.db.fetchrow("select order_id, member, state from order_thanks where id = $1 for update", id)
    if row is None:
        raise NOT_FOUND()
    return row


async def set_state(work: Work, row: asyncpg.Record, state: str) -> None:
    """Show them or not."""
    await work.db.execute(
        "update order_thanks set state = $3 where order_id = $1 and member = $2", row["order_id"], row["member"], state
    )


async def forget(work: Work, member: str) -> None:
    """All thanks of a member."""
    await work.db.execute("delete from order_thanks where member = $1", member)
