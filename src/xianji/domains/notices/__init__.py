"""Notices 通知: one row for one member about one thing that happened, told by reactions and by nobody else.

What this package promises: nobody hears of their own acts, nor of whom a block keeps apart from them, nor of what they
have switched off; trades and decisions always come through. The same kind about the same subject is one row until it
is read. Rows hold ids: names, titles and pictures are those of the moment of reading. What is older than a configured
time is deleted.
"""

from .actions import (
    HEARD,
    ReadNotices,
    choose_notices,
    hear,
    hear_block,
    hear_gone,
    hear_price,
    read_notice,
    read_notices,
    tell,
    tell_decided,
    tell_held,
    tell_search,
)
from .events import NoticesTold
from .jobs import DUE
from .model import ALWAYS, KINDS, ChooseNotices, Group, Telling
from .store import export_for, scrub
from .views import Notice, Notices, my_choices, my_notices

__all__ = [
    "ALWAYS",
    "DUE",
    "HEARD",
    "KINDS",
    "ChooseNotices",
    "Group",
    "Notice",
    "Notices",
    "NoticesTold",
    "ReadNotices",
    "Telling",
    "choose_notices",
    "export_for",
    "hear",
    "hear_block",
    "hear_gone",
    "hear_price",
    "my_choices",
    "my_notices",
    "read_notice",
    "read_notices",
    "scrub",
    "tell",
    "tell_decided",
    "tell_held",
    "tell_search",
]
