"""What may be shown to a reader: who they are to the feed, and notes of every source, each by an index and a limit."""

from datetime import timedelta
from typing import Any

from xianji.domains import items
from xianji.kernel.work import Look

from .model import COLLECT_KM, COMMERCIAL_THINGS, ENOUGH_SUPPLY, SEEN_DAYS, TASTE_HALF_DAYS, Candidate, Reader

_SUBJECTS = 4  # categories, and as many topics, of which candidates are looked for


async def read_reader(look: Look, cell: int | None) -> Reader:
    """What the feed knows of the actor: what they did lately (nothing when they chose so) and what is on sale close by.

    Of each kind of deed only the newest count, so this costs the same for everybody.
    """
    row: Any = await look.db.fetchrow(
        "with me as (select $1::text as id"
        "  where coalesce((select personal from feed_choices where member = $1), true)),"
        " deeds (subject, points, at) as ("
        " (select l.note, 3.0, l.at from me join note_likes l on l.member = me.id order by l.at desc limit 40)"
        " union all (select s.note, 4.0, s.at from me join note_saves s on s.member = me.id"
        "  order by s.at desc limit 40)"
        " union all (select v.subject, 1.0, v.at from me join feed_views v on v.viewer = me.id and v.opened"
        "  order by v.at desc limit 60)"
        " union all (select c.note, 3.0, c.created_at from me join comments c on c.author = me.id"
        "  order by c.created_at desc limit 20)"
        " union all (select o.item, 5.0, o.made_at from me join offers o on o.buyer = me.id"
        "  order by o.id desc limit 20)"
        " union all (select r.item, 5.0, r.asked_at from me join item_requests r on r.member = me.id"
        "  order by r.asked_at desc limit 20)"
        " union all select l.item, 6.0, o.placed_at from (select o.id, o.placed_at from me join orders o"
        "  on o.buyer = me.id order by o.id desc limit 20) o join order_lines l on l.order_id = o.id),"
        " named as ("
        " select 'c:' || i.category as name, d.points, d.at from deeds d join items i on i.id = d.subject"
        " union all select distinct on (d.subject, d.at, i.category) 'c:' || i.category, d.points, d.at from deeds d"
        "  join note_items b on b.note = d.subject join items i on i.id = b.item"
        " union all select 't:' || t.topic, d.points / 2, d.at from deeds d join note_topics t on t.note = d.subject),"
        " taste as (select name, sum(points * power(0.5, extract(epoch from $2 - at) / 86400 / $3))::float8 as points"
        "  from named where name is not null group by name order by 2 desc limit 30)"
        " select exists (select from me where id is not null) as personal,"
        " (select jsonb_object_agg(name, points) from taste) as taste,"
        " array(select f.topic from me join topic_follows f on f.member = me.id order by f.at desc, f.topic desc"
        "  limit 40) as topics,"
        " array(select l.subject from me join feed_less l on l.member = me.id and l.until > $2) as less,"
        " (select count(*) from (select from items i where i.cell = any($4::bigint[]) and i.state = 'live' limit $5) s)"
        " as supply",
        look.actor.member,
        look.now,
        look.config.get(TASTE_HALF_DAYS),
        [] if cell is None else items.cells_within(cell, look.config.get(COLLECT_KM)),
        look.config.get(ENOUGH_SUPPLY),
    )
    less = frozenset(row["less"])
    taste = {name: points for name, points in (row["taste"] or {}).items() if name not in less}
    return Reader(cell, taste, tuple(row["topics"]), less, row["supply"], row["personal"])


