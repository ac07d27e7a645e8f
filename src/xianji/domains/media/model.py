"""The words of media: limits, what comes out of processing, and the one failure callers meet.

Sizes are bytes, lengths are pixels, times are seconds unless a name says otherwise. The defaults here
are the declared defaults of the configuration keys; the caller passes the values in force.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MIB = 1024 * 1024

RefusalCode = Literal[
    "picture_too_large",
    "picture_too_many_pixels",
    "picture_type_unsupported",
    "picture_broken",
    "video_too_long",
    "video_too_large",
    "video_type_unsupported",
    "video_broken",
    "media_timeout",
]
PictureKind = Literal["jpeg", "png", "webp", "heic", "avif"]
VariantFormat = Literal["webp", "avif"]
Facts = dict[str, str | int | float]


class MediaRefused(Exception):
    """An upload we will not keep. `code` is stable, `facts` are the numbers that explain it."""

    def __init__(self, code: RefusalCode, **facts: str | int | float) -> None:
        super().__init__(code)
        self.code: RefusalCode = code
        self.facts: Facts = facts


class SizeRecipe(msgspec.Struct, frozen=True):
    """One stored size: never wider than `width`, encoded as `format` at `quality` (0-100)."""

    width: int
    format: VariantFormat
    quality: int


# Why these: measured on a slow core with a 12 MP phone JPEG (docs/domains/media.md has the table).
# 320 px is the feed on small screens: AVIF saves nothing there, so WebP alone. 640 and 1080 exist in
# both, the browser picks. 1600 is for looking closely and exists once, as AVIF: every browser of the
# last years shows it, and old ones fall back to the 1080 WebP.
DEFAULT_SIZES = (
    SizeRecipe(320, "webp", 78),
    SizeRecipe(640, "webp", 78),
    SizeRecipe(640, "avif", 55),
    SizeRecipe(1080, "webp", 78),
    SizeRecipe(1080, "avif", 55),
    SizeRecipe(1600, "avif", 55),
)


class PictureLimits(msgspec.Struct, frozen=True):
    """What a picture may be and what decoding it may cost."""

    max_bytes: int = 20 * MIB
    max_pixels: int = 50_000_000
    max_frames: int = 1
    wall_seconds: float = 20.0
    cpu_seconds: int = 15
    memory_bytes: int = 1536 * MIB
    sizes: tuple[SizeRecipe, ...] = DEFAULT_SIZES


class VideoLimits(msgspec.Struct, frozen=True):
    """What a short video may be, what we make of it, and what that may cost."""

    max_bytes: int = 100 * MIB
    max_seconds: float = 60.0
    max_long_side: int = 1920
    max_short_side: int = 1080
    out_short_side: int = 720
    out_fps: int = 30
    crf: int = 26
    audio_bitrate: int = 96_000
    wall_seconds: float = 240.0
    cpu_seconds: int = 300
    memory_bytes: int = 2048 * MIB
    out_max_bytes: int = 100 * MIB
    poster: PictureLimits = PictureLimits()


class Variant(msgspec.Struct, frozen=True):
    """One encoded size, ready to store. `data` holds no metadata of the original."""

    width: int
    height: int
    format: VariantFormat
    bytes_len: int
    data: bytes


class ProcessedPicture(msgspec.Struct, frozen=True):
    """Everything kept of a picture; the original bytes are not. Width and height are upright."""

    width: int
    height: int
    variants: tuple[Variant, ...]
    placeholder: str
    dominant_colour: str
    hashes: dict[str, int]
    sha256: str


class ProcessedVideo(msgspec.Struct, frozen=True):
    """A video as H.264 + AAC in MP4 (index first), its poster, and the original's digest."""

    width: int
    height: int
    seconds: float
    has_sound: bool
    bytes_len: int
    data: bytes
    poster: ProcessedPicture
    sha256: str


class Sniffed(msgspec.Struct, frozen=True):
    """The true type and coded size of a picture, read from its header alone."""

    kind: PictureKind
    width: int
    height: int


class SniffedVideo(msgspec.Struct, frozen=True):
    """An MP4 by its boxes; `seconds` is 0.0 when the file is fragmented and does not say."""

    seconds: float
