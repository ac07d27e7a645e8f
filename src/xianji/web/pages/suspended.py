"""Somebody suspended has proven who they are: what was decided, and one form to appeal. Nothing else is open."""

from typing import Any

from litestar import Response

from xianji.domains import members, moderation
from xianji.kernel.errors import Refusal
from xianji.web import render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from .reports import case_line, limit_line


async def suspended(visit: Visit, refusal: Refusal) -> Response[Any]:
    """The page instead of a session, for the refusal `sign_in_suspended`."""
    return await _page(visit, str(refusal.facts["appeal_pass"]), "", None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The appeal once more, with what was typed."""
    return await _page(visit_of(request), typed.get("appeal_pass", ""), typed.get("text", ""), refusal)


def appealed(_case: str) -> str:
    """Where a browser goes after the appeal."""
    return "/sign-in?ok=appealed"


async def _page(visit: Visit, appeal_pass: str, text: str, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        who = members.holder_of(look, appeal_pass)
    async with visit.database.look(who) as look:
        case = await moderation.my_suspension(look)
        limits = [one for one in await members.my_restrictions(look) if one.in_force and one.kind == "sign_in"]
    return render.sheet(
        visit,
        "pages/suspended.html",
        title="账号暂停登录",
        back="/",
        status=STATUS[refusal.code.kind] if refusal else 403,
        case=case_line(visit, case) if case else None,
        evidence=case.evidence if case else [],
        limits=[limit_line(visit, one) for one in limits],
        appeal_pass=appeal_pass,
        text=text,
        errors=beside(visit, refusal, {"text"}),
    )
