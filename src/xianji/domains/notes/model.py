"""The words of notes: what can be written, how long it may be, and why something is refused."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from xianji.domains.items import NewItem, Place
from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import CircleId, CommentId, ItemId, MediaId
from xianji.kernel.money import Money
from xianji.kernel.text import Body, Line

NoteKind = Literal["share", "sale", "stall", "wanted", "giveaway", "warning"]
NoteState = Literal["draft", "live", "hidden", "removed"]
CommentState = Literal["live", "hidden", "removed"]
GuestStalls = Literal["allow", "approve", "forbid"]
StallState = Literal["waiting", "shown", "refused"]
Way = Literal["note", "stall", "link"]
FeedTab = Literal["new", "nearby", "following"]
CommentSort = Literal["new", "old", "liked"]
BoardSort = Literal["board", "price_asc", "price_desc", "near"]

TITLE_LONGEST = Key("notes.title_longest", 40, "characters in a note's title")
BODY_LONGEST = Key("notes.body_longest", 3000, "characters in a note")
COMMENT_LONGEST = Key("notes.comment_longest", 1000, "characters in a comment")
PLACE_LONGEST = Key("notes.place_longest", 20, "characters in the name of a district")
PICTURES_MOST = Key("notes.pictures_most", 18, "pictures of one note")
VIDEOS_MOST = Key("notes.videos_most", 1, "videos of one note")
COMMENT_PICTURES_MOST = Key("notes.comment_pictures_most", 3, "pictures of one comment")
ITEMS_MOST = Key("notes.items_most", 60, "things that a note carries itself")
GUEST_ITEMS_MOST = Key("notes.guest_items_most", 240, "things that guests may put under one note")
GUEST_ITEMS_EACH = Key("notes.guest_items_each", 20, "things that one guest may put under one note")
TOPICS_MOST = Key("notes.topics_most", 10, "different topics in one note")
TOPIC_LONGEST = Key("notes.topic_longest", 20, "characters in a topic; a longer one is plain text")
TOPICS_FOLLOWED_MOST = Key("notes.topics_followed_most", 200, "topics one member may follow")
MENTIONS_MOST = Key("notes.mentions_most", 20, "different members mentioned in one text")
DRAFTS_MOST = Key("notes.drafts_most", 50, "drafts one member may keep")
NOTES_A_DAY = Key("notes.notes_a_day", 100, "notes one member may publish in 24 hours")
COMMENTS_AN_HOUR = Key("notes.comments_an_hour", 200, "comments one member may write in an hour")
LINKS_A_DAY = Key("notes.links_a_day", 60, "links to things one member may put under others' notes in 24 hours")
REPLIES_SHOWN = Key("notes.replies_shown", 3, "replies shown under a comment before asking for more")
NEAR_RINGS = Key("notes.near_rings", 12, "rings of grid cells, each about 0.9 km wide, that count as near")
RESTORE_DAYS = Key("notes.restore_days", 30, "days in which an author may bring a removed note back")

TOPIC_NAME_NOT_VALID = Code("topic_name_not_valid", Kind.MALFORMED, field="name")
NOTE_EMPTY = Code("note_empty", Kind.MALFORMED)
COMMENT_EMPTY = Code("comment_empty", Kind.MALFORMED, field="body")
NOTE_CHANGED = Code("note_changed", Kind.CONFLICT)
NOTE_FIXED = Code("note_fixed", Kind.CONFLICT)
TOO_MANY_TOPICS = Code("too_many_topics", Kind.MALFORMED, field="body")
TOO_MANY_MENTIONS = Code("too_many_mentions", Kind.MALFORMED, field="body")
TOO_MANY_NOTE_PICTURES = Code("too_many_note_pictures", Kind.MALFORMED, field="media")
TOO_MANY_NOTE_VIDEOS = Code("too_many_note_videos", Kind.MALFORMED, field="media")
NOTE_PICTURE_TWICE = Code("note_picture_twice", Kind.MALFORMED, field="media")
TOO_MANY_THINGS = Code("too_many_things", Kind.LIMIT, field="items")
TOO_MANY_GUEST_THINGS = Code("too_many_guest_things", Kind.LIMIT, field="item")
TOO_MANY_DRAFTS = Code("too_many_drafts", Kind.LIMIT)
TOO_MANY_NOTES = Code("too_many_notes", Kind.LIMIT)
TOO_MANY_COMMENTS = Code("too_many_comments", Kind.LIMIT)
TOO_MANY_LINKS = Code("too_many_links", Kind.LIMIT)
JOIN_CIRCLE_FIRST = Code("join_circle_first", Kind.CONFLICT, field="circle")
HOSTS_POST_HERE = Code("hosts_post_here", Kind.CONFLICT, field="circle")
TOO_COMMERCIAL = Code("too_commercial", Kind.CONFLICT, field="kind")
KIND_NOT_WELCOME = Code("kind_not_welcome", Kind.CONFLICT, field="kind")
GUEST_STALLS_CLOSED = Code("guest_stalls_closed", Kind.CONFLICT, field="item")
ALREADY_ON_BOARD = Code("already_on_board", Kind.CONFLICT, field="item")
TOO_MANY_TOPICS_FOLLOWED = Code("too_many_topics_followed", Kind.LIMIT)
TOO_LATE_TO_RESTORE = Code("too_late_to_restore", Kind.CONFLICT)


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a wanted note asks for beyond its words."""

    budget: Money | None = None
    category: Annotated[str, Meta(max_length=40)] | None = None


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note as its author writes it. A lone thing without pictures of its own takes the note's.

    `guest_stalls` left out follows the circle's rule; `place` also serves things that name none; `wanted` counts only
    for a note of that kind. `second_look` objects to a rule that blocks it: it is then held until a person has looked.
    """

    title: Line = ""
    body: Body = ""
    kind: NoteKind = "share"
    media: Annotated[list[MediaId], Meta(max_length=100)] = []
    items: Annotated[list[NewItem], Meta(max_length=200)] = []
    circle: CircleId | None = None
    place: Place | None = None
    guest_stalls: GuestStalls | None = None
    wanted: Wish | None = None
    draft: bool = False
    second_look: bool = False


class GatherTopic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic of its own for notes that carry all of these; one alone is another name for it."""

    name: Line
    tags: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=5)]


class EditNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to a note. `version` is the one the person saw; what is left out stays as it is."""

    version: int
    title: Line | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    kind: NoteKind | UnsetType = UNSET
    media: Annotated[list[MediaId], Meta(max_length=100)] | UnsetType = UNSET
    circle: CircleId | UnsetType | None = UNSET
    place: Place | UnsetType | None = UNSET
    guest_stalls: GuestStalls | UnsetType = UNSET
    wanted: Wish | UnsetType | None = UNSET
    add_items: Annotated[list[NewItem], Meta(max_length=200)] = []
    drop_items: Annotated[list[ItemId], Meta(max_length=200)] = []
    second_look: bool = False


class NewComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment, perhaps a reply, perhaps with a thing: a new one (a stall) or the id of one on sale (a blue link)."""

    body: Body = ""
    media: Annotated[list[MediaId], Meta(max_length=20)] = []
    parent: CommentId | None = None
    item: NewItem | ItemId | None = None
    second_look: bool = False


class BoardFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which things of a board to show: still to be had, within prices (minor units), within a distance."""

    unsold: bool = False
    low: int | None = None
    high: int | None = None
    near_km: float | None = None
    guests: bool | None = None
    sort: BoardSort = "board"


class Segment(msgspec.Struct, frozen=True):
    """A piece of a text. `target` is the topic's name, the member's handle or the address; empty for plain text."""

    kind: Literal["text", "topic", "mention", "link"]
    text: str
    target: str = ""
