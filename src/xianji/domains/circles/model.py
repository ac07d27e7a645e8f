"""The words of circles: what can be asked, what is refused, and the rules a circle may set for itself."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import MediaId
from xianji.kernel.text import Body, Line
from xianji.kernel.work import Event

CircleKind = Literal["place", "campus", "interest", "fandom"]
Stalls = Literal["allow", "approve", "forbid"]
Welcome = Literal["share", "sale", "stall", "wanted", "giveaway", "warning"]
Posters = Literal["members", "hosts"]
Share = Annotated[int, Meta(ge=0, le=100)]
RuleName = Literal["house_rules", "guest_stalls", "kinds_welcome", "who_posts", "commercial_share"]

CIRCLE_NAME_TAKEN = Code("circle_name_taken", Kind.CONFLICT, field="slug")
CIRCLE_SLUG_NOT_VALID = Code("circle_slug_not_valid", Kind.MALFORMED, field="slug")
CIRCLE_CHANGED_MEANWHILE = Code("circle_changed_meanwhile", Kind.CONFLICT)
CIRCLE_NEEDS_A_HOST = Code("circle_needs_a_host", Kind.CONFLICT)
TOO_MANY_CIRCLES = Code("too_many_circles", Kind.LIMIT)
NOT_IN_CIRCLE = Code("not_in_circle", Kind.CONFLICT, field="handle")
TOO_MANY_FOUNDED = Code("too_many_founded", Kind.LIMIT)
UNKNOWN_CIRCLE_RULE = Code("unknown_circle_rule", Kind.MALFORMED, field="name")
CIRCLE_RULE_NOT_VALID = Code("circle_rule_not_valid", Kind.MALFORMED, field="value")
MEETING_PLACE_TWICE = Code("meeting_place_twice", Kind.CONFLICT, field="name")
MEETING_PLACE_NEEDS_POINT = Code("meeting_place_needs_point", Kind.MALFORMED, field="lat")
TOO_MANY_MEETING_PLACES = Code("too_many_meeting_places", Kind.LIMIT)
TOO_MANY_HOUSE_RULES = Code("too_many_house_rules", Kind.MALFORMED, field="house_rules")

NAME_LONGEST = Key("circles.name_longest", 30, "characters in a circle's name")
DESCRIPTION_LONGEST = Key("circles.description_longest", 500, "characters in a circle's description")
MOST_JOINED = Key("circles.most_joined", 200, "circles one member may be in")
WHO_FOUNDS = Key("circles.who_founds", "members", "who may found a circle: operators or members")
MOST_FOUNDED = Key("circles.most_founded", 3, "circles of which one member who is no operator may be the founder")
MOST_MEETING_PLACES = Key("circles.most_meeting_places", 30, "public places that hosts may name for one circle")
MOST_HOUSE_RULES = Key("circles.most_house_rules", 20, "rules in words that a circle may show")
HOUSE_RULE_LONGEST = Key("circles.house_rule_longest", 200, "characters in one rule in words")

# Each of these may carry a value of its own per circle (scope = the circle's id), with versions and a reason.
HOUSE_RULES = Key("circles.house_rules", list[str](), "the rules a circle shows to its members", kind=list[str])
GUEST_STALLS: Key[Stalls] = Key(
    "circles.guest_stalls", "allow", "default for guests' things under notes: allow, approve or forbid", kind=Stalls
)
KINDS_WELCOME: Key[list[Welcome]] = Key(
    "circles.kinds_welcome",
    ["share", "sale", "stall", "wanted", "giveaway", "warning"],
    "kinds of notes welcome in the circle",
    kind=list[Welcome],
)
WHO_POSTS: Key[Posters] = Key("circles.who_posts", "members", "who may post: members or only hosts", kind=Posters)
COMMERCIAL_SHARE: Key[int] = Key(
    "circles.commercial_share",
    100,
    "highest share, in percent, of selling notes among the recent ones of one member in the circle; 100 is no limit",
    kind=Share,
)
COMMERCIAL_DAYS = Key("circles.commercial_days", 30, "days that count as recent for the share of selling notes")
OWN_RULES: dict[RuleName, Key[Any]] = {
    "house_rules": HOUSE_RULES,
    "guest_stalls": GUEST_STALLS,
    "kinds_welcome": KINDS_WELCOME,
    "who_posts": WHO_POSTS,
    "commercial_share": COMMERCIAL_SHARE,
}


class MeetingPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public place where strangers may meet: its name, the district it is in, how to find it, and where it is."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    district: Annotated[str, Meta(min_length=1, max_length=30)]
    address: Annotated[str, Meta(min_length=1, max_length=100)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


# Of the city for the installation, of a campus or a quarter for its circle.
MEETING_PLACES: Key[list[MeetingPlace]] = Key(
    "circles.meeting_places",
    list[MeetingPlace](),
    "public places that are suggested for handing over in person",
    kind=Annotated[list[MeetingPlace], Meta(max_length=200)],
)


class SetMeetingPlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All public places of a circle at once, and why they changed."""

    places: Annotated[list[MeetingPlace], Meta(max_length=200)]
    reason: Line


class NewMeetingPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more public place of a circle; `lat` and `lon` only say in which grid cell it is."""

    name: Line
    district: Line
    address: Line
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None


class RemoveMeetingPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place of a circle, by its name."""

    name: Line


class FoundCircle(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Found a circle; the founder becomes its host."""

    slug: Line
    kind: CircleKind
    name: Line
    name_en: Line = ""
    description: Body = ""
    city: Line = ""
    cover: MediaId | None = None


class EditCircle(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Change what a circle says of itself. `version` is what the editor saw."""

    version: int
    name: Line
    name_en: Line = ""
    description: Body = ""
    city: Line | UnsetType = UNSET
    cover: MediaId | None = None


class SetRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Give one of the circle's own rules a new value from now on, saying why. The name is that of `CircleRules`."""

    name: Line
    value: str | int | list[Line]
    reason: Line


class SetRules(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rules of a circle as its form says them; those that differ get a new version, all with one reason."""

    house_rules: list[Line] = []
    guest_stalls: Stalls = "allow"
    kinds_welcome: list[Welcome] = []
    who_posts: Posters = "members"
    commercial_share: Share = 100
    reason: Line


class NewHost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Make a member of the circle a host; by handle, as people know each other."""

    handle: Line


class CircleFounded(Event, frozen=True, tag="circles.founded.v1"):
    circle: str
    founder: str


class CircleEdited(Event, frozen=True, tag="circles.edited.v1"):
    circle: str


class CircleJoined(Event, frozen=True, tag="circles.joined.v1"):
    circle: str
    member: str


class CircleLeft(Event, frozen=True, tag="circles.left.v1"):
    circle: str
    member: str
