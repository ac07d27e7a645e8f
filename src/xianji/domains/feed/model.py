"""The words of the feed: its numbers, what a reader is, what may be shown to them, and what they are told of it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from xianji.domains.items import ItemCard
from xianji.domains.notes import NoteCard
from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import QuotaId
from xianji.kernel.pages import Page
from xianji.kernel.text import Line

QUOTA_TIMES_NOT_VALID = Code("quota_times_not_valid", Kind.MALFORMED, field="ends_at")


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many points each part of a score can give or take. Distances are kilometres, ages hours.

    `near` halves every `near_km`, `fresh` every `fresh_hours`; `taste` is given by half at `taste_half` points of
    interest, `known` taken by half when `known_half` people have seen a note; `less` is taken of what the reader
    wants less of.
    """

    near: float = 30
    near_km: float = 4
    far: float = 40
    fresh: float = 20
    fresh_hours: float = 24
    taste: float = 40
    taste_half: float = 6
    follow: float = 18
    circle: float = 12
    topic: float = 14
    less: float = 45
    warm: float = 12
    fair: float = 25
    known: float = 80
    known_half: float = 6
    crowd: float = 6
    seller_again: float = 8
    category_again: float = 3


WEIGHTS = Key("feed.weights", Weights(), "points of each part of a card's score")
COLLECT_KM = Key("feed.collect_km", 10.0, "how far people go to collect a thing themselves")
ENOUGH_SUPPLY = Key("feed.enough_supply", 50, "things on sale that near from which the feed stays local")
FAR_PERCENT = Key(
    "feed.far_percent", 8, "highest share of what is too far to collect, of a page and of a note's readers"
)
FLOOR_SHOWN = Key("feed.floor_shown", 100, "how many people every new note is shown to before it has to earn more")
FLOOR_HOURS = Key("feed.floor_hours", 6, "hours within which it is shown to them")
FAIR_EVERY = Key("feed.fair_every", 3, "one place in so many is for a note that is still owed its first readers")
SELLER_MOST = Key("feed.seller_most", 3, "notes of one author on one page, as long as there are others")
COMMERCIAL_PERCENT = Key(
    "feed.commercial_percent", 25, "highest share of a page for notes of traders, within a circle and over all"
)
COMMERCIAL_THINGS = Key("feed.commercial_things", 100, "things on sale from which a member counts as a trader here")
CROWDED = Key("feed.crowded", 3000, "people from whom on a note is left to those who follow its author or circle")
SEEN_DAYS = Key("feed.seen_days", 7, "days for which what was seen stays out of the home feed")
KEEP_DAYS = Key("feed.keep_days", 90, "days for which members find what they have seen in their list")
KEPT_SECONDS = Key("feed.kept_seconds", 5, "how long a ranked page may be given again to the same reader")
KEPT_FOR_ALL_SECONDS = Key(
    "feed.kept_for_all_seconds", 30, "the same for the page of everybody without account and place"
)
SESSION_CARDS = Key("feed.session_cards", 480, "cards after which one scroll through the home feed ends")
SEEN_A_MINUTE = Key("feed.seen_a_minute", 240, "cards of one viewer counted in a minute by one process")
VISITORS_AN_HOUR = Key("feed.visitors_an_hour", 60, "new visitors of one network address a process counts in an hour")
TASTE_HALF_DAYS = Key(
    "feed.taste_half_days", 14.0, "days after which what somebody did says half as much of their taste"
)
LESS_DAYS = Key("feed.less_days", 60, "days for which somebody sees less of what they wanted less of")
LESS_MOST = Key("feed.less_most", 200, "what one member may want less of at a time; the oldest gives way to the newest")
LEASE = Key("feed.lease", 20, "impressions of a campaign that a process takes at a time")
SUPPORT_PLACE = Key("feed.support_place", 5, "the place on a first page where a campaign's labelled card stands")
TREND_DAYS = Key("feed.trend_days", 3, "days that are compared with as many before them to find what is rising")

# Where a candidate came from.
Source = Literal["near", "taste", "follow", "circle", "topic", "fair", "warm", "new"]
# Why a card is shown; every one is a part of its score.
Why = Literal["near", "taste", "follow", "circle", "topic", "fair", "warm", "fresh"]

# Where a note stands with its first readers: owed, had, the hours passed without them, or nothing was ever owed.
Floor = Literal["owed", "met", "over", "none"]
# Whether something is handed out: yes; seen by so many that it is left to followers; sold; held by a rule; not on sale
# now; or not published.
Standing = Literal["open", "crowded", "sold", "held", "paused", "not_shown"]


