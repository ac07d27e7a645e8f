"""Where parcels go: addresses of a member, sealed as a whole."""

import msgspec

from xianji.domains.members import rules
from xianji.domains.members.model import (
    ADDRESS_FORMS,
    COUNTRY_NOT_VALID,
    MOST_ADDRESSES,
    NAME_LONGEST,
    TOO_MANY_ADDRESSES,
    PutAddress,
)
from xianji.domains.members.store import addresses, people
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.installation import COUNTRY
from xianji.kernel.text import line
from xianji.kernel.work import Work

from .entry import normal_phone

SEAL = "member.address"


class SealedAddress(msgspec.Struct, frozen=True):
    """What is inside the sealed text."""

    name: str
    phone: str
    lines: dict[str, str]


def _judged(work: Work, wish: PutAddress) -> tuple[str, str]:
    """The country and the sealed text."""
    country = wish.country or work.config.get(COUNTRY)
    form = rules.address_form(work.config.get(ADDRESS_FORMS), country)
    if form is None:
        raise COUNTRY_NOT_VALID()
    kept = SealedAddress(
        line("name", wish.name, work.config.get(NAME_LONGEST)),
        normal_phone(work, wish.phone),
        rules.address_lines(wish.lines, form),
    )
    return country, work.keys.seal(SEAL, msgspec.json.encode(kept).decode())


async def add_address(work: Work, wish: PutAddress) -> str:
    """Keep a new address; the first one is the default. Returns its id.

    Refuses `too_many_addresses`, `country_not_valid`, `address_line_unknown`, `phone_not_valid`, text refusals.
    """
    country, sealed = _judged(work, wish)
    member: str = (await people.lock_for(work, work.actor.me))["id"]
    kept, most = await addresses.count_addresses(work, member), work.config.get(MOST_ADDRESSES)
    if kept >= most:
        raise TOO_MANY_ADDRESSES(most=most)
    address = work.new_id("adr")
    is_default = wish.is_default or kept == 0
    await addresses.insert_address(work, member, address, country, sealed, is_default)
    if is_default:
        await addresses.only_default(work, member, address)
    return address


async def change_address(work: Work, address: str, wish: PutAddress) -> None:
    """Replace one of my addresses. Refuses `not_found` and what `add_address` refuses."""
    country, sealed = _judged(work, wish)
    member: str = (await people.lock_for(work, work.actor.me))["id"]
    if not await addresses.update_address(work, member, address, country, sealed, wish.is_default):
        raise NOT_FOUND()
    if wish.is_default:
        await addresses.only_default(work, member, address)


async def remove_address(work: Work, address: str) -> None:
    """Delete one of my addresses. Refuses `not_found`."""
    member: str = (await people.lock_for(work, work.actor.me))["id"]
    if not await addresses.delete_address(work, member, address):
        raise NOT_FOUND()
