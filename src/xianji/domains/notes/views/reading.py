"""A note with the talk below it, as one screen needs them: three round trips in all."""

from xianji.domains import items
from xianji.domains.notes.model import BoardFilter, CommentSort
from xianji.kernel.pages import PAGE_SIZE, Page
from xianji.kernel.work import Look

from . import page, threads
from .shapes import NotePage, Thread

_WHOLE_BOARD = BoardFilter()


async def note_and_talk(
    look: Look,
    note: str,
    board: BoardFilter = _WHOLE_BOARD,
    cell: int | None = None,
    cursor: str | None = None,
    sort: CommentSort = "new",
    limit: int = PAGE_SIZE,
) -> tuple[NotePage, Page[Thread]]:
    """The page of a note and a page of its comments. Refuses `not_found`."""
    row = await page.load(look, note)
    said = await threads.load(look, note, cursor, sort, limit)
    cards = await items.cards(look, page.things_of(row), cell)
    return page.page_of(look, row, cards, board, cell), threads.threads_of(look, said, cards, limit)
