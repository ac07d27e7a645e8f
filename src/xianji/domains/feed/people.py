"""What the feed keeps of a member: handed out, and forgotten."""

from typing import Any

from xianji.kernel.work import Look, Work

from . import store


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """What a member saw and opened by day, what they chose, and what they wanted less of."""
    views = await look.db.fetch(
        "select subject, at, opened from feed_views where viewer = $1 order by at, subject", member
    )
    chosen = await look.db.fetchrow("select personal, history from feed_choices where member = $1", member)
    less = await look.db.fetch(
        "select subject, at, until from feed_less where member = $1 order by at, subject", member
    )
    return {
        "feed_views": [dict(row) for row in views],
        "feed_choices": dict(chosen) if chosen else {},
        "feed_less": [dict(row) for row in less],
    }


async def scrub(work: Work, member: str) -> None:
    """Forget all of it; how often notes were shown stays, without names."""
    await store.erase_views(work, member, None)
    await work.db.execute("delete from feed_choices where member = $1", member)
    await work.db.execute("delete from feed_less where member = $1", member)
    await work.db.execute("delete from feed_less where subject = 'm:' || $1", member)
