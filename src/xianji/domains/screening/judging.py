"""Matching a text with the rules. Pure: values in, findings out.

A text is read as a person would read it: full-width letters as plain ones, look-alike and sound-alike letters as the
letter they stand for, and letters that were split with blanks or signs as one word. Sentence marks do split words.
"""

import unicodedata
from functools import cache

from .model import SCREENED_OUT, Finding, Rule
from .rulebook import rules

# Letters written instead of others to get past a reader that is a machine.
_STANDS_FOR = str.maketrans("薇徽銀槍煙訪藥葯", "微微银枪烟仿药药")
_SPLITS_WORDS = frozenset("。！？!?；;，,、\n")


class _Read:
    """The letters that count, each with its place in the text as written."""

    def __init__(self, text: str) -> None:
        letters: list[str] = []
        self.places: list[int] = []
        for place, written in enumerate(text):
            for letter in unicodedata.normalize("NFKC", written).casefold().translate(_STANDS_FOR):
                if letter.isalnum() or letter in _SPLITS_WORDS:
                    letters.append(letter)
                    self.places.append(place)
        self.text = text
        self.plain = "".join(letters)

    def spans(self, term: str) -> list[tuple[int, int]]:
        """Where the term stands; Latin letters and digits only as whole words."""
        found, start = [], self.plain.find(term)
        while start >= 0:
            if not (self._runs_on(start - 1, start) or self._runs_on(start + len(term) - 1, start + len(term))):
                found.append((start, start + len(term)))
            start = self.plain.find(term, start + 1)
        return found

    def _runs_on(self, left: int, right: int) -> bool:
        """Whether the two letters are one Latin word: both Latin, nothing between them."""
        if left < 0 or right >= len(self.plain):
            return False
        pair = self.plain[left] + self.plain[right]
        return pair.isascii() and pair.isalnum() and self.places[right] - self.places[left] <= 1

    def written(self, span: tuple[int, int]) -> str:
        return self.text[self.places[span[0]] : self.places[span[1] - 1] + 1]


@cache
def _plain(word: str) -> str:
    return _Read(word).plain


def judge(text: str, category: str | None = None, talk: bool = False) -> list[Finding]:
    """Every rule that the text meets, at most one finding a rule, in the order of the rules.

    `talk` is what is said without offering or seeking a thing; fewer rules judge it.
    """
    read = _Read(text)
    found = []
    for rule in rules().rule:
        if talk and not rule.in_talk:
            continue
        span = None if category in rule.exempt_categories else _first(read, rule)
        if span is not None:
            found.append(Finding(rule.id, rule.class_number, rule.action, read.written(span), rule.zh, rule.en))
    return found


def _first(read: _Read, rule: Rule) -> tuple[int, int] | None:
    excused: list[tuple[int, int]] | None = None
    for term in rule.terms:
        for start, end in read.spans(_plain(term)):
            if excused is None:
                excused = [span for word in rule.exceptions for span in read.spans(_plain(word))]
            if not any(left < end and start < right for left, right in excused):
                return start, end
    return None


def check_text(text: str, category: str | None = None) -> list[Finding]:
    """The same judgement before anything is sent, for a form that wants to warn early."""
    return judge(text, category)


def pass_or_hold(text: str, category: str | None = None, talk: bool = False) -> bool:
    """True when a person must look first. Refuses `screened_out` naming rule, part and remedy when a rule blocks."""
    found = judge(text, category, talk)
    for finding in found:
        if finding.action == "block":
            raise SCREENED_OUT(rule=finding.rule, matched=finding.matched, zh=finding.zh, en=finding.en)
    return any(finding.action == "hold" for finding in found)
