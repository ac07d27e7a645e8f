"""Draws what a recipe describes: a few emoji as a small still life in soft morning light.

The emoji are the 3D pictures of the npm package `@lobehub/fluent-emoji-3d` (MIT), read from the given
folder at demo time; none of them is kept in this project. The same recipe always gives the same bytes.
"""

import functools
import hashlib
import io
import math
import random
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image, ImageDraw

from xianji.demo.model import Recipe
from xianji.demo.palettes import PALETTES, Palette

PACKAGE = "@lobehub/fluent-emoji-3d"
SCENES = ("table", "cloth", "shelf", "window", "disc", "arch", "hill")
JPEG_QUALITY = 86
GRAIN = 0.022
SKIN_OR_STYLE = {"fe0f"}


class EmojiMissing(Exception):
    """The emoji package has no picture for this emoji."""


def key(recipe: Recipe) -> str:
    """A stable file name for the cache: 24 hex digits of the recipe's hash."""
    return hashlib.sha256(msgspec.json.encode(recipe)).hexdigest()[:24]


def emoji_path(folder: Path, emoji: str) -> Path:
    """The picture of an emoji under the package's `assets` folder. Raises EmojiMissing."""
    points = [f"{ord(char):x}" for char in emoji]
    bare = [p for p in points if p not in SKIN_OR_STYLE]
    for name in ("-".join(points), "-".join(bare), "-".join([*bare, "fe0f"])):
        path = folder / f"{name}.webp"
        if path.is_file():
            return path
    raise EmojiMissing(emoji)


def assets(node_modules: Path) -> Path:
    """Where the emoji lie once the package is installed."""
    return node_modules / PACKAGE / "assets"


def render(recipe: Recipe, folder: Path) -> bytes:
    """JPEG bytes of a recipe; `folder` is what `assets()` gives. Raises EmojiMissing, KeyError (palette)."""
    out = io.BytesIO()
    draw(recipe, folder).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def draw(recipe: Recipe, folder: Path) -> Image.Image:
    """The RGB picture of a recipe. Raises EmojiMissing, KeyError (palette)."""
    palette = PALETTES[recipe.palette]
    dice = random.Random(key(recipe))
    canvas = _sky(recipe.width, recipe.height, palette, dice)
    if recipe.scene == "avatar":
        _avatar(canvas, recipe, palette, folder)
    elif recipe.scene == "board":
        _board(canvas, recipe, palette, folder, dice)
    else:
        floor = _stage(canvas, recipe, palette, dice)
        _still_life(canvas, recipe, folder, floor, dice)
    return Image.blend(canvas, _grain(canvas.size), GRAIN)


def _sky(width: int, height: int, palette: Palette, dice: random.Random) -> Image.Image:
    """A diagonal gradient with a warm glow where the sun would be; made tiny, then enlarged smoothly."""
    rows, cols = 48, 36
    y, x = np.mgrid[0:rows, 0:cols]
    slope = dice.uniform(-0.35, 0.35)
    t = np.clip(y / rows + slope * (x / cols - 0.5), 0, 1)[..., None]
    base = np.array(palette.above) * (1 - t) + np.array(palette.below) * t
    sun_x, sun_y = dice.choice((0.15, 0.85)) * cols, dice.uniform(0.05, 0.25) * rows
    glow = np.exp(-((x - sun_x) ** 2 + (y - sun_y) ** 2) / (2 * 13**2))[..., None]
    base = base * (1 - 0.6 * glow) + np.array(palette.accent) * 0.6 * glow
    small = Image.fromarray(base.astype(np.uint8), "RGB")
    _light(small, dice)
    return small.resize((width, height), Image.Resampling.BICUBIC)


