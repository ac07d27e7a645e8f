"""Picture bytes to stored sizes. Runs in the child process only: this is where decoders see the upload."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from xianji.domains.media.hashes import hashes_of
from xianji.domains.media.model import (
    MediaRefused,
    PictureKind,
    PictureLimits,
    ProcessedPicture,
    SizeRecipe,
    Sniffed,
    Variant,
)
from xianji.domains.media.sniff import sniff_picture

pillow_heif.register_heif_opener(thumbnails=False)
# Our own cap is checked on the header and again below; Pillow's would only turn into a warning.
Image.MAX_IMAGE_PIXELS = None

_DECODERS: dict[PictureKind, list[str]] = {
    "jpeg": ["JPEG"],
    "png": ["PNG"],
    "webp": ["WEBP"],
    "heic": ["HEIF"],
    "avif": ["AVIF"],
}
_RESIZABLE = frozenset({"RGB", "RGBA", "L", "CMYK"})
_PLACEHOLDER_SIDE = 20
_PLACEHOLDER_MAX_CHARS = 400
# The tallest WebP there can be; long screenshots are real and stay whole, only narrower.
_TALLEST = 16_383
_SRGB = ImageCms.createProfile("sRGB")


def build_picture(data: bytes, limits: PictureLimits) -> ProcessedPicture:
    """Decode, set upright, turn to sRGB on white, and encode every size; raises `MediaRefused`."""
    found = sniff_picture(data, limits)
    try:
        picture, upright_size = _open_upright(data, found, limits)
    except MediaRefused:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, RuntimeError) as broken:
        raise MediaRefused("picture_broken", why="undecodable") from broken
    return picture_of(picture, upright_size, limits, hashlib.sha256(data).hexdigest())


def picture_of(picture: Image.Image, size: tuple[int, int], limits: PictureLimits, sha256: str) -> ProcessedPicture:
    """Everything stored of an upright RGB picture whose original upright size was `size`."""
    return ProcessedPicture(
        width=size[0],
        height=size[1],
        variants=_variants(picture, size, limits.sizes),
        placeholder=_placeholder(picture),
        dominant_colour=_dominant_colour(picture),
        hashes=hashes_of(picture),
        sha256=sha256,
    )


def _open_upright(data: bytes, found: Sniffed, limits: PictureLimits) -> tuple[Image.Image, tuple[int, int]]:
    with Image.open(io.BytesIO(data), formats=_DECODERS[found.kind]) as opened:
        if opened.width * opened.height > limits.max_pixels:
            raise MediaRefused(
                "picture_too_many_pixels",
                width=opened.width,
                height=opened.height,
                max_pixels=limits.max_pixels,
            )
        full = opened.size
        turn = 1 if found.kind == "heic" else int(opened.getexif().get(0x0112, 1) or 1)
        sideways = 5 <= turn <= 8
        widest = max(recipe.width for recipe in limits.sizes)
        # JPEG can decode straight to a half, a quarter or an eighth: three times cheaper for phone photos.
        opened.draft(None, (1, widest) if sideways else (widest, 1))
        profile = opened.info.get("icc_profile")
        opened.load()
        picture = _to_srgb(_shrunk(opened, widest, sideways), profile)
    upright = _turned(picture, turn)
    return upright, (full[1], full[0]) if sideways else full


def _shrunk(picture: Image.Image, widest: int, sideways: bool) -> Image.Image:
    """No wider (once upright) than the widest stored size, so that colour work touches few pixels."""
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    elif picture.mode not in _RESIZABLE:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    width = picture.height if sideways else picture.width
    scale = min(1.0, widest / width, _TALLEST / max(picture.size))
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _to_srgb(picture: Image.Image, profile: Any) -> Image.Image:
    """sRGB without a profile, on white: a thing for sale is shown on a page, never on a checkerboard."""
    if isinstance(profile, bytes) and profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
            picture = turned or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            picture = picture.convert("RGB")
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, (255, 255, 255))
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _turned(picture: Image.Image, turn: int) -> Image.Image:
    """Apply EXIF orientation 1-8 (HEIC carries its turn in the file's own boxes, already applied)."""
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    bare.getexif()[0x0112] = turn if 1 <= turn <= 8 else 1
    upright = ImageOps.exif_transpose(bare)
    upright.info.clear()
    return Image.frombytes("RGB", upright.size, upright.tobytes())


def _variants(picture: Image.Image, size: tuple[int, int], sizes: tuple[SizeRecipe, ...]) -> tuple[Variant, ...]:
    """One file per recipe; recipes wider than the picture fall together into one at its own width.

    Widest first, each size drawn from the one above it: a third of the work of starting at the top.
    """
    made: dict[tuple[int, str], Variant] = {}
    scaled = picture
    for recipe in sorted(sizes, key=lambda recipe: -recipe.width):
        width = min(recipe.width, size[0], picture.width)
        if (width, recipe.format) in made:
            continue
        if width != scaled.width:
            height = min(_TALLEST, max(1, round(picture.height * width / picture.width)))
            scaled = scaled.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        made[(width, recipe.format)] = _encoded(scaled, recipe)
    return tuple(reversed(made.values()))


def _encoded(picture: Image.Image, recipe: SizeRecipe) -> Variant:
    out = io.BytesIO()
    if recipe.format == "webp":
        # Method 2 costs a third of the default 4 for 5 % more bytes.
        picture.save(out, "WEBP", quality=recipe.quality, method=2)
    else:
        # Speed 9 costs 40 % of speed 8 for 5 % more bytes; one thread, because the pool is the parallelism.
        picture.save(out, "AVIF", quality=recipe.quality, speed=9, max_threads=1)
    data = out.getvalue()
    return Variant(picture.width, picture.height, recipe.format, len(data), data)


def _placeholder(picture: Image.Image) -> str:
    """A blurred WebP data URI of at most 400 characters, about 20 px on its long side."""
    tiny = picture.copy()
    tiny.thumbnail((_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE), Image.Resampling.BOX)
    uri = ""
    for quality in (40, 20, 5, 0):
        out = io.BytesIO()
        tiny.save(out, "WEBP", quality=quality, method=4)
        uri = "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
        if len(uri) <= _PLACEHOLDER_MAX_CHARS:
            break
    return uri


def _dominant_colour(picture: Image.Image) -> str:
    """The commonest colour of a coarse palette, `#rrggbb`."""
    small = picture.resize((32, 32), Image.Resampling.BOX).quantize(8, Image.Quantize.MEDIANCUT)
    counts = small.getcolors() or [(1, 0)]
    palette = small.getpalette() or [0, 0, 0]
    _, index = max(counts)
    assert isinstance(index, int)
    red, green, blue = palette[index * 3 : index * 3 + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
