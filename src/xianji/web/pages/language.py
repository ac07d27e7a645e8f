"""The language of somebody without an account: a cookie, set by two buttons at the foot of every page."""

from typing import Any

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from xianji.kernel.errors import MALFORMED
from xianji.kernel.words import LANGUAGES
from xianji.web.going import inside, see_other
from xianji.web.visit import Req, visit_of

from .sign_in import fields

COOKIE = "lang"
_YEAR = 31_536_000


@post("/language", include_in_schema=False)
async def choose(request: Req) -> Response[Any]:
    """Keep the choice and go back to the page."""
    visit, given = visit_of(request), await fields(request)
    chosen = given.get("lang", "")
    if chosen not in LANGUAGES:
        raise MALFORMED(why="lang", field="lang")
    response = see_other(inside(given.get("to", "/")))
    secure = visit.house.settings.base_url.startswith("https:")
    response.set_cookie(COOKIE, chosen, max_age=_YEAR, secure=secure, httponly=True, samesite="lax", path="/")
    return response


ROUTES: list[ControllerRouterHandler] = [choose]
