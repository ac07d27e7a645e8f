"""After a new key: what orders keep sealed is sealed again."""

from xianji.domains.orders import store
from xianji.domains.orders.model import ADDRESS_SEAL, CONTENT_SEAL, MEETING_SEAL
from xianji.kernel.work import Work


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` values again with the current key; how many were. Call until it returns 0."""
    key = work.keys.ring.current + "."
    done = 0
    for purpose, find, put in (
        (ADDRESS_SEAL, store.old_addresses, store.put_address),
        (MEETING_SEAL, store.old_meetings, store.set_meeting),
        (CONTENT_SEAL, store.old_contents, store.put_content),
    ):
        for row in await find(work, key, limit - done):
            await put(work, row["id"], work.keys.seal(purpose, work.keys.open(purpose, row["sealed"])))
            done += 1
    return done
