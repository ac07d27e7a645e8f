"""Text to terms: the same reading for what is written on things and for what people type.

Everything here is pure. The index is fed the fields below already cut, so nothing else ever decides what a word is.
A *unit* is the smallest thing that can match: one Chinese character, a run of letters, a number.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from struct import pack
from zlib import crc32

import rjieba

from xianji.kernel.hanzi import simplified

from .lexicon import ACCESSORY, BRAND, Found, Lexicon, table
from .sounds import readings, syllables

MOST_UNITS = 64
"""A title is judged by its first sixty-four units, a question by its first `MOST_ASKED`."""
MOST_ASKED = 32
MOST_SENSES = 16
MOST_TYPED = 500
SENSES_FROM = 1 << 31
"""Codes of senses and kinds begin here, those of units end before."""
OWNER = 1 << 30
OWNER_SENSE = 1 << 29
"""Set in the code of a unit, of a sense, that only names the owner of an accessory: 相机 in 相机包."""

FIELDS = ("chars", "grams", "words", "senses", "kinds", "models", "sounds", "initials")
"""The fields of the index that `read` fills."""

_UNIT = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?|[^\W_]")
_FIGURE = re.compile(r"[0-9]")
_MODEL = re.compile(r"[a-z0-9]+(?:[-./+ ]?[a-z0-9]+)*")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_ACCENTED = re.compile(r"[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_GIGABYTES = re.compile(r"(?<=[0-9])\s*([gt])b\b")

_GIVEN = frozenset("送赠带附含配加")  # one of the two characters before something that comes along

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sense:
    """A stretch of the question our lexicon knows: the group's name and the units it covers."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read: units in order, words and senses as spans over them, places of units that say nothing.

    A unit that begins with `'` is a syllable: letters nobody wrote in a title, read as pinyin.
    """

    text: str
    units: tuple[str, ...]
    words: tuple[Span, ...]
    senses: tuple[Sense, ...]
    noise: frozenset[int]

    @property
    def empty(self) -> bool:
        """Whether nothing in it can be searched for: blank, punctuation, broken characters."""
        return not self.units


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read for the index: for each of `FIELDS` its terms with blanks between, and its trace.

    The trace is what ranking needs of a title: codes of its units, of its senses, of their kinds, four bytes each.
    """

    fields: dict[str, str]
    trace: bytes


def plain(text: str) -> str:
    """One form for what means the same: width, case, accents, traditional characters, 256GB = 256g.

    `plain(plain(x)) == plain(x)`. Halves of surrogate pairs are dropped.
    """
    wide = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode()).casefold()
    if _ACCENTED.search(wide):
        apart = unicodedata.normalize("NFKD", wide)
        wide = unicodedata.normalize("NFKC", _ACCENTS.sub("", apart))
    return _GIGABYTES.sub(r"\1", simplified(" ".join(wide.split())))


def units(text: str) -> list[str]:
    """The units of a text, in order."""
    return _UNIT.findall(plain(text))


def read(text: str, filed: str = "") -> Reading:
    """Read what is written on a thing.

    `filed` names what it is filed under: one name (相机, but not 手机数码) says what sort of thing it is.
    """
    line = plain(text)
    parts = _UNIT.findall(line)
    spans = _words(line)
    words = [parts[start:end] for start, end in spans]
    found = lexicon().senses(parts)
    senses = list(dict.fromkeys(name for name, _span in found))
    kinds = list(dict.fromkeys(kind for name, span in found for kind in _kinds(name, parts[: span[0]])))
    if filed and ACCESSORY not in kinds:
        kinds += [name for name in lexicon().called(units(filed)) if name not in kinds]
    terms = {
        "chars": parts,
        "grams": grams(parts),
        "words": ["".join(word) for word in words],
        "senses": senses,
        "kinds": kinds,
        "models": models(line),
        "sounds": sounds(parts),
        "initials": initials(words),
    }
    owners = _owners(found, spans)
    codes = [code(part) for part in parts[:MOST_UNITS]]
    for at in owners.intersection(range(len(codes))):
        codes[at] |= OWNER
    things = {name for name, span in found if span[1] - 1 not in owners}
    codes += [sense_code(name) | OWNER_SENSE * (name not in things) for name in senses[:MOST_SENSES]]
    codes += [kind_code(name) for name in kinds[:MOST_SENSES]]
    return Reading({name: " ".join(terms[name]) for name in FIELDS}, pack(f"<{len(codes)}I", *codes))


def body(text: str) -> str:
    """The terms of a long text for a field of its own: its units and neighbours, with blanks between."""
    parts = units(text)
    return " ".join(parts + grams(parts))


