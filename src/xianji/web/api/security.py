"""How I come in and what is mine: sessions, password, passkeys, authenticator, addresses, my data, leaving."""

from dataclasses import replace
from typing import Any

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.domains.members import (
    Address,
    AskPhoneCodes,
    ChangePhone,
    DeleteAccount,
    FinishPasskey,
    PasskeyChallenge,
    PasskeyLine,
    PutAddress,
    SessionLine,
    SetPassword,
    TotpCode,
    TotpSetup,
)
from xianji.kernel.work import Look, Work
from xianji.web import belongings, render
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import addresses, phone, privacy, security
from xianji.web.visit import Req, Visit, visit_of


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown once, when an authenticator is confirmed; empty for a code shown later."""

    recovery_codes: list[str]


class CodesSent(msgspec.Struct, frozen=True):
    """Whether the present number was sent a code too. `demo_code` is set in demo mode only."""

    present_number: bool
    demo_code: str | None = None


@reads("/api/v1/me/sessions", operation_id="my_sessions", tags=["me"])
async def sessions(request: Req) -> list[SessionLine]:
    """Where I am signed in."""
    async with visit_of(request).look() as look:
        return await members.list_sessions(look)


@reads("/api/v1/me/addresses", operation_id="my_addresses", tags=["me"])
async def my_addresses(request: Req) -> list[Address]:
    """Where my parcels go, the default first."""
    async with visit_of(request).look() as look:
        return await members.list_addresses(look)


@reads("/api/v1/me/passkeys", operation_id="my_passkeys", tags=["me"])
async def passkeys(request: Req) -> list[PasskeyLine]:
    """My passkeys."""
    async with visit_of(request).look() as look:
        return await members.my_passkeys(look)


@get("/api/v1/me/export", operation_id="export_me", tags=["me"])
async def export(request: Req) -> Response[bytes]:
    """Everything this site keeps about me, by domain."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await belongings.everything(look, visit.actor.me)
    return render.json(found)


async def set_password(visit: Visit, wish: SetPassword) -> None:
    """Set or change my password; other sessions end."""
    await members.set_password(visit.database, visit.actor, wish, visit.origin)


async def ask_phone_codes(visit: Visit, wish: AskPhoneCodes) -> CodesSent:
    """Send a code to the new number and, to a member without a password, one to the present number."""
    demo = visit.house.settings.demo
    async with visit.work() as work:
        both = await members.ask_phone_codes(work, wish, visit.origin, demo)
    return CodesSent(both, members.DEMO_CODE if demo else None)


async def change_phone(visit: Visit, wish: ChangePhone) -> None:
    """Move my account to another phone; other sessions end and both numbers are told."""
    await members.change_phone(visit.database, visit.actor, wish, visit.origin)


async def begin_passkey(visit: Visit) -> PasskeyChallenge:
    """Options for `navigator.credentials.create`; the answer goes to `POST /api/v1/me/passkeys`."""
    async with visit.work() as work:
        return await members.begin_passkey(work, visit.house.ports.passkeys)


async def finish_passkey(visit: Visit, wish: FinishPasskey) -> None:
    """Keep the passkey that the browser has made."""
    async with visit.work() as work:
        await members.finish_passkey(work, wish, visit.house.ports.passkeys)


async def verify_totp(visit: Visit, wish: TotpCode) -> list[str]:
    """Show a code; the first one after the set-up confirms it and returns the recovery codes."""
    return await members.verify_totp(visit.database, visit.actor, wish, visit.origin)


async def remove_totp(visit: Visit, wish: TotpCode) -> None:
    """Forget my authenticator, proven by a code of it."""
    await members.remove_totp(visit.database, visit.actor, wish, visit.origin)


async def delete_me(work: Work, wish: DeleteAccount) -> None:
    """Delete my account; refused while business is open."""
    await members.delete_account(work, wish, await belongings.blockers(work))


async def _result(_look: Look, result: Any, *_ids: str) -> Any:
    return result


async def _codes(_look: Look, result: list[str]) -> RecoveryCodes:
    return RecoveryCodes(result)


async def _addresses(look: Look, _result: Any, *_ids: str) -> list[Address]:
    return await members.list_addresses(look)


_ACCESS: list[Command] = [
    Command("revoke_session", "/me/sessions/{session}/revoke", members.revoke_session, then=security.signed_out),
    Command("revoke_other_sessions", "/me/sessions/revoke-others", members.revoke_others, then=security.signed_out),
    Command(
        "set_password",
        "/me/password",
        set_password,
        SetPassword,
        then=security.password_set,
        again=security.again,
        outside=True,
    ),
    Command(
        "ask_phone_codes",
        "/me/phone/codes",
        ask_phone_codes,
        AskPhoneCodes,
        view=_result,
        returns=CodesSent,
        status=202,
        outside=True,
    ),
    Command(
        "change_phone",
        "/me/phone",
        change_phone,
        ChangePhone,
        then=phone.changed,
        again=phone.again,
        outside=True,
    ),
    Command(
        "begin_passkey", "/me/passkeys/options", begin_passkey, view=_result, returns=PasskeyChallenge, outside=True
    ),
    Command(
        "finish_passkey",
        "/me/passkeys",
        finish_passkey,
        FinishPasskey,
        then=security.passkey_added,
        again=security.again,
        shape=security.passkey_wish,
        outside=True,
    ),
    Command("remove_passkey", "/me/passkeys/{passkey}/remove", members.remove_passkey, then=security.removed),
    Command("begin_totp", "/me/totp", members.begin_totp, view=_result, returns=TotpSetup),
    Command("verify_totp", "/me/totp/verify", verify_totp, TotpCode, view=_codes, returns=RecoveryCodes, outside=True),
    Command(
        "remove_totp",
        "/me/totp/remove",
        remove_totp,
        TotpCode,
        then=security.totp_removed,
        again=security.again,
        outside=True,
    ),
]
_BELONGINGS: list[Command] = [
    Command(
        "add_address",
        "/me/addresses",
        members.add_address,
        PutAddress,
        view=_addresses,
        returns=list[Address],
        then=addresses.done,
        again=addresses.again,
        status=201,
    ),
    Command(
        "change_address",
        "/me/addresses/{address}",
        members.change_address,
        PutAddress,
        view=_addresses,
        returns=list[Address],
        then=addresses.done,
        again=addresses.again,
        method="PUT",
    ),
    Command("remove_address", "/me/addresses/{address}/remove", members.remove_address, then=addresses.removed),
    Command("delete_me", "/me/delete", delete_me, DeleteAccount, then=privacy.deleted, again=privacy.again),
]
COMMANDS: list[Command] = [replace(command, tag="me") for command in (*_ACCESS, *_BELONGINGS)]
ROUTES: list[ControllerRouterHandler] = [
    sessions,
    my_addresses,
    passkeys,
    export,
]
