"""Passkeys: challenges that live for minutes, and the answers of authenticators."""

import base64
import binascii
from datetime import timedelta
from typing import Any

import msgspec

from xianji.domains.members.model import (
    CHALLENGE_MINUTES,
    MOST_PASSKEYS,
    PASSKEY_NAME_LONGEST,
    PASSKEY_NOT_RIGHT,
    TOO_MANY_PASSKEYS,
    FinishPasskey,
    PasskeyChallenge,
    SignedIn,
    Site,
)
from xianji.domains.members.store import entry as rows
from xianji.domains.members.store import people
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.text import line
from xianji.kernel.work import Work

from . import entry


async def begin_passkey(work: Work, site: Site) -> PasskeyChallenge:
    """Options for making a passkey of mine. Refuses `too_many_passkeys`."""
    row = await people.lock_for(work, work.actor.me)
    known, most = await rows.credentials_of(work, row["id"]), work.config.get(MOST_PASSKEYS)
    if len(known) >= most:
        raise TOO_MANY_PASSKEYS(most=most)
    challenge = work.random.randbytes(32)
    from . import authenticator  # imported late: see there

    options = authenticator.options_to_make(site, row["id"], row["handle"], row["name"], challenge, known)
    return await _remember(work, "make", row["id"], challenge, options)


async def finish_passkey(work: Work, wish: FinishPasskey, site: Site) -> None:
    """Keep the passkey the browser has made. Refuses `passkey_not_right`."""
    member: str = (await people.lock_for(work, work.actor.me))["id"]
    challenge = await rows.take_challenge(work, wish.challenge, "make", member)
    if challenge is None:
        raise PASSKEY_NOT_RIGHT()
    from . import authenticator  # imported late: see there

    made = authenticator.made(site, wish.credential, challenge)
    if made is None:
        raise PASSKEY_NOT_RIGHT()
    name = line("name", wish.name, work.config.get(PASSKEY_NAME_LONGEST), required=False)
    await rows.insert_passkey(work, member, made.credential_id, made.public_key, made.sign_count, name)


async def begin_passkey_sign_in(work: Work, site: Site) -> PasskeyChallenge:
    """Options for coming in with any passkey of this site; asks for no name, so it tells nothing."""
    challenge = work.random.randbytes(32)
    from . import authenticator  # imported late: see there

    return await _remember(work, "enter", None, challenge, authenticator.options_to_enter(site, challenge))


async def try_passkey(work: Work, wish: FinishPasskey, site: Site, device: str) -> SignedIn | Refusal:
    """Judge the browser's answer; a challenge is spent by the first answer to it."""
    challenge = await rows.take_challenge(work, wish.challenge, "enter", None)
    member, credential = _named(wish.credential)
    row = await rows.lock_passkey(work, member, credential)
    if challenge is None or row is None:
        return PASSKEY_NOT_RIGHT()
    from . import authenticator  # imported late: see there

    count = authenticator.shown(site, wish.credential, challenge, row["public_key"], row["sign_count"])
    if count is None:
        return PASSKEY_NOT_RIGHT()
    await rows.use_passkey(work, member, credential, count)
    return await entry.open_session(work, member, device, "passkey")


def _named(credential: dict[str, Any]) -> tuple[str, bytes]:
    """Member id and credential id that an answer claims; empty where it is not well formed."""
    try:
        member = _bytes(credential["response"]["userHandle"]).decode()
        return (member if ids.is_id("mbr", member) else ""), _bytes(credential["id"])
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return "", b""


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def remove_passkey(work: Work, passkey: str) -> None:
    """Forget one of my passkeys, named by its credential id in hex. Refuses `not_found`."""
    try:
        credential = bytes.fromhex(passkey)
    except ValueError:
        raise NOT_FOUND() from None
    if not await rows.delete_passkey(work, work.actor.me, credential):
        raise NOT_FOUND()


async def _remember(work: Work, purpose: str, member: str | None, challenge: bytes, options: str) -> PasskeyChallenge:
    challenge_id = work.new_id("chl")
    expires_at = work.now + timedelta(minutes=work.config.get(CHALLENGE_MINUTES))
    await rows.put_challenge(work, challenge_id, purpose, member, challenge, expires_at)
    return PasskeyChallenge(challenge_id, msgspec.json.decode(options))
