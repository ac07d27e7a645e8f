"""What happened in moderation. Notices are made of these; the words of a decision stay in the case."""

from xianji.kernel.work import Event


class SubjectReported(Event, frozen=True, tag="moderation.reported.v1"):
    """`first` when this report opened the case."""

    case: str
    subject: str
    reporter: str
    reason: str
    first: bool


class SubjectHeld(Event, frozen=True, tag="moderation.held.v1"):
    """Rules of screening hold something of the owner's until an operator has decided this case."""

    case: str
    subject: str
    owner: str
    rules: list[str]


class CaseDecided(Event, frozen=True, tag="moderation.decided.v1"):
    """`owner` answers for the subject; `reporters` asked for the decision and learn how it ended."""

    case: str
    subject: str
    owner: str
    reporters: list[str]
    verb: str
    rule: str
    state: str


class CaseAppealed(Event, frozen=True, tag="moderation.appealed.v1"):
    case: str
    subject: str
    owner: str
