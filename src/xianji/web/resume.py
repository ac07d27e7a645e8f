"""A form that arrives after its session has ended is not lost: it is kept, and offered again after signing in."""

import secrets
from typing import Any

from litestar import Response

from xianji.kernel import stashes
from xianji.kernel.work import NOBODY

from .forms import Pairs
from .visit import Req, Visit

COOKIE = "xianji_kept"
_COOKIE_SECONDS = 86_400
# Never written down, not even sealed: secrets are typed again, and tokens of the old page are worth nothing.
_NEVER = frozenset({"_csrf_token", "_key", "password", "current", "code", "credential", "id_number"})


async def keep_form(request: Req, visit: Visit, pairs: Pairs) -> Response[Any]:
    """Keep the form and lead to signing in, from where the way goes back to it."""
    secret = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    fields = [pair for pair in pairs if pair[0] not in _NEVER]
    async with visit.house.database.work(NOBODY) as work:
        stash = await stashes.keep(work, request.url.path, fields, secret)
    address = f"/sign-in?to=/resume/{stash}"
    headers = {"HX-Redirect": address} if visit.htmx else {"Location": address}
    response: Response[Any] = Response(None, status_code=204 if visit.htmx else 303, headers=headers)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        secure=visit.house.settings.base_url.startswith("https:"),
        samesite="lax",
        path="/",
    )
    return response
