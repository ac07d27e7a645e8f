"""What a member sees of what the feed keeps about them."""

from datetime import datetime

from xianji.domains import items, notes
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .model import FeedChoices, ViewLine


async def choices(look: Look) -> FeedChoices:
    """What the actor chose; everything is on until they say otherwise."""
    row = await look.db.fetchrow("select personal, history from feed_choices where member = $1", look.actor.me)
    return FeedChoices(**row) if row else FeedChoices()


async def my_views(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ViewLine]:
    """What I saw, the last first, each once a day: three round trips. What went out of sight has no card."""
    rows = await look.db.fetch(
        "select subject, at, opened from feed_views where viewer = $1"
        " and ($2::timestamptz is null or (at, subject) < ($2, $3)) order by at desc, subject desc limit $4",
        look.actor.me,
        *(decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")),
        limit + 1,
    )
    seen = rows[:limit]
    ids = [row["subject"] for row in seen]
    shown = {card.id: card for card in await notes.note_cards(look, [one for one in ids if one.startswith("nte_")])}
    things = {card.id: card for card in await items.cards(look, [one for one in ids if one.startswith("itm_")])}
    lines = [
        ViewLine(row["subject"], row["at"], row["opened"], shown.get(row["subject"]), things.get(row["subject"]))
        for row in seen
    ]
    more = encode_cursor(seen[-1]["at"], seen[-1]["subject"]) if len(rows) > limit else None
    return Page(lines, more)
