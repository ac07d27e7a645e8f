"""What I was told, the newest first, with faces and things as they are now."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import members
from xianji.domains.items import Picture
from xianji.domains.members import MemberCard
from xianji.kernel.ids import NoticeId
from xianji.kernel.pages import PAGE_SIZE, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .model import KINDS, ChooseNotices, Group


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to me.

    `person` did it last, `people` have done it in all. `title` and `picture` are of the thing or note it is about, as
    far as I may see it; `gone` when the thing is not on sale any more.
    """

    id: NoticeId
    kind: str
    group: Group
    at: datetime
    read: bool
    link: str
    person: MemberCard | None
    people: int
    title: str
    picture: Picture | None
    gone: bool
    facts: dict[str, Any]


class Notices(msgspec.Struct, frozen=True):
    """A page of what I was told, and how much of all of it is unread."""

    items: list[Notice]
    next_cursor: str | None
    unread: int


async def my_notices(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Notices:
    """What the viewer was told. Titles of what was taken out of sight are shown to their owners alone."""
    me = look.actor.me
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select n.id as notice, n.kind, n.at as told_at, n.read_at, n.link, n.facts, n.person,"
        " m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,"
        " (select count(*) from notice_people p where p.member = n.member and p.notice = n.id) as people,"
        " coalesce(i.title, t.title) as title, coalesce(i.state not in ('live', 'paused'), false) as gone,"
        " (select (d.id, d.kind, d.width, d.height, d.placeholder, d.colour) from media d where d.state = 'ready'"
        "  and d.id = coalesce((select p.media from item_media p join media e on e.id = p.media and e.state = 'ready'"
        "   where p.item = i.id order by p.place limit 1),"
        "  (select p.media from note_media p join media e on e.id = p.media and e.state = 'ready'"
        "   where p.note = t.id order by p.place limit 1))) as picture,"
        " (select count(*) from notices u where u.member = $1 and u.read_at is null) as unread"
        " from notices n left join members m on m.id = n.person"
        " left join items i on i.id = n.item"
        "  and (i.seller = $1 or i.state in ('live', 'paused', 'sold', 'expired'))"
        " left join notes t on t.id = n.note and (t.author = $1 or t.state = 'live')"
        " where n.member = $1 and ($2::timestamptz is null or (n.at, n.id) < ($2, $3))"
        " order by n.at desc, n.id desc limit $4",
        me,
        at,
        after,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["told_at"], rows[limit - 1]["notice"]) if len(rows) > limit else None
    unread = rows[0]["unread"] if rows else 0
    return Notices([_notice(row) for row in rows[:limit]], more, unread)


def _notice(row: Any) -> Notice:
    return Notice(
        id=row["notice"],
        kind=row["kind"],
        group=KINDS[row["kind"]],
        at=row["told_at"],
        read=row["read_at"] is not None,
        link=row["link"],
        person=members.card_of(row, "person") if row["handle"] else None,
        people=row["people"],
        title=row["title"] or "",
        picture=Picture(*row["picture"]) if row["picture"] else None,
        gone=row["gone"],
        facts=row["facts"],
    )


async def my_choices(look: Look) -> ChooseNotices:
    """Which groups the viewer does not want."""
    off = await look.db.fetchval("select off from notice_choices where member = $1", look.actor.me)
    return ChooseNotices(list(off or ()))
