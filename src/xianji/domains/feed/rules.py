"""How the home feed is put in order: what a card scores, what a page must keep, and what a reader is told of it.

Pure functions over values. No part of a score can be bought.
"""

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from .model import Candidate, Caps, Floor, Ranked, Reader, Reason, Standing, Weights

_LEAST_TOLD = 2.0
_WARM_FROM = 20.0  # people it takes until a note's own rate of being opened counts as much as the usual one
_USUAL_RATE = 0.1


def score(one: Candidate, reader: Reader, weights: Weights, caps: Caps) -> dict[str, float]:
    """The parts of a score by name; a part that does not apply is left out."""
    far = one.km is not None and one.km > caps.collect_km
    parts = {
        "near": weights.near * 0.5 ** (one.km / weights.near_km) if one.km is not None else 0.0,
        "far": -weights.far if far and one.meets else 0.0,
        "fresh": weights.fresh * 0.5 ** (one.age_hours / weights.fresh_hours),
        "taste": weights.taste * _interest(one, reader, weights),
        "follow": weights.follow if "follow" in one.sources else 0.0,
        "circle": weights.circle if "circle" in one.sources else 0.0,
        "topic": weights.topic if any(name in reader.topics for name in one.topics) else 0.0,
        "less": -weights.less if reader.less.intersection((*_subjects(one), f"m:{one.author}")) else 0.0,
        "warm": weights.warm * _warmth(one),
        "fair": weights.fair * (1 - one.shown / caps.floor) if is_owed(one, caps) else 0.0,
        "known": -weights.known * one.shown / (one.shown + weights.known_half),
        "crowd": -weights.crowd * math.log2(one.shown / caps.floor) if one.shown > caps.floor else 0.0,
    }
    return {name: points for name, points in parts.items() if points}


def _interest(one: Candidate, reader: Reader, weights: Weights) -> float:
    """How much the reader's interest in the note's strongest subject counts, 0 to 1."""
    points = max((reader.taste.get(subject, 0.0) for subject in _subjects(one)), default=0.0)
    return points / (points + weights.taste_half) if points else 0.0


def _subjects(one: Candidate) -> list[str]:
    return [*(f"c:{name}" for name in one.categories), *(f"t:{name}" for name in one.topics)]


def _warmth(one: Candidate) -> float:
    """How much more often than usual a note is opened, 0 to 1; few people say little."""
    rate = (one.opened + _USUAL_RATE * _WARM_FROM) / (one.shown + _WARM_FROM)
    return min(1.0, max(0.0, rate / _USUAL_RATE - 1))


def is_owed(one: Candidate, caps: Caps) -> bool:
    """Whether a note still waits for the first readers that every note gets."""
    return one.owed and one.shown < caps.floor


def may_show(one: Candidate, reader: Reader, caps: Caps) -> bool:
    """What has been seen by very many is left to those who asked for it; what is far is only shown while most of its
    readers could collect it, once the reader has enough to look at close by."""
    if one.shown >= caps.crowded and not one.sources & {"follow", "circle", "topic"}:
        return False
    return not stays_home(one, reader, caps) or (one.placed - one.near + 1) * 100 <= caps.far_percent * (one.placed + 1)


def stays_home(one: Candidate, reader: Reader, caps: Caps) -> bool:
    """Whether showing this reader the note would count against its share of people who could collect it."""
    return one.meets and one.km is not None and one.km > caps.collect_km and reader.supply >= caps.enough


def arrange(found: Iterable[Candidate], reader: Reader, weights: Weights, caps: Caps, most: int) -> list[Ranked]:
    """Up to `most` of them in the order of a page: the best first, but no author or category over and over while there
    are others, traders and far things within their shares, and every so many places one that is owed its first readers.
    """
    scored = [_ranked(one, score(one, reader, weights, caps)) for one in found if may_show(one, reader, caps)]
    left = sorted(scored, key=lambda one: (-one.score, one.candidate.id))
    page = _Page(reader, weights, caps, most)
    while left and len(page.cards) < most:
        fair = (len(page.cards) + 1) % caps.fair_every == 0
        best = page.best([one for one in left if is_owed(one.candidate, caps)]) if fair else None
        best = best or page.best(left) or page.best(left, others=False)
        if best is None:
            break
        left.remove(best)
        page.take(best)
    return page.cards


