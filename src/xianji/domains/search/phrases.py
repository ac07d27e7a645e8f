"""What may be suggested while somebody types: stretches of titles, and names of topics and circles; spelled too.

A phrase is one term of the index: the way it is typed, what it is, what it shows, where it leads. Terms are sorted, so
what begins with a few letters is found by walking from there.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import tantivy
from pypinyin import Style, lazy_pinyin

from . import analysis
from .analysis import Reading

MARK = "\x1f"
_LONGEST = 14
_SHORTEST = 2
_MOST_WORDS = 12
_HAN = re.compile(r"[㐀-鿿]")
# Only documents that are still there are counted: a term outlives its documents until they are merged away.
_LIVING = tantivy.Query.all_query()
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


def whole(kind: str, name: str, target: str) -> list[str]:
    """The terms of one name: as it is written, and as it is spelled, in full and by first letters."""
    plain = analysis.plain(name)
    typed = dict.fromkeys((plain, spelled(plain), _initials(plain)))
    return [MARK.join((one, kind, name, target)) for one in typed if one]


class Phrase(NamedTuple):
    """Something to suggest: what it is, how it is shown, what it leads to (nothing for words), how many have it."""

    kind: str
    name: str
    target: str
    having: int


def beginning_with(searcher: tantivy.Searcher, typed: str, whole: bool = False) -> list[Phrase]:
    """Phrases whose typed form begins like this (or with `whole` is this), the most frequent first."""
    if not typed:
        return []
    start = typed + MARK if whole else typed
    counts: dict[tuple[str, str, str], int] = {}
    for term, count in searcher.terms_with_prefix("phrases", start, _LIVING, _WALK):
        _, kind, name, target = term.split(MARK)
        counts[kind, name, target] = max(counts.get((kind, name, target), 0), count)
    return sorted(
        (Phrase(*key, count) for key, count in counts.items()), key=lambda one: (-one.having, len(one.name), one.name)
    )


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