class Reader(msgspec.Struct, frozen=True):
    """For whom the feed is. `taste` maps "c:<category>" and "t:<topic>" to points of interest, `topics` they follow;
    `less` are categories, topics and authors ("m:<member>") they want less of; `supply` counts things on sale near
    enough to collect, up to the number that is enough."""

    cell: int | None = None
    taste: dict[str, float] = {}
    topics: tuple[str, ...] = ()
    less: frozenset[str] = frozenset()
    supply: int = 0
    personal: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """A note that may be shown. `km` is the distance to the reader, None when either place is unknown.

    `meets`: something on it can be collected; `trader`: its author sells for a living. `owed` is whether its floor
    still stands; `shown`, `placed` and `near` are people: all, those whose place was known, those near enough.
    """

    id: str
    author: str
    circle: str | None = None
    circle_name: str = ""
    circle_name_en: str = ""
    age_hours: float = 0
    km: float | None = None
    sources: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    meets: bool = False
    trader: bool = False
    owed: bool = False
    shown: int = 0
    placed: int = 0
    near: int = 0
    opened: int = 0


class Caps(msgspec.Struct, frozen=True):
    """What a page must keep, read from the configuration. A circle without a percentage of its own has `commercial`."""

    collect_km: float
    enough: int
    far_percent: int
    floor: int
    fair_every: int
    seller_most: int
    commercial: int
    commercial_in: dict[str, int]
    crowded: int


class Ranked(msgspec.Struct, frozen=True):
    """A candidate in its place. `parts` add up to its score."""

    candidate: Candidate
    parts: dict[str, float]
    score: float


class Reason(msgspec.Struct, frozen=True):
    """Why a card is shown: a part of its score, and the distance, circle, category or topic that it speaks of."""

    code: Why
    km: float | None = None
    name: str = ""
    name_en: str = ""


class FeedCard(NoteCard, frozen=True, kw_only=True):
    """A note in the home feed with the parts of its score, and the main reasons in the order of their weight.

    `label` names the campaign that supports it; such a card has no score.
    """

    parts: dict[str, float]
    reasons: list[Reason]
    label: str = ""


class FeedPage(Page[FeedCard], frozen=True, kw_only=True):
    """A page of the home feed. `personal`: what the reader did had a say. It may be given again until `good_until`."""

    personal: bool
    good_until: datetime


class Seen(msgspec.Struct, frozen=True):
    """Somebody, a member or not, saw a note or a thing, or opened it. `cell` is where they say they are."""

    viewer: str
    subject: str
    member: bool = True
    opened: bool = False
    cell: int | None = None


class Choose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the feed may use: `personal` what I did, for its order; `history` keeps what I saw in a list of mine."""

    personal: bool
    history: bool


class FeedChoices(msgspec.Struct, frozen=True):
    """What a member chose."""

    personal: bool = True
    history: bool = True


# What a reader may want less of: a category, a topic, an author, or one note (`Less.subject`).
LessSubject = Annotated[
    str, Meta(pattern=r"^(c:[a-z0-9_-]{1,40}|t:.{1,100}|m:mbr_[0-9a-hjkmnp-tv-z]{26}|n:nte_[0-9a-hjkmnp-tv-z]{26})$")
]


class SayLess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to show me less of, or, taken back, as much of as before."""

    subject: LessSubject


class Less(msgspec.Struct, frozen=True):
    """Something I may want less of. `name` is how it is called, of a category its code; `until` None: I did not say."""

    subject: str
    name: str
    until: datetime | None


class ViewLine(msgspec.Struct, frozen=True):
    """Something I saw: a note or a thing that is still in sight, or only the fact that I saw it."""

    subject: str
    at: datetime
    opened: bool
    note: NoteCard | None
    item: ItemCard | None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How far a note or a thing got, for its author. `near_percent` is of people whose place was known.

    `floor` is where it stands with the first readers every note gets; `standing` is whether it is handed out and what
    keeps it, `rule` the rules that hold it (`a,b`). Likes, saves and comments are a note's.
    """

    subject: str
    title: str
    shown: int
    near_percent: int | None
    opened: int
    likes: int | None
    saves: int | None
    comments: int | None
    offers: int
    orders: int
    floor: Floor
    floor_shown: int
    floor_until: datetime | None
    boosted: int
    standing: Standing
    rule: str


Count = Annotated[int, Meta(ge=1, le=10_000_000)]


class NewQuota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many labelled impressions for notes of a topic between two moments."""

    topic: Line
    label: Line
    quota: Count
    starts_at: datetime
    ends_at: datetime


class Quota(msgspec.Struct, frozen=True):
    """What a campaign was promised and how much of it is handed out."""

    id: QuotaId
    topic: str
    label: str
    quota: int
    used: int
    starts_at: datetime
    ends_at: datetime


class Pair(msgspec.Struct, frozen=True):
    """Two topics that stand together more often than before: notes now, and in as many days before."""

    one: str
    other: str
    now: int
    before: int
