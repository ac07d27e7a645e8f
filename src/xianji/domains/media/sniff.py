"""Decide what an upload truly is from its bytes, before any decoder sees it.

Everything here is a bounded walk over headers: no pixels are decoded, no name or content type is
believed, and every answer is either a `Sniffed` or a `MediaRefused`. Sources of the rules: ITU-T T.81
(JPEG), PNG 3rd edition, the WebP container specification, ISO/IEC 14496-12 and 23008-12 (boxes, HEIF).
"""

from __future__ import annotations

import re
import struct
import zlib

from xianji.domains.media.boxes import Box, Boxes, sniff_heif, walk_boxes
from xianji.domains.media.model import (
    MediaRefused,
    PictureLimits,
    Sniffed,
    SniffedVideo,
    VideoLimits,
)

PICTURE_EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif"})
VIDEO_EXTENSIONS = frozenset({"mp4", "m4v", "mov"})
# "qt  " is QuickTime, what an iPhone films in: the same boxes as MP4, and the decoder still asks for H.264 or HEVC.
VIDEO_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"M4VH",
        b"MSNV",
        b"qt  ",
    }
)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Shapes of the files themselves, not policy: real cameras stay far below, bombs go far above.
MAX_JPEG_SEGMENTS = 2048
MAX_JPEG_SCANS = 100
MAX_PNG_CHUNKS = 65_536
MAX_PNG_INFLATED_EXTRA = 4 * 1024 * 1024
MAX_WEBP_CHUNKS = 4096

_FOREIGN = re.compile(rb"<\s*(?:svg|html|script|!doctype)|%PDF-", re.IGNORECASE)
_PNG_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}


def sniff_picture(data: bytes, limits: PictureLimits, name: str | None = None) -> Sniffed:
    """True type and coded width x height of a picture; raises `MediaRefused`.

    `name` is the uploader's file name. A picture extension that names another picture format is let
    through, because chat apps rename files all the time; an extension that is no picture at all is not.
    """
    if len(data) > limits.max_bytes:
        raise MediaRefused("picture_too_large", bytes=len(data), max_bytes=limits.max_bytes)
    _refuse_extension(name, PICTURE_EXTENSIONS, "picture_type_unsupported")
    if not data:
        raise MediaRefused("picture_broken", why="empty")
    found = _sniff_kind(data, limits)
    if found.width < 1 or found.height < 1:
        raise MediaRefused("picture_broken", why="no size")
    if found.width * found.height > limits.max_pixels:
        raise MediaRefused(
            "picture_too_many_pixels", width=found.width, height=found.height, max_pixels=limits.max_pixels
        )
    _refuse_polyglot(data)
    return found


def sniff_video(data: bytes, limits: VideoLimits, name: str | None = None) -> SniffedVideo:
    """That the bytes are an MP4 or QuickTime film whose index says an allowed length; raises `MediaRefused`."""
    if len(data) > limits.max_bytes:
        raise MediaRefused("video_too_large", bytes=len(data), max_bytes=limits.max_bytes)
    _refuse_extension(name, VIDEO_EXTENSIONS, "video_type_unsupported")
    if not data:
        raise MediaRefused("video_broken", why="empty")
    if data[4:8] != b"ftyp" or data[8:12] not in VIDEO_BRANDS:
        raise MediaRefused("video_type_unsupported")
    boxes = walk_boxes(data, "video_broken")
    if b"moov" not in boxes or b"mdat" not in boxes:
        raise MediaRefused("video_broken", why="no index")
    seconds = _movie_seconds(data, boxes[b"moov"][0])
    if seconds > limits.max_seconds:
        raise MediaRefused("video_too_long", seconds=round(seconds, 1), max_seconds=limits.max_seconds)
    return SniffedVideo(seconds)


