"""Verbs that take a `Database`: because the attempt must be committed even when it is refused, because hashing a
password is slow, or because a provider is asked between two works.
"""

import asyncio

from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, Actor

from .actions import entry, passkeys, secrets, standing
from .identity import IdentityProvider
from .model import (
    PASSWORD_NOT_RIGHT,
    ChangePhone,
    FinishPasskey,
    SetPassword,
    SignedIn,
    SignIn,
    SignInWithPassword,
    Site,
    TotpCode,
    VerifyRealName,
)


async def sign_in(database: Database, wish: SignIn, origin: str = "") -> SignedIn:
    """Come in with a phone code; the first time makes the member. `origin` is the network address.

    Refuses `code_not_right`, `too_many_requests`, `phone_not_valid`, `sign_in_suspended`.
    """
    async with database.work(NOBODY) as work:
        outcome = await entry.try_sign_in(work, wish, origin)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def change_phone(database: Database, actor: Actor, wish: ChangePhone, origin: str = "") -> None:
    """Move my account to another phone, proven by a code sent there and by my password or a code of the present one.

    Ends my other sessions. Refuses `code_not_right`, `prove_yourself`, `password_not_right`, `phone_taken`,
    `too_many_requests`, `phone_not_valid`.
    """
    async with database.work(actor) as work:
        known = await entry.password_to_prove(work, wish, origin)
    if isinstance(known, Refusal):
        raise known
    if known is not None and not await asyncio.to_thread(secrets.fits, wish.password, known):
        raise PASSWORD_NOT_RIGHT()
    async with database.work(actor) as work:
        outcome = await entry.try_change_phone(work, wish, origin, known is not None)
    if isinstance(outcome, Refusal):
        raise outcome


async def verify_real_name(database: Database, actor: Actor, wish: VerifyRealName, provider: IdentityProvider) -> None:
    """Check my real name: write the question, ask the provider, write the answer.

    When the provider fails, the question stays open and the same words may be sent again under the same request id.
    Refuses `already_verified`, `id_number_not_valid`, `too_young`, `real_name_not_confirmed`, `too_many_requests`.
    """
    async with database.work(actor) as work:
        asked = await standing.ask_real_name(work, wish)
    if isinstance(asked, Refusal):
        raise asked
    verdict = await provider.check(asked)
    async with database.work(actor) as work:
        refused = await standing.record_verdict(work, asked.id, verdict)
    if refused:
        raise refused


async def sign_in_with_password(database: Database, wish: SignInWithPassword, origin: str = "") -> SignedIn:
    """Come in with a password. An unknown account costs the same time and gets the same answer.

    Refuses `password_not_right`, `too_many_requests`, `sign_in_suspended`.
    """
    async with database.work(NOBODY) as work:
        row = await secrets.knock(work, wish.account, origin)
    if isinstance(row, Refusal):
        raise row
    fits = await asyncio.to_thread(secrets.fits, wish.password, row["hash"] if row else None)
    if row is None or not fits:
        raise PASSWORD_NOT_RIGHT()
    async with database.work(NOBODY) as work:
        outcome = await secrets.enter_with_password(work, wish, row)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def set_password(database: Database, actor: Actor, wish: SetPassword, origin: str = "") -> None:
    """Set or change my password; ends my other sessions.

    Refuses `password_too_weak`, `password_not_right`, `code_not_right`, `too_many_requests`.
    """
    async with database.work(actor) as work:
        known = await secrets.own_password(work, wish, origin)
    if isinstance(known, Refusal):
        raise known
    if known is not None and not await asyncio.to_thread(secrets.fits, wish.current, known):
        raise PASSWORD_NOT_RIGHT()
    stored = await asyncio.to_thread(secrets.hashed, wish.password)
    async with database.work(actor) as work:
        await secrets.keep_password(work, stored, known)


async def verify_totp(database: Database, actor: Actor, wish: TotpCode, origin: str = "") -> list[str]:
    """Show a TOTP (or recovery) code for this session, which wakes its operator roles.

    The first code after `begin_totp` confirms the enrolment and returns the recovery codes; later calls return none.
    Refuses `totp_not_right`, `too_many_requests`.
    """
    async with database.work(actor) as work:
        outcome = await secrets.try_totp(work, wish, origin)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def remove_totp(database: Database, actor: Actor, wish: TotpCode, origin: str = "") -> None:
    """Forget my authenticator, proven by a code of it. Refuses `totp_not_right`, `too_many_requests`."""
    async with database.work(actor) as work:
        refused = await secrets.try_remove_totp(work, wish, origin)
    if refused:
        raise refused


async def sign_in_with_passkey(database: Database, wish: FinishPasskey, site: Site, device: str = "") -> SignedIn:
    """Come in with a passkey. Refuses `passkey_not_right`, `sign_in_suspended`."""
    async with database.work(NOBODY) as work:
        outcome = await passkeys.try_passkey(work, wish, site, device)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
