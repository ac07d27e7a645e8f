"""Keeping what is entrusted to us: a new key for everything sealed, and a member's copy of their data."""

from collections.abc import Callable, Mapping

import msgspec

from . import settings
from .domains import circles, items, ledger, media, members, moderation, notes, orders, parcels, payments, refunds
from .kernel.crypto import Keys, load_ring, store_ring
from .kernel.db import Database
from .kernel.work import NOBODY, SYSTEM

_AT_ONCE = 500
_SEALERS = (members.reseal, orders.reseal, parcels.reseal, refunds.reseal)
_ROOMS = (members, media, ledger, items, payments, circles, notes, orders, refunds, moderation)


async def rotate_keys(dsn: str, environment: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Add a key, make it the current one, and seal everything again. Returns how many values were sealed.

    Older keys stay in the ring, so an interrupted run loses nothing: the next one goes on with what is left.
    """
    file = settings.read(environment).key_file
    ring = load_ring(file).rotated()
    store_ring(file, ring)
    say(f"{ring.current}: new key, {len(ring.keys)} in the ring")
    database = await Database(dsn, Keys(ring)).open(readers=1, writers=1)
    total = 0
    try:
        for sealer in _SEALERS:
            while True:
                async with database.work(SYSTEM) as work:
                    done = await sealer(work, _AT_ONCE)
                if not done:
                    break
                total += done
                say(f"{sealer.__module__.split('.')[2]}: {total} sealed again")
    finally:
        await database.close()
    return total


async def export_member(dsn: str, environment: Mapping[str, str], handle: str) -> bytes:
    """Everything every room keeps of a member, as JSON. Refuses `not_found`."""
    database = await Database(dsn, settings.read(environment).keys()).open(readers=1, writers=1)
    try:
        async with database.look(NOBODY) as look:
            member = (await members.member_page(look, handle)).card.id
            actor = await members.load_actor(look, member)
        async with database.look(actor) as look:
            copy = {room.__name__.rsplit(".", 1)[-1]: await room.export_for(look, member) for room in _ROOMS}
    finally:
        await database.close()
    return msgspec.json.format(msgspec.json.encode(copy), indent=2)