def _ranked(one: Candidate, parts: dict[str, float]) -> Ranked:
    return Ranked(one, parts, sum(parts.values()))


class _Page:
    """A page as it fills: what is on it and what may still come."""

    def __init__(self, reader: Reader, weights: Weights, caps: Caps, most: int) -> None:
        self.reader, self.weights, self.caps, self.most = reader, weights, caps, most
        self.cards: list[Ranked] = []
        self.authors: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self.traders: Counter[str] = Counter()
        self.far = 0

    def best(self, left: list[Ranked], *, others: bool = True) -> Ranked | None:
        """The one that fits best here; `left` is sorted, so what follows a score below the best cannot win.

        Without `others` an author may come again who has been on the page often enough.
        """
        best, most = None, -math.inf
        for one in left:
            if one.score <= most:
                break
            points = one.score - self._again(one.candidate)
            if points > most and self._fits(one.candidate, others):
                best, most = one, points
        return best

    def take(self, one: Ranked) -> None:
        """Put it on the page; what was taken off for more of the same becomes a part of its score."""
        candidate, again = one.candidate, self._again(one.candidate)
        self.cards.append(_ranked(candidate, one.parts | {"again": -again}) if again else one)
        self.authors[candidate.author] += 1
        self.categories.update(candidate.categories)
        self.far += stays_home(candidate, self.reader, self.caps)
        if candidate.trader:
            self.traders.update(_where(candidate))

    def _again(self, one: Candidate) -> float:
        """What is taken off for more of the same."""
        same = max((self.categories[name] for name in one.categories), default=0)
        return self.weights.seller_again * self.authors[one.author] + self.weights.category_again * same

    def _fits(self, one: Candidate, others: bool) -> bool:
        caps = self.caps
        if others and self.authors[one.author] >= caps.seller_most:
            return False
        if one.trader and any(self.traders[where] >= self._traders_most(where) for where in _where(one)):
            return False
        return not stays_home(one, self.reader, caps) or (self.far + 1) * 100 <= caps.far_percent * self.most

    def _traders_most(self, where: str) -> int:
        return self.most * self.caps.commercial_in.get(where, self.caps.commercial) // 100


def _where(one: Candidate) -> set[str]:
    """The scopes whose share of traders a note counts in: everywhere, and its circle."""
    return {"", one.circle or ""}


def reasons(one: Ranked, reader: Reader, most: int = 2) -> list[Reason]:
    """The parts that gave most, the largest first, in the terms of what they speak of."""
    given = sorted(
        ((points, name) for name, points in one.parts.items() if points >= _LEAST_TOLD),
        reverse=True,
    )
    return [_reason(name, one.candidate, reader) for _, name in given[:most]] or [Reason("fresh")]


def _reason(name: str, one: Candidate, reader: Reader) -> Reason:
    if name == "near":
        return Reason("near", km=None if one.km is None else round(one.km, 1))
    if name == "circle":
        return Reason("circle", name=one.circle_name, name_en=one.circle_name_en)
    if name == "topic":
        return Reason("topic", name=next(topic for topic in one.topics if topic in reader.topics))
    if name == "taste":
        return Reason("taste", name=max(_subjects(one), key=lambda subject: reader.taste.get(subject, 0.0)))
    return Reason(name)  # type: ignore[arg-type]


_HELD = frozenset(("hidden", "rejected", "screening"))


def standing(state: str, *, sells: bool, left: bool, crowded: bool) -> Standing:
    """Whether a note or a thing in this state is handed out; `sells` with nothing `left` is sold."""
    if state in _HELD:
        return "held"
    if state == "paused":
        return "paused"
    if state == "sold" or (state == "live" and sells and not left):
        return "sold"
    if state != "live":
        return "not_shown"
    return "crowded" if crowded else "open"


def floor_of(began: datetime | None, until: datetime | None, met: datetime | None, now: datetime) -> Floor:
    """Where something stands with its first readers; `began` is None where none were ever owed."""
    if met is not None:
        return "met"
    if until is not None and until > now:
        return "owed"
    return "over" if began is not None else "none"
