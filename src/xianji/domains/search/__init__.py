"""Search 搜索: the index, what people ask of it, and what it suggests while they type.

What this package promises: the index is a replica of what anybody may see, which follows the outbox by a cursor that it
keeps inside itself, so a killed indexer loses and doubles nothing, and an index of another make is built anew while the old
one serves; whatever is found is read again from PostgreSQL, so nothing sold, hidden or apart from the reader is ever shown.
"""

from .finding import find
from .index import Folder, IndexBusy, Reader
from .indexer import Follower, build, follow, state_of
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
from .suggesting import suggest

__all__ = [
    "Ask",
    "Card",
    "Days",
    "FacetValue",
    "Folder",
    "Follower",
    "Found",
    "Help",
    "IndexBusy",
    "Kind",
    "Looser",
    "Reader",
    "SellerKind",
    "Shortcut",
    "Sort",
    "Suggestion",
    "build",
    "find",
    "follow",
    "state_of",
    "suggest",
]
