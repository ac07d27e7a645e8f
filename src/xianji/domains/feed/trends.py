"""What rises: topics that stand together on more notes than before. For operators, who make a topic of them."""

from datetime import timedelta

from xianji.kernel.work import Look

from .model import TREND_DAYS, Pair


async def rising(look: Look, most: int = 30) -> list[Pair]:
    """Pairs of topics by how much more often they stand together now than in as many days before; for operators.

    It walks the notes of these days by the index of what is new, twenty thousand at most.
    """
    look.actor.need_role("moderator")
    days = timedelta(days=look.config.get(TREND_DAYS))
    rows = await look.db.fetch(
        "with lately as (select id, published_at > $1 as fresh from notes where state = 'live' and published_at > $2"
        "  order by published_at desc limit 20000),"
        " pairs as (select a.topic as one, b.topic as other, (count(*) filter (where l.fresh))::integer as now,"
        "   (count(*) filter (where not l.fresh))::integer as before, count(distinct n.author) as authors"
        "  from lately l join notes n on n.id = l.id join note_topics a on a.note = l.id"
        "  join note_topics b on b.note = l.id and b.topic > a.topic group by 1, 2)"
        " select one, other, now, before from pairs where now > before and authors > 2"
        " order by (now - before)::float8 / (before + 3) desc, now desc, one, other limit $3",
        look.now - days,
        look.now - 2 * days,
        most,
    )
    return [Pair(**row) for row in rows]