def ask(text: str, strange: Callable[[str], bool] = lambda _unit: False) -> Asked:
    """Read a question; never fails, whatever was typed.

    `strange` tells which letters stand in no title: they may be pinyin.
    """
    line = plain(text[:MOST_TYPED])
    parts = _UNIT.findall(line)
    apart = [_apart(part, strange) if part.isascii() and part.isalpha() else (part,) for part in parts]
    shift = [0, *accumulate(map(len, apart))]
    asked = [unit for pieces in apart for unit in pieces][:MOST_ASKED]
    words = [(shift[start], min(shift[end], MOST_ASKED)) for start, end in _words(line) if shift[start] < MOST_ASKED]
    return Asked(
        text=line,
        units=tuple(asked),
        words=tuple(words),
        senses=tuple(Sense(name, span) for name, span in lexicon().senses(asked)),
        noise=lexicon().noise(asked, {edge for span in words for edge in span}),
    )


def grams(parts: list[str] | tuple[str, ...]) -> list[str]:
    """Neighbouring units joined, `相_机`."""
    return [f"{left}_{right}" for left, right in pairwise(parts)]


def models(line: str) -> list[str]:
    """Names with figures in them kept whole, without the marks between: `iphone15pro`, `a7m4`, `xqbm331188`."""
    found: list[str] = []
    if not _FIGURE.search(line):
        return found
    for run in _MODEL.findall(line):
        pieces = _UNIT.findall(run)
        for start in range(len(pieces)):
            joined = ["".join(pieces[start:end]) for end in range(start + 2, min(start + 4, len(pieces)) + 1)]
            found += [name for name in joined if not name.isalpha() and not name.replace(".", "").isdigit()]
    return list(dict.fromkeys(found))


def sounds(parts: list[str] | tuple[str, ...]) -> list[str]:
    """Neighbouring characters as they sound, `xiang'ji`: found by pinyin, and in spite of a wrong character."""
    spoken = [readings().get(part, ()) for part in parts]
    return [f"{left}'{right}" for lefts, rights in pairwise(spoken) for left in lefts for right in rights]


def initials(words: list[list[str]]) -> list[str]:
    """First letters of each word and of each two neighbours, so `xj` finds 相机 and `snxj` finds 索尼相机."""
    short = ["".join(said[0][0] for part in word if (said := readings().get(part))) for word in words]
    pairs = [left + right for left, right in pairwise(short) if left and right]
    return [letters for letters in short + pairs if len(letters) > 1]


@lru_cache(maxsize=1 << 16)
def code(part: str) -> int:
    """A unit as a number of 31 bits: its code point, or a hash above them."""
    return ord(part) if len(part) == 1 else crc32(part.encode()) & 0x1FFFFFFF | 0x20000000


@cache
def sense_code(name: str) -> int:
    """A sense as a number no unit has."""
    return crc32(name.encode()) & 0x1FFFFFFF | SENSES_FROM


@cache
def kind_code(name: str) -> int:
    """What says that a title names one sort of `name`, as a number no unit and no sense has."""
    return crc32(name.encode()) & 0x1FFFFFFF | 0xC0000000


def _kinds(name: str, before: list[str]) -> list[str]:
    """What a thing in a title is a sort of. What is given along (`相机 送相机包`) makes the title no accessory's."""
    along = not _GIVEN.isdisjoint(before[-2:])
    return [kind for kind in lexicon().broader(name) if not (along and kind == ACCESSORY)]


def _owners(found: Found, words: list[Span]) -> set[int]:
    """The units that only say what an accessory belongs to: the 相机 of 相机包, the 手表 before 表带.

    Of an accessory's own name these are all before its last word, or before its last unit if it is one word.
    """
    owners: set[int] = set()
    before: Span = (0, 0)
    for name, (start, end) in found:
        if ACCESSORY in lexicon().broader(name):
            last = max((begin for begin, _end in words if start < begin < end), default=end - 1)
            owners.update(range(start, last), range(*before) if before[1] == start else ())
        if BRAND not in lexicon().broader(name):  # a 佳能 相机包 is by 佳能
            before = (start, end)
    return owners


def _words(read: str) -> list[Span]:
    """The dictionary's cut as spans over the units: a word takes the units that begin in it."""
    begins = [match.start() for match in _UNIT.finditer(read)]
    spans: list[Span] = []
    first = at = 0
    for word in rjieba.cut(read):
        at += len(word)
        last = bisect_left(begins, at, first)
        if last > first:
            spans.append((first, last))
        first = last
    return spans


def _apart(letters: str, strange: Callable[[str], bool]) -> tuple[str, ...]:
    """Letters nobody wrote, as syllables, else as two runs somebody wrote (`superb` as `super b`), else as they are."""
    if not strange(letters):
        return (letters,)
    if spoken := syllables(letters):
        return tuple(f"'{syllable}" for syllable in spoken)
    halves = ((letters[:at], letters[at:]) for at in range(len(letters) - 1, 1, -1))
    return next((pair for pair in halves if not any(map(strange, pair))), (letters,))


@cache
def lexicon() -> Lexicon:
    """Our synonyms and kinds, cut the way titles are."""
    return Lexicon(table(), units)
