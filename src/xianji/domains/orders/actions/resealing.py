"""After a new key: what orders keep sealed is sealed again."""

from xianji.domains.orders import store
from xianji.domains.orders.model import ADDRESS_SEAL, CONTENT_SEAL, MEETING_SEAL
from xianji.kernel import sealing
from xianji.kernel.work import Work

_KEPT = (
    (ADDRESS_SEAL, store.old_addresses, store.put_address),
    (MEETING_SEAL, store.old_meetings, store.put_meeting),
    (CONTENT_SEAL, store.old_contents, store.put_content),
)


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` values again with the current key; how many were. Call until it returns 0."""
    return await sealing.reseal(work, limit, _KEPT)
