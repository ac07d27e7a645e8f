"""Rows of things kept in mind, always those of the actor."""

from xianji.domains.items import rules
from xianji.kernel.work import Work


async def may_save(work: Work, item: str) -> bool:
    """Whether the actor sees this thing and it is somebody else's."""
    found: bool = await work.db.fetchval(
        "select exists (select from items i where i.id = $1 and i.seller <> $2 and i.state = any($3)"
        " and not exists (select from apart where member = $2 and other = i.seller))",
        item,
        work.actor.me,
        list(rules.SHOWN),
    )
    return found


async def count(work: Work) -> int:
    """How many things the actor keeps in mind."""
    return int(await work.db.fetchval("select count(*) from item_saves where member = $1", work.actor.me))


async def put(work: Work, item: str) -> None:
    """Keep a thing in mind."""
    await work.db.execute(
        "insert into item_saves (item, member, at) values ($1, $2, $3) on conflict do nothing",
        item,
        work.actor.me,
        work.now,
    )


async def drop(work: Work, item: str) -> None:
    """Keep it in mind no more."""
    await work.db.execute("delete from item_saves where item = $1 and member = $2", item, work.actor.me)


async def set_alerts(work: Work, item: str, alerts: bool) -> bool:
    """Want to hear of its price, or not; False when it is not saved."""
    found = await work.db.fetchval(
        "update item_saves set alerts = $3 where item = $1 and member = $2 returning true",
        item,
        work.actor.me,
        alerts,
    )
    return bool(found)
