"""The feed: notes for one reader, near, or of those one follows; what was seen, and what the feed may use of it."""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from xianji.domains import feed
from xianji.domains.feed import Choose, FeedChoices, FeedPage, Less, Reach, SayLess, ViewLine
from xianji.domains.notes import NoteCard, NoteKind
from xianji.kernel.pages import Page
from xianji.kernel.work import Look, Work
from xianji.web import render
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.feeding import Tab, ask_feed
from xianji.web.forms import Pairs, Typed
from xianji.web.here import cell_from
from xianji.web.saw import count
from xianji.web.visit import Req, Visit, visit_of

from .items import known

SubjectId = Annotated[str, Meta(pattern=r"^(nte|itm)_[0-9a-hjkmnp-tv-z]{26}$")]


class SeenNow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Notes and things that stood before somebody's eyes; of the point only its grid cell is used."""

    subjects: Annotated[list[SubjectId], Meta(max_length=100)]
    opened: bool = False
    lat: float | None = None
    lon: float | None = None


class Erase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to forget that I saw; everything when nothing is named."""

    subject: SubjectId | None = None


@reads("/api/v1/feed", operation_id="get_feed", tags=["feed"])
async def get_feed(
    request: Req,
    tab: FromQuery[Tab] = "home",
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
    circle: FromQuery[str | None] = None,
    topic: FromQuery[str | None] = None,
    kind: FromQuery[NoteKind | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> FeedPage | Page[NoteCard]:
    """`home` is ranked for a member, or for a point, and says of each note why; else, and narrowed, newest first.

    `nearby` is nearest first around a point; `following` shows those the viewer follows, newest first.
    """
    visit = visit_of(request)
    if tab == "following":
        visit.actor.me  # noqa: B018  nobody follows without being somebody
    told = await ask_feed(visit, tab, cell_from(lat, lon), kind, cursor, limit, circle, topic)
    found: FeedPage | Page[NoteCard] = told.said
    return found


async def _take_seen(visit: Visit, ask: SeenNow) -> None:
    """Count notes and things as seen, or opened, by the viewer, each once a day; written within about a second.

    A program says itself what stood before eyes: asking for a note or a thing over the API counts for nothing.
    """
    count(visit, visit.actor.me, ask.subjects, cell_from(ask.lat, ask.lon), opened=ask.opened)


@reads("/api/v1/me/feed", operation_id="get_feed_choices", tags=["feed"])
async def get_choices(request: Req) -> FeedChoices:
    """What the feed may use of what I do."""
    async with visit_of(request).look() as look:
        return await feed.choices(look)


@reads("/api/v1/me/views", operation_id="list_my_views", tags=["feed"])
async def list_views(request: Req, cursor: FromQuery[str | None] = None) -> Page[ViewLine]:
    """What I saw and opened, the last first."""
    async with visit_of(request).look() as look:
        return await feed.my_views(look, cursor)


@reads("/api/v1/me/less", operation_id="list_my_less", tags=["feed"])
async def list_less(request: Req) -> list[Less]:
    """What I want to see less of in the home feed, the last first."""
    async with visit_of(request).look() as look:
        return await feed.my_less(look)


@reads("/api/v1/notes/{note:str}/less", operation_id="get_note_less", tags=["feed"])
async def get_note_less(request: Req, note: FromPath[str]) -> list[Less]:
    """What of a note I may want less of: itself, its author, its categories, its topics."""
    async with visit_of(request).look() as look:
        return await feed.less_of(look, known("nte", note))


@reads("/api/v1/notes/{note:str}/reach", operation_id="get_note_reach", tags=["feed"])
async def get_note_reach(request: Req, note: FromPath[str]) -> Reach:
    """How far my note got, and what keeps it."""
    async with visit_of(request).look() as look:
        return await feed.note_reach(look, known("nte", note))


@reads("/api/v1/items/{item:str}/reach", operation_id="get_item_reach", tags=["feed"])
async def get_item_reach(request: Req, item: FromPath[str]) -> Reach:
    """How far my thing got, and what keeps it."""
    async with visit_of(request).look() as look:
        return await feed.item_reach(look, known("itm", item))


async def _chosen(look: Look, *_: object) -> FeedChoices:
    return await feed.choices(look)


async def _my_less(look: Look, *_: object) -> list[Less]:
    return await feed.my_less(look)


def _less_done(visit: Visit, _: Typed) -> Response[Any]:
    return render.page(visit, "pages/less_done.html")


def _ticked(pairs: Pairs, _currency: str) -> Choose:
    """A box that is not ticked is not sent."""
    sent = {name for name, _ in pairs}
    return Choose("personal" in sent, "history" in sent)


async def _erase(work: Work, ask: Erase) -> None:
    """Forget that I saw one note or thing, or all of them."""
    await feed.erase_views(work, ask.subject)


COMMANDS: list[Command] = [
    Command(
        "choose_feed",
        "/me/feed",
        feed.choose,
        Choose,
        view=_chosen,
        returns=FeedChoices,
        then=lambda _: "/me/views?ok=saved",
        shape=_ticked,
        tag="feed",
    ),
    Command("take_seen", "/feed/seen", _take_seen, SeenNow, outside=True, tag="feed"),
    Command(
        "say_less",
        "/me/less",
        feed.say_less,
        SayLess,
        view=_my_less,
        returns=list[Less],
        then=lambda _: "/?ok=less",
        swap=_less_done,
        tag="feed",
    ),
    Command(
        "take_less_back",
        "/me/less/take-back",
        feed.take_less_back,
        SayLess,
        view=_my_less,
        returns=list[Less],
        then=lambda _: "/me/views?ok=taken_back",
        tag="feed",
    ),
    Command("erase_views", "/me/views/erase", _erase, Erase, then=lambda _: "/me/views?ok=removed", tag="feed"),
]

ROUTES: list[ControllerRouterHandler] = [
    get_feed,
    get_note_less,
    get_note_reach,
    get_item_reach,
    get_choices,
    list_less,
    list_views,
]
