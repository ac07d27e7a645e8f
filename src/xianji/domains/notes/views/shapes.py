"""The structs made for readers of notes."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains.items import ItemCard, Picture, ShareText, kilometres, metres_between
from xianji.domains.members import MemberCard
from xianji.domains.notes.model import CommentState, GuestStalls, NoteKind, NoteState, Segment, StallState, Way, Wish
from xianji.kernel.money import Money


class BoardThing(msgspec.Struct, frozen=True):
    """A thing on a note's board. `comment` is the one that brought it; `state` is shown but for host and owner."""

    card: ItemCard
    guest: bool
    way: Way
    state: StallState
    comment: str | None
    actions: list[str]


class Board(msgspec.Struct, frozen=True):
    """What a note carries. The counts are of the whole board, `things` are those that pass the filter."""

    things: list[BoardThing]
    total: int
    unsold: int
    guests: int
    waiting: int
    low: Money | None
    high: Money | None


class CircleLine(msgspec.Struct, frozen=True):
    """The circle a note stands in."""

    id: str
    slug: str
    name: str
    name_en: str


class NotePage(msgspec.Struct, frozen=True):
    """Everything about one note for one viewer but the comments. `actions` are the verbs open to this viewer.

    `wanted` is the wanted post that a published note of that kind opened; `wanted_state` is open or closed.
    """

    id: str
    version: int
    kind: NoteKind
    state: NoteState
    title: str
    body: str
    segments: list[Segment]
    author: MemberCard
    mine: bool
    following: bool
    media: list[Picture]
    board: Board
    guest_stalls: GuestStalls
    circle: CircleLine | None
    place_label: str | None
    distance_km: float | None
    likes: int
    saves: int
    comments: int
    liked: bool
    saved: bool
    from_note: str | None
    wanted: str | None
    wanted_state: str | None
    wish: Wish | None
    created_at: datetime
    published_at: datetime | None
    changed_at: datetime
    edited: bool
    hidden_reason: str | None
    actions: list[str]
    share: ShareText


class CommentView(msgspec.Struct, frozen=True):
    """A comment for one viewer. A removed one has no author and no words; it stands only while it has replies."""

    id: str
    note: str
    parent: str | None
    state: CommentState
    author: MemberCard | None
    host: bool
    body: str
    segments: list[Segment]
    media: list[Picture]
    thing: BoardThing | None
    likes: int
    liked: bool
    replies: int
    created_at: datetime
    actions: list[str]


class Thread(msgspec.Struct, frozen=True):
    """A comment with its first replies; `more` says how many follow, `replies_cursor` where they begin."""

    comment: CommentView
    replies: list[CommentView]
    more: int
    replies_cursor: str | None


class NoteCard(msgspec.Struct, frozen=True):
    """A note in a list. `title` falls back to the first thing's or the first words; `why` is a code for 为什么看到."""

    id: str
    kind: NoteKind
    state: NoteState
    title: str
    excerpt: str
    cover: Picture | None
    author: MemberCard
    circle: str | None
    place_label: str | None
    distance_km: float | None
    items: int
    unsold: int
    low: Money | None
    high: Money | None
    likes: int
    liked: bool
    comments: int
    created_at: datetime
    why: str


class StallWaiting(msgspec.Struct, frozen=True):
    """A guest's thing that waits for the host of a note."""

    note: str
    note_title: str
    item: str
    title: str
    guest: str
    added_at: datetime


class CircleCounts(msgspec.Struct, frozen=True):
    """How many notes stand in a circle and how many of the things in them are on sale."""

    notes: int
    things: int


class TopicPage(msgspec.Struct, frozen=True):
    """A topic: how it is written, how many notes and things stand under it, whether the reader follows it."""

    name: str
    shown: str
    notes: int
    things: int
    followed: bool = False


def pictures_of(stored: list[dict[str, Any]]) -> list[Picture]:
    """Pictures from the objects that the page's statement gathers."""
    return [msgspec.convert(one, Picture) for one in stored]


def segments_of(stored: list[dict[str, Any]]) -> list[Segment]:
    """The pieces of a text as they were stored."""
    return msgspec.convert(stored, list[Segment])


def distance_km(one: int | None, other: int | None) -> float | None:
    """What a reader is told of the distance between two cells; None when either is unknown."""
    return None if one is None or other is None else kilometres(metres_between(one, other))
