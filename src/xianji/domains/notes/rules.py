"""The machines of notes, comments and boards, and the reading of a text: pure decisions over values."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from xianji.kernel.states import machine, move

from .model import TOO_MANY_MENTIONS, TOO_MANY_TOPICS, GuestStalls, Segment, StallState, Way

# "host" is the author of the note a comment stands under; "system" is screening or a detector.
NOTE = machine(
    "note",
    ("draft", "live", "hidden", "removed"),
    move("draft", "publish", "live", "author"),
    move("draft", "hold", "hidden", "system", why="a rule of screening wants a person to look first"),
    move(("draft", "live"), "remove", "removed", "author"),
    move("removed", "bring_back", "live", "author", why="within the configured days, and only if it has been shown"),
    move(("live", "removed"), "hide", "hidden", "operator", "system", why="a removed note could be brought back"),
    move("hidden", "restore", "live", "operator", why="an appeal was upheld, or the hiding was a mistake"),
)
COMMENT = machine(
    "comment",
    ("live", "hidden", "removed"),
    move("live", "remove", "removed", "author", "host", "operator"),
    move("live", "hide", "hidden", "operator", "system"),
    move("hidden", "restore", "live", "operator"),
)
# A guest's thing under a note: the note's host decides, the guest may always take it back by removing the comment.
STALL = machine(
    "guest thing",
    ("waiting", "shown", "refused"),
    move(("waiting", "refused"), "approve", "shown", "host", "operator"),
    move(("waiting", "shown"), "refuse", "refused", "host", "operator"),
)

# Kinds of notes that count as selling where a circle limits their share.
SELLING = frozenset(("sale", "stall"))

_LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_TOPIC = re.compile(r"(?<![A-Za-z0-9_])[#＃]([\w·]+)([#＃]?)")
_MENTION = re.compile(r"(?<![A-Za-z0-9_.])@([A-Za-z][A-Za-z0-9_]{2,23})(?![A-Za-z0-9_])")
_ANY = re.compile(f"(?P<link>{_LINK.pattern})|(?P<topic>{_TOPIC.pattern})|(?P<mention>{_MENTION.pattern})")
_LINK_TAIL = ".,;:!?'\")]"


class Read(NamedTuple):
    """A text in pieces, the topics (folded name → as written) and the handles it names, each once, in order."""

    segments: list[Segment]
    topics: dict[str, str]
    handles: list[str]


def too_commercial(posted: int, selling: int, share: int) -> bool:
    """Whether one more selling note is too much: `selling` of `posted` notes sell, `share` percent may.

    The first one is always welcome, or nobody could begin.
    """
    return selling > 0 and (selling + 1) * 100 > share * (posted + 1)


def read(text: str, topics_most: int, topic_longest: int, mentions_most: int) -> Read:
    """Cut a text into plain words, topics (`#话题` or `#话题#`), mentions (`@handle`) and links; nothing is lost.

    Refuses `too_many_topics` and `too_many_mentions`.
    """
    segments: list[Segment] = []
    topics: dict[str, str] = {}
    handles: dict[str, None] = {}
    done = 0
    for found in _ANY.finditer(text):
        piece = _piece(found, topic_longest)
        if piece is None:
            continue
        if found.start() > done:
            segments.append(Segment("text", text[done : found.start()]))
        segments.append(piece)
        done = found.start() + len(piece.text)
        if piece.kind == "topic":
            topics.setdefault(piece.target, piece.text.strip("#＃"))
        elif piece.kind == "mention":
            handles[piece.target] = None
    if done < len(text):
        segments.append(Segment("text", text[done:]))
    if len(topics) > topics_most:
        raise TOO_MANY_TOPICS(most=topics_most)
    if len(handles) > mentions_most:
        raise TOO_MANY_MENTIONS(most=mentions_most)
    return Read(segments, topics, list(handles))


def _piece(found: re.Match[str], topic_longest: int) -> Segment | None:
    whole = found[0]
    if found["link"]:
        address = whole.rstrip(_LINK_TAIL)
        return Segment("link", address, address)
    if found["mention"]:
        return Segment("mention", whole, whole[1:].lower())
    name = topic_key(whole)
    if not name or name.isdigit() or len(name) > topic_longest:
        return None
    return Segment("topic", whole, name)


def topic_key(written: str) -> str:
    """The name under which a topic is found: width and case folded, the # taken off."""
    return unicodedata.normalize("NFKC", written).strip("# ").casefold()


def only_known(segments: Iterable[Segment], known: Iterable[str]) -> list[Segment]:
    """Mentions of nobody become plain text again."""
    members = frozenset(known)
    return [
        Segment("text", piece.text) if piece.kind == "mention" and piece.target not in members else piece
        for piece in segments
    ]


def stall_state(rule: GuestStalls, way: Way, mine: bool) -> StallState | None:
    """Where a thing under a note begins: shown, waiting for the host, or None when guests may not."""
    if way == "note" or mine:
        return "shown"
    return {"allow": "shown", "approve": "waiting", "forbid": None}[rule]


def too_many(count: int, most: int) -> bool:
    """Whether a limit is passed."""
    return count > most


def duplicates(ids: Sequence[str]) -> bool:
    """Whether an id stands in a list twice."""
    return len(set(ids)) != len(ids)
