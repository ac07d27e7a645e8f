"""What happened to notes, comments and boards. Bodies hold ids only: an outbox row outlives the words it speaks of."""

from xianji.kernel.work import Event


class NotePublished(Event, frozen=True, tag="notes.published.v1"):
    """A note is shown for the first time."""

    note: str
    author: str
    kind: str
    circle: str | None
    cell: int | None
    topics: list[str]
    items: list[str]


class NoteEdited(Event, frozen=True, tag="notes.edited.v1"):
    note: str
    author: str
    version: int


class NoteMoved(Event, frozen=True, tag="notes.moved.v1"):
    """A move of the machine other than publishing; `role` is who made it."""

    note: str
    author: str
    verb: str
    before: str
    after: str
    role: str
    reason: str


class NoteHeld(Event, frozen=True, tag="notes.held.v1"):
    """`rules` of screening want a person to look before this is shown (again)."""

    note: str
    author: str
    rules: list[str]


class CommentHeld(Event, frozen=True, tag="notes.comment_held.v1"):
    note: str
    comment: str
    author: str
    rules: list[str]


class MemberMentioned(Event, frozen=True, tag="notes.member_mentioned.v1"):
    """`comment` is null when the note itself mentions."""

    note: str
    comment: str | None
    member: str
    by: str


class NoteLiked(Event, frozen=True, tag="notes.liked.v1"):
    note: str
    author: str
    member: str


class NoteSaved(Event, frozen=True, tag="notes.saved.v1"):
    note: str
    author: str
    member: str


class CommentAdded(Event, frozen=True, tag="notes.comment_added.v1"):
    """`answered` is the author of the comment this one replies to; `item` is a thing it carries or links."""

    note: str
    comment: str
    author: str
    host: str
    parent: str | None
    answered: str | None
    item: str | None


class CommentMoved(Event, frozen=True, tag="notes.comment_moved.v1"):
    note: str
    comment: str
    author: str
    verb: str
    before: str
    after: str
    role: str
    reason: str


class GuestItemWaiting(Event, frozen=True, tag="notes.guest_item_waiting.v1"):
    """A guest put a thing under a note whose host looks first."""

    note: str
    host: str
    item: str
    guest: str


class GuestItemMoved(Event, frozen=True, tag="notes.guest_item_moved.v1"):
    """The host approved or refused a guest's thing, or took it off the board again."""

    note: str
    host: str
    item: str
    guest: str
    verb: str
