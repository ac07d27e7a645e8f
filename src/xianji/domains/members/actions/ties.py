"""Following and blocking."""

from xianji.domains.members.events import MemberBlocked, MemberFollowed
from xianji.domains.members.model import (
    MOST_BLOCKS,
    MOST_FOLLOWS,
    NOT_WITH_YOURSELF,
    TOO_MANY_BLOCKS,
    TOO_MANY_FOLLOWS,
)
from xianji.domains.members.store import people, ties
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work


async def _lock_with(work: Work, other: str) -> str:
    me = work.actor.me
    if other == me:
        raise NOT_WITH_YOURSELF()
    await people.lock_two(work, me, other)
    return me


async def follow(work: Work, other: str) -> None:
    """Follow a member; twice is the same as once.

    Refuses `not_found` (also when either blocks the other), `not_with_yourself`, `too_many_follows`.
    """
    me = await _lock_with(work, other)
    if await ties.blocked_between(work, me, other):
        raise NOT_FOUND()
    most = work.config.get(MOST_FOLLOWS)
    if not await ties.tie(work, me, "follows", other, "followed_by"):
        return
    if await ties.count_ties(work, me, "follows") > most:
        raise TOO_MANY_FOLLOWS(most=most)
    await ties.count_follow(work, me, other, 1)
    work.tell(MemberFollowed(me, other))


async def unfollow(work: Work, other: str) -> None:
    """Stop following; fine when I did not. Refuses `not_found`, `not_with_yourself`."""
    me = await _lock_with(work, other)
    await _end_follow(work, me, other)


async def _end_follow(work: Work, follower: str, followed: str) -> None:
    if await ties.untie(work, follower, "follows", followed, "followed_by"):
        await ties.count_follow(work, follower, followed, -1)


async def block(work: Work, other: str) -> None:
    """Block a member: following ends in both directions. Refuses `not_found`, `too_many_blocks`."""
    me = await _lock_with(work, other)
    most = work.config.get(MOST_BLOCKS)
    if not await ties.tie(work, me, "blocks", other, "blocked_by"):
        return
    if await ties.count_ties(work, me, "blocks") > most:
        raise TOO_MANY_BLOCKS(most=most)
    await _end_follow(work, me, other)
    await _end_follow(work, other, me)
    work.tell(MemberBlocked(me, other))


async def unblock(work: Work, other: str) -> None:
    """Take a block back; fine when there was none."""
    me = await _lock_with(work, other)
    await ties.untie(work, me, "blocks", other, "blocked_by")