def _stage(canvas: Image.Image, recipe: Recipe, palette: Palette, dice: random.Random) -> float:
    """Draws the surface things stand on; returns the height of the floor line as a share of the picture."""
    width, height = canvas.size
    mask = Image.new("L", (width * 2, height * 2), 0)
    draw = ImageDraw.Draw(mask)
    w, h = mask.size
    floor = dice.uniform(0.7, 0.78)
    if recipe.scene == "hill":
        draw.ellipse((-0.4 * w, floor * h - 0.1 * h, 1.4 * w, floor * h + 1.2 * h), fill=255)
    elif recipe.scene == "disc":
        draw.ellipse((0.1 * w, 0.5 * h - 0.4 * w, 0.9 * w, 0.5 * h + 0.4 * w), fill=200)
    elif recipe.scene == "arch":
        draw.rounded_rectangle((0.16 * w, 0.12 * h, 0.84 * w, floor * h), radius=int(0.34 * w), fill=170)
        draw.rectangle((0, floor * h, w, h), fill=255)
    elif recipe.scene == "shelf":
        draw.rounded_rectangle((0.06 * w, (floor + 0.045) * h, 0.94 * w, (floor + 0.095) * h), radius=20, fill=255)
    else:
        draw.rectangle((0, floor * h - 0.06 * h, w, h), fill=255)
    canvas.paste(palette.surface, (0, 0), mask.reduce(2))
    if recipe.scene == "cloth":
        _gingham(canvas, palette, int((floor - 0.06) * height))
    elif recipe.scene == "window":
        _panes(canvas, palette, floor)
    elif recipe.scene == "table":
        line = int((floor - 0.06) * height)
        ImageDraw.Draw(canvas).rectangle((0, line, width, line + 10), fill=palette.edge)
    return floor


def _gingham(canvas: Image.Image, palette: Palette, top: int) -> None:
    """Checked cloth below `top`: two sets of half-see-through bands."""
    width, height = canvas.size
    veil = Image.new("L", (width, height), 0)
    step = width // 12
    array = np.zeros((height, width), dtype=np.uint8)
    for band in range(0, max(width, height), step * 2):
        array[:, band : band + step] += 46
        array[band : band + step, :] += 46
    array[:top] = 0
    veil = Image.fromarray(array, "L")
    canvas.paste((255, 252, 246), (0, 0), veil)
    ImageDraw.Draw(canvas).rectangle((0, top, width, top + 8), fill=palette.edge)


def _panes(canvas: Image.Image, palette: Palette, floor: float) -> None:
    """A bright window behind the things."""
    width, height = canvas.size
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    left, right, top, bottom = 0.2 * width, 0.8 * width, 0.09 * height, (floor - 0.14) * height
    draw.rounded_rectangle((left, top, right, bottom), radius=26, fill=150)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    draw.rectangle((middle_x - 9, top, middle_x + 9, bottom), fill=0)
    draw.rectangle((left, middle_y - 9, right, middle_y + 9), fill=0)
    canvas.paste((255, 253, 244), (0, 0), mask)
    ImageDraw.Draw(canvas).rectangle((left - 22, bottom, right + 22, bottom + 20), fill=palette.edge)


def _still_life(canvas: Image.Image, recipe: Recipe, folder: Path, floor: float, dice: random.Random) -> None:
    """One big thing in the middle, its friends smaller beside and before it."""
    width, height = canvas.size
    main, *friends = recipe.emojis
    big = int(min(width, height) * dice.uniform(0.62, 0.7))
    ground = floor * height if recipe.scene != "disc" else 0.5 * height + 0.3 * width
    lean = dice.uniform(-0.05, 0.05)
    spots = _spots(len(friends), dice)
    _place(canvas, folder, main, (width * (0.5 + lean), ground + 0.045 * height), big, dice)
    for emoji, (x, drop, size) in zip(friends, spots, strict=False):
        _place(canvas, folder, emoji, (width * x, ground + drop * height), int(width * size), dice)


def _spots(count: int, dice: random.Random) -> list[tuple[float, float, float]]:
    """Where up to two friends stand, in front and to the sides: (x share, drop below floor, size share)."""
    sides = [0.19, 0.82] if dice.random() < 0.5 else [0.81, 0.18]
    spots = [
        (sides[0] + dice.uniform(-0.02, 0.03), 0.085, dice.uniform(0.27, 0.33)),
        (sides[1] + dice.uniform(-0.03, 0.02), 0.095, dice.uniform(0.22, 0.28)),
    ]
    return spots[:count]


