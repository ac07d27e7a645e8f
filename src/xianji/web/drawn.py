"""Whole pages, drawn once for equal facts and finished for each visitor.

What a page shows is decided by its facts (what the database has just said), by how its reader is spoken to, and by
the moment ("3 分钟前"). The drawing is kept under the first two until the first of its times reads differently, and
the database is asked every time, so a page is never older than its facts.

What belongs to one visit (token, form key, the face in the corner, what waits) is never drawn. The drawing has holes
there, cut along marks that are made at the start of the process and leave it never, and every answer has them filled:
what was drawn for one visitor holds nothing of theirs. Packed, the parts are packed once and the fillings are stored
as they are, which also means that the length of an answer says nothing of a token (BREACH).
"""

import re
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from struct import pack

HOLES = ("csrf_token", "form_key", "viewer_face", "viewer_href", "waiting_top", "waiting_tab")

_MOST_BYTES = 48 * 1024 * 1024  # for one process
_LEVEL = 6  # packed once, sent often
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"

_SECRET = secrets.token_hex(16)
MARKS: Mapping[str, str] = {name: f"[{_SECRET}:{name}]" for name in HOLES}
_MARK = re.compile(rf"\[{_SECRET}:({'|'.join(HOLES)})\]")


class Drawing:
    """A page with holes. `until` is when the first of its times reads differently."""

    def __init__(self, text: str, until: datetime) -> None:
        pieces = _MARK.split(text)
        assert _SECRET not in "".join(pieces), "a template looked into a hole"
        self.until = until
        self._parts = [piece.encode() for piece in pieces[0::2]]
        self._holes = pieces[1::2]
        self._packed_parts: list[bytes] = []
        self._latest: tuple[list[str], bytes] | None = None  # nobody's pages are all filled alike

    @property
    def size(self) -> int:
        """How many bytes keeping it takes, roughly."""
        return 2 * sum(map(len, self._parts))

    def plain(self, own: Mapping[str, str]) -> bytes:
        """The page of a visit whose own things are these."""
        return b"".join(self._woven(self._parts, [own[name].encode() for name in self._holes]))

    def packed(self, own: Mapping[str, str]) -> bytes:
        """The same as a gzip stream."""
        fillings = [own[name] for name in self._holes]
        if self._latest is None or self._latest[0] != fillings:
            self._latest = (fillings, self._pack(fillings, self.plain(own)))
        return self._latest[1]

    def _pack(self, fillings: list[str], plain: bytes) -> bytes:
        self._packed_parts = self._packed_parts or [_deflated(part) for part in self._parts]
        blocks = self._woven(self._packed_parts, [_stored(filling.encode()) for filling in fillings])
        return b"".join([_GZIP_HEAD, *blocks, _LAST_BLOCK, pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)])

    def _woven(self, parts: list[bytes], fillings: list[bytes]) -> list[bytes]:
        woven = [b""] * (len(parts) + len(fillings))
        woven[0::2], woven[1::2] = parts, fillings
        return woven


def _deflated(part: bytes) -> bytes:
    """Blocks that refer to nothing outside of them and end on a whole byte."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(filling: bytes) -> bytes:
    """A block of bytes as they are; an empty one where there is nothing, for that is what the format has."""
    return pack("<BHH", 0, len(filling), len(filling) ^ 0xFFFF) + filling


Key = tuple[object, ...]


class Drawings:
    """The drawings of a process, the longest unused forgotten first when they take too much room."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._kept: OrderedDict[Key, tuple[Drawing, int]] = OrderedDict()
        self._most = most_bytes
        self._bytes = 0

    def find(self, key: Key, now: datetime) -> Drawing | None:
        """What was drawn under this key and still says the right times."""
        found = self._kept.get(key)
        if found is None:
            return None
        if found[0].until <= now:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Key, drawing: Drawing) -> Drawing:
        """Keep it; `key` holds the facts as bytes, which take room too."""
        size = drawing.size + sum(len(part) for part in key if isinstance(part, bytes | str))
        self._kept[key] = (drawing, size)
        self._bytes += size
        while self._bytes > self._most:
            self._forget(next(iter(self._kept)))
        return drawing

    def _forget(self, key: Key) -> None:
        self._bytes -= self._kept.pop(key)[1]
