"""Search 搜索: the index, what people ask of it, and what it suggests while they type.

What this package promises: the index is a replica of what anybody may see. It follows the outbox by a cursor inside
itself, so a killed indexer loses and doubles nothing; an index of another make is built anew while the old one serves.
Whatever is found is read again from PostgreSQL, so nothing sold, hidden or apart from the reader is ever shown.
"""

from .building import build
from .finding import find
from .index import Folder, IndexBusy, Reader
from .indexer import Follower, behind, follow, state_of
from .model import (
    Ask,
    Card,
    Days,
    FacetValue,
    Found,
    Help,
    Kind,
    Looser,
    SellerKind,
    Shortcut,
    Sort,
    Suggestion,
)
from .saved import DUE, edit_saved_search, match_news, remove_saved_search, save_search
from .saved_model import EditSavedSearch, Frequency, SavedSearch, SaveSearch, SearchFound
from .saved_store import export_for, scrub
from .saved_views import saved_now, saved_searches
from .suggesting import suggest

__all__ = [
    "DUE",
    "Ask",
    "Card",
    "Days",
    "EditSavedSearch",
    "FacetValue",
    "Folder",
    "Follower",
    "Found",
    "Frequency",
    "Help",
    "IndexBusy",
    "Kind",
    "Looser",
    "Reader",
    "SaveSearch",
    "SavedSearch",
    "SearchFound",
    "SellerKind",
    "Shortcut",
    "Sort",
    "Suggestion",
    "behind",
    "build",
    "edit_saved_search",
    "export_for",
    "find",
    "follow",
    "match_news",
    "remove_saved_search",
    "save_search",
    "saved_now",
    "saved_searches",
    "scrub",
    "state_of",
    "suggest",
]
