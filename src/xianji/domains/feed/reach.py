"""流量状态: how far a note or a thing got, and what keeps it, for the one whose it is. One round trip each."""

from typing import Any

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look

from . import rules
from .model import CROWDED, FLOOR_SHOWN, Reach


async def note_reach(look: Look, note: str) -> Reach:
    """A note of the actor's. Refuses `not_found` to everybody else."""
    row = await look.db.fetchrow(
        "select n.id as subject, n.title, n.state, n.likes, n.saves, n.comments,"
        " coalesce(r.shown, 0) as shown, coalesce(r.placed, 0) as placed, coalesce(r.near, 0) as near,"
        " coalesce(r.opened, 0) as opened, r.floor_until, r.floor_at, r.began_at,"
        " (select count(*) from note_items b join offers o on o.item = b.item where b.note = n.id and b.way = 'note')"
        "  as offers,"
        " (select count(*) from note_items b join order_lines l on l.item = b.item where b.note = n.id"
        "  and b.way = 'note') as orders,"
        " (select coalesce(sum(b.shown), 0) from feed_boosts b where b.note = n.id) as boosted,"
        " exists (select from note_items b where b.note = n.id and b.way = 'note') as sells,"
        " exists (select from note_items b join items i on i.id = b.item and i.state = 'live'"
        "  and i.stock > i.sold + i.reserved where b.note = n.id and b.state = 'shown' and not b.hidden) as has_some,"
        " (select m.reason from note_moves m where m.note = n.id and m.comment = '' order by m.version desc limit 1)"
        "  as rule"
        " from notes n left join feed_reaches r on r.subject = n.id where n.id = $1 and n.author = $2",
        note,
        look.actor.me,
    )
    return _reach(look, row)


async def item_reach(look: Look, item: str) -> Reach:
    """A thing of the actor's. Refuses `not_found` to everybody else."""
    row = await look.db.fetchrow(
        "select i.id as subject, i.title, i.state, null::integer as likes, null::integer as saves,"
        " null::integer as comments, coalesce(r.shown, 0) as shown, coalesce(r.placed, 0) as placed,"
        " coalesce(r.near, 0) as near, coalesce(r.opened, 0) as opened, null::timestamptz as floor_until,"
        " null::timestamptz as floor_at, null::timestamptz as began_at,"
        " (select count(*) from offers o where o.item = i.id) as offers,"
        " (select count(*) from order_lines l where l.item = i.id) as orders, 0 as boosted, true as sells,"
        " i.stock > i.sold + i.reserved as has_some,"
        " (select m.reason from item_moves m where m.item = i.id order by m.version desc limit 1) as rule"
        " from items i left join feed_reaches r on r.subject = i.id where i.id = $1 and i.seller = $2",
        item,
        look.actor.me,
    )
    return _reach(look, row)


def _reach(look: Look, row: Any) -> Reach:
    if row is None:
        raise NOT_FOUND()
    standing = rules.standing(
        row["state"], sells=row["sells"], left=row["has_some"], crowded=row["shown"] >= look.config.get(CROWDED)
    )
    return Reach(
        subject=row["subject"],
        title=row["title"],
        shown=row["shown"],
        near_percent=row["near"] * 100 // row["placed"] if row["placed"] else None,
        opened=row["opened"],
        likes=row["likes"],
        saves=row["saves"],
        comments=row["comments"],
        offers=row["offers"],
        orders=row["orders"],
        floor=rules.floor_of(row["began_at"], row["floor_until"], row["floor_at"], look.now),
        floor_shown=look.config.get(FLOOR_SHOWN),
        floor_until=row["floor_until"],
        boosted=row["boosted"],
        standing=standing,
        rule=row["rule"] if standing == "held" else "",
    )
