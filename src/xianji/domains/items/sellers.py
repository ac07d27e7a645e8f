"""What this domain asks of the members below it."""

from xianji.kernel.work import Work

from . import rules


async def limits_of(work: Work) -> rules.Limits:
    """The limits for the actor as a seller."""
    kind = await work.db.fetchval("select seller_type from members where id = $1", work.actor.me)
    return rules.limits(work.config, work.now, individual=kind == "individual")


async def record_sale(work: Work, seller: str) -> None:
    """Count a completed sale."""
