"""Typed ids: a short prefix that says what the thing is, and a UUIDv7 in 26 lower-case letters.

`itm_06bq8v2v0dxxj0z4r7n6m3h1ga` sorts by time, cannot be guessed, and reads the same in a URL, a log
line and a row: the database stores this very text (docs/decisions/0004).
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Annotated

from msgspec import Meta

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [left + right for left in _LETTERS for right in _LETTERS]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}")
_NAMED = re.compile(_SHAPE.pattern.encode())


def new_id(prefix: str, now: datetime, random: Random) -> str:
    """A fresh id. `now` gives the leading 48 bits (milliseconds), `random` the other 74."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)  # exact, where a float would lose one now and then
    number = milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62)
    return _written(prefix, number)


def named_id(prefix: str, name: str) -> str:
    """The id that follows from a name: for rows that everybody can find without looking them up."""
    return _written(prefix, int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))


def _written(prefix: str, number: int) -> str:
    return prefix + "_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -10, -10)])


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the shape of an id of this kind."""
    return text.startswith(prefix + "_") and _SHAPE.fullmatch(text) is not None


def named_in(body: bytes) -> set[str]:
    """Every id that stands somewhere in these bytes."""
    return {found.decode() for found in _NAMED.findall(body)}


def _pattern(prefix: str) -> Meta:
    return Meta(pattern=rf"^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$", examples=[prefix + "_" + "0" * 26])


AddressId = Annotated[str, _pattern("adr")]
AccountId = Annotated[str, _pattern("acc")]
BoardId = Annotated[str, _pattern("prc")]
CaseId = Annotated[str, _pattern("cse")]
CheckoutId = Annotated[str, _pattern("chk")]
CircleId = Annotated[str, _pattern("cir")]
CommentId = Annotated[str, _pattern("cmt")]
ItemId = Annotated[str, _pattern("itm")]
LinkId = Annotated[str, _pattern("lnk")]
MediaId = Annotated[str, _pattern("med")]
MemberId = Annotated[str, _pattern("mbr")]
NoteId = Annotated[str, _pattern("nte")]
NoticeId = Annotated[str, _pattern("ntc")]
OfferId = Annotated[str, _pattern("ofr")]
OrderId = Annotated[str, _pattern("ord")]
PaymentId = Annotated[str, _pattern("pay")]
QuotaId = Annotated[str, _pattern("qta")]
RefundId = Annotated[str, _pattern("rfd")]
ReportId = Annotated[str, _pattern("rpt")]
RequestId = Annotated[str, _pattern("req")]
SavedSearchId = Annotated[str, _pattern("sch")]
SessionId = Annotated[str, _pattern("ses")]
ThanksId = Annotated[str, _pattern("thk")]
VisitSlotId = Annotated[str, _pattern("vst")]
WantedId = Annotated[str, _pattern("wnt")]
