"""Being somebody: the profile and the figures that higher domains keep on it."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from asyncpg import Record as Row
from msgspec import UNSET

from xianji.domains.members import rules
from xianji.domains.members.events import ProfileEdited, StandingChanged
from xianji.domains.members.model import (
    BIO_LONGEST,
    CITY_LONGEST,
    HANDLE_CHANGED_RECENTLY,
    HANDLE_DAYS,
    HANDLE_TAKEN,
    NAME_LONGEST,
    PROFILE_CHANGED,
    RESERVED_HANDLES,
    ZONE_NOT_VALID,
    EditProfile,
    SellerType,
)
from xianji.domains.members.store import people
from xianji.kernel.text import body, line
from xianji.kernel.work import Work


async def edit_profile(work: Work, wish: EditProfile) -> int:
    """Change my profile; returns the new version.

    Refuses `profile_changed` when the version is old, `handle_taken`, `handle_changed_recently`, `handle_not_valid`,
    `zone_not_valid` and the refusals of texts.
    """
    row = await people.lock_for(work, work.actor.me)
    if row["version"] != wish.version:
        raise PROFILE_CHANGED(version=row["version"])
    new = dict(row) | _judged(work, wish)
    if new["handle"] != row["handle"]:
        await _change_handle(work, row, new["handle"])
    await people.update_profile(work, row["id"], new)
    work.tell(ProfileEdited(row["id"]))
    return int(row["version"]) + 1


def _judged(work: Work, wish: EditProfile) -> dict[str, Any]:
    new: dict[str, Any] = {}
    if wish.name is not UNSET:
        new["name"] = line("name", wish.name, work.config.get(NAME_LONGEST))
    if wish.bio is not UNSET:
        new["bio"] = body("bio", wish.bio, work.config.get(BIO_LONGEST))
    if wish.city is not UNSET:
        new["city"] = line("city", wish.city, work.config.get(CITY_LONGEST), required=False)
    if wish.zone is not UNSET and wish.zone not in available_timezones():
        raise ZONE_NOT_VALID()
    if wish.handle is not UNSET:
        new["handle"] = rules.normal_handle(wish.handle, work.config.get(RESERVED_HANDLES))
    plain = {"zone": wish.zone, "avatar": wish.avatar, "language": wish.language}
    return new | {name: value for name, value in plain.items() if value is not UNSET}


async def _change_handle(work: Work, row: Row, handle: str) -> None:
    pause = timedelta(days=work.config.get(HANDLE_DAYS))
    changed = row["handle_changed_at"]
    if changed and changed + pause > work.now:
        raise HANDLE_CHANGED_RECENTLY(days=-(-(changed + pause - work.now) // timedelta(days=1)))
    if not await people.claim_handle(work, handle, row["id"]):
        raise HANDLE_TAKEN()
    await people.set_handle(work, row["id"], handle)


async def set_seller_type(work: Work, member: str, seller_type: SellerType) -> None:
    """What kind of seller the member is; decided by moderation (moderators and the system)."""
    work.actor.need_role("moderator")
    await people.lock_for(work, member)
    await people.set_seller_type(work, member, seller_type)
    work.tell(StandingChanged(member))


async def award_badge(work: Work, member: str, badge: str) -> None:
    """Give a badge; badges also name cohorts. Twice changes nothing. Moderators and the system."""
    work.actor.need_role("moderator")
    await people.lock_for(work, member)
    await people.add_badge(work, member, badge)


async def withdraw_badge(work: Work, member: str, badge: str) -> None:
    """Take a badge back. Moderators and the system."""
    work.actor.need_role("moderator")
    await people.lock_for(work, member)
    await people.remove_badge(work, member, badge)


async def record_sale(work: Work, member: str) -> None:
    """One more thing sold by this member; called by orders when an order completes."""
    await people.count_sale(work, member)


async def count_live_items(work: Work, member: str, change: int) -> None:
    """`change` more (or fewer) live items of this member; called by items."""
    await people.count_live_items(work, member, change)


async def set_response_minutes(work: Work, member: str, minutes: int | None) -> None:
    """How fast the member usually answers; measured by chat."""
    await people.set_response_minutes(work, member, minutes)
    work.tell(StandingChanged(member))
