"""Circles, topics, and the lists of one's own: drafts and saved notes."""

from typing import Any, Literal
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import circles, items, notes
from xianji.domains.circles import CircleCard, CirclePage
from xianji.kernel.work import Look
from xianji.web import render, shapes
from xianji.web.going import see_other
from xianji.web.paths import topic_address
from xianji.web.visit import Req, Visit, visit_of

Shown = Literal["notes", "items"]


@get("/circles", include_in_schema=False)
async def show_circles(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """All circles, largest first; one's own before them."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await circles.circles(look, cursor)
        may_found = visit.actor.member is None or circles.may_found(look)
    cards = [circle_card(visit, one) for one in found.items]
    return render.page(
        visit,
        "pages/circles.html",
        mine=[card for card in cards if card["joined"]],
        others=[card for card in cards if not card["joined"]],
        more=f"/circles?cursor={quote(found.next_cursor)}" if found.next_cursor else None,
        may_found=may_found,
    )


def circle_name(visit: Visit, one: CircleCard | CirclePage) -> str:
    """The name in the visitor's language, where the circle has one."""
    return one.name_en if visit.language == "en" and one.name_en else one.name


def circle_card(visit: Visit, one: CircleCard) -> dict[str, Any]:
    """A circle for `circle.circle_cards`."""
    return {
        "id": one.id,
        "href": f"/circles/{one.slug}",
        "name": circle_name(visit, one),
        "cover": one.cover_url,
        "members": one.members,
        "city": one.city,
        "joined": one.joined,
    }


@get("/circles/{circle:str}", include_in_schema=False)
async def show_circle(
    request: Req, circle: FromPath[str], shown: FromQuery[Shown] = "notes", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """One circle: what it is, and what was written or is on sale there."""
    visit = visit_of(request)
    async with visit.look() as look:
        page = await circles.circle_page(look, circle)
        if shown == "notes":
            found: Any = await notes.feed(look, circle=page.id, cursor=cursor)
            cards = [shapes.note_card(visit, card) for card in found.items]
        else:
            found = await notes.circle_items(look, page.id, cursor)
            cards = [shapes.item_card(visit, card) for card in found.items]
        tabs = await tabs_of(visit, look, page, shown)
    more = _circle(page.slug, shown, found.next_cursor) if found.next_cursor else None
    if cursor and visit.htmx:
        return render.page(visit, "pages/feed_more.html", cards=cards, more=more)
    return render.page(
        visit,
        "pages/circle.html",
        circle=page,
        name=circle_name(visit, page),
        shown=shown,
        tabs=tabs,
        cards=cards,
        more=more,
        manages=page.role == "host" or bool(visit.actor.roles & {"moderator", "admin"}),
    )


async def tabs_of(visit: Visit, look: Look, page: CirclePage, on: str) -> list[dict[str, Any]]:
    """Notes, things and rules of a circle, with their numbers."""
    counts = await notes.circle_counts(look, page.id)
    rooms = [
        ("notes", "笔记", _circle(page.slug, "notes"), counts.notes),
        ("items", "宝贝", _circle(page.slug, "items"), counts.things),
        ("rules", "规则", f"/circles/{page.slug}/rules", None),
    ]
    return [
        {"text": shapes.say(visit, text), "href": href, "on": room == on, "count": count}
        for room, text, href, count in rooms
    ]


def _circle(slug: str, shown: str, cursor: str | None = None) -> str:
    asked = {"shown": shown if shown != "notes" else None, "cursor": cursor}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/circles/{quote(slug)}" + (f"?{query}" if query else "")


@get("/topics/{name:str}", include_in_schema=False)
async def show_topic(
    request: Req, name: FromPath[str], shown: FromQuery[Shown] = "notes", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """A topic: its notes, or the things in them."""
    visit = visit_of(request)
    async with visit.look() as look:
        topic = await notes.topic_page(look, name)
        if shown == "notes":
            found: Any = await notes.feed(look, topic=topic.name, cursor=cursor)
            cards = [shapes.note_card(visit, card) for card in found.items]
        else:
            found = await notes.topic_items(look, topic.name, cursor)
            cards = [shapes.item_card(visit, card) for card in found.items]
    more = _topic(topic.name, shown, found.next_cursor) if found.next_cursor else None
    if cursor and visit.htmx:
        return render.page(visit, "pages/feed_more.html", cards=cards, more=more)
    tabs = [("notes", "笔记", topic.notes), ("items", "宝贝", topic.things)]
    return render.page(
        visit,
        "pages/topic.html",
        topic=topic,
        here=topic_address(topic.name),
        tabs=[
            {"text": shapes.say(visit, text), "href": _topic(topic.name, one), "on": one == shown, "count": count}
            for one, text, count in tabs
        ],
        cards=cards,
        more=more,
    )


def _topic(name: str, shown: str, cursor: str | None = None) -> str:
    asked = {"shown": shown if shown != "notes" else None, "cursor": cursor}
    query = urlencode({key: value for key, value in asked.items() if value})
    return topic_address(name) + (f"?{query}" if query else "")


@get("/saved", include_in_schema=False)
async def show_saved(
    request: Req, shown: FromQuery[Shown] = "notes", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """The notes, or the things, that I saved."""
    return await _own(request, "saved", cursor, shown)


@get("/drafts", include_in_schema=False)
async def show_drafts(
    request: Req, shown: FromQuery[Shown] = "notes", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """My notes, or my things, that are not published yet."""
    return await _own(request, "drafts", cursor, shown)


async def _own(
    request: Req, which: Literal["saved", "drafts"], cursor: str | None, shown: Shown = "notes"
) -> Response[Any]:
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other(f"/sign-in?to=/{which}")
    async with visit.look() as look:
        if shown == "items":
            found: Any = await (
                items.saved_items(look, cursor)
                if which == "saved"
                else items.seller_items(look, look.actor.me, ("draft",), cursor, alone=True)
            )
            cards = [shapes.item_card(visit, card) for card in found.items]
        else:
            found = await (notes.saved_notes if which == "saved" else notes.drafts)(look, cursor)
            cards = [shapes.note_card(visit, card) for card in found.items]
    here = f"/{which}?shown=items&" if shown == "items" else f"/{which}?"
    more = f"{here}cursor={quote(found.next_cursor)}" if found.next_cursor else None
    if cursor and visit.htmx:
        return render.page(visit, "pages/feed_more.html", cards=cards, more=more)
    tabs = [("notes", "笔记", f"/{which}"), ("items", "宝贝", f"/{which}?shown=items")]
    links = [
        {"text": shapes.say(visit, text), "href": href, "on": name == shown, "count": None} for name, text, href in tabs
    ]
    return render.page(visit, "pages/own.html", which=which, shown=shown, tabs=links, cards=cards, more=more)


ROUTES: list[ControllerRouterHandler] = [show_circle, show_circles, show_drafts, show_saved, show_topic]
