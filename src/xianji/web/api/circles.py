"""Circles and topics."""

from typing import Any

import msgspec
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import circles, notes
from xianji.domains.circles import (
    CircleCard,
    CirclePage,
    EditCircle,
    FoundCircle,
    MeetingPlace,
    NewHost,
    NewMeetingPlace,
    RemoveMeetingPlace,
    SetMeetingPlaces,
    SetRule,
    SetRules,
)
from xianji.domains.items import ItemCard
from xianji.domains.notes import TopicPage
from xianji.kernel.pages import Page
from xianji.kernel.work import Look
from xianji.web import circle_rules
from xianji.web.answers import reads
from xianji.web.circle_rules import RulesShown
from xianji.web.commands import Command
from xianji.web.paths import topic_address
from xianji.web.visit import Req, visit_of


class CircleSeen(CirclePage, frozen=True):
    """A circle with the numbers of what stands in it."""

    notes: int
    things: int


@reads("/api/v1/circles", operation_id="list_circles", tags=["circles"])
async def list_circles(
    request: Req, mine: FromQuery[bool] = False, cursor: FromQuery[str | None] = None
) -> Page[CircleCard]:
    """Circles, largest first; with `mine` only those the viewer is in."""
    async with visit_of(request).look() as look:
        return await circles.circles(look, cursor, mine)


@reads("/api/v1/circles/{circle:str}", operation_id="get_circle", tags=["circles"])
async def get_circle(request: Req, circle: FromPath[str]) -> CircleSeen:
    """One circle by its slug or id, with its rules in force and the numbers of what stands in it."""
    async with visit_of(request).look() as look:
        page = await circles.circle_page(look, circle)
        counts = await notes.circle_counts(look, page.id)
    return CircleSeen(**msgspec.structs.asdict(page), notes=counts.notes, things=counts.things)


@reads("/api/v1/circles/{circle:str}/items", operation_id="list_circle_items", tags=["circles"])
async def list_circle_items(
    request: Req, circle: FromPath[str], cursor: FromQuery[str | None] = None
) -> Page[ItemCard]:
    """Things on sale in the notes of a circle (slug or id), last added first."""
    async with visit_of(request).look() as look:
        page = await circles.circle_page(look, circle)
        return await notes.circle_items(look, page.id, cursor)


@reads("/api/v1/circles/{circle:str}/rules", operation_id="get_circle_rules", tags=["circles"])
async def get_circle_rules(request: Req, circle: FromPath[str]) -> RulesShown:
    """The rules of a circle (slug or id) as sentences, with the version and date of each, and what they were."""
    visit = visit_of(request)
    async with visit.look() as look:
        page = await circles.circle_page(look, circle)
        return circle_rules.shown(visit, look, page, await circles.rule_versions(look, page))


@reads("/api/v1/circles/{circle:str}/meeting-places", operation_id="list_circle_meeting_places", tags=["circles"])
async def list_places(request: Req, circle: FromPath[str]) -> list[MeetingPlace]:
    """The public places a circle (slug or id) suggests for meeting; for its hosts."""
    async with visit_of(request).look() as look:
        return await circles.meeting_places_of(look, (await circles.circle_page(look, circle)).id)


@reads("/api/v1/topics", operation_id="list_topics", tags=["topics"])
async def list_topics(request: Req, start: FromQuery[str] = "") -> list[TopicPage]:
    """The largest topics whose name begins with `start`."""
    async with visit_of(request).look() as look:
        return await notes.topics(look, start)


@reads("/api/v1/topics/{name:str}", operation_id="get_topic", tags=["topics"])
async def get_topic(request: Req, name: FromPath[str]) -> TopicPage:
    """How many notes and things stand under a topic."""
    async with visit_of(request).look() as look:
        return await notes.topic_page(look, name)


@reads("/api/v1/me/topics", operation_id="list_my_topics", tags=["topics"])
async def list_my_topics(request: Req) -> list[TopicPage]:
    """The topics I follow, the newest first."""
    async with visit_of(request).look() as look:
        return await notes.followed_topics(look)


