"""Decides which picture belongs to what: the thing picks the emoji, its circle or owner the colours."""

import zlib

from xianji.demo import rules
from xianji.demo.model import Recipe
from xianji.demo.pictures import SCENES
from xianji.demo.script import ItemDraft, NoteDraft

SIZES = ((600, 800), (640, 800), (700, 700))
BOARD_FEWEST, BOARD_MOST = 4, 9
# Palettes that feel alike; one thing is drawn in one of each row, which keeps the album small.
KINDRED = (
    ("peach", "amber", "sand", "mocha", "pink", "rose"),
    ("mint", "leaf", "sky", "violet", "slate", "lavender"),
)
JOINERS = {"\ufe0f", "\u200d"}
AVATAR_SIDE = 320


def avatar(face: str, palette: str) -> Recipe:
    """A face on colour."""
    return Recipe((face,), palette, "avatar", 0, AVATAR_SIDE, AVATAR_SIDE)


def split(text: str) -> tuple[str, ...]:
    """The emoji of a run such as 📷🎞️, variation selectors and joined sequences kept whole."""
    found: list[str] = []
    for char in text:
        if found and (char in JOINERS or found[-1].endswith("\u200d")):
            found[-1] += char
        else:
            found.append(char)
    return tuple(found)


def item_picture(item: ItemDraft, palette: str) -> Recipe:
    """One thing as a still life. Things of one kind in kindred colours may share a picture."""
    kin = next(group for group in KINDRED if palette in group)
    seed = f"{item.emoji}{kin[0]}"
    return _still(item.emoji, item.category, kin[_number(seed) % len(kin)], seed)


def note_pictures(note: NoteDraft, palette: str) -> tuple[Recipe, ...]:
    """A board for notes with many things, the things' own pictures otherwise, a mood for plain words."""
    if not note.items:
        emojis = MOODS[_number(note.title) % len(MOODS)] if note.kind == "share" else KIND_ART[note.kind]
        scene = SCENES[_number(note.title) % len(SCENES)]
        return (Recipe(split(emojis), palette, scene, 0, *SIZES[_number(note.title) % 3]),)
    own = tuple(dict.fromkeys(item_picture(item, palette) for item in note.items))
    faces = tuple(dict.fromkeys(item.emoji for item in note.items))
    if len(faces) < BOARD_FEWEST:
        return own[:3]
    board = Recipe(faces[:BOARD_MOST], palette, "board", len(note.items), *SIZES[len(note.title) % 3])
    return (board, *own[:3])


def _still(emoji: str, category: str, palette: str, seed: str) -> Recipe:
    number = _number(seed)
    friends = [f for f in rules.COMPANIONS[category] if f != emoji]
    first, second = friends[number % len(friends)], friends[(number // 7 + 1) % len(friends)]
    pair = (first, second) if number % 3 and first != second else (first,)
    scene = SCENES[number // 11 % len(SCENES)]
    return Recipe((emoji, *pair), palette, scene, 0, *SIZES[number // 5 % 3])


def _number(text: str) -> int:
    return zlib.crc32(text.encode())


KIND_ART = {"wanted": "🔍📝", "warning": "🛡️💡", "giveaway": "🎁🌼", "stall": "🎪🍵", "sale": "📦🌿"}
MOODS = (
    "📦🏷️🌿",
    "☕📖",
    "🚲🌤️",
    "🪴☀️",
    "🧺🌷",
    "🐈🧶",
    "🍵🎋",
    "📮💌",
    "🌇🧡",
    "🎧🌙",
    "🧹🫧",
    "🍊🧺",
    "🏠🌳",
    "🔧🔩",
    "🎞️🌊",
    "🍜✨",
)
