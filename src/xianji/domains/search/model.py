"""The words of search: what can be asked, what comes back, and the numbers that weigh and bound it."""

from datetime import timedelta
from typing import Any, Literal

import msgspec

from xianji.domains.circles import CircleCard
from xianji.domains.items import Condition, Handover, ItemCard
from xianji.domains.members import MemberCard
from xianji.domains.notes import NoteCard, TopicPage
from xianji.kernel.config import Key

Kind = Literal["item", "note", "member", "circle", "topic"]
Sort = Literal["best", "new", "near", "price_asc", "price_desc"]
SellerKind = Literal["individual", "professional"]
Days = Literal[1, 3, 7, 14]
Card = ItemCard | NoteCard | MemberCard | CircleCard | TopicPage

WINDOW = Key("search.window", 300, "best candidates that are weighed one by one for the order by fit")
WEIGHTS: Key[dict[str, float]] = Key(
    "search.weights",
    {"fresh": 0.04, "condition": 0.02, "near": 0.06, "response": 0.02, "credit": 0.02},
    "what each fact adds at its best, in shares of the distance between the best and the worst match of the words",
    kind=dict[str, float],
)
ENOUGH_PERCENT = Key("search.enough_percent", 60, "share of a query's units that something must match to be counted")
FRESH_DAYS = Key("search.fresh_days", 14, "days after which a thing's freshness counts half")
NEAR_KM = Key("search.near_km", 5, "kilometres at which nearness counts half")
RESPONSE_MINUTES = Key("search.response_minutes", 60, "minutes of usual answering at which quickness counts half")
FACET_MOST = Key("search.facet_most", 12, "values a facet shows, the most frequent first")
SUGGESTIONS = Key("search.suggestions", 8, "lines offered while somebody types")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for. Prices in minor units, both ends included; `attributes` are `name=value`.

    `cell` is where the reader is; `radius_km` narrows around it. `free` and `wanted` narrow to gifts and wanted notes.
    """

    text: str = ""
    kind: Kind = "item"
    category: str | None = None
    attributes: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    conditions: tuple[Condition, ...] = ()
    handover: Handover | None = None
    seller_type: SellerKind | None = None
    circle: str | None = None
    city: str | None = None
    free: bool = False
    wanted: bool = False
    days: Days | None = None
    cell: int | None = None
    radius_km: float | None = None
    sort: Sort = "best"

    @property
    def since(self) -> timedelta | None:
        return None if self.days is None else timedelta(days=self.days)


class FacetValue(msgspec.Struct, frozen=True):
    """One value of a facet and about how many of the things found have it."""

    value: str
    count: int


class Shortcut(msgspec.Struct, frozen=True):
    """A card that does what was typed instead of looking for it."""

    code: str
    href: str
    zh: str
    en: str


class Looser(msgspec.Struct, frozen=True):
    """A wish that can be dropped (its field's name), and how much is found then."""

    without: str
    count: int


class Help(msgspec.Struct, frozen=True):
    """What to try when nothing was found: other spellings, wishes to drop, categories that were meant perhaps."""

    did_you_mean: list[str]
    looser: list[Looser]
    categories: list[str]


class Found(msgspec.Struct, frozen=True):
    """A page of what was found, as cards of its kind (`Card`, a union that a schema cannot tell apart).

    `count` and `facets` are the index's, so they may be late by a moment.

    From place `near_from` on the things are only close to what was asked. `reasons` tells, for each id in the order by
    fit, what its words and each fact gave it.
    """

    items: list[Any]
    next_cursor: str | None
    count: int
    near_from: int | None
    facets: dict[str, list[FacetValue]]
    reasons: dict[str, dict[str, float]]
    shortcuts: list[Shortcut]
    help: Help | None


class Suggestion(msgspec.Struct, frozen=True):
    """A line under the search field. `kind` says what it is: words, category, topic, circle or shortcut."""

    text: str
    kind: Literal["words", "category", "topic", "circle", "shortcut"]
    href: str
