"""The words of screening: a rule, what it finds, and the refusal."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.rates import Rate

Action = Literal["block", "hold", "warn"]

SECOND_LOOKS = Key(
    "screening.second_looks", Rate(5, 86_400), "how often a member may have a person look at what a rule blocks"
)

SCREENED_OUT = Code("screened_out", Kind.MALFORMED)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. `class_number` 1 to 16; inside an exception a term means nothing, nor in an exempt category.

    Only a rule with `in_talk` also judges what people say without offering anything: warnings must name fakes.
    """

    id: str
    class_number: Annotated[int, Meta(ge=1, le=16)]
    action: Action
    zh: str
    en: str
    terms: list[str]
    in_talk: bool = False
    exceptions: list[str] = []
    exempt_categories: list[str] = []


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: str
    en: str


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a version changed."""

    version: str
    zh: str
    en: str


class RuleBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules, the names of their classes by number, the day from which this version holds, what each changed."""

    version: str
    classes: dict[str, Texts]
    change: list[Change]
    rule: list[Rule]


class Finding(msgspec.Struct, frozen=True):
    """A rule that a text meets: the matched part as written, and how to mend it in both languages."""

    rule: str
    class_number: int
    action: Action
    matched: str
    zh: str
    en: str


class SecondLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a person should look at what a rule blocks, instead of having it refused."""

    second_look: bool = False
