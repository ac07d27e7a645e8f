"""Coming in and going out."""

from dataclasses import replace
from typing import Any

import msgspec
from litestar import delete
from litestar.types import ControllerRouterHandler

from xianji.domains import members, moderation
from xianji.domains.members import FinishPasskey, MemberCard, PasskeyChallenge, RequestCode, SignIn, SignInWithPassword
from xianji.domains.moderation import Appeal, OwnCase
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.text import Body, Line
from xianji.kernel.work import Look
from xianji.web.commands import Command, Verb
from xianji.web.entering import CodeSent, send_code
from xianji.web.pages import suspended
from xianji.web.visit import Req, Visit, visit_of


class Session(msgspec.Struct, frozen=True):
    """A session token for `Authorization: Bearer …`, and whose it is."""

    access_token: str
    member: MemberCard
    new: bool


class SuspensionAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a suspended member thinks it wrong. The pass is a fact of the refusal `sign_in_suspended`."""

    appeal_pass: Line
    text: Body


async def request_code(visit: Visit, wish: RequestCode) -> CodeSent:
    """Send a sign-in code to a phone."""
    return await send_code(visit, wish)


async def sign_in(visit: Visit, wish: SignIn) -> Session:
    """Sign in with the code; a phone seen for the first time becomes a member."""
    if wish.language is None:
        wish = msgspec.structs.replace(wish, language=visit.language)
    return await session_of(visit, await members.sign_in(visit.database, wish, visit.origin))


async def sign_in_with_password(visit: Visit, wish: SignInWithPassword) -> Session:
    """Sign in with a phone or handle and a password."""
    return await session_of(visit, await members.sign_in_with_password(visit.database, wish, visit.origin))


async def begin_passkey_sign_in(visit: Visit) -> PasskeyChallenge:
    """Options for `navigator.credentials.get`; the answer goes to `POST /api/v1/auth/passkeys`."""
    async with visit.work() as work:
        return await members.begin_passkey_sign_in(work, visit.house.ports.passkeys)


async def sign_in_with_passkey(visit: Visit, wish: FinishPasskey) -> Session:
    """Sign in with the browser's answer."""
    return await session_of(visit, await members.sign_in_with_passkey(visit.database, wish, visit.house.ports.passkeys))


async def appeal_suspension(visit: Visit, wish: SuspensionAppeal) -> OwnCase:
    """Appeal against what keeps me from signing in; nothing else is open to me."""
    async with visit.look() as look:
        who = members.holder_of(look, wish.appeal_pass)
    async with visit.database.look(who) as look:
        case = await moderation.my_suspension(look)
    if case is None:
        raise NOT_FOUND()
    async with visit.database.work(who) as work:
        await moderation.appeal(work, case.id, Appeal(wish.text))
    async with visit.database.look(who) as look:
        return await moderation.my_case(look, case.id)


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


async def _result(_look: Look, result: Any) -> Any:
    return result


def _way_in(name: str, path: str, verb: Verb, wish: Any, returns: Any, status: int = 201) -> Command:
    """A way in over the API; the pages of sign-in have their own forms."""
    return Command(name, path, verb, wish, view=_result, returns=returns, status=status, outside=True, tag="auth")


COMMANDS: list[Command] = [
    _way_in("request_code", "/auth/codes", request_code, RequestCode, CodeSent, 202),
    _way_in("sign_in", "/auth/sessions", sign_in, SignIn, Session),
    _way_in("sign_in_with_password", "/auth/password", sign_in_with_password, SignInWithPassword, Session),
    _way_in("begin_passkey_sign_in", "/auth/passkeys/options", begin_passkey_sign_in, None, PasskeyChallenge),
    _way_in("sign_in_with_passkey", "/auth/passkeys", sign_in_with_passkey, FinishPasskey, Session),
    replace(
        _way_in("appeal_suspension", "/auth/appeals", appeal_suspension, SuspensionAppeal, OwnCase, 200),
        then=suspended.appealed,
        again=suspended.again,
    ),
]

ROUTES: list[ControllerRouterHandler] = [sign_out]
