"""The feed: what is shown to whom and why, who saw it, and how far every note got.

What this package promises: nothing sold, hidden or blocked is ever shown; every part of a score is added up in one
place and told on the card; every new note is shown to its first people before it has to earn more; with enough close by
a thing is shown to people who could collect it; no place is sold, and what a campaign shows is labelled and never more
than it was given; what a member saw is theirs to read, erase and switch off, and so is what they want less of.
"""

from .actions import choose, erase_views, open_reach, record, say_less, take_less_back
from .jobs import DUE
from .mine import choices, less_of, my_less, my_views
from .model import (
    COLLECT_KM,
    FLOOR_HOURS,
    FLOOR_SHOWN,
    KEEP_DAYS,
    LESS_DAYS,
    Choose,
    FeedCard,
    FeedChoices,
    FeedPage,
    Less,
    NewQuota,
    Pair,
    Quota,
    Reach,
    Reason,
    SayLess,
    Seen,
    ViewLine,
)
from .people import export_for, scrub
from .ranking import home
from .reach import item_reach, note_reach
from .recording import Recorder
from .support import Supporter, end_quota, grant_quota, quotas
from .trends import rising

__all__ = [
    "COLLECT_KM",
    "DUE",
    "FLOOR_HOURS",
    "FLOOR_SHOWN",
    "KEEP_DAYS",
    "LESS_DAYS",
    "Choose",
    "FeedCard",
    "FeedChoices",
    "FeedPage",
    "Less",
    "NewQuota",
    "Pair",
    "Quota",
    "Reach",
    "Reason",
    "Recorder",
    "SayLess",
    "Seen",
    "Supporter",
    "ViewLine",
    "choices",
    "choose",
    "end_quota",
    "erase_views",
    "export_for",
    "grant_quota",
    "home",
    "item_reach",
    "less_of",
    "my_less",
    "my_views",
    "note_reach",
    "open_reach",
    "quotas",
    "record",
    "rising",
    "say_less",
    "scrub",
    "take_less_back",
]
