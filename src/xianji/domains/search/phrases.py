"""What may be suggested while somebody types: stretches of titles, and names of topics and circles; spelled too.

A phrase is one term of the index: the way it is typed, what it is, what it shows, where it leads. Terms are sorted, so
what begins with a few letters is found by walking from there.
"""

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import tantivy
from pypinyin import Style, lazy_pinyin
from tantivy import Query

from . import analysis, index
from .analysis import Reading

MARK = "\x1f"
_LONGEST = 14
_SHORTEST = 2
_MOST_WORDS = 12
_HAN = re.compile(r"[㐀-鿿]")
_WALK = 3000  # terms looked at from where the typed letters begin
_BETWEEN = re.compile(r"(?<=[㐀-鿿]) (?=[㐀-鿿])|(?<=[㐀-鿿]) (?=\w)|(?<=\w) (?=[㐀-鿿])")


def of(read: Reading) -> list[str]:
    """The phrases of a title: each word with up to two that follow it."""
    words = read.fields["words"].split()[:_MOST_WORDS]
    ends = ((start, end) for start in range(len(words)) for end in range(start + 1, min(start + 3, len(words)) + 1))
    found = dict.fromkeys(_joined(words[start:end]) for start, end in ends)
    return [
        term
        for one in found
        if _SHORTEST <= len(one) <= _LONGEST and not one.isdigit()
        for term in whole("words", one, "")
    ]


def _joined(words: list[str]) -> str:
    """Words as they are written: names in letters apart, Chinese together."""
    return _BETWEEN.sub("", " ".join(words))


@lru_cache(maxsize=1 << 16)  # titles share most of their phrases
def whole(kind: str, name: str, target: str) -> tuple[str, ...]:
    """The terms of one name: as it is written, and as it is spelled, in full and by first letters."""
    plain = analysis.plain(name)
    typed = dict.fromkeys((plain, spelled(plain), _initials(plain)))
    return tuple(MARK.join((one, kind, name, target)) for one in typed if one)


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


@lru_cache(maxsize=1 << 15)
def spelled(plain: str) -> str:
    """How Chinese sounds, `xiangji`; nothing for what has no Chinese."""
    return "".join(lazy_pinyin(plain)).replace(" ", "") if _HAN.search(plain) else ""


@lru_cache(maxsize=1 << 15)
def _initials(plain: str) -> str:
    return "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).replace(" ", "") if _HAN.search(plain) else ""


def key(typed: str) -> str:
    """What somebody has typed so far, as the beginning of a term."""
    return analysis.plain(typed)
