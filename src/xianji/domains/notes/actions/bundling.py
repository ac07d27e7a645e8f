"""A note's bundle: any so many of the author's own things on it together cost less."""

from xianji.domains import offers
from xianji.domains.notes import store
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import NoteId
from xianji.kernel.work import Work


async def set_bundle(work: Work, note: NoteId, ask: offers.Bundle) -> None:
    """Set or change the bundle of the actor's own note. Refuses `not_found` and `bundle_not_valid`."""
    row = await store.lock_own(work, note)
    if row["state"] not in ("draft", "live"):
        raise NOT_FOUND()
    await offers.put_bundle(work, note, ask)


async def drop_bundle(work: Work, note: NoteId) -> None:
    """Take the bundle of the actor's own note away. Refuses `not_found`."""
    await store.lock_own(work, note)
    await offers.drop_bundle(work, note)
