"""What may be suggested while somebody types: stretches of titles, and names of topics and circles; spelled too.

A phrase is one term of the index: the way it is typed, what it is, what it shows, where it leads. Terms are sorted, so
what begins with a few letters is found by walking from there.
"""

import re
import unicodedata
from collections import Counter
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
_LATIN = re.compile(r"[a-z]")
_HAN = re.compile(r"[㐀-鿿]")
_TITLES = 9  # that say how a name is written
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


def as_written(searcher: tantivy.Searcher, name: str) -> str:
    """Words of titles in the letters in which most of a few living titles write them: `iPhone 15` for `iphone 15`."""
    if not _LATIN.search(name):
        return name
    query = Query.term_query(index.SCHEMA, "phrases", _terms("words", name, name, "")[0])
    titles = [index.said(searcher, address).title for _, address in searcher.search(query, _TITLES).hits]
    bare = "".join(filter(str.isalnum, name))
    forms = Counter(form for title in titles if (form := _form(bare, title)))
    if not forms:
        return name
    letters = iter(forms.most_common(1)[0][0])
    return "".join(next(letters) if one.isalnum() else one for one in name)


def _form(bare: str, title: str) -> str:
    """How the title writes these letters and figures, without what stands between them; nothing where it differs."""
    written = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title)))
    at = written.lower().find(bare) if len(written.lower()) == len(written) else -1
    return written[at : at + len(bare)] if at >= 0 else ""


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
