"""Sign in by phone code, in two steps on one address; works without script."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import SIGN_IN_SUSPENDED, RequestCode, SignIn, SignInWithPassword
from xianji.kernel.errors import Refusal
from xianji.kernel.words import sentence
from xianji.web import forms, render
from xianji.web.devices import device_name
from xianji.web.entering import send_code, with_session
from xianji.web.going import inside, see_other
from xianji.web.pages.security import passkey_wish
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from .suspended import suspended


@get("/sign-in", include_in_schema=False)
async def ask_phone(request: Req, to: FromQuery[str] = "/") -> Response[Any]:
    """The first step; somebody signed in already goes where they wanted."""
    visit = visit_of(request)
    if visit.actor.member:
        return see_other(inside(to))
    return _phone_step(visit, inside(to))


@post("/sign-in/code", include_in_schema=False)
async def ask_code(request: Req) -> Response[Any]:
    """Send the code and ask for it."""
    visit, given = visit_of(request), await fields(request)
    to, phone = inside(given.get("to", "/")), given.get("phone", "")
    try:
        sent = await send_code(visit, RequestCode(phone))
    except Refusal as refusal:
        return _phone_step(visit, to, phone, refusal)
    return _code_step(visit, to, phone, sent.demo_code)


@post("/sign-in", include_in_schema=False)
async def come_in(request: Req) -> Response[Any]:
    """Check the code; a newcomer becomes a member."""
    visit, given = visit_of(request), await fields(request)
    to, phone = inside(given.get("to", "/")), given.get("phone", "")
    wish = SignIn(phone, given.get("code", ""), _device(request), visit.language)
    try:
        signed_in = await members.sign_in(visit.database, wish, visit.origin)
    except Refusal as refusal:
        if refusal.code is SIGN_IN_SUSPENDED:
            return await suspended(visit, refusal)
        demo = members.DEMO_CODE if visit.house.settings.demo else None
        return _code_step(visit, to, phone, demo, refusal)
    return with_session(see_other(to), signed_in.token, visit)


@get("/sign-in/password", include_in_schema=False)
async def ask_password(request: Req, to: FromQuery[str] = "/") -> Response[Any]:
    """The other way in."""
    return _password_step(visit_of(request), inside(to))


@post("/sign-in/password", include_in_schema=False)
async def come_in_with_password(request: Req) -> Response[Any]:
    """Check the password."""
    visit, given = visit_of(request), await fields(request)
    to, account = inside(given.get("to", "/")), given.get("account", "")
    wish = SignInWithPassword(account[:200], given.get("password", "")[:500], _device(request))
    try:
        signed_in = await members.sign_in_with_password(visit.database, wish, visit.origin)
    except Refusal as refusal:
        if refusal.code is SIGN_IN_SUSPENDED:
            return await suspended(visit, refusal)
        return _password_step(visit, to, account, refusal)
    return with_session(see_other(to), signed_in.token, visit)


@post("/sign-in/passkey", include_in_schema=False)
async def come_in_with_passkey(request: Req) -> Response[Any]:
    """Check the browser's answer, which the script has put into the form."""
    visit, pairs = visit_of(request), await forms.pairs(request)
    to = inside(dict(pairs).get("to", "/"))
    try:
        wish = passkey_wish(pairs, "")
        signed_in = await members.sign_in_with_passkey(
            visit.database, wish, visit.house.ports.passkeys, _device(request)
        )
    except Refusal as refusal:
        if refusal.code is SIGN_IN_SUSPENDED:
            return await suspended(visit, refusal)
        return _phone_step(visit, to, "", refusal)
    return with_session(see_other(to), signed_in.token, visit)


def _device(request: Req) -> str:
    """What the list of sessions will call this place."""
    return device_name(request.headers.get("user-agent", ""))


def _password_step(visit: Visit, to: str, account: str = "", refusal: Refusal | None = None) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/sign_in_password.html",
        title="用密码登录",
        back=f"/sign-in?to={quote(to)}",
        status=_status(refusal),
        to=to,
        account=account,
        error=_say(visit, refusal),
    )


@post("/sign-out", include_in_schema=False)
async def go_out(request: Req) -> Response[Any]:
    """End this session."""
    visit = visit_of(request)
    async with visit.work() as work:
        await members.sign_out(work)
    return with_session(see_other("/"), "", visit)


def _phone_step(visit: Visit, to: str, phone: str = "", refusal: Refusal | None = None) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/sign_in.html",
        title="用手机号登录",
        status=_status(refusal),
        to=to,
        phone=phone,
        error=_say(visit, refusal),
    )


def _code_step(
    visit: Visit, to: str, phone: str, demo_code: str | None, refusal: Refusal | None = None
) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/sign_in_code.html",
        title="输入验证码",
        back=f"/sign-in?to={quote(to)}",
        status=_status(refusal),
        to=to,
        phone=phone,
        demo_code=demo_code,
        error=_say(visit, refusal),
    )


def _status(refusal: Refusal | None) -> int:
    return STATUS[refusal.code.kind] if refusal else 200


def _say(visit: Visit, refusal: Refusal | None) -> str:
    return sentence(refusal, visit.language) if refusal else ""


async def fields(request: Req) -> dict[str, str]:
    """The text fields of a form; the last value where one is repeated."""
    return dict(await forms.pairs(request))


ROUTES: list[ControllerRouterHandler] = [
    ask_phone,
    ask_code,
    come_in,
    ask_password,
    come_in_with_password,
    come_in_with_passkey,
    go_out,
]
