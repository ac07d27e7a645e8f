"""The words of circles: what can be asked, what is refused, and the rules a circle may set for itself."""

from typing import Literal

import msgspec

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import MediaId
from xianji.kernel.text import Body, Line
from xianji.kernel.work import Event

CircleKind = Literal["place", "campus", "interest", "fandom"]

CIRCLE_NAME_TAKEN = Code("circle_name_taken", Kind.CONFLICT, field="slug")
CIRCLE_SLUG_NOT_VALID = Code("circle_slug_not_valid", Kind.MALFORMED, field="slug")
CIRCLE_CHANGED_MEANWHILE = Code("circle_changed_meanwhile", Kind.CONFLICT)
CIRCLE_NEEDS_A_HOST = Code("circle_needs_a_host", Kind.CONFLICT)
TOO_MANY_CIRCLES = Code("too_many_circles", Kind.LIMIT)

NAME_LONGEST = Key("circles.name_longest", 30, "characters in a circle's name")
DESCRIPTION_LONGEST = Key("circles.description_longest", 500, "characters in a circle's description")
MOST_JOINED = Key("circles.most_joined", 200, "circles one member may be in")
WHO_FOUNDS = Key("circles.who_founds", "operators", "who may found a circle: operators or members")

# Each of these may carry a value of its own per circle (scope = the circle's id), with versions and a reason.
HOUSE_RULES = Key("circles.house_rules", list[str](), "the rules a circle shows to its members", kind=list[str])
GUEST_STALLS = Key("circles.guest_stalls", "allow", "default for guests' things under notes: allow, approve or forbid")
KINDS_WELCOME = Key(
    "circles.kinds_welcome",
    ["share", "sale", "stall", "wanted", "giveaway", "warning"],
    "kinds of notes welcome in the circle",
    kind=list[str],
)
OWN_RULES = (HOUSE_RULES, GUEST_STALLS, KINDS_WELCOME)


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
    cover: MediaId | None = None


class SetRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Give one of the circle's own rules a new value from now on, saying why."""

    name: Line
    value: str | list[Line]
    reason: Line


class CircleJoined(Event, frozen=True, tag="circles.joined.v1"):
    circle: str
    member: str


class CircleLeft(Event, frozen=True, tag="circles.left.v1"):
    circle: str
    member: str
