"""The feed: what is shown to whom and why, who saw it, and how far every note got.

What this package promises: nothing sold, hidden or blocked is ever shown; every part of a score is added up in one
place and told on the card; every new note is shown to its first people before it has to earn more; with enough close by
a thing is shown to people who could collect it; no place is sold, and what a campaign shows is labelled and never more
than it was given; what a member saw is theirs to read, erase and switch off.
"""

from .actions import choose, erase_views, open_reach, record
from .jobs import DUE
from .mine import choices, my_views
from .model import (
    COLLECT_KM,
    FLOOR_HOURS,
    FLOOR_SHOWN,
    KEEP_DAYS,
    Choices,
    Choose,
    FeedCard,
    FeedPage,
    Reason,
    Seen,
    ViewLine,
)
from .people import export_for, scrub
from .ranking import home
from .recording import Recorder

__all__ = [
    "COLLECT_KM",
    "DUE",
    "FLOOR_HOURS",
    "FLOOR_SHOWN",
    "KEEP_DAYS",
    "Choices",
    "Choose",
    "FeedCard",
    "FeedPage",
    "Reason",
    "Recorder",
    "Seen",
    "ViewLine",
    "choices",
    "choose",
    "erase_views",
    "export_for",
    "home",
    "my_views",
    "open_reach",
    "record",
    "scrub",
]
