"""What may be suggested while somebody types: stretches of titles, and names of topics and circles; spelled too.

A phrase is one term of the index: the way it is typed, what it is, what it shows, where it leads. Terms are sorted, so
what begins with a few letters is found by walking from there.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import tantivy
from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg
from tantivy import Query

from . import analysis, index
from .analysis import Reading

MARK = "\x1f"
_LONGEST = 14
_SHORTEST = 2
_MOST_WORDS = 12
_APART = "|"  # between phrases; no letter of any
_HAN = re.compile(r"[㐀-鿿]")
_WALK = 3000  # terms looked at from where the typed letters begin


def of(read: Reading) -> list[str]:
    """The phrases of a title: each word with up to two that follow it."""
    words = read.fields["words"].split()[:_MOST_WORDS]
    joined = dict.fromkeys(phrase for start in range(len(words)) for phrase in _beginning_at(words[start : start + 3]))
    found = [one for one in joined if _SHORTEST <= len(one) <= _LONGEST and not one.isdigit()]
    together = _APART.join(found)  # nearly always they are plain as they stand: one look says so for all of them
    plain = found if analysis.plain(together) == together else map(analysis.plain, found)
    return [term for name, one in zip(found, plain, strict=True) for term in _terms("words", one, name, "")]


def _beginning_at(words: list[str]) -> Iterator[str]:
    """The first word, the first two… as they are written: names in letters apart, Chinese together."""
    phrase = ""
    for word in words:
        apart = phrase and not (_HAN.match(phrase[-1]) or _HAN.match(word))
        phrase = f"{phrase} {word}" if apart else phrase + word
        yield phrase


def whole(kind: str, name: str, target: str) -> list[str]:
    """The terms of one name: as it is written, and as it is spelled, in full and by first letters."""
    return _terms(kind, analysis.plain(name), name, target)


def _terms(kind: str, plain: str, name: str, target: str) -> list[str]:
    typed = dict.fromkeys((plain, *_sounds(plain)))
    return [f"{one}{MARK}{kind}{MARK}{name}{MARK}{target}" for one in typed if one]


class Phrase(NamedTuple):
    """Something to suggest: what it is, how it is shown, what it leads to (nothing for words)."""

    kind: str
    name: str
    target: str


def beginning_with(searcher: tantivy.Searcher, typed: str, whole: bool = False, most: int = 8) -> list[Phrase]:
    """Phrases whose typed form begins like this (or with `whole` is this), the most frequent first.

    Only those that a living document has: a term outlives its documents until they are merged away.
    """
    if not typed:
        return []
    found: dict[Phrase, tuple[int, str]] = {}
    for term, count in searcher.terms_with_prefix("phrases", typed + MARK if whole else typed, limit=_WALK):
        phrase = Phrase(*term.split(MARK)[1:])
        found[phrase] = max(found.get(phrase, (0, "")), (count, term))
    likely = sorted(found, key=lambda one: (-found[one][0], len(one.name), one.name))
    living = (one for one in likely if index.count(searcher, Query.term_query(index.SCHEMA, "phrases", found[one][1])))
    return list(islice(living, most))


def spelled(plain: str) -> str:
    """How Chinese sounds, `xiangji`; nothing for what has no Chinese."""
    return _sounds(plain)[0]


@lru_cache(maxsize=1 << 15)
def _sounds(plain: str) -> tuple[str, str]:
    """How Chinese sounds, in full and by first letters; nothing twice for what has no Chinese."""
    if not _HAN.search(plain):
        return "", ""
    pieces = [_piece(piece) for piece in seg(plain)]
    return "".join([full for full, _short in pieces]), "".join([short for _full, short in pieces])


@lru_cache(maxsize=1 << 16)
def _piece(piece: str) -> tuple[str, str]:
    """The same of what pypinyin reads as one: a word it knows, a character, a stretch of others. Reading is slow."""
    said = (lazy_pinyin(piece), lazy_pinyin(piece, style=Style.FIRST_LETTER))
    full, short = ("".join(letters).replace(" ", "") for letters in said)
    return full, short


def key(typed: str) -> str:
    """What somebody has typed so far, as the beginning of a term."""
    return analysis.plain(typed)
