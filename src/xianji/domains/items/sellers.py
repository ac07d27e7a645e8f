"""What this domain asks of the members below it."""

from xianji.domains import members
from xianji.kernel.work import Work

from . import rules


async def limits_of(work: Work, sells: bool = True) -> rules.Limits:
    """The limits for the actor as a seller. Refuses `cannot_sell_yet` and `restricted` when something goes on sale."""
    if sells:
        await members.need_seller(work)
    kind = await work.db.fetchval("select seller_type from members where id = $1", work.actor.me)
    return rules.limits(work.config, work.now, individual=kind == "individual")


async def count_live(work: Work, seller: str, before: str, after: str, items: int = 1) -> None:
    """Tell the members how many items of this seller are on sale, when a move of so many items changes it."""
    change = ((after == "live") - (before == "live")) * items
    if change:
        await members.count_live_items(work, seller, change)


async def record_sale(work: Work, seller: str) -> None:
    """Count a completed sale."""
    await members.record_sale(work, seller)
