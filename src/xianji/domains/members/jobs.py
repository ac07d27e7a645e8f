"""What is due: phone codes, passkey challenges, sessions and restrictions whose time is over."""

from collections.abc import Sequence

from xianji.kernel.jobs import Due
from xianji.kernel.work import Look, Work

from .events import RestrictionEnded
from .store import entry, standing


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


async def _find_over(look: Look, limit: int) -> Sequence[str]:
    return await standing.restrictions_over(look, limit)


async def _end(work: Work, restriction: str) -> None:
    ended = await standing.end_restriction(work, restriction)
    if ended is not None:
        work.tell(RestrictionEnded(ended["member"], ended["id"], ended["kind"]))


DUE = (Due("members.forget_expired", _find, _forget), Due("members.end_restrictions", _find_over, _end))