def _board(canvas: Image.Image, recipe: Recipe, palette: Palette, folder: Path, dice: random.Random) -> None:
    """Many things on paper cards, like a stall seen from above."""
    width, height = canvas.size
    count = len(recipe.emojis)
    columns = 2 if count <= 4 else 3
    rows = math.ceil(count / columns)
    cell_w, cell_h = width / (columns + 0.3), height / (rows + 0.3)
    side = int(min(cell_w, cell_h) * 0.92)
    card = _card(side)
    tints = (palette.accent, (255, 252, 246), palette.surface, palette.below)
    for index, emoji in enumerate(recipe.emojis):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        x = width / 2 + (column - (in_row - 1) / 2) * cell_w
        y = height / 2 + (row - (rows - 1) / 2) * cell_h
        tint = tints[(index + recipe.variant + row) % len(tints)]
        canvas.paste(tint, (int(x - side / 2), int(y - side / 2)), card)
        _place(canvas, folder, emoji, (x, y + side * 0.41), int(side * 0.78), dice)


def _avatar(canvas: Image.Image, recipe: Recipe, palette: Palette, folder: Path) -> None:
    """A friendly face on a soft disc."""
    width, height = canvas.size
    mask = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(mask).ellipse((0.08 * width, 0.5 * height, 1.92 * width, 2.4 * height), fill=210)
    canvas.paste(palette.surface, (0, 0), mask.reduce(2))
    face = _emoji(str(emoji_path(folder, recipe.emojis[0])), int(width * 0.7))
    canvas.paste(face, (int(width * 0.15), int(height * 0.17)), face)


def _place(
    canvas: Image.Image,
    folder: Path,
    emoji: str,
    foot: tuple[float, float],
    size: int,
    dice: random.Random,
) -> None:
    """Puts an emoji with its feet at `foot` and a gentle shadow under it."""
    turn = dice.choice((0, 0, 0, -6, 6))
    art = _emoji(str(emoji_path(folder, emoji)), size, turn)
    x, y = int(foot[0] - size / 2), int(foot[1] - size)
    shade = _shade(size)
    canvas.paste((92, 66, 48), (int(foot[0] - shade.width / 2), int(foot[1] - shade.height * 0.66)), shade)
    canvas.paste(art, (x, y), art)


@functools.lru_cache(maxsize=96)
def _art(path: str, turn: int) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGBA").rotate(turn, Image.Resampling.BICUBIC)


def _emoji(path: str, size: int, turn: int = 0) -> Image.Image:
    return _art(path, turn).resize((size, size), Image.Resampling.BICUBIC)


@functools.lru_cache(maxsize=1)
def _soft_ellipse() -> Image.Image:
    y, x = np.mgrid[-1:1:48j, -1:1:96j]
    fade = np.clip(1 - (x**2 + y**2), 0, 1) ** 1.3 * 105
    return Image.fromarray(fade.astype(np.uint8), "L")


def _shade(size: int) -> Image.Image:
    return _soft_ellipse().resize((int(size * 0.96), int(size * 0.26)), Image.Resampling.BILINEAR)


def _card(side: int) -> Image.Image:
    mask = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side * 2 - 1, side * 2 - 1), side // 4, fill=215)
    return mask.reduce(2)


def _light(canvas: Image.Image, dice: random.Random) -> None:
    """Two slanted beams of morning light, drawn on the tiny sky so that their edges turn soft."""
    mask = Image.new("L", canvas.size, 0)
    draw = ImageDraw.Draw(mask)
    start, turn = dice.uniform(-6, 24), dice.choice((-1, 1))
    for offset, strength in ((0, 26), (9, 18)):
        x = start + offset
        draw.polygon([(x, 0), (x + 5, 0), (x + 5 + turn * 16, 48), (x + turn * 16 - 3, 48)], fill=strength)
    canvas.paste((255, 250, 236), (0, 0), mask)


@functools.lru_cache(maxsize=4)
def _grain(size: tuple[int, int]) -> Image.Image:
    tone = np.random.default_rng(7).integers(0, 2, (size[1] // 2, size[0] // 2), dtype=np.uint8) * 255
    return Image.fromarray(tone, "L").resize(size, Image.Resampling.BILINEAR).convert("RGB")


def missing(recipes: Iterable[Recipe], folder: Path) -> set[str]:
    """The emoji of these recipes that the package does not have."""
    lost: set[str] = set()
    for emoji in {e for recipe in recipes for e in recipe.emojis}:
        try:
            emoji_path(folder, emoji)
        except EmojiMissing:
            lost.add(emoji)
    return lost
