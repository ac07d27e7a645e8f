"""What was seen: taken in from pages that are read, and shown to the one who saw it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import feed
from xianji.domains.feed import Less, ViewLine
from xianji.web import render, shapes
from xianji.web.api.items import known
from xianji.web.saw import greet, saw
from xianji.web.visit import Req, Visit, visit_of

from .sign_in import fields


@post("/seen", include_in_schema=False)
async def take_seen(request: Req) -> Response[None]:
    """The cards that stood in somebody's window, as `ids` with commas between. What is no card is passed over."""
    answer: Response[None] = Response(None, status_code=204)
    saw(request, (await fields(request)).get("ids", "").split(","))
    greet(request, answer)
    return answer


@get("/me/views", include_in_schema=False)
async def my_views(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What I saw, with what the feed may use of it."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await feed.my_views(look, cursor)
        chosen = await feed.choices(look)
        less = await feed.my_less(look)
        days = look.config.get(feed.KEEP_DAYS)
    return render.sheet(
        visit,
        "pages/views.html",
        title="我看过的",
        back="/me",
        lines=[_line(visit, one) for one in found.items],
        more=f"/me/views?cursor={found.next_cursor}" if found.next_cursor else "",
        chosen=chosen,
        days=days,
        less=[_said(visit, one) for one in less],
    )


@get("/notes/{note:str}/less", include_in_schema=False)
async def choose_less(request: Req, note: FromPath[str]) -> Response[Any]:
    """What of a note its reader may want less of; over htmx only the choices, for the menu of its card."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await feed.less_of(look, known("nte", note))
        days = look.config.get(feed.LESS_DAYS)
    choices = [_said(visit, one) for one in found]
    if visit.htmx:
        return render.page(visit, "pages/less_choices.html", choices=choices)
    return render.sheet(visit, "pages/less.html", title="少看这类", back="/", choices=choices, days=days)


def _said(visit: Visit, one: Less) -> dict[str, Any]:
    return {"subject": one.subject, "text": shapes.less(visit, one), "until": one.until}


def _line(visit: Visit, one: ViewLine) -> dict[str, Any]:
    card = one.note or one.item
    kind, shown = ("notes", one.note.cover) if one.note else ("items", one.item.picture if one.item else None)
    return {
        "id": one.subject,
        "href": f"/{kind}/{one.subject}" if card else "",
        "title": card.title if card else shapes.say(visit, "已经看不到了"),
        "picture": shapes.picture(shown, card.title if card else ""),
        "at": one.at,
        "opened": one.opened,
    }


ROUTES: list[ControllerRouterHandler] = [take_seen, my_views, choose_less]
