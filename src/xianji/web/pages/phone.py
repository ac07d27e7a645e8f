"""Moving my account to another phone: a code of the new number, and the password or a code of the present one."""

from typing import Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import AskPhoneCodes
from xianji.kernel.errors import Refusal
from xianji.web import render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from .sign_in import fields

_BACK = "/settings/security"


@get("/settings/phone", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """Ask for the new number."""
    return await _step(visit_of(request), "pages/phone.html", "", None)


@post("/settings/phone", include_in_schema=False)
async def ask_codes(request: Req) -> Response[Any]:
    """Send the codes and ask for them."""
    visit, given = visit_of(request), await fields(request)
    phone = given.get("phone", "")[:200]
    try:
        async with visit.work() as work:
            await members.ask_phone_codes(work, AskPhoneCodes(phone), visit.origin, visit.house.settings.demo)
    except Refusal as refusal:
        return await _step(visit, "pages/phone.html", phone, refusal)
    return await _step(visit, "pages/phone_codes.html", phone, None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The codes once more; neither codes nor password are sent back."""
    return await _step(visit_of(request), "pages/phone_codes.html", typed.get("phone", "")[:200], refusal)


def changed(_result: Any) -> str:
    """After the account has moved."""
    return f"{_BACK}?ok=phone"


async def _step(visit: Visit, template: str, phone: str, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        mine = await members.me(look)
    return render.sheet(
        visit,
        template,
        title="换手机号",
        back=_BACK,
        status=STATUS[refusal.code.kind] if refusal else 200,
        me=mine,
        phone=phone,
        demo_code=members.DEMO_CODE if visit.house.settings.demo else None,
        errors=beside(visit, refusal, {"phone"} if template.endswith("phone.html") else _CODES),
    )


_CODES = {"code", "old_code", "password"}

ROUTES: list[ControllerRouterHandler] = [show, ask_codes]
