"""Who may sit at the desk: an operator whose roles are awake."""

from typing import Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import TotpCode
from xianji.kernel.errors import NOT_FOUND, SIGN_IN_FIRST, Refusal
from xianji.web import forms, render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

ROLES = frozenset({"admin", "moderator", "finance"})


async def bar(visit: Visit) -> Response[Any] | None:
    """Where an operator must go first; None when the desk is open. To everybody else there is no desk."""
    if visit.actor.member is None:
        raise SIGN_IN_FIRST()
    if visit.actor.roles & ROLES:
        return None
    if not visit.asleep & ROLES:
        raise NOT_FOUND()
    async with visit.look() as look:
        mine = await members.me(look)
    if not mine.has_password or not mine.has_totp:
        return render.sheet(
            visit, "pages/console_start.html", title="第一次进后台", back="/me", has_password=mine.has_password
        )
    return unlock_page(visit, None)


def unlock_page(visit: Visit, refusal: Refusal | None) -> Response[Any]:
    """Ask for a code of the authenticator."""
    return render.sheet(
        visit,
        "pages/console_unlock.html",
        title="进入后台",
        back="/me",
        status=STATUS[refusal.code.kind] if refusal else 200,
        errors=beside(visit, refusal, {"code"}),
    )


@get("/console/sign-in", include_in_schema=False)
async def way_in(request: Req) -> Response[Any]:
    """Operators come in by password."""
    del request
    return Response(None, status_code=303, headers={"Location": "/sign-in/password?to=/console"})


@post("/console/unlock", include_in_schema=False)
async def unlock(request: Req) -> Response[Any]:
    """Wake the operator's roles for this session."""
    visit = visit_of(request)
    code = dict(await forms.pairs(request)).get("code", "")[:200]
    try:
        await members.verify_totp(visit.database, visit.actor, TotpCode(code), visit.origin)
    except Refusal as refusal:
        return unlock_page(visit, refusal)
    return Response(None, status_code=303, headers={"Location": "/console"})


ROUTES: list[ControllerRouterHandler] = [way_in, unlock]
