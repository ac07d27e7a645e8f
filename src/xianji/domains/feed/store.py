"""The rows of the feed: views and reaches in batches, choices, quotas."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from xianji.kernel.work import Look, Work

from .model import FLOOR_SHOWN, WEIGHTS


async def subjects(work: Work, ids: Sequence[str]) -> list[asyncpg.Record]:
    """Of these notes and things those that are in sight: whose they are, where, and since when."""
    return await work.db.fetch(
        "select id, author as owner, cell, published_at as at from notes where id = any($1) and state = 'live'"
        " union all select id, seller, cell, listed_at from items where id = any($1) and state = 'live'",
        ids,
    )


async def without_history(work: Work, members: Sequence[str]) -> set[str]:
    """Those of them who want no list of what they saw."""
    rows = await work.db.fetch("select member from feed_choices where member = any($1) and not history", members)
    return {row["member"] for row in rows}


async def add_views(
    work: Work,
    rows: Sequence[tuple[str, str, bool, bool, bool]],
    facts: dict[str, tuple[int, datetime]],
) -> None:
    """Write views, and what is new in them into the reaches of their subjects: one statement.

    A row is viewer, subject, opened, whether the viewer's place is known, and whether it is near. A viewer counts once
    a day for a subject, and opens it once. `facts` are area and beginning of each subject. Rows are taken in the order
    of their keys, so two processes writing at once wait for each other and do not block.
    """
    await work.db.execute(
        "with given as (select * from unnest($1::text[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[])"
        "  as g (viewer, subject, opened, placed, near)),"
        " new as (insert into feed_views as v (viewer, subject, day, at, opened)"
        "  select viewer, subject, ($6::timestamptz)::date, $6, opened from given order by viewer, subject"
        "  on conflict (viewer, subject, day) do update set opened = true, at = excluded.at"
        "   where excluded.opened and not v.opened returning viewer, subject, opened, xmax = 0 as first),"
        " sums as (select n.subject, (count(*) filter (where n.first))::integer as shown,"
        "   (count(*) filter (where n.first and g.placed))::integer as placed,"
        "   (count(*) filter (where n.first and g.near))::integer as near,"
        "   (count(*) filter (where n.opened))::integer as opened"
        "  from new n join given g using (viewer, subject) group by n.subject)"
        " insert into feed_reaches as r (subject, area, shown, placed, near, opened, heat, began_at)"
        " select s.subject, t.area, s.shown, s.placed, s.near, s.opened,"
        "  case when s.opened > 0 then extract(epoch from t.at) / $11 + ln(1 + s.opened) else 0 end, t.at"
        " from sums s join unnest($7::text[], $8::bigint[], $9::timestamptz[]) as t (subject, area, at) using (subject)"
        " order by s.subject"
        " on conflict (subject) do update set shown = r.shown + excluded.shown, placed = r.placed + excluded.placed,"
        "  near = r.near + excluded.near, opened = r.opened + excluded.opened,"
        "  heat = case when r.opened + excluded.opened > 0"
        "   then extract(epoch from r.began_at) / $11 + ln(1 + r.opened + excluded.opened) else 0 end,"
        "  floor_at = case when r.floor_until is not null and r.shown + excluded.shown >= $10 then $6"
        "   else r.floor_at end,"
        "  floor_until = case when r.shown + excluded.shown >= $10 then null else r.floor_until end",
        *([row[place] for row in rows] for place in range(5)),
        work.now,
        list(facts),
        [area for area, _ in facts.values()],
        [at for _, at in facts.values()],
        work.config.get(FLOOR_SHOWN),
        work.config.get(WEIGHTS).fresh_hours * 3600,
    )


async def open_reach(work: Work, note: str, area: int, at: datetime, until: datetime) -> None:
    """A note is in sight: unless it has had them, its first readers are owed to it."""
    await work.db.execute(
        "insert into feed_reaches as r (subject, area, began_at, floor_until) values ($1, $2, $3, $4)"
        " on conflict (subject) do update set floor_until = excluded.floor_until, area = excluded.area"
        " where r.floor_at is null and r.shown < $5",
        note,
        area,
        at,
        until,
        work.config.get(FLOOR_SHOWN),
    )


async def live_note(work: Work, note: str) -> asyncpg.Record | None:
    """Cell and publishing of a note that is in sight."""
    return await work.db.fetchrow("select cell, published_at from notes where id = $1 and state = 'live'", note)


async def ending_floors(look: Look, limit: int) -> list[str]:
    """Notes whose hours passed before they had their first readers."""
    rows = await look.db.fetch(
        "select subject from feed_reaches where floor_until <= $1 order by floor_until limit $2", look.now, limit
    )
    return [row["subject"] for row in rows]


async def end_floor(work: Work, subject: str) -> None:
    """Nothing is owed any more."""
    await work.db.execute(
        "update feed_reaches set floor_until = null where subject = $1 and floor_until <= $2", subject, work.now
    )


async def old_days(look: Look, of_members: date, of_shaded: date, limit: int) -> list[str]:
    """The days before these of which views are still kept; those of shaded viewers with ~ before them."""
    rows = await look.db.fetch(
        "select distinct day::text as day from (select day from feed_views where day < $1 order by day limit $3) d"
        " union select distinct '~' || day from (select day from feed_views where day < $2 and viewer like '~%'"
        "  order by day limit $3) d",
        of_members,
        of_shaded,
        limit,
    )
    return [row["day"] for row in rows]


async def forget_day(work: Work, day: date, *, shaded: bool) -> None:
    """Forget the views of a day, or only those of shaded viewers, some thousand at once; the rest stays due."""
    await work.db.execute(
        "delete from feed_views v using (select viewer, subject from feed_views where day = $1"
        " and (not $2 or viewer like '~%') limit 5000) old"
        " where v.day = $1 and v.viewer = old.viewer and v.subject = old.subject",
        day,
        shaded,
    )


async def put_choices(work: Work, personal: bool, history: bool) -> None:
    """What the actor chose."""
    await work.db.execute(
        "insert into feed_choices (member, personal, history) values ($1, $2, $3)"
        " on conflict (member) do update set personal = excluded.personal, history = excluded.history",
        work.actor.me,
        personal,
        history,
    )


async def erase_views(work: Work, member: str, subject: str | None) -> None:
    """Forget one or all views of a member."""
    await work.db.execute(
        "delete from feed_views where viewer = $1 and ($2::text is null or subject = $2)", member, subject
    )


async def is_there(work: Work, kind: str, key: str) -> bool:
    """Whether there is such a topic (t), such a note in sight (n), or such a member (m) besides the actor."""
    found = await work.db.fetchval(
        "select case $1::text when 't' then exists (select from topics where name = $2)"
        " when 'n' then exists (select from notes where id = $2 and state = 'live')"
        " else exists (select from members where id = $2 and id <> $3 and scrubbed_at is null) end",
        kind,
        key,
        work.actor.me,
    )
    return bool(found)


async def put_less(work: Work, subject: str, until: datetime, most: int) -> None:
    """Remember what the actor wants less of; the oldest of more than `most` is forgotten."""
    await work.db.execute(
        "insert into feed_less (member, subject, at, until) values ($1, $2, $3, $4)"
        " on conflict (member, subject) do update set at = excluded.at, until = excluded.until",
        work.actor.me,
        subject,
        work.now,
        until,
    )
    await work.db.execute(
        "delete from feed_less where member = $1 and subject in"
        " (select subject from feed_less where member = $1 order by at desc, subject offset $2)",
        work.actor.me,
        most,
    )


async def ending_less(look: Look, limit: int) -> list[str]:
    """Members of whose wishes for less some are over."""
    rows = await look.db.fetch(
        "select distinct member from (select member from feed_less where until <= $1 order by until limit $2) l",
        look.now,
        limit,
    )
    return [row["member"] for row in rows]
