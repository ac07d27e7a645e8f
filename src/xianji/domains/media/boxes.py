"""Reading ISO-BMFF boxes (HEIC, AVIF, MP4) without trusting any number in them."""

from __future__ import annotations

import struct

from xianji.domains.media.model import MediaRefused, PictureKind, RefusalCode, Sniffed

Box = tuple[int, int]
Boxes = dict[bytes, list[Box]]

MAX_BOXES = 4096
MAX_ITEMS = 1024
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
AVIF_BRANDS = frozenset({b"avif"})
SEQUENCE_BRANDS = frozenset({b"avis", b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"})
_NEUTRAL_BRANDS = frozenset({b"mif1", b"mif2", b"miaf"})


def walk_boxes(data: bytes, code: RefusalCode, within: Box | None = None) -> Boxes:
    """Bodies (start, end) of the boxes lying side by side in `within`, by type, in file order.

    Raises `MediaRefused(code)` when a box is smaller than its header, overruns its parent, or when there
    are more boxes than any real file has.
    """
    at, end = within or (0, len(data))
    found: Boxes = {}
    for _ in range(MAX_BOXES):
        if at == end:
            return found
        if at + 8 > end:
            raise MediaRefused(code, why="truncated box")
        size, name = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1:
            if at + 16 > end:
                raise MediaRefused(code, why="truncated box")
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            raise MediaRefused(code, why="impossible box")
        found.setdefault(name, []).append((at + header, at + size))
        at += size
    raise MediaRefused(code, why="too many boxes")


def sniff_heif(data: bytes) -> Sniffed:
    """Kind and size of a HEIC or AVIF still; the size is the largest any image property declares.

    In real files that is the picture itself: tiles, thumbnails and depth maps are smaller. Taking the
    largest also holds every one of them to the pixel cap.
    """
    top = walk_boxes(data, "picture_broken")
    kind = _kind_of(data, top)
    if b"meta" not in top:
        raise MediaRefused("picture_broken", why="no index")
    start, end = top[b"meta"][0]
    inner = walk_boxes(data, "picture_broken", (min(start + 4, end), end))
    _refuse_many_items(data, inner)
    sizes = _declared_sizes(data, inner)
    if not sizes:
        raise MediaRefused("picture_broken", why="no size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Sniffed(kind, width, height)


def _kind_of(data: bytes, top: Boxes) -> PictureKind:
    start, end = top[b"ftyp"][0]
    if end - start > 512 or end - start < 8:
        raise MediaRefused("picture_broken", why="impossible box")
    major = data[start : start + 4]
    brands = {data[at : at + 4] for at in range(start + 8, end - 3, 4)} | {major}
    if major in SEQUENCE_BRANDS:
        raise MediaRefused("picture_type_unsupported", why="animation")
    if major in AVIF_BRANDS or (major in _NEUTRAL_BRANDS and brands & AVIF_BRANDS):
        return "avif"
    if major in HEIC_BRANDS or (major in _NEUTRAL_BRANDS and brands & HEIC_BRANDS):
        return "heic"
    raise MediaRefused("picture_type_unsupported")


def _refuse_many_items(data: bytes, inner: Boxes) -> None:
    for start, end in inner.get(b"iinf", []):
        version = data[start] if start < end else 0
        width = 2 if version == 0 else 4
        count = int.from_bytes(data[start + 4 : min(start + 4 + width, end)], "big")
        if count > MAX_ITEMS:
            raise MediaRefused("picture_broken", why="too many items")


def _declared_sizes(data: bytes, inner: Boxes) -> list[tuple[int, int]]:
    sizes: list[tuple[int, int]] = []
    for properties in inner.get(b"iprp", []):
        for container in walk_boxes(data, "picture_broken", properties).get(b"ipco", []):
            for start, end in walk_boxes(data, "picture_broken", container).get(b"ispe", []):
                if end - start != 12:
                    raise MediaRefused("picture_broken", why="impossible box")
                sizes.append(struct.unpack_from(">II", data, start + 4))
    return sizes
