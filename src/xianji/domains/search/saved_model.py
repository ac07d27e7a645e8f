"""The words of saved searches."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import SavedSearchId
from xianji.kernel.text import Line
from xianji.kernel.work import Event

from .model import Ask

SAVED_MOST = Key("search.saved_most", 30, "searches a member may save")
NAME_LONGEST = Key("search.saved_name_longest", 40, "characters of the name of a saved search")
ALERT_PERCENT = Key("search.alert_percent", 100, "share of a saved search's units that a new thing must match")
DIGEST_HOUR = Key(
    "search.digest_hour", 19, "hour of the day, in the installation's zone, at which the day's finds are told"
)
FINDS_KEPT_DAYS = Key("search.finds_kept_days", 180, "days for which a thing is not told again for the same search")

TOO_MANY_SAVED_SEARCHES = Code("too_many_saved_searches", Kind.LIMIT)
NOTHING_ASKED = Code("nothing_asked", Kind.MALFORMED, field="ask")
ONLY_THINGS_ARE_WATCHED = Code("only_things_are_watched", Kind.MALFORMED, field="ask")

Frequency = Literal["instant", "daily", "never"]


class SaveSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ask for things, under a name, and how often its finds are told."""

    name: Line
    ask: Ask
    frequency: Frequency = "instant"


class EditSavedSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change."""

    name: Line | UnsetType = UNSET
    frequency: Frequency | UnsetType = UNSET


class SavedSearch(msgspec.Struct, frozen=True):
    """A search as its owner sees it; `found` counts what was found for it so far."""

    id: SavedSearchId
    name: str
    ask: Ask
    frequency: Frequency
    found: int
    made_at: datetime


class SearchFound(Event, frozen=True, tag="search.saved_found.v1"):
    """`item` is the last of `count` new or newly cheaper things. With `daily` they are those of a day."""

    search: str
    member: str
    item: str
    count: int
    daily: bool
