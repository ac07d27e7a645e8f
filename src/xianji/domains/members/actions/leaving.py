"""Leaving: take my data along, delete my account; and sealing again what an old key has sealed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from xianji.domains.members.events import MemberDeleted
from xianji.domains.members.model import BUSINESS_STILL_OPEN, CONFIRM_WITH_HANDLE, DeleteAccount
from xianji.domains.members.store import leaving, people
from xianji.kernel import sealing
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import addresses, entry, secrets, standing

_COLUMNS = (
    "id",
    "handle",
    "name",
    "bio",
    "city",
    "avatar",
    "language",
    "zone",
    "seller_type",
    "badges",
    "joined_at",
    "verified_at",
    "response_minutes",
    "sold_count",
    "items_live",
    "followers_count",
    "following_count",
)


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """Everything this domain keeps about the member, opened, as plain data. Refuses `not_found`."""
    row = await leaving.member_row(look, member)
    if row is None:
        raise NOT_FOUND()
    found = await leaving.belongings(look, member)
    for kept in found["addresses"]:
        kept["address"] = msgspec.json.decode(look.keys.open(addresses.SEAL, kept.pop("sealed")))
    for kept in found["verification"]:
        sealed = kept.pop("name_sealed")
        kept["name"] = look.keys.open(standing.REAL_NAME, sealed) if sealed else None
    phone = look.keys.open(entry.PHONE, row["phone_sealed"]) if row["phone_sealed"] else None
    return {"profile": {name: row[name] for name in _COLUMNS} | {"phone": phone}} | found


async def delete_account(work: Work, wish: DeleteAccount, blockers: Sequence[str] = ()) -> None:
    """Delete my account. `blockers` name open business as higher domains report it (orders, disputes…).

    Refuses `confirm_with_handle`, `business_still_open`.
    """
    row = await people.lock_for(work, work.actor.me)
    if wish.confirm.strip().removeprefix("@").lower() != row["handle"]:
        raise CONFIRM_WITH_HANDLE(handle=row["handle"])
    if blockers:
        raise BUSINESS_STILL_OPEN(what="、".join(blockers))
    await scrub(work, row["id"])
    work.tell(MemberDeleted(row["id"]))


async def scrub(work: Work, member: str) -> None:
    """Remove the person: no personal text stays, sealed or not; figures and ids stay. Twice changes nothing."""
    row = await leaving.member_row(work, member)
    if row is None:
        return
    await leaving.lock_tied(work, member)
    if row["phone_digest"]:
        await leaving.forget_phone(work, row["phone_digest"])
    await leaving.forget_identity(work, member)
    await leaving.forget_ties(work, member)
    await leaving.forget_belongings(work, member)
    await leaving.forget_person(work, member, member)


_KEPT = (
    (entry.PHONE, leaving.old_phones, leaving.put_phone),
    (addresses.SEAL, leaving.old_addresses, leaving.put_address),
    (secrets.TOTP, leaving.old_secrets, leaving.put_secret),
    (standing.REAL_NAME, leaving.old_names, leaving.put_name),
)


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` values again with the current key; how many were. Call until it returns 0."""
    return await sealing.reseal(work, limit, _KEPT)