def _refuse_extension(name: str | None, allowed: frozenset[str], code: str) -> None:
    if not name or "." not in name:
        return
    extension = name.rsplit(".", 1)[1].lower()
    if extension not in allowed:
        if code == "picture_type_unsupported":
            raise MediaRefused("picture_type_unsupported", extension=extension[:16])
        raise MediaRefused("video_type_unsupported", extension=extension[:16])


def _sniff_kind(data: bytes, limits: PictureLimits) -> Sniffed:
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _sniff_jpeg(data)
        if data[:8] == PNG_SIGNATURE:
            return _sniff_png(data, limits)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _sniff_webp(data, limits)
        if data[4:8] == b"ftyp":
            return sniff_heif(data)
    except (struct.error, IndexError) as broken:
        raise MediaRefused("picture_broken", why="truncated header") from broken
    if data[:2] == b"\xff\xd8" or PNG_SIGNATURE.startswith(data[:8]) or data in (b"RIFF", b"\xff"):
        raise MediaRefused("picture_broken", why="truncated header")
    raise MediaRefused("picture_type_unsupported")


def _sniff_jpeg(data: bytes) -> Sniffed:
    """Walk the segments to the frame header; only Huffman baseline, extended and progressive pass."""
    if data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise MediaRefused("picture_broken", why="too many scans")
    at = 2
    for _ in range(MAX_JPEG_SEGMENTS):
        if data[at] != 0xFF:
            raise MediaRefused("picture_broken", why="lost marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        if marker in (0xDA, 0xD9):
            raise MediaRefused("picture_broken", why="no frame header")
        length = struct.unpack_from(">H", data, at + 2)[0]
        if length < 2 or at + 2 + length > len(data):
            raise MediaRefused("picture_broken", why="truncated header")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _jpeg_frame(data, at, marker)
        at += 2 + length
    raise MediaRefused("picture_broken", why="too many segments")


def _jpeg_frame(data: bytes, at: int, marker: int) -> Sniffed:
    if marker not in (0xC0, 0xC1, 0xC2):
        raise MediaRefused("picture_type_unsupported", why="jpeg process")
    precision, height, width, components = struct.unpack_from(">BHHB", data, at + 4)
    if precision != 8 or components not in (1, 3, 4):
        raise MediaRefused("picture_type_unsupported", why="jpeg samples")
    return Sniffed("jpeg", width, height)


def _sniff_png(data: bytes, limits: PictureLimits) -> Sniffed:
    length, name = struct.unpack_from(">I4s", data, 8)
    if length != 13 or name != b"IHDR":
        raise MediaRefused("picture_broken", why="no header chunk")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    if depth not in _PNG_DEPTHS.get(colour, ()):
        raise MediaRefused("picture_broken", why="impossible pixel format")
    if width * height <= limits.max_pixels:
        # A refusal for pixels needs no further reading, and the caller gives it.
        _walk_png_chunks(data, limits)
    return Sniffed("png", width, height)


def _walk_png_chunks(data: bytes, limits: PictureLimits) -> None:
    at = 8
    for _ in range(MAX_PNG_CHUNKS):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise MediaRefused("picture_broken", why="truncated chunk")
        if name == b"acTL":
            _refuse_frames(struct.unpack_from(">I", data, at + 8)[0], limits)
        elif name in (b"iCCP", b"zTXt", b"iTXt"):
            _refuse_inflating_chunk(name, data[at + 8 : at + 8 + length])
        elif name == b"IEND":
            if end != len(data):
                raise MediaRefused("picture_type_unsupported", why="bytes after the end")
            return
        at = end
    raise MediaRefused("picture_broken", why="too many chunks")


def _refuse_inflating_chunk(name: bytes, body: bytes) -> None:
    """Inflate a compressed side chunk with a cap, so that kilobytes never become gigabytes."""
    _keyword, separator, rest = body.partition(b"\0")
    if not separator:
        raise MediaRefused("picture_broken", why="bad chunk")
    if name == b"iTXt":
        if rest[:1] != b"\x01":
            return
        rest = rest[2:].split(b"\0", 2)[-1]
    else:
        rest = rest[1:]
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(rest, MAX_PNG_INFLATED_EXTRA)
    except zlib.error as broken:
        raise MediaRefused("picture_broken", why="bad chunk") from broken
    if inflater.unconsumed_tail:
        raise MediaRefused("picture_broken", why="inflating chunk")


def _refuse_frames(frames: int, limits: PictureLimits) -> None:
    if frames > limits.max_frames:
        raise MediaRefused("picture_type_unsupported", frames=frames, max_frames=limits.max_frames)


def _sniff_webp(data: bytes, limits: PictureLimits) -> Sniffed:
    """Largest size any chunk declares: the canvas and each bitstream are all held to the cap."""
    riff_size = struct.unpack_from("<I", data, 4)[0]
    if riff_size + 8 > len(data):
        raise MediaRefused("picture_broken", why="truncated")
    if riff_size + 8 + (riff_size & 1) < len(data):
        raise MediaRefused("picture_type_unsupported", why="bytes after the end")
    at, frames, width, height = 12, 0, 0, 0
    for _ in range(MAX_WEBP_CHUNKS):
        if at + 8 > riff_size + 8:
            break
        name, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            raise MediaRefused("picture_broken", why="truncated chunk")
        frames += name == b"ANMF"
        size = _webp_chunk_size(name, data, at + 8)
        width, height = max(width, size[0]), max(height, size[1])
        at += 8 + length + (length & 1)
    else:
        raise MediaRefused("picture_broken", why="too many chunks")
    _refuse_frames(frames, limits)
    return Sniffed("webp", width, height)


def _webp_chunk_size(name: bytes, data: bytes, at: int) -> tuple[int, int]:
    if name == b"VP8X":
        canvas = data[at + 4 : at + 10]
        if len(canvas) < 6:
            raise MediaRefused("picture_broken", why="truncated header")
        return int.from_bytes(canvas[:3], "little") + 1, int.from_bytes(canvas[3:], "little") + 1
    if name == b"VP8L":
        sign, bits = struct.unpack_from("<BI", data, at)
        if sign != 0x2F:
            raise MediaRefused("picture_broken", why="bad bitstream")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        start, width, height = struct.unpack_from("<3sHH", data, at + 3)
        if start != b"\x9d\x01\x2a":
            raise MediaRefused("picture_broken", why="bad bitstream")
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _refuse_polyglot(data: bytes) -> None:
    """Refuse files that a browser or an archiver would also read as something else.

    Only the first kilobyte is looked at for markup, where browsers look too, and a ZIP counts only when
    its end record and its directory agree with the file, so that noise in compressed pixels cannot
    refuse an honest photo.
    """
    if _FOREIGN.search(data, 0, 1024):
        raise MediaRefused("picture_type_unsupported", why="polyglot")
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or end + 22 > len(data):
        return
    directory_size, comment = struct.unpack("<I4xH", data[end + 12 : end + 22])
    directory = end - directory_size
    if end + 22 + comment <= len(data) and directory >= 0 and data[directory : directory + 4] == b"PK\x01\x02":
        raise MediaRefused("picture_type_unsupported", why="polyglot")


def _movie_seconds(data: bytes, movie: Box) -> float:
    inner: Boxes = walk_boxes(data, "video_broken", movie)
    if b"mvhd" not in inner:
        raise MediaRefused("video_broken", why="no index")
    start, end = inner[b"mvhd"][0]
    try:
        if data[start] == 1:
            scale, duration = struct.unpack_from(">IQ", data[start:end], 20)
        else:
            scale, duration = struct.unpack_from(">II", data[start:end], 12)
    except (struct.error, IndexError) as broken:
        raise MediaRefused("video_broken", why="truncated header") from broken
    if scale == 0:
        raise MediaRefused("video_broken", why="no time scale")
    # All ones means "unknown" in the format; fragmented files say 0. The decoder counts those itself.
    unknown = duration in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return 0.0 if unknown else float(duration) / float(scale)
