"""Notices over the API: reading them, having read them, and what one does not want to hear."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import notices
from xianji.domains.notices import ChooseNotices, Group, Notice, ReadNotices
from xianji.kernel.ids import NoticeId
from xianji.kernel.pages import PAGE_SIZE
from xianji.kernel.work import Look
from xianji.web import notice_words
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import notice_settings
from xianji.web.visit import Req, visit_of


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with its sentence in the reader's language."""

    id: NoticeId
    kind: str
    group: Group
    text: str
    facts: dict[str, Any]
    link: str
    person: str | None
    people: int
    at: datetime
    read: bool


class Lines(msgspec.Struct, frozen=True):
    """A page of them, and how many of all are unread."""

    items: list[Line]
    next_cursor: str | None
    unread: int


class Unread(msgspec.Struct, frozen=True):
    """How many notices are unread."""

    unread: int


async def _unread(look: Look, *_: object) -> Unread:
    return Unread((await notices.my_notices(look, limit=1)).unread)


async def _choices(look: Look, *_: object) -> ChooseNotices:
    return await notices.my_choices(look)


COMMANDS: list[Command] = [
    Command(
        "read_notice",
        "/notices/{notice}/read",
        notices.read_notice,
        view=_unread,
        returns=Unread,
        then=lambda link, _notice: str(link),
        tag="notices",
    ),
    Command(
        "read_notices",
        "/notices/read",
        notices.read_notices,
        ReadNotices,
        view=_unread,
        returns=Unread,
        then=lambda _: "/messages",
        tag="notices",
    ),
    Command(
        "choose_notices",
        "/me/notices",
        notices.choose_notices,
        ChooseNotices,
        view=_choices,
        returns=ChooseNotices,
        then=lambda _: "/settings/notices?ok=saved",
        form="/settings/notices",
        shape=notice_settings.wish,
        tag="notices",
    ),
]


@reads("/api/v1/notices", operation_id="list_notices", tags=["notices"])
async def list_notices(
    request: Req,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = PAGE_SIZE,
) -> Lines:
    """What I was told, the newest first, and how much of it is unread."""
    visit = visit_of(request)
    async with visit.look() as look:
        told = await notices.my_notices(look, cursor, limit)

    def line(one: Notice) -> Line:
        return Line(
            id=one.id,
            kind=one.kind,
            group=one.group,
            text=notice_words.sentence(visit, one),
            facts=one.facts,
            link=one.link,
            person=one.person.id if one.person else None,
            people=one.people,
            at=one.at,
            read=one.read,
        )

    return Lines([line(one) for one in told.items], told.next_cursor, told.unread)


@reads("/api/v1/me/notices", operation_id="get_notice_choices", tags=["notices"])
async def get_notice_choices(request: Req) -> ChooseNotices:
    """Which groups I do not want to hear of."""
    async with visit_of(request).look() as look:
        return await notices.my_choices(look)


ROUTES: list[ControllerRouterHandler] = [list_notices, get_notice_choices]
