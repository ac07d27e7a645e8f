"""Notes 笔记: posts, the things they carry, comments and guests' stalls below them, likes, saves, topics and lists.

What this package promises: a note and its things are published together or not at all; a text is never altered, only
cut into pieces; only a grid cell of a place is kept; likes, saves and comments are counted exactly under any
concurrency; a guest's thing stands on a board only as the host's rule allows; who is blocked, hidden or removed is in
no list and on no page.
"""

from .actions.bundling import drop_bundle, set_bundle
from .actions.marking import (
    Marked,
    like_comment,
    like_note,
    save_note,
    unlike_comment,
    unlike_note,
    unsave_note,
)
from .actions.talking import (
    add_comment,
    approve_guest_item,
    hide_comment,
    refuse_guest_item,
    remove_comment,
    restore_comment,
)
from .actions.writing import (
    edit_note,
    hide_note,
    publish_draft,
    publish_note,
    remove_note,
    restore_note,
    save_draft,
    want_same,
)
from .events import (
    CommentAdded,
    CommentMoved,
    GuestItemMoved,
    GuestItemWaiting,
    MemberMentioned,
    NoteEdited,
    NoteLiked,
    NoteMoved,
    NotePublished,
    NoteSaved,
)
from .model import (
    BoardFilter,
    CommentSort,
    EditNote,
    FeedTab,
    GuestStalls,
    NewComment,
    NewNote,
    NoteKind,
    Segment,
    Wish,
)
from .people import export_for, scrub
from .rules import COMMENT, NOTE, STALL, topic_key
from .views.lists import drafts, feed, my_notes, saved_notes, stalls_waiting, topic_items, topic_page, topics
from .views.page import note_board, note_page
from .views.reading import note_and_talk
from .views.shapes import (
    Board,
    BoardThing,
    CircleLine,
    CommentView,
    NoteCard,
    NotePage,
    StallWaiting,
    Thread,
    TopicPage,
)
from .views.threads import comments, replies

__all__ = [
    "COMMENT",
    "NOTE",
    "STALL",
    "Board",
    "BoardFilter",
    "BoardThing",
    "CircleLine",
    "CommentAdded",
    "CommentMoved",
    "CommentSort",
    "CommentView",
    "EditNote",
    "FeedTab",
    "GuestItemMoved",
    "GuestItemWaiting",
    "GuestStalls",
    "Marked",
    "MemberMentioned",
    "NewComment",
    "NewNote",
    "NoteCard",
    "NoteEdited",
    "NoteKind",
    "NoteLiked",
    "NoteMoved",
    "NotePage",
    "NotePublished",
    "NoteSaved",
    "Segment",
    "StallWaiting",
    "Thread",
    "TopicPage",
    "Wish",
    "add_comment",
    "approve_guest_item",
    "comments",
    "drafts",
    "drop_bundle",
    "edit_note",
    "export_for",
    "feed",
    "hide_comment",
    "hide_note",
    "like_comment",
    "like_note",
    "my_notes",
    "note_and_talk",
    "note_board",
    "note_page",
    "publish_draft",
    "publish_note",
    "refuse_guest_item",
    "remove_comment",
    "remove_note",
    "replies",
    "restore_comment",
    "restore_note",
    "save_draft",
    "save_note",
    "saved_notes",
    "scrub",
    "set_bundle",
    "stalls_waiting",
    "topic_items",
    "topic_key",
    "topic_page",
    "topics",
    "unlike_comment",
    "unlike_note",
    "unsave_note",
    "want_same",
]
