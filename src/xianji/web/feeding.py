"""Which question a tab of the feed asks."""

from typing import Any, Literal

from xianji.domains.notes import NoteKind
from xianji.kernel.pages import PAGE_SIZE

from .known import Told
from .questions import FEED, HOME
from .visit import Visit

Tab = Literal["home", "nearby", "following"]


async def ask_feed(
    visit: Visit,
    tab: Tab,
    cell: int | None,
    kind: NoteKind | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    circle: str | None = None,
    topic: str | None = None,
) -> Told[Any]:
    """The next cards of a tab. Home is ranked, for a member, for a place, or once for everybody who is neither here nor
    anywhere; where it is narrowed, it is what is newest. The other tabs are lists in one plain order each.
    """
    narrowed = kind or circle or topic
    if tab == "home" and not narrowed:
        told = await visit.ask(HOME, cell, cursor, limit)
        if cursor is None and (visit.actor.member or cell is not None):
            page = await visit.house.support.join(visit.actor, cell, told.said)
            if page is not told.said:  # a labelled card is handed out once, and its page is nobody else's
                return Told(page, told.until)
        return told
    return await visit.ask(FEED, "new" if tab == "home" else tab, cell, circle, topic, None, kind, cursor, limit)
