"""Perceptual hashes: several 64-bit views of one picture, and how alike two pictures are.

One hash of the whole picture loses a copy as soon as somebody crops, mirrors or frames it. So each
picture keeps a small family: the whole, centre crops, the parts left when one edge is cut away (a
watermark bar, a caption), the picture without a plain border, and the mirror of each. Two pictures are
alike when any upright view of one is close to any view of the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Grey = NDArray[np.float32]

WORK_SIDE = 256
_GRID = 32
_KEEP = 8
# Below this spread of grey (0-255) a view is a plain surface: its bits are noise and would match everything.
_MIN_SPREAD = 6.0
_BORDER_TOLERANCE = 10.0

# Part of the picture each view shows: left, top, right, bottom as fractions.
_CENTRE = {
    f"centre{round(k * 100)}": ((1 - k) / 2, (1 - k) / 2, (1 + k) / 2, (1 + k) / 2) for k in (0.95, 0.9, 0.85, 0.8)
}
_VIEWS: dict[str, tuple[float, float, float, float]] = {
    "full": (0.0, 0.0, 1.0, 1.0),
    **_CENTRE,
    "no_bottom": (0.0, 0.0, 1.0, 0.86),
    "no_top": (0.0, 0.14, 1.0, 1.0),
    "no_left": (0.1, 0.0, 1.0, 1.0),
    "no_right": (0.0, 0.0, 0.9, 1.0),
    "no_top_left": (0.08, 0.08, 1.0, 1.0),
    "no_top_right": (0.0, 0.08, 0.92, 1.0),
    "no_bottom_left": (0.08, 0.0, 1.0, 0.92),
    "no_bottom_right": (0.0, 0.0, 0.92, 0.92),
}
MIRROR = "mirror_"


def _dct_rows() -> Grey:
    rows = [[math.cos(math.pi * k * (2 * n + 1) / (2 * _GRID)) for n in range(_GRID)] for k in range(_KEEP + 1)]
    return np.array(rows, dtype=np.float32)


_DCT = _dct_rows()


def hashes_of(picture: Image.Image) -> dict[str, int]:
    """Signed 64-bit hashes by view name (they fit a bigint); plain surfaces give no entry."""
    grey = ImageOps.grayscale(picture)
    grey.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    found: dict[str, int] = {}
    for name, part in _VIEWS.items():
        _add_view(found, name, grey, part)
    trimmed = _without_border(grey)
    if trimmed is not None:
        for name in ("full", "centre95", "centre90"):
            _add_view(found, f"trimmed_{name}", trimmed, _VIEWS[name])
    return found


def similarity(a: dict[str, int], b: dict[str, int]) -> float:
    """How alike two pictures are, 0.0 to 1.0; pure and symmetric.

    1.0 means two views agree in every bit, 0.5 is what strangers reach. The threshold is the caller's
    configuration; docs/domains/media.md has the recall and false-alarm table to choose it by.
    """
    if not a or not b:
        return 0.0
    return 1.0 - min(_nearest(a, b), _nearest(b, a)) / 64.0


def matches(a: dict[str, int], b: dict[str, int], threshold: float) -> bool:
    """Whether two pictures are close enough to call one a copy of the other."""
    return similarity(a, b) >= threshold


def _nearest(a: dict[str, int], b: dict[str, int]) -> int:
    """Fewest differing bits between an upright view of `a` and any view of `b`."""
    upright = _bits(value for name, value in a.items() if not name.startswith(MIRROR))
    return int(np.bitwise_count(upright[:, None] ^ _bits(b.values())[None, :]).min())


def _bits(values: Iterable[int]) -> NDArray[np.uint64]:
    return np.array([value & 0xFFFFFFFFFFFFFFFF for value in values], dtype=np.uint64)


def _add_view(found: dict[str, int], name: str, grey: Image.Image, part: tuple[float, float, float, float]) -> None:
    width, height = grey.size
    box = (part[0] * width, part[1] * height, part[2] * width, part[3] * height)
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return
    small = grey.resize((_GRID, _GRID), Image.Resampling.BOX, box=box)
    pixels = np.asarray(small, dtype=np.float32)
    if float(pixels.std()) < _MIN_SPREAD:
        return
    low: Grey = (_DCT @ pixels @ _DCT.T).astype(np.float32)
    found[name] = _pack(low)
    # Mirroring a picture flips the sign of its odd horizontal frequencies, nothing else.
    signs = np.where(np.arange(_KEEP + 1) % 2 == 1, -1.0, 1.0).astype(np.float32)
    found[MIRROR + name] = _pack((low * signs[None, :]).astype(np.float32))


def _pack(low: Grey) -> int:
    """64 bits from the 8 x 8 lowest frequencies without the constant one, each against the median."""
    flat = low[:_KEEP, :_KEEP].copy().ravel()
    flat[0] = low[_KEEP, 0]
    bits = flat > np.median(flat)
    return int(np.frombuffer(np.packbits(bits).tobytes(), dtype=">i8")[0])


def _without_border(grey: Image.Image) -> Image.Image | None:
    """The picture inside a plain frame (a screenshot, a poster mat), or None when there is none.

    Only the longest busy run of rows counts, so that a clock or a row of buttons in the frame of a
    screenshot is left outside.
    """
    pixels = np.asarray(grey, dtype=np.float32)
    top, bottom = _longest_run(pixels.std(axis=1) > _BORDER_TOLERANCE)
    if bottom - top < 32:
        return None
    left, right = _longest_run(pixels[top:bottom].std(axis=0) > _BORDER_TOLERANCE)
    if right - left < 32 or (left, top, right, bottom) == (0, 0, *grey.size):
        return None
    return grey.crop((left, top, right, bottom))


def _longest_run(busy: NDArray[np.bool_]) -> tuple[int, int]:
    """Start and end of the longest stretch of True, bridging gaps of at most 2 % of the length."""
    gap = max(1, len(busy) // 50)
    best = (0, 0)
    start = last = -1
    for at in np.flatnonzero(busy).tolist():
        if start < 0 or at - last > gap + 1:
            start = at
        last = at
        if last + 1 - start > best[1] - best[0]:
            best = (start, last + 1)
    return best
