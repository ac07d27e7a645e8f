"""What was typed before the session ended, and one button that sends it again."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.kernel import stashes
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import is_id
from xianji.web import render
from xianji.web.resume import COOKIE
from xianji.web.visit import Req, visit_of

_SHOWN = 12


@get("/resume/{stash:str}", include_in_schema=False)
async def take_up(request: Req, stash: FromPath[str]) -> Response[Any]:
    """The kept form; its words can be read, and it goes where it was going."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  it can only be sent by somebody signed in
    async with visit.look() as look:
        found = await stashes.find(look, stash, request.cookies.get(COOKIE, "")) if is_id("sta", stash) else None
    if found is None:
        raise NOT_FOUND()
    words = [value for name, value in found.fields if value.strip() and not name.startswith("_") and _is_words(value)]
    return render.sheet(
        visit, "pages/resume.html", title="接着来", path_of_form=found.path, fields=found.fields, words=words[:_SHOWN]
    )


def _is_words(value: str) -> bool:
    """Whether a person would know the value again: not an id, a switch or a version."""
    return not value.isdigit() and value not in ("on", "off") and "_" not in value[:4]


ROUTES: list[ControllerRouterHandler] = [take_up]
