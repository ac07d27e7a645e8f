"""What pages and programs ask most, as questions whose answers are kept (`known.py`)."""

from datetime import UTC, datetime

from xianji.domains import feed, items, members, notes, prices, search
from xianji.domains.circles import CircleCard
from xianji.domains.notes import TopicPage
from xianji.domains.search import Ask, Found
from xianji.kernel.pages import PAGE_SIZE

from . import waiting
from .known import Question, Told
from .visit import Visit

LONG_AGO = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


def _until(found: Found) -> datetime:
    """Circles and topics show counts whose changes are not noted; they are few and read again."""
    return LONG_AGO if any(isinstance(one, CircleCard | TopicPage) for one in found.items) else NEVER


SESSION = Question(members.load_session, until=lambda session: session.until if session else LONG_AGO)
WAITING = Question(waiting.count_for, until=lambda waits: waits.until or NEVER)
FEED = Question(notes.feed, lists=("notes",))
HOME = Question(feed.home, until=lambda page: page.good_until)
MARKET = Question(items.live_items, lists=("items",))
ITEM = Question(items.item_page)
NOTE = Question(notes.note_page)
PRICE_BOARD = Question(prices.board, lists=("prices",))
MODEL_PRICES = Question(prices.model_page, lists=("prices",))
SEARCH = Question(search.find, lists=("search",), until=_until)


async def found(visit: Visit, ask: Ask, cursor: str | None, limit: int = PAGE_SIZE) -> Told[Found]:
    """A page of what fits `ask`, kept until the index has another commit or somebody writes about what it shows."""
    if visit.house.index.moved():
        visit.house.known.touch("search")
    return await visit.ask(SEARCH, visit.house.index, ask, cursor, limit)
