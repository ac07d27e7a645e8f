"""Verbs that take a `Database`: because the attempt must be committed even when it is refused, because hashing a
password is slow, or because a provider is asked between two works.
"""

from typing import Protocol

import msgspec

from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, Actor

from .actions import entry
from .model import ChangePhone, SignedIn, SignIn


class SmsSender(Protocol):
    """The port to whoever sends text messages."""

    async def send_code(self, phone: str, code: str) -> None:
        """Send `code` to `phone` (E.164). Raises when the message was not taken; the job tries again."""


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
    """Move my account to another phone, proven by a code of purpose new_phone. Ends my other sessions.

    Refuses `code_not_right`, `phone_taken`, `too_many_requests`, `phone_not_valid`.
    """
    async with database.work(actor) as work:
        outcome = await entry.try_change_phone(work, wish, origin)
    if isinstance(outcome, Refusal):
        raise outcome


async def send_code(database: Database, payload: bytes, sender: SmsSender) -> None:
    """The job `members.send_code`: open the sealed message and hand it to the sender."""
    sealed = msgspec.json.decode(payload, type=entry.SealedMessage).sealed
    message = msgspec.json.decode(database.keys.open(entry.SEND_CODE, sealed), type=entry.CodeMessage)
    await sender.send_code(message.phone, message.code)
