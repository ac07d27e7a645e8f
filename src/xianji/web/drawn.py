"""Whole pages, drawn once for equal facts and finished for each visitor.

What a page shows is decided by its facts (what the database has just said), by how its reader is spoken to, and by
the moment ("3 分钟前"). The drawing is kept under the first two until the first of its times reads differently, and
the database is asked every time, so a page is never older than its facts.

What belongs to one visit (token, form key, the face in the corner, what waits) is never drawn. The drawing has holes
there, cut along marks that are made at the start of the process and leave it never, and every answer has them filled:
what was drawn for one visitor holds nothing of theirs. The parts are packed once too and the fillings are stored in
between as they are, which also means that the length of an answer says nothing of a token (BREACH).
"""

import re
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from struct import pack

HOLES = ("csrf_token", "form_key", "viewer_face", "viewer_href", "waiting_top", "waiting_tab")
# As long in every answer of one drawing, whatever they say.
_STEADY = ("csrf_token", "form_key")

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
        self._packed_parts: tuple[tuple[int, ...], list[bytes]] | None = None
        self._nobodys = b""  # packed with nothing in the holes; everybody who is nobody gets the same

    @property
    def size(self) -> int:
        """How many bytes keeping it takes, roughly."""
        return 2 * sum(map(len, self._parts))

    def plain(self, own: Mapping[str, str]) -> bytes:
        """The page of a visit whose own things are these."""
        return b"".join(_woven(self._parts, self._fillings(own)))

    def packed(self, own: Mapping[str, str]) -> bytes:
        """The same as a gzip stream."""
        fillings = self._fillings(own)
        if any(fillings):
            return self._pack(fillings, self.plain(own))
        self._nobodys = self._nobodys or self._pack(fillings, self.plain(own))
        return self._nobodys

    def _fillings(self, own: Mapping[str, str]) -> list[bytes]:
        return [own[name].encode() for name in self._holes]

    def _pack(self, fillings: list[bytes], plain: bytes) -> bytes:
        steady = tuple(
            len(filling) if name in _STEADY else -1 for name, filling in zip(self._holes, fillings, strict=True)
        )
        if self._packed_parts is None or self._packed_parts[0] != steady:
            self._packed_parts = (steady, _deflated(self._parts, steady))
        blocks = _woven(self._packed_parts[1], [_stored(filling) for filling in fillings])
        return b"".join([_GZIP_HEAD, *blocks, _LAST_BLOCK, pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)])


def _woven(parts: list[bytes], fillings: list[bytes]) -> list[bytes]:
    woven = [b""] * (len(parts) + len(fillings))
    woven[0::2], woven[1::2] = parts, fillings
    return woven


def _deflated(parts: list[bytes], steady: tuple[int, ...]) -> list[bytes]:
    """Each part as blocks that end on a whole byte and refer to no filling.

    A part may refer to what stands before a filling of known length (-1: unknown), because distances hold whatever
    it says: the packer is shown as many bytes as it is long, which no text has, and what it makes of them is dropped.
    """
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = []
    for part, length in zip(parts, (*steady, -1), strict=True):
        packed.append(packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH if length < 0 else zlib.Z_SYNC_FLUSH))
        if length > 0:
            packer.compress(b"\xff" * length)
            packer.flush(zlib.Z_SYNC_FLUSH)
    return packed


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
