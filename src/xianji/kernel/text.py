"""What a person typed, judged before it is stored. Nothing is silently repaired but outer white space."""

import re
import unicodedata
from typing import Annotated

from msgspec import Meta

from .errors import Code, Kind

TEXT_EMPTY = Code("text_empty", Kind.MALFORMED)
TEXT_TOO_LONG = Code("text_too_long", Kind.MALFORMED)
TEXT_HAS_CONTROL_CHARACTERS = Code("text_has_control_characters", Kind.MALFORMED)
TEXT_TURNS_DIRECTION = Code("text_turns_direction", Kind.MALFORMED)
TEXT_STACKS_MARKS = Code("text_stacks_marks", Kind.MALFORMED)

# Hard ceilings of the wire; the limits a person meets are configuration and smaller.
Line = Annotated[str, Meta(max_length=500)]
Body = Annotated[str, Meta(max_length=20_000)]

# Overrides and isolates can make a price or a link read backwards; plain right-to-left letters are fine.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS_IN_A_ROW = 6
# Letters that show nothing count as outer white space: a name made of them alone would be a link nobody can see.
_BLANK = r"[\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0]+"
_OUTER = re.compile(rf"\A{_BLANK}|{_BLANK}\Z")


def line(field: str, text: str, longest: int, required: bool = True) -> str:
    """One line of text. Refuses emptiness (when required), length, line breaks and hostile characters."""
    return _judge(field, text, longest, required, allowed_controls="")


def body(field: str, text: str, longest: int, required: bool = False) -> str:
    """Several lines of text; line feeds and tabs are welcome."""
    return _judge(field, text.replace("\r\n", "\n"), longest, required, allowed_controls="\n\t")


def shows_nothing(text: str) -> bool:
    """Whether nobody would see anything of this text."""
    return not _OUTER.sub("", text)


def _judge(field: str, text: str, longest: int, required: bool, allowed_controls: str) -> str:
    text = _OUTER.sub("", text)
    if required and not text:
        raise TEXT_EMPTY(field=field)
    if len(text) > longest:
        raise TEXT_TOO_LONG(field=field, longest=longest, length=len(text))
    marks = 0
    for letter in text:
        if letter in _TURNS:
            raise TEXT_TURNS_DIRECTION(field=field)
        category = unicodedata.category(letter)
        if category in ("Cc", "Cs") and letter not in allowed_controls:
            raise TEXT_HAS_CONTROL_CHARACTERS(field=field)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS_IN_A_ROW:
            raise TEXT_STACKS_MARKS(field=field)
    return text
