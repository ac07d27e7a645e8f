"""How I come in: password, passkeys, authenticator, and where I am signed in."""

from typing import Any

import msgspec
import segno
from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from xianji.domains import members
from xianji.domains.members import FinishPasskey, TotpCode, TotpSetup
from xianji.kernel.errors import MALFORMED, Refusal
from xianji.web import forms, render
from xianji.web.errors import beside
from xianji.web.forms import Pairs
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

_WAYS = {"code": "手机验证码", "password": "密码", "passkey": "通行密钥"}


@get("/settings/security", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """What is set up, and the forms to change it."""
    return await _page(visit_of(request), None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The page with the refusal beside its field. Passwords are never sent back."""
    del typed
    return await _page(visit_of(request), refusal)


async def _page(visit: Visit, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        mine = await members.me(look)
        keys = await members.my_passkeys(look)
    return render.sheet(
        visit,
        "pages/security.html",
        title="登录与安全",
        back="/settings",
        status=STATUS[refusal.code.kind] if refusal else 200,
        me=mine,
        passkeys=keys,
        errors=beside(visit, refusal, {"password", "current", "code", "new"}),
    )


@get("/settings/sessions", include_in_schema=False)
async def show_sessions(request: Req) -> Response[Any]:
    """Where I am signed in, with the way out."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await members.list_sessions(look)
    ways = {line.id: render.translate(visit, _WAYS[line.way]) if line.way in _WAYS else line.way for line in found}
    return render.sheet(visit, "pages/sessions.html", title="登录过的设备", back="/settings", sessions=found, ways=ways)


@post("/settings/totp", include_in_schema=False)
async def begin_totp(request: Req) -> Response[Any]:
    """Make a secret for an authenticator and show it as a QR picture."""
    visit = visit_of(request)
    async with visit.work() as work:
        setup = await members.begin_totp(work)
    return _totp_page(visit, setup, None)


@post("/settings/totp/confirm", include_in_schema=False)
async def confirm_totp(request: Req) -> Response[Any]:
    """Check the first code; then show the recovery codes, once."""
    visit = visit_of(request)
    given = dict(await forms.pairs(request))
    try:
        wish = TotpCode(given.get("code", "")[:200])
        codes = await members.verify_totp(visit.database, visit.actor, wish, visit.origin)
    except Refusal as refusal:
        return _totp_page(visit, TotpSetup(given.get("secret", ""), given.get("uri", "")), refusal)
    return render.sheet(
        visit, "pages/recovery.html", title="恢复码", back="/settings/security", codes=codes, to=_after(visit)
    )


def _after(visit: Visit) -> str:
    return "/console" if visit.actor.roles or visit.asleep else "/settings/security"


def _totp_page(visit: Visit, setup: TotpSetup, refusal: Refusal | None) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/totp.html",
        title="设置两步验证",
        back="/settings/security",
        status=STATUS[refusal.code.kind] if refusal else 200,
        secret=setup.secret,
        uri=setup.uri,
        qr=qr(setup.uri) if setup.uri else "",
        errors=beside(visit, refusal, {"code"}),
    )


def qr(text: str) -> Markup:
    """A QR picture as inline SVG without styles, so that the content security policy holds."""
    return Markup(segno.make(text, error="m").svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704 - segno writes paths only


def passkey_wish(pairs: Pairs, _currency: str) -> FinishPasskey:
    """The browser's answer out of a form: the script puts it into a field as JSON."""
    given = dict(pairs)
    try:
        credential = msgspec.json.decode(given.get("credential", ""), type=dict[str, Any])
    except msgspec.DecodeError:
        raise MALFORMED(why="credential", field="credential") from None
    plain = {"challenge": given.get("challenge", ""), "credential": credential, "name": given.get("name", "")}
    return forms.converted(FinishPasskey, plain)


def signed_out(_result: Any, _session: str = "") -> str:
    """After ending sessions."""
    return "/settings/sessions?ok=signed_out"


def password_set(_result: Any) -> str:
    """After setting a password."""
    return "/settings/security?ok=password"


def passkey_added(_result: Any) -> str:
    """After adding a passkey."""
    return "/settings/security?ok=passkey"


def totp_removed(_result: Any) -> str:
    """After forgetting the authenticator."""
    return "/settings/security?ok=totp"


def removed(_result: Any, _passkey: str) -> str:
    """After forgetting a passkey."""
    return "/settings/security?ok=removed"


ROUTES: list[ControllerRouterHandler] = [show, show_sessions, begin_totp, confirm_totp]