async def pick(look: Look, reader: Reader, shown: list[str]) -> list[Candidate]:
    """Notes from every source that the reader may see and has not, with what their score is made of."""
    rows = await look.db.fetch(
        "with gone as (select right(subject, 6) from feed_views where viewer = $1 and day >= $7"
        "  union all select * from unnest($6::text[]) union all select right(subject, 6) from feed_less"
        "   where member = $1 and subject like 'n:%' and until > $5), picked as ("
        " select n.id, 'near' as source from unnest($2::bigint[]) as a (area) cross join lateral"
        "  (select id from notes where state = 'live' and cell is not null and area_of(cell) = a.area"
        "   and right(id, 6) not in (table gone) order by published_at desc, id desc limit 12) n"
        " union all select i.note, 'taste' from unnest($2::bigint[]) as a (area)"
        "  cross join unnest($3::text[]) as c (name) cross join lateral (select note from items"
        "   where state = 'live' and cell is not null and note is not null and area_of(cell) = a.area"
        "   and category = c.name and right(note, 6) not in (table gone) order by listed_at desc limit 3) i"
        " union all select i.note, 'taste' from unnest($3::text[]) as c (name) cross join lateral"
        "  (select note from items where state = 'live' and category = c.name and note is not null"
        "   and right(note, 6) not in (table gone) order by listed_at desc, id desc limit 12) i"
        " union all select t.note, 'taste' from unnest($4::text[]) as c (name) cross join lateral"
        "  (select note from note_topics where topic = c.name order by at desc, note desc limit 12) t"
        " union all select n.id, 'follow' from (select other from ties where member = $9 and kind = 'follows'"
        "   order by at desc, other desc limit 80) f cross join lateral (select id from notes where author = f.other"
        "   and state = 'live' order by published_at desc, id desc limit 2) n"
        " union all select n.id, 'circle' from (select circle from circle_members where member = $9"
        "   order by joined_at desc limit 20) m cross join lateral (select id from notes where circle = m.circle"
        "   and state = 'live' order by published_at desc, id desc limit 6) n"
        " union all select t.note, 'topic' from unnest($10::text[]) as f (topic) cross join lateral"
        "  (select note from note_topics where topic = f.topic"
        "   and right(note, 6) not in (table gone) order by at desc, note desc limit 4) t"
        " union all select r.subject, 'fair' from unnest($2::bigint[] || 0::bigint) as a (area) cross join lateral"
        "  (select subject from feed_reaches where area = a.area and floor_until is not null and floor_until > $5"
        "   order by shown, subject limit 6) r"
        " union all select r.subject, 'warm' from unnest($2::bigint[]) as a (area) cross join lateral"
        "  (select subject from feed_reaches where area = a.area and heat > 0 order by heat desc limit 4) r"
        " union all (select subject, 'fair' from feed_reaches where cardinality($2::bigint[]) = 0"
        "   and floor_until > $5 and right(subject, 6) not in (table gone) order by shown, subject limit 24)"
        " union all (select subject, 'warm' from feed_reaches where cardinality($2::bigint[]) = 0 and heat > 0"
        "   and subject like 'nte%' and right(subject, 6) not in (table gone) order by heat desc limit 40)"
        " union all (select id, 'new' from notes where state = 'live' and right(id, 6) not in (table gone)"
        "   order by published_at desc, id desc limit 40)),"
        " found as (select p.id, array_agg(distinct p.source) as sources from picked p"
        "  where right(p.id, 6) not in (table gone) group by p.id)"
        " select n.id, n.author, n.circle, n.cell, n.published_at, f.sources, c.name as circle_name,"
        "  c.name_en as circle_name_en, m.seller_type <> 'individual' or m.items_live >= $8 as trader, b.meets,"
        "  coalesce(b.categories, '{}') as categories,"
        "  array(select t.topic from note_topics t where t.note = n.id) as topics, r.floor_until > $5 as owed,"
        "  coalesce(r.shown, 0) as shown, coalesce(r.placed, 0) as placed, coalesce(r.near, 0) as near,"
        "  coalesce(r.opened, 0) as opened from found f join notes n on n.id = f.id and n.state = 'live'"
        " join members m on m.id = n.author"
        " left join feed_reaches r on r.subject = n.id"
        " left join circles c on c.id = n.circle and f.sources @> array['circle']"
        " cross join lateral (select count(*) as things,"
        "   count(*) filter (where i.state = 'live' and i.stock > i.sold + i.reserved) as unsold,"
        "   bool_or(i.handover = '{}' or i.handover @> array['meet']) as meets,"
        "   array_agg(distinct i.category) filter (where i.category is not null) as categories"
        "  from note_items k join items i on i.id = k.item where k.note = n.id and k.state = 'shown' and not k.hidden"
        "   and i.state in ('live', 'paused', 'sold', 'expired')) b"
        " where (b.unsold > 0 or b.things = 0 and n.kind not in ('sale', 'stall', 'giveaway'))"
        " and n.author is distinct from $1 and not exists (select from apart where member = $1 and other = n.author)"
        " and not exists (select from wanted_posts w where w.note = n.id and w.state <> 'open')",
        look.actor.member,
        [] if reader.cell is None else items.areas_around(reader.cell),
        _strongest(reader, "c:"),
        _strongest(reader, "t:"),
        look.now,
        shown,
        (look.now - timedelta(days=look.config.get(SEEN_DAYS))).date(),
        look.config.get(COMMERCIAL_THINGS),
        look.actor.member if reader.personal else None,
        [topic for topic in reader.topics if f"t:{topic}" not in reader.less],
    )
    return [_candidate(row, reader, look) for row in rows]


def _strongest(reader: Reader, kind: str) -> list[str]:
    """The subjects of a kind that interest the reader most."""
    names = sorted((name for name in reader.taste if name.startswith(kind)), key=lambda name: -reader.taste[name])
    return [name.removeprefix(kind) for name in names[:_SUBJECTS]]


def _candidate(row: Any, reader: Reader, look: Look) -> Candidate:
    known = reader.cell is not None and row["cell"] is not None
    return Candidate(
        id=row["id"],
        author=row["author"],
        circle=row["circle"],
        circle_name=row["circle_name"] or "",
        circle_name_en=row["circle_name_en"] or "",
        age_hours=max(0.0, (look.now - row["published_at"]).total_seconds() / 3600),
        km=items.metres_between(reader.cell, row["cell"]) / 1000 if known else None,  # type: ignore[arg-type]
        sources=frozenset(row["sources"]),
        categories=tuple(row["categories"]),
        topics=tuple(row["topics"]),
        meets=bool(row["meets"]),
        trader=row["trader"],
        owed=bool(row["owed"]),
        shown=row["shown"],
        placed=row["placed"],
        near=row["near"],
        opened=row["opened"],
    )
