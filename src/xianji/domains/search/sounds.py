"""How characters sound, without tones; syllables out of letters typed in a row."""

import unicodedata
from functools import cache
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray
from pypinyin.pinyin_dict import pinyin_dict

_HAN = range(0x3400, 0xA000)
_SECOND = {
    "长": "chang", "重": "chong", "行": "hang", "乐": "yue", "调": "tiao", "弹": "tan", "传": "zhuan", "参": "shen",
    "盛": "cheng", "降": "xiang", "藏": "zang", "朝": "chao", "单": "shan", "扇": "shan", "角": "jue", "壳": "qiao",
    "模": "mu", "卡": "qia", "宿": "xiu", "率": "lv", "曾": "zeng", "折": "she", "咖": "ga", "落": "la", "厦": "xia",
    "便": "pian", "差": "chai", "蔓": "wan", "系": "ji", "露": "lou", "薄": "bao", "血": "xie", "仔": "zai",
}  # fmt: skip
"""The other reading of characters that often stand in titles: 长袖 is chang xiu."""


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Each character's syllables, the usual one first: `长` → `zhang`, `chang`."""
    spoken: dict[str, tuple[str, ...]] = {}
    for point, said in pinyin_dict.items():
        if point in _HAN:
            first = _toneless(said.split(",")[0])
            other = _SECOND.get(chr(point), first)
            spoken[chr(point)] = (first,) if other == first else (first, other)
    return spoken


@cache
def numbers() -> dict[str, int]:
    """A number for each syllable, from 1."""
    return {syllable: number for number, syllable in enumerate(sorted(_known()), 1)}


@cache
def sound_table() -> NDArray[np.uint16]:
    """Syllable numbers by code point, one row per reading; 0 where a character has none. Shape (2, 0xA000)."""
    rows = np.zeros((2, _HAN.stop), np.uint16)
    for character, said in readings().items():
        for row, syllable in enumerate(said):
            rows[row, ord(character)] = numbers()[syllable]
    return rows


def syllables(letters: str) -> tuple[str, ...]:
    """Letters as syllables, as few as possible: `xiangji` → `xiang`, `ji`. Empty if they are not pinyin."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, min(len(letters), 40) + 1):
        ways = [
            (*before, letters[start:end])
            for start in range(max(0, end - 6), end)
            if letters[start:end] in _known() and (before := best[start]) is not None
        ]
        best.append(min(ways, key=len) if ways else None)
    return best[-1] or () if len(best) == len(letters) + 1 else ()


# Sounds that people write for each other, as their own speech has them.
_MIXED = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("ang", "an"),
    ("eng", "en"),
    ("ing", "in"),
    ("l", "n"),
    ("f", "h"),
    ("r", "l"),
)


def mixed_up(letters: str, most: int = 100) -> list[str]:
    """Other spellings of pinyin by sounds that are often taken for each other: `suzuo` → `shuzuo`, `shuzhuo` …"""
    ways = [[one, *_mixed_up(one)] for one in syllables(letters)]
    return ["".join(way) for way in islice(product(*ways), 1, most)]


def _mixed_up(syllable: str) -> list[str]:
    made = []
    for pair in _MIXED:
        for one, two in (pair, pair[::-1]):
            made += [two + syllable.removeprefix(one)] if syllable.startswith(one) else []
            made += [syllable.removesuffix(one) + two] if syllable.endswith(one) else []
    return [other for other in dict.fromkeys(made) if other in _known() and other != syllable]


@cache
def _known() -> frozenset[str]:
    return frozenset(syllable for said in readings().values() for syllable in said)


def _toneless(said: str) -> str:
    letters = (c for c in unicodedata.normalize("NFD", said) if c == "\u0308" or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(letters)).replace("ü", "v")
