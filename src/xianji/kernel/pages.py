"""Pages by cursor: `{items, next_cursor}`. A cursor is opaque, holds the last row's sort key, and ends with an id."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from .errors import Code, Kind

T = TypeVar("T")
K = TypeVar("K")

CURSOR_NOT_VALID = Code("cursor_not_valid", Kind.MALFORMED, field="cursor")

PAGE_SIZE = 24
Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A slice of a list and where the next one starts (null at the end)."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*key: Any) -> str:
    """The cursor for a row with this sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[K]) -> K:
    """The sort key inside a cursor, as the tuple type `kind`. Refuses `cursor_not_valid`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise CURSOR_NOT_VALID() from None
