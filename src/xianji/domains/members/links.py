"""Whether two accounts could be one person, or one household: what the house knows of it, without saying more."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from xianji.kernel.work import Look

from .actions.addresses import SEAL, SealedAddress
from .actions.entry import PHONE

Link = Literal["same_identity", "same_phone", "same_address"]


async def link_between(look: Look, one: str, other: str) -> Link | None:
    """What ties two members together: one identity number, a phone number that both use, an address that both keep.

    For the system only: the answer is a judgment, and nothing that was compared leaves this function.
    """
    assert look.actor.system, "whom somebody lives with is nobody's business"
    row = await look.db.fetchrow(
        "select exists (select from verifications a join verifications b on b.id_digest = a.id_digest"
        " where a.member = $1 and b.member = $2) as identity,"
        " (select phone_digest from members where id = $1) as phone, array(select sealed from addresses"
        " where member = $1) as addresses, (select phone_digest from members where id = $2) as other_phone,"
        " array(select sealed from addresses where member = $2) as other_addresses",
        one,
        other,
    )
    assert row is not None, "a select without from has one row"
    if row["identity"]:
        return "same_identity"
    mine, theirs = _opened(look, row["addresses"]), _opened(look, row["other_addresses"])
    if _phones(look, mine, row["phone"]) & _phones(look, theirs, row["other_phone"]):
        return "same_phone"
    return "same_address" if {_door(address) for address in mine} & {_door(address) for address in theirs} else None


def _opened(look: Look, sealed: Sequence[Any]) -> list[SealedAddress]:
    return [msgspec.json.decode(look.keys.open(SEAL, one), type=SealedAddress) for one in sealed]


def _phones(look: Look, addresses: Sequence[SealedAddress], own: bytes | None) -> set[bytes]:
    return {look.keys.digest(PHONE, one.phone) for one in addresses} | ({own} if own else set())


def _door(address: SealedAddress) -> tuple[str, ...]:
    """Where it is, however it was spaced."""
    return tuple("".join(line.split()).casefold() for _, line in sorted(address.lines.items()))
