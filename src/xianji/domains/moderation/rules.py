"""The case machine: what may happen to a report, who may decide, and how an appeal ends."""

from xianji.kernel.states import machine, move

from .model import SubjectKind

# "owner" is the member who answers for the subject; of a disputed refund either of the two sides.
CASE = machine(
    "case",
    ("open", "dismissed", "released", "acted", "appealed", "upheld", "overturned"),
    move("open", "dismiss", "dismissed", "operator", why="no rule is broken"),
    move("open", "hide", "acted", "operator"),
    move("open", "restrict_member", "acted", "operator"),
    move("open", "release", "released", "operator", why="what a rule held may be shown"),
    move("open", "reject", "acted", "operator", why="what a rule held stays out of sight"),
    move("open", "lapse", "dismissed", "system", why="the owner took back what a rule held"),
    move("open", "rule", "acted", "operator", why="a disputed refund, ruled on in the refund itself"),
    move("open", "settle", "dismissed", "system", why="the two sides of a refund settled it"),
    move("acted", "appeal", "appealed", "owner", why="until the sanction ends"),
    move("appealed", "uphold", "upheld", "operator"),
    move(("acted", "appealed", "upheld"), "restore", "overturned", "operator", why="the decision was wrong"),
)

_KINDS: dict[str, SubjectKind] = {
    "itm": "item",
    "nte": "note",
    "cmt": "comment",
    "mbr": "member",
    "thk": "thanks",
}


def kind_of(subject: str) -> SubjectKind:
    """What kind of thing an id names."""
    return _KINDS[subject[:3]]


# What an operator may do with an open case: something that is held is let through or not, before anything else.
_OF_HELD = frozenset(("release", "reject"))


def open_verbs(state: str, waits: bool, kind: str) -> list[str]:
    """The verbs open to an operator. Only what a rule holds is released or rejected; members cannot be hidden, and
    refunds are ruled on where they are.
    """
    return [verb for verb in CASE.open_to(state, "operator") if _fits(verb, state, waits, kind)]


def _fits(verb: str, state: str, waits: bool, kind: str) -> bool:
    if kind == "refund":
        return verb in ("uphold", "restore")
    if verb == "rule" or (verb == "hide" and kind == "member"):
        return False
    return state != "open" or (verb in _OF_HELD) == waits
