"""Matching a text with the rules. Pure: values in, findings out.

A text is read as a person would read it: full-width letters as plain ones, look-alike and sound-alike letters as the
letter they stand for, and letters that were split with blanks or signs as one word. Sentence marks do split words.
"""

import unicodedata
from functools import cache, cached_property, lru_cache

from .model import SCREENED_OUT, Finding, Rule
from .rulebook import rules

# Letters written instead of others to get past a reader that is a machine: look-alikes of other alphabets, the
# traditional forms of letters that stand in rules, and letters that nobody uses for their own sake in such a place.
# Sound-alikes and the first letters of pinyin are terms of the rules, where they cannot mean anything else.
_OTHER_ALPHABETS = ("аеорсхутмкнвіѕԁαορτυνικ", "aeopcxytmkhbisdaoptuvik")
_OTHER_FORMS = (
    "薇徽訪倣髙槍煙葯藥銀號實處證發軟牆內絲襪褲針攝竊聽遊戲掛開賣學歷辦電魚鳥網捲彈貨贓盜賭幣單還過機場訂閱書資體",
    "微微仿仿高枪烟药药银号实处证发软墙内丝袜裤针摄窃听游戏挂开卖学历办电鱼鸟网卷弹货赃盗赌币单还过机场订阅书资体",
)
_STANDS_FOR = str.maketrans(_OTHER_ALPHABETS[0] + _OTHER_FORMS[0], _OTHER_ALPHABETS[1] + _OTHER_FORMS[1])
# One letter written as two halves; the first of these is no letter of its own.
_HALVES = (("亻方", "仿"), ("亻正", "征"), ("亻专", "传"))
_SPLITS_WORDS = frozenset("。！？!?；;，,、\n")
_COLONS = frozenset(":：∶︰")


class _Read:
    """The letters that count, each with its place in the text as written."""

    def __init__(self, text: str) -> None:
        halved = text
        for halves, whole in _HALVES:
            halved = halved.replace(halves, "\u200b" + whole)  # a mark that counts for nothing keeps the places
        self._letters = [_counting(written) for written in halved]
        self.text = text
        self.plain = "".join(self._letters)

    @cached_property
    def places(self) -> list[int]:
        return [place for place, letters in enumerate(self._letters) for _ in letters]

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


@lru_cache(maxsize=1 << 14)
def _counting(written: str) -> str:
    """The letters that count of one that was written."""
    letters = unicodedata.normalize("NFKC", written).casefold().translate(_STANDS_FOR)
    return "".join(letter for letter in letters if letter.isalnum() or letter in _SPLITS_WORDS)


@cache
def _plain(word: str) -> str:
    return _Read(word).plain


@cache
def _terms() -> dict[str, list[str]]:
    """The terms of all rules by their first letter."""
    found: dict[str, list[str]] = {}
    for term in {_plain(term) for rule in rules().rule for term in rule.terms}:
        found.setdefault(term[0], []).append(term)
    return found


def _holds_a_term(plain: str) -> bool:
    """Most texts hold no term of any rule: one walk says so for all of them."""
    terms = _terms()
    return any(
        plain.startswith(term, place) for place, letter in enumerate(plain) if letter in terms for term in terms[letter]
    )


def judge(text: str, category: str | None = None, talk: bool = False) -> list[Finding]:
    """Every rule that the text meets, at most one finding a rule, in the order of the rules.

    `talk` is what is said without offering or seeking a thing; fewer rules judge it.
    """
    read = _Read(text)
    found: list[Finding] = []
    if not _holds_a_term(read.plain):
        return found
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
            if ":" in term and _COLONS.isdisjoint(read.written((start, end))):
                continue  # "1:1" is a ratio, "11" a number
            if excused is None:
                excused = [span for word in rule.exceptions for span in read.spans(_plain(word))]
            if not any(left < end and start < right for left, right in excused):
                return start, end
    return None


def check_text(text: str, category: str | None = None) -> list[Finding]:
    """The same judgement before anything is sent, for a form that wants to warn early."""
    return judge(text, category)


def pass_or_hold(text: str, category: str | None = None, talk: bool = False, second_look: bool = False) -> list[str]:
    """The ids of the rules for whose sake a person must look first; empty when it may be shown at once.

    Refuses `screened_out` naming rule, part and remedy when a rule blocks; with `second_look`, the member's way to
    object, a block only holds.
    """
    found = judge(text, category, talk)
    for finding in found:
        if finding.action == "block" and not second_look:
            raise SCREENED_OUT(
                rule=finding.rule,
                matched=finding.matched,
                zh=finding.zh,
                en=finding.en,
                see=f"/rules#{finding.rule}",
            )
    return [finding.rule for finding in found if finding.action != "warn"]
