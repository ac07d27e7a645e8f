"""What pages and programs ask most, as questions whose answers are kept (`known.py`)."""

from datetime import UTC, datetime

from xianji.domains import feed, items, members, notes, prices

from . import waiting
from .known import Question

LONG_AGO = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

SESSION = Question(members.load_session, until=lambda session: session.until if session else LONG_AGO)
WAITING = Question(waiting.count_for, until=lambda waits: waits.until or NEVER)
FEED = Question(notes.feed, lists=("notes",))
HOME = Question(feed.home, until=lambda page: page.good_until)
MARKET = Question(items.live_items, lists=("items",))
ITEM = Question(items.item_page)
NOTE = Question(notes.note_page)
PRICE_BOARD = Question(prices.board, lists=("prices",))
MODEL_PRICES = Question(prices.model_page, lists=("prices",))
