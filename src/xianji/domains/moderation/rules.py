"""The case machine: what may happen to a report, who may decide, and how an appeal ends."""

from xianji.kernel.states import machine, move

from .model import SubjectKind

# "owner" is the member who answers for the subject; of a disputed refund either of the two sides.
CASE = machine(
    "case",
    ("open", "dismissed", "acted", "appealed", "upheld", "overturned"),
    move("open", "dismiss", "dismissed", "operator", why="no rule is broken"),
    move("open", "hide", "acted", "operator"),
    move("open", "restrict_member", "acted", "operator"),
    move("open", "rule", "acted", "operator", why="a disputed refund, ruled on in the refund itself"),
    move("open", "settle", "dismissed", "system", why="the two sides of a refund settled it"),
    move("acted", "appeal", "appealed", "owner", why="until the sanction ends"),
    move("appealed", "uphold", "upheld", "operator"),
    move(("acted", "appealed", "upheld"), "restore", "overturned", "operator", why="the decision was wrong"),
)

_KINDS: dict[str, SubjectKind] = {"itm": "item", "nte": "note", "cmt": "comment", "mbr": "member"}


def kind_of(subject: str) -> SubjectKind:
    """What kind of thing an id names."""
    return _KINDS[subject[:3]]
