"""What the pages and the API of coming in share: sending a code, and the cookie of a session."""

from typing import Any

import msgspec
from litestar import Response

from xianji.domains import members
from xianji.domains.members import RequestCode

from .door import SESSION_COOKIE
from .visit import Visit

_COOKIE_SECONDS = 180 * 24 * 3600


class CodeSent(msgspec.Struct, frozen=True):
    """The same answer for every phone. `demo_code` is set in demo mode only."""

    sent: bool = True
    demo_code: str | None = None


async def send_code(visit: Visit, wish: RequestCode) -> CodeSent:
    """Ask for a code in this visitor's name; in demo mode say which it is."""
    demo = visit.house.settings.demo
    async with visit.work() as work:
        await members.request_code(work, wish, visit.origin, demo, visit.language)
    return CodeSent(demo_code=members.DEMO_CODE if demo else None)


def with_session(response: Response[Any], token: str, visit: Visit) -> Response[Any]:
    """Keep the token in a cookie that scripts cannot read; an empty token takes it away."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=_COOKIE_SECONDS if token else 0,
        httponly=True,
        secure=visit.house.settings.base_url.startswith("https:"),
        samesite="lax",
        path="/",
    )
    return response
