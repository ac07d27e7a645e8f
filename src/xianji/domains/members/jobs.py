"""What is due: phone codes, passkey challenges and sessions whose time is over."""

from collections.abc import Sequence

from xianji.kernel.jobs import Due
from xianji.kernel.work import Look, Work

from .store import entry


async def _find(look: Look, limit: int) -> Sequence[str]:
    expired = await look.db.fetchval(
        "select exists (select from phone_codes where expires_at <= $1)"
        " or exists (select from passkey_challenges where expires_at <= $1)"
        " or exists (select from sessions where expires_at <= $1)",
        look.now,
    )
    return ["expired"][:limit] if expired else []


async def _forget(work: Work, _: str) -> None:
    await entry.delete_expired(work)


DUE = (Due("members.forget_expired", _find, _forget),)
