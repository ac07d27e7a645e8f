"""The front page: notes for whoever looks, near, or of those one follows."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains.feed import FeedPage
from xianji.domains.notes import NoteCard, NoteKind
from xianji.kernel.pages import Page
from xianji.web import render, shapes
from xianji.web.feeding import Tab, ask_feed
from xianji.web.going import inside, see_other
from xianji.web.here import COOKIE, PLACE_NOT_VALID, cell_from, cell_of
from xianji.web.known import NOTHING, Told
from xianji.web.visit import Reader, Req, Visit, visit_of

from .sign_in import fields

_TABS: tuple[tuple[Tab, str], ...] = (("home", "推荐"), ("nearby", "附近"), ("following", "关注"))
KINDS: tuple[tuple[NoteKind, str], ...] = (
    ("stall", "摊位"),
    ("sale", "出闲置"),
    ("giveaway", "免费送"),
    ("wanted", "求购"),
    ("share", "分享"),
    ("warning", "避雷"),
)
_YEAR_SECONDS = 365 * 24 * 3600
# Centres of large cities, for those whose browser tells no position.
CITIES: tuple[tuple[str, float, float], ...] = (
    ("北京", 39.92, 116.46),
    ("上海", 31.22, 121.45),
    ("广州", 23.13, 113.27),
    ("深圳", 22.54, 114.06),
    ("成都", 30.65, 104.07),
    ("杭州", 30.27, 120.15),
    ("武汉", 30.59, 114.30),
    ("西安", 34.27, 108.95),
    ("南京", 32.06, 118.79),
    ("重庆", 29.56, 106.55),
)


@get("/", include_in_schema=False)
async def show_home(
    request: Req,
    tab: FromQuery[Tab] = "home",
    kind: FromQuery[NoteKind | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """The feed; with `cursor` over htmx only the next cards."""
    visit = visit_of(request)
    cell = cell_of(request)
    if tab == "following" and not visit.actor.member:
        return _page(visit, request, tab, kind)
    if tab == "nearby" and cell is None:
        return _page(visit, request, tab, kind)
    told = await ask_feed(visit, tab, cell, kind, cursor)
    if cursor and visit.htmx:
        return render.kept(visit, "pages/feed_more.html", _shown_more, told, tab, kind)
    return _page(visit, request, tab, kind, told)


def _page(visit: Visit, request: Req, tab: Tab, kind: NoteKind | None, told: Told[Any] = NOTHING) -> Response[Any]:
    return render.kept(visit, "pages/home.html", _shown, told, tab, kind, cell_of(request) is not None)


def _shown(reader: Reader, found: Page[NoteCard] | None, tab: Tab, kind: NoteKind | None, here: bool) -> dict[str, Any]:
    return {
        "tab": tab,
        "tabs": [_link(shapes.say(reader, text), _address(name, None), name == tab) for name, text in _TABS],
        "kinds": _kinds(reader, tab, kind),
        "cards": [shapes.note_card(reader, card) for card in found.items] if found else [],
        "more": _more(tab, kind, found.next_cursor) if found else None,
        "here": here,
        "ranked": isinstance(found, FeedPage),
        "personal": isinstance(found, FeedPage) and found.personal,
        "cities": [{"value": name, "text": shapes.say(reader, name)} for name, _, _ in CITIES],
    }


def _shown_more(reader: Reader, found: Page[NoteCard], tab: Tab, kind: NoteKind | None) -> dict[str, Any]:
    cards = [shapes.note_card(reader, card) for card in found.items]
    return {"cards": cards, "more": _more(tab, kind, found.next_cursor)}


def _kinds(reader: Reader, tab: Tab, kind: NoteKind | None) -> list[dict[str, Any]]:
    chips = [_link(shapes.say(reader, text), _address(tab, name), name == kind) for name, text in KINDS]
    return [_link(shapes.say(reader, "全部"), _address(tab, None), kind is None), *chips]


def _link(text: str, href: str, on: bool) -> dict[str, Any]:
    return {"text": text, "href": href, "on": on, "count": None}


def _address(tab: Tab, kind: NoteKind | None, cursor: str | None = None) -> str:
    asked = {"tab": tab if tab != "home" else None, "kind": kind, "cursor": cursor}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/?{query}" if query else "/"


def _more(tab: Tab, kind: NoteKind | None, cursor: str | None) -> str | None:
    return _address(tab, kind, cursor) if cursor else None


@post("/here", include_in_schema=False)
async def keep_place(request: Req) -> Response[Any]:
    """Keep the cell of a point (or of a city's centre) in the visitor's own browser; nothing is stored here."""
    given = await fields(request)
    chosen = next(((lat, lon) for name, lat, lon in CITIES if name == given.get("city")), None)
    answer = see_other(inside(given.get("to", "/?tab=nearby")))
    if given.get("forget"):
        answer.set_cookie(COOKIE, "", max_age=0, path="/")
        return answer
    lat, lon = chosen or _point(given)
    cell = cell_from(lat, lon)
    answer.set_cookie(COOKIE, str(cell), max_age=_YEAR_SECONDS, path="/", samesite="lax", httponly=True)
    return answer


def _point(given: dict[str, str]) -> tuple[float, float]:
    try:
        return float(given.get("lat", "")), float(given.get("lon", ""))
    except ValueError:
        raise PLACE_NOT_VALID() from None


ROUTES: list[ControllerRouterHandler] = [show_home, keep_place]
