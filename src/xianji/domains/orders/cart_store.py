"""The rows of carts: one for each thing a member has put in, whoever sells it."""

from collections.abc import Sequence

from xianji.kernel.work import Work


async def put(work: Work, item: str, quantity: int) -> None:
    """So many units of a thing in the actor's cart, in all."""
    await work.db.execute(
        "insert into cart_lines (member, item, quantity, added_at) values ($1, $2, $3, $4)"
        " on conflict (member, item) do update set quantity = excluded.quantity",
        work.actor.me,
        item,
        quantity,
        work.now,
    )


async def count_others(work: Work, item: str) -> int:
    """How many other things are in the actor's cart; two additions at once wait for each other."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('cart of ' || $1, 0))", work.actor.me)
    found: int = await work.db.fetchval(
        "select count(*) from cart_lines where member = $1 and item <> $2", work.actor.me, item
    )
    return found


async def drop(work: Work, items: Sequence[str]) -> None:
    """Take things out of the actor's cart; those that are not in it are fine too."""
    await work.db.execute("delete from cart_lines where member = $1 and item = any($2)", work.actor.me, list(items))


async def clear(work: Work, member: str) -> None:
    """An empty cart."""
    await work.db.execute("delete from cart_lines where member = $1", member)
