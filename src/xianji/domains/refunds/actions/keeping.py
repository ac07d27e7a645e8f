"""Keeping what is entrusted to us: return addresses under the newest key, and forgetting a member."""

from xianji.domains.refunds import store
from xianji.domains.refunds.model import RETURN_SEAL
from xianji.kernel.work import Work


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` addresses again with the current key; how many were. Call until it returns 0."""
    rows = await store.old_addresses(work, work.keys.ring.current + ".", limit)
    for row in rows:
        await store.put_address(
            work, row["id"], work.keys.seal(RETURN_SEAL, work.keys.open(RETURN_SEAL, row["sealed"]))
        )
    return len(rows)


async def scrub(work: Work, member: str) -> None:
    """Forget a member's words, pictures and return addresses in ended refunds; what was paid back must be kept."""
    await store.forget_words(work, member)
