"""The feed: notes in sight, new, near, or of those one follows."""

from typing import Annotated, Literal

from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains.notes import NoteCard, NoteKind
from xianji.kernel.pages import Page
from xianji.web.answers import reads
from xianji.web.here import cell_from
from xianji.web.questions import FEED
from xianji.web.visit import Req, visit_of

Tab = Literal["home", "nearby", "following"]


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
) -> Page[NoteCard]:
    """Notes newest first; `nearby` nearest first around a point; `following` of those the viewer follows."""
    visit = visit_of(request)
    if tab == "following":
        visit.actor.me  # noqa: B018  nobody follows without being somebody
    told = await visit.ask(
        FEED, "new" if tab == "home" else tab, cell_from(lat, lon), circle, topic, None, kind, cursor, limit
    )
    return told.said


ROUTES: list[ControllerRouterHandler] = [get_feed]
