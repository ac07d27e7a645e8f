"""What readers see of gift requests and wanted posts."""

from datetime import datetime

import asyncpg
import msgspec

from xianji.domains.items import places
from xianji.domains.items.model import NEAR_RINGS, RequestState
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .things import ItemCard, Seller, cards, distance, seller_of


class GiftRecord(msgspec.Struct, frozen=True):
    """What the giver may know of an asker: gifts taken and gifts left uncollected, ever; since when they are here."""

    joined_at: datetime
    taken: int
    no_shows: int


class GiftRequest(msgspec.Struct, frozen=True):
    """Somebody who asks for a gift, as its giver sees it."""

    member: Seller
    reason: str
    state: RequestState
    asked_at: datetime
    record: GiftRecord


class GiftToGive(msgspec.Struct, frozen=True):
    """A gift of mine and how many people wait to be picked."""

    id: str
    title: str
    waiting: int


class WantedCard(msgspec.Struct, frozen=True):
    """A wanted post in a list; `answers` counts the things shown to it."""

    id: str
    title: str
    budget: Money | None
    category: str | None
    place_label: str | None
    distance_km: float | None
    state: str
    member: Seller
    note: str | None
    from_note: str | None
    answers: int
    created_at: datetime
    mine: bool


class WantedPage(msgspec.Struct, frozen=True):
    """A wanted post with the things that answer it, newest first."""

    wanted: WantedCard
    answers: list[ItemCard]


async def gift_requests(look: Look, item: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[GiftRequest]:
    """Who asks for the viewer's own gift, first come first; refuses `not_found` to everybody but the giver."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select i.id as item, r.member, r.reason, r.state, r.asked_at, m.joined_at, m.id as seller, m.handle, m.name,"
        " m.avatar,"
        " m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,"
        " (select count(*) from item_requests h where h.member = r.member and h.state = 'taken') as taken,"
        " (select count(*) from item_requests h where h.member = r.member and h.state = 'no_show') as no_shows"
        " from items i left join item_requests r on r.item = i.id and r.state <> 'withdrawn'"
        " and ($3::timestamptz is null or (r.asked_at, r.member) > ($3, $4))"
        " left join members m on m.id = r.member"
        " where i.id = $1 and i.seller = $2 and i.state <> 'removed' order by r.asked_at, r.member limit $5",
        item,
        look.actor.me,
        at,
        after,
        limit + 1,
    )
    if not rows:
        raise NOT_FOUND()
    asked = [row for row in rows if row["member"] is not None]
    more = encode_cursor(asked[limit - 1]["asked_at"], asked[limit - 1]["member"]) if len(asked) > limit else None
    return Page([_asked(row) for row in asked[:limit]], more)


def _asked(row: asyncpg.Record) -> GiftRequest:
    record = GiftRecord(row["joined_at"], row["taken"], row["no_shows"])
    return GiftRequest(seller_of(row), row["reason"], row["state"], row["asked_at"], record)


async def gifts_to_give(look: Look) -> list[GiftToGive]:
    """My gifts that somebody waits for, the newest first; fifty are more than anybody gives at a time."""
    rows = await look.db.fetch(
        "select i.id, i.title, count(*) as waiting from items i"
        " join item_requests r on r.item = i.id and r.state = 'waiting'"
        " where i.seller = $1 and i.kind = 'giveaway' and i.state = 'live' group by i.id order by i.id desc limit 50",
        look.actor.me,
    )
    return [GiftToGive(**row) for row in rows]


async def wanted_list(
    look: Look,
    category: str | None = None,
    member: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    cell: int | None = None,
) -> Page[WantedCard]:
    """Open wanted posts, newest first, of all or of one member, whose closed ones show too.

    `cell` is the viewer's, for distances; `wanted_near` orders by them.
    """
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select w.*, m.id as seller, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type,"
        " m.response_minutes, m.sold_count, (select count(*) from wanted_answers a where a.wanted = w.id) as answers"
        " from wanted_posts w join members m on m.id = w.member"
        " where (w.state = 'open' and $1::text is null or w.member = $1 and w.state <> 'hidden')"
        " and ($2::text is null or w.category = $2)"
        " and ($3::timestamptz is null or (w.created_at, w.id) < ($3, $4))"
        " and not exists (select from apart where member = $5 and other = w.member)"
        " order by w.created_at desc, w.id desc limit $6",
        member,
        category,
        at,
        after,
        look.actor.member,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([_wanted(look, row, cell) for row in rows[:limit]], more)


async def wanted_near(
    look: Look, cell: int, category: str | None = None, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[WantedCard]:
    """Open wanted posts around a cell, the nearest first; within a cell's distance the newest first."""
    if not places.is_cell(cell):
        return Page([])
    cells, metres = places.around(cell, look.config.get(NEAR_RINGS))
    far, at, after = decode_cursor(cursor, tuple[int, datetime, str]) if cursor else (-1, None, "")
    rows = await look.db.fetch(
        "select w.*, near.metres, m.id as seller, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type,"
        " m.response_minutes, m.sold_count, (select count(*) from wanted_answers a where a.wanted = w.id) as answers"
        " from wanted_posts w join unnest($1::bigint[], $2::integer[]) as near (cell, metres) on near.cell = w.cell"
        " join members m on m.id = w.member"
        " where w.state = 'open' and w.cell = any($1) and ($6::text is null or w.category = $6)"
        " and (near.metres > $3 or near.metres = $3 and (w.created_at, w.id) < ($4, $5))"
        " and not exists (select from apart where member = $7 and other = w.member)"
        " order by near.metres, w.created_at desc, w.id desc limit $8",
        cells,
        metres,
        far,
        at,
        after,
        category,
        look.actor.member,
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(last["metres"], last["created_at"], last["id"]) if last else None
    return Page([_wanted(look, row, cell) for row in rows[:limit]], more)


def _wanted(look: Look, row: asyncpg.Record, cell: int | None) -> WantedCard:
    return WantedCard(
        row["id"],
        row["title"],
        None if row["budget"] is None else Money(row["budget"], row["currency"]),
        row["category"],
        row["place_label"],
        distance(row, cell),
        row["state"],
        seller_of(row),
        row["note"],
        row["from_note"],
        row["answers"],
        row["created_at"],
        row["member"] == look.actor.member,
    )


async def wanted_page(look: Look, wanted: str, cell: int | None = None) -> WantedPage:
    """A wanted post and what answers it: two round trips. Refuses `not_found`."""
    row = await look.db.fetchrow(
        "select w.*, m.id as seller, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type,"
        " m.response_minutes, m.sold_count,"
        " (select count(*) from wanted_answers a where a.wanted = w.id) as answers,"
        " array(select a.item from wanted_answers a where a.wanted = w.id order by a.at desc, a.item) as shown"
        " from wanted_posts w join members m on m.id = w.member where w.id = $1"
        " and (w.state <> 'hidden' or w.member = $2)"
        " and not exists (select from apart where member = $2 and other = w.member)",
        wanted,
        look.actor.member,
    )
    if row is None:
        raise NOT_FOUND()
    return WantedPage(_wanted(look, row, cell), await cards(look, row["shown"], cell))
