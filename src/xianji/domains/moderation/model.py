"""The words of moderation: what can be reported and decided, its limits, and why something is refused."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import MemberId
from xianji.kernel.text import Body

SubjectKind = Literal["item", "note", "comment", "member", "refund", "thanks"]
CaseState = Literal["open", "dismissed", "released", "acted", "appealed", "upheld", "overturned"]
Verb = Literal["hide", "restore", "dismiss", "restrict_member", "uphold", "release", "reject"]
RestrictionKind = Literal["sell", "buy", "speak", "sign_in"]

WORDS_LONGEST = Key("moderation.words_longest", 500, "characters in a report, an appeal or a decision's reason")
REPORTS_A_DAY = Key("moderation.reports_a_day", 30, "reports one member may make in 24 hours")
RESTRICT_DAYS = Key("moderation.restrict_days", 7, "days of a restriction when the decision names none")
RESTRICT_DAYS_MOST = Key("moderation.restrict_days_most", 365, "the longest restriction one decision may set, days")
HIDE_DAYS = Key("moderation.hide_days", 180, "days in which a hiding counts against a member and may be appealed")
RULING_APPEAL_HOURS = Key("moderation.ruling_appeal_hours", 72, "a ruling on a refund may be appealed so long")
OTHER_EYES = Key("moderation.appeal_other_eyes", True, "an appeal is judged by another operator (admins excepted)")

OWN_SUBJECT = Code("own_subject", Kind.CONFLICT)
REPORTED_ALREADY = Code("reported_already", Kind.CONFLICT)
UNKNOWN_REASON = Code("unknown_reason", Kind.MALFORMED, field="reason")
UNKNOWN_RULE = Code("unknown_rule", Kind.MALFORMED, field="rule")
TOO_MANY_REPORTS = Code("too_many_reports", Kind.LIMIT)
MEMBERS_ARE_NOT_HIDDEN = Code("members_are_not_hidden", Kind.CONFLICT, field="verb")
RESTRICTION_NEEDS_KIND = Code("restriction_needs_kind", Kind.MALFORMED, field="kind")
RESTRICTION_TOO_LONG = Code("restriction_too_long", Kind.MALFORMED, field="days")
DISPUTE_IS_RULED = Code("dispute_is_ruled", Kind.CONFLICT, field="verb")
APPEAL_TOO_LATE = Code("appeal_too_late", Kind.CONFLICT)
APPEAL_NEEDS_OTHER_EYES = Code("appeal_needs_other_eyes", Kind.CONFLICT)

SubjectId = Annotated[str, Meta(pattern=r"^(itm|nte|cmt|mbr|thk)_[0-9a-hjkmnp-tv-z]{26}$")]
ReasonCode = Annotated[str, Meta(max_length=40)]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody says that a thing, a note, a comment, a word of thanks or a member breaks a rule."""

    subject: SubjectId
    reason: ReasonCode
    words: Body = ""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator decides. `rule` is a code of the policy; `kind` and `days` restrict the owner.

    `hide_media` also takes the subject's pictures off their addresses.
    """

    verb: Verb
    reason: Body
    rule: ReasonCode = ""
    kind: RestrictionKind | None = None
    days: Annotated[int, Meta(ge=1)] | None = None
    hide_media: bool = False


class Restriction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operator restricts a member without a report: by which rule, on what evidence, for how many days."""

    member: MemberId
    kind: RestrictionKind
    rule: ReasonCode
    reason: Body
    evidence: Body
    days: Annotated[int, Meta(ge=1)] | None = None


class Appeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the owner thinks the decision is wrong."""

    text: Body
