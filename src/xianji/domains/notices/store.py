"""The rows of notices. A telling is one statement, for one member or for many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xianji.kernel.work import Look, Work

from .model import ALWAYS, KINDS, Stale, Telling


async def put(work: Work, telling: Telling) -> list[str]:
    """Tell everybody named who wants to hear it; returns who was told.

    Left out are who did it, who has left, and, but for what nobody may miss, whom a block keeps apart and who has
    switched the group off. An unread row of the same kind and subject is told anew instead of a second one.
    """
    group = KINDS[telling.kind]
    rows = await work.db.fetch(
        "with told as ("
        " insert into notices (member, id, kind, subject, person, item, note, facts, link, at)"
        " select m.id, w.id, $3, $4, $5,"
        "  coalesce((select l.item from order_lines l where l.order_id = $6 order by l.number limit 1), $6),"
        "  $7, $8, $9, $10"
        " from unnest($1::text[], $2::text[]) as w (member, id) join members m on m.id = w.member"
        " where m.scrubbed_at is null and m.id is distinct from $5"
        "  and ($12 or not exists (select from apart where member = m.id and other = $5)"
        "   and not exists (select from notice_choices c where c.member = m.id and $11 = any(c.off)))"
        " on conflict (member, kind, subject) where read_at is null do update"
        " set person = excluded.person, item = excluded.item, note = excluded.note, link = excluded.link,"
        "  at = excluded.at, facts = excluded.facts || case when notices.facts ? 'before'"
        "   then jsonb_build_object('before', notices.facts -> 'before') else '{}' end"
        " returning member, id),"
        " people as (insert into notice_people (member, notice, person, at)"
        "  select member, id, $5, $10 from told where $5::text is not null on conflict do nothing)"
        " select member from told order by member",
        list(telling.to),
        [work.new_id("ntc") for _ in telling.to],
        telling.kind,
        telling.subject,
        telling.person,
        telling.item,
        telling.note,
        telling.facts,
        telling.link,
        work.now,
        group,
        group in ALWAYS,
    )
    return [row["member"] for row in rows]


async def drop(work: Work, stale: Stale) -> None:
    """What nobody has read of this is not told any more."""
    await work.db.execute(
        "delete from notices where kind = $1 and subject = $2 and read_at is null", stale.kind, stale.subject
    )


async def part(work: Work, one: str, other: str, kinds: Sequence[str]) -> None:
    """Two members see nothing more of each other: what each was told of the other in these kinds goes."""
    await work.db.execute(
        "delete from notice_people p using notices n where n.member = p.member and n.id = p.notice"
        " and n.kind = any($3::text[]) and (p.member, p.person) in (($1, $2), ($2, $1))",
        one,
        other,
        list(kinds),
    )
    await work.db.execute(
        "with mine as (select n.member, n.id, (select p.person from notice_people p"
        "  where p.member = n.member and p.notice = n.id order by p.at desc, p.person limit 1) as last"
        "  from notices n where n.kind = any($3::text[]) and (n.member, n.person) in (($1, $2), ($2, $1))),"
        " kept as (update notices n set person = m.last from mine m"
        "  where n.member = m.member and n.id = m.id and m.last is not null)"
        " delete from notices n using mine m where n.member = m.member and n.id = m.id and m.last is null",
        one,
        other,
        list(kinds),
    )


async def mark(work: Work, id: str) -> str | None:
    """The actor has read one; its link, or None when it is not theirs."""
    link: str | None = await work.db.fetchval(
        "update notices set read_at = coalesce(read_at, $3) where member = $1 and id = $2 returning link",
        work.actor.me,
        id,
        work.now,
    )
    return link


async def mark_all(work: Work, until: datetime | None) -> None:
    """The actor has read all that was told up to a moment, or everything."""
    await work.db.execute(
        "update notices set read_at = $2 where member = $1 and read_at is null"
        " and ($3::timestamptz is null or at <= $3)",
        work.actor.me,
        work.now,
        until,
    )


async def choose(work: Work, off: Sequence[str]) -> None:
    """Which groups the actor does not want."""
    await work.db.execute(
        "insert into notice_choices (member, off) values ($1, $2)"
        " on conflict (member) do update set off = excluded.off",
        work.actor.me,
        list(off),
    )


async def still_asking(look: Look, item: str) -> list[str]:
    """Who waits for a gift that is gone."""
    rows = await look.db.fetch(
        "select r.member from item_requests r join items i on i.id = r.item and i.kind = 'giveaway'"
        " where r.item = $1 and r.state = 'waiting' order by r.member",
        item,
    )
    return [row["member"] for row in rows]


async def keeping(work: Work, item: str, price: int) -> list[str]:
    """Who keeps a thing on sale in mind and has not heard of this price yet; from now on they have."""
    rows = await work.db.fetch(
        "insert into notice_prices (member, item, price, at)"
        " select s.member, s.item, $2, $3 from item_saves s join items i on i.id = s.item and i.state = 'live'"
        " where s.item = $1 and s.alerts and i.price = $2 on conflict do nothing returning member",
        item,
        price,
        work.now,
    )
    return sorted(row["member"] for row in rows)


async def old(look: Look, before: datetime, limit: int) -> Sequence[str]:
    """Members with notices, or with prices they were told of, from before a moment."""
    rows = await look.db.fetch(
        "select distinct member from ((select member from notices where at < $1 limit $2)"
        " union all (select member from notice_prices where at < $1 limit $2)) as found limit $2",
        before,
        limit,
    )
    return [row["member"] for row in rows]


async def forget_old(work: Work, member: str, before: datetime) -> None:
    """Delete what a member was told before a moment."""
    await work.db.execute("delete from notices where member = $1 and at < $2", member, before)
    await work.db.execute("delete from notice_prices where member = $1 and at < $2", member, before)


async def scrub(work: Work, member: str) -> None:
    """What a member was told goes with them; what they did stays told to others, without them."""
    await work.db.execute("delete from notices where member = $1", member)
    await work.db.execute("delete from notice_choices where member = $1", member)
    await work.db.execute("delete from notice_prices where member = $1", member)
    await work.db.execute("delete from notice_people where person = $1", member)
    await work.db.execute(
        "update notices n set person = (select p.person from notice_people p where p.member = n.member"
        " and p.notice = n.id order by p.at desc, p.person limit 1) where n.person = $1",
        member,
    )


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """What a member was told and what they do not want to hear; other people only by id."""
    told = await look.db.fetch(
        "select id, kind, subject, person, item, note, facts, link, at, read_at from notices"
        " where member = $1 order by at, id",
        member,
    )
    off = await look.db.fetchval("select off from notice_choices where member = $1", member)
    prices = await look.db.fetch(
        "select item, price, at from notice_prices where member = $1 order by at, item", member
    )
    return {
        "notices": [dict(row) for row in told],
        "notices_off": list(off or ()),
        "prices_told": [dict(row) for row in prices],
    }
