"""Coming in and going out."""

from typing import Any

import msgspec
from litestar import Response, delete, post
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import MemberCard, RequestCode, SignIn
from xianji.web.door import SESSION_COOKIE
from xianji.web.visit import Req, Visit, visit_of

_COOKIE_SECONDS = 180 * 24 * 3600


class CodeSent(msgspec.Struct, frozen=True):
    """The same answer for every phone. `demo_code` is set in demo mode only."""

    sent: bool = True
    demo_code: str | None = None


class Session(msgspec.Struct, frozen=True):
    """A session token for `Authorization: Bearer …`, and whose it is."""

    access_token: str
    member: MemberCard
    new: bool


@post("/api/v1/auth/codes", operation_id="request_code", tags=["auth"], status_code=202)
async def request_code(request: Req, data: JSONBody[RequestCode]) -> CodeSent:
    """Send a sign-in code to a phone."""
    visit = visit_of(request)
    return await send_code(visit, data, origin_of(request))


async def send_code(visit: Visit, wish: RequestCode, origin: str) -> CodeSent:
    """Ask for a code in this visitor's name; in demo mode say which it is."""
    demo = visit.house.settings.demo
    async with visit.work() as work:
        await members.request_code(work, wish, origin, demo)
    return CodeSent(demo_code=members.DEMO_CODE if demo else None)


@post("/api/v1/auth/sessions", operation_id="sign_in", tags=["auth"], status_code=201)
async def sign_in(request: Req, data: JSONBody[SignIn]) -> Session:
    """Sign in with the code; a phone seen for the first time becomes a member."""
    visit = visit_of(request)
    return await session_of(visit, await members.sign_in(visit.database, data, origin_of(request)))


async def session_of(visit: Visit, signed_in: members.SignedIn) -> Session:
    """What the API answers to somebody who has come in."""
    async with visit.look() as look:
        card = (await members.cards(look, [signed_in.member]))[signed_in.member]
    return Session(signed_in.token, card, signed_in.new)


@delete("/api/v1/auth/sessions/current", operation_id="sign_out", tags=["auth"], status_code=204)
async def sign_out(request: Req) -> None:
    """End this session."""
    async with visit_of(request).work() as work:
        await members.sign_out(work)


def origin_of(request: Req) -> str:
    """The network address attempts are counted for. Behind a proxy the server is told to trust its header."""
    return request.client.host if request.client else ""


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


ROUTES: list[ControllerRouterHandler] = [request_code, sign_in, sign_out]

__all__ = ["ROUTES", "origin_of", "send_code", "session_of", "with_session"]