@reads("/api/v1/topics/{name:str}/items", operation_id="list_topic_items", tags=["topics"])
async def list_topic_items(request: Req, name: FromPath[str], cursor: FromQuery[str | None] = None) -> Page[ItemCard]:
    """Things on sale in the notes of a topic."""
    async with visit_of(request).look() as look:
        return await notes.topic_items(look, name, cursor)


async def _founded(look: Look, made: str) -> CirclePage:
    return await circles.circle_page(look, made)


async def _again(look: Look, _: Any, circle: str) -> CirclePage:
    return await circles.circle_page(look, circle)


async def _places(look: Look, _: Any, circle: str) -> list[MeetingPlace]:
    return await circles.meeting_places_of(look, circle)


async def _topic(look: Look, _: Any, topic: str) -> TopicPage:
    return await notes.topic_page(look, topic)


def _to_topic(_: Any, topic: str) -> str:
    return topic_address(topic)


def _to_circle(_: Any, circle: str) -> str:
    return f"/circles/{circle}"


COMMANDS: list[Command] = [
    Command(
        "found_circle",
        "/circles",
        circles.found_circle,
        FoundCircle,
        view=_founded,
        returns=CirclePage,
        status=201,
        tag="circles",
    ),
    Command(
        "edit_circle",
        "/circles/{circle}",
        circles.edit_circle,
        EditCircle,
        view=_again,
        returns=CirclePage,
        method="PATCH",
        tag="circles",
    ),
    Command(
        "join_circle",
        "/circles/{circle}/join",
        circles.join_circle,
        view=_again,
        returns=CirclePage,
        then=_to_circle,
        tag="circles",
    ),
    Command(
        "leave_circle",
        "/circles/{circle}/leave",
        circles.leave_circle,
        view=_again,
        returns=CirclePage,
        then=_to_circle,
        tag="circles",
    ),
    Command(
        "name_circle_host",
        "/circles/{circle}/hosts",
        circles.name_host,
        NewHost,
        view=_again,
        returns=CirclePage,
        tag="circles",
    ),
    Command(
        "set_meeting_places",
        "/circles/{circle}/meeting-places",
        circles.set_meeting_places,
        SetMeetingPlaces,
        view=_again,
        returns=CirclePage,
        method="PUT",
        tag="circles",
    ),
    Command(
        "add_meeting_place",
        "/circles/{circle}/meeting-places",
        circles.add_meeting_place,
        NewMeetingPlace,
        view=_places,
        returns=list[MeetingPlace],
        tag="circles",
    ),
    Command(
        "remove_meeting_place",
        "/circles/{circle}/meeting-places/remove",
        circles.remove_meeting_place,
        RemoveMeetingPlace,
        view=_places,
        returns=list[MeetingPlace],
        tag="circles",
    ),
    Command(
        "set_circle_rules",
        "/circles/{circle}/rules",
        circles.set_circle_rules,
        SetRules,
        view=_again,
        returns=CirclePage,
        method="PUT",
        tag="circles",
    ),
    Command(
        "set_circle_rule",
        "/circles/{circle}/rules",
        circles.set_circle_rule,
        SetRule,
        view=_again,
        returns=CirclePage,
        tag="circles",
    ),
    Command(
        "follow_topic",
        "/topics/{topic}/follow",
        notes.follow_topic,
        view=_topic,
        returns=TopicPage,
        then=_to_topic,
        tag="topics",
    ),
    Command(
        "unfollow_topic",
        "/topics/{topic}/unfollow",
        notes.unfollow_topic,
        view=_topic,
        returns=TopicPage,
        then=_to_topic,
        tag="topics",
    ),
]

ROUTES: list[ControllerRouterHandler] = [
    get_circle,
    get_circle_rules,
    get_topic,
    list_circle_items,
    list_circles,
    list_my_topics,
    list_places,
    list_topic_items,
    list_topics,
]
