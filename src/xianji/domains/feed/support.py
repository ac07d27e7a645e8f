"""Support of a campaign: so many labelled impressions for the notes of a topic, beside the ranking and not in it.

What is handed out is taken from the quota before: a process leases some impressions at a time in one conditional
update, so all of them together never hand out more than there are. What a process holds when it dies is lost.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from xianji.domains import items, notes
from xianji.kernel import audit
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import SYSTEM, Actor, Look, Work

from .model import (
    COLLECT_KM,
    LEASE,
    QUOTA_TIMES_NOT_VALID,
    SEEN_DAYS,
    SUPPORT_PLACE,
    FeedCard,
    FeedPage,
    NewQuota,
    Quota,
)
from .ranking import also_shown

_READ_AGAIN_SECONDS = 5.0


async def grant_quota(work: Work, ask: NewQuota) -> str:
    """Promise a campaign so many impressions; for operators. Returns the quota's id.

    Refuses `quota_times_not_valid`.
    """
    work.actor.need_role("moderator")
    if ask.starts_at.tzinfo is None or ask.ends_at.tzinfo is None or not ask.starts_at < ask.ends_at > work.now:
        raise QUOTA_TIMES_NOT_VALID()
    id = work.new_id("qta")
    await work.db.execute(
        "insert into feed_quotas (id, topic, label, quota, starts_at, ends_at, made_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        notes.topic_key(ask.topic),
        ask.label,
        ask.quota,
        ask.starts_at,
        ask.ends_at,
        work.now,
    )
    await audit.record(work, "feed.grant_quota", id, ask.label, topic=ask.topic, quota=ask.quota)
    return id


async def end_quota(work: Work, id: str, reason: str) -> None:
    """Stop handing out a quota now; for operators. What processes hold already is handed out within seconds."""
    work.actor.need_role("moderator")
    ended = await work.db.fetchval(
        "update feed_quotas set ends_at = greatest($2, starts_at + interval '1 second') where id = $1 and ends_at > $2"
        " returning id",
        id,
        work.now,
    )
    if ended is None:
        raise NOT_FOUND()
    await audit.record(work, "feed.end_quota", id, reason)


async def quotas(look: Look) -> list[Quota]:
    """The latest hundred quotas, for operators."""
    look.actor.need_role("moderator")
    rows = await look.db.fetch(
        "select id, topic, label, quota, used, starts_at, ends_at from feed_quotas order by ends_at desc, id limit 100"
    )
    return [Quota(**row) for row in rows]


async def lease(work: Work, quota: str) -> int:
    """Take some impressions of a running quota, up to `feed.lease`; how many there were."""
    taken: int | None = await work.db.fetchval(
        "with held as (select id, least($2, quota - used) as some from feed_quotas"
        "  where id = $1 and starts_at <= $3 and ends_at > $3 and used < quota for update)"
        " update feed_quotas q set used = used + held.some from held where q.id = held.id returning held.some",
        quota,
        work.config.get(LEASE),
        work.now,
    )
    return taken or 0


async def note_boosts(work: Work, boosts: dict[tuple[str, str], int]) -> None:
    """Which note had how many of them: (quota, note) → impressions."""
    keys = sorted(boosts)
    await work.db.execute(
        "insert into feed_boosts as b (quota, note, shown)"
        " select * from unnest($1::text[], $2::text[], $3::integer[])"
        " on conflict (quota, note) do update set shown = b.shown + excluded.shown",
        [quota for quota, _ in keys],
        [note for _, note in keys],
        [boosts[key] for key in keys],
    )


class Supporter:
    """What one process has leased, and what it gave to which note since it last wrote that down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: list[Quota] = []
        self._read_at: datetime | None = None
        self._left: Counter[str] = Counter()
        self._given: Counter[tuple[str, str]] = Counter()

    async def join(self, actor: Actor, cell: int | None, page: FeedPage) -> FeedPage:
        """The first page of a scroll with one labelled card of a running campaign, if there is one for this reader."""
        running = await self._now_running()
        if not running or not page.items:
            return page
        async with self._database.look(actor) as look:
            found = await _supported(look, [one.id for one in running], cell)
            if found is None or not await self._take(found["quota"]):
                return page
            cards = await notes.note_cards(look, [found["note"]], cell, "support")
            place = look.config.get(SUPPORT_PLACE) - 1
        if not cards:
            return page
        self._given[found["quota"], found["note"]] += 1
        label = next(one.label for one in running if one.id == found["quota"])
        card = FeedCard(**structs.asdict(cards[0]), parts={}, reasons=[], label=label)
        others = [one for one in page.items if one.id != card.id]
        return structs.replace(
            page,
            items=[*others[:place], card, *others[place:]],
            next_cursor=also_shown(page.next_cursor, card.id),
        )

    async def _now_running(self) -> list[Quota]:
        now = self._database.clock.now()
        if self._read_at is None or (now - self._read_at).total_seconds() >= _READ_AGAIN_SECONDS:
            self._read_at = now
            async with self._database.look(SYSTEM) as look:
                self._running = await _running(look)
            await self.flush()
        return [one for one in self._running if one.starts_at <= now < one.ends_at]

    async def _take(self, quota: str) -> bool:
        """One impression of what was leased; a new lease when nothing is left of it."""
        if not self._left[quota]:
            async with self._database.work(SYSTEM) as work:
                self._left[quota] = await lease(work, quota)
        if not self._left[quota]:
            return False
        self._left[quota] -= 1
        return True

    async def flush(self) -> None:
        """Write down what was given to which note."""
        given, self._given = self._given, Counter()
        if given:
            async with self._database.work(SYSTEM) as work:
                await note_boosts(work, dict(given))


async def _running(look: Look) -> list[Quota]:
    rows = await look.db.fetch(
        "select id, topic, label, quota, used, starts_at, ends_at from feed_quotas where ends_at > $1"
        " order by id limit 50",
        look.now,
    )
    return [Quota(**row) for row in rows]


async def _supported(look: Look, quotas: list[str], cell: int | None) -> Any:
    """One note of these campaigns for the actor: in sight, not seen yet, near ones and the least supported first."""
    return await look.db.fetchrow(
        "select q.id as quota, n.id as note from feed_quotas q cross join lateral"
        " (select note from note_topics where topic = q.topic order by at desc, note desc limit 60) t"
        " join notes n on n.id = t.note and n.state = 'live' and n.author is distinct from $2"
        " left join feed_boosts b on b.quota = q.id and b.note = n.id"
        " where q.id = any($1) and not exists (select from apart where member = $2 and other = n.author)"
        " and not exists (select from feed_views v where v.viewer = $2 and v.subject = n.id and v.day >= $4)"
        " and (not exists (select from note_items k where k.note = n.id) or exists (select from note_items k"
        "  join items i on i.id = k.item and i.state = 'live' and i.stock > i.sold + i.reserved where k.note = n.id))"
        " order by n.cell = any($3::bigint[]) is true desc, coalesce(b.shown, 0), n.id limit 1",
        quotas,
        look.actor.member,
        [] if cell is None else items.cells_within(cell, look.config.get(COLLECT_KM)),
        (look.now - timedelta(days=look.config.get(SEEN_DAYS))).date(),
    )
