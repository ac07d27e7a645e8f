"""The statistics of the board: pure, in whole minor units, made so that no single person can move a price."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

import msgspec

from .model import Group

_WHOLE = 1_000_000  # the weight of one trade
_FRESH = frozenset(("new", "like_new"))


class Trade(NamedTuple):
    """A trade that may count."""

    key: tuple[str, int]
    price: int
    seller: str
    buyer: str
    day: date
    condition: str | None = None
    variant: str = ""


class Rule(msgspec.Struct, frozen=True):
    """The numbers in force; see the settings of the same names."""

    sample_least: int
    sellers_least: int
    buyers_least: int
    seller_most: int
    buyer_most: int
    outlier_deviations: int
    outlier_percent: int
    group_least: int
    trend_least: int
    trend_sureness: int
    trend_sellers: int


class Sum(NamedTuple):
    """What a set of trades comes to; prices are None where too few people traded."""

    trades: int
    sellers: int
    low: int | None
    middle: int | None
    high: int | None


def group_of(condition: str | None) -> Group | None:
    """Like new, or with traces of use; None when nothing is said."""
    if condition is None:
        return None
    return "fresh" if condition in _FRESH else "worn"


def weights(trades: Sequence[Trade], rule: Rule) -> list[int]:
    """What each trade weighs, in millionths: all of one seller's, and of one buyer's, weigh no more than the most."""
    sold, bought = Counter(one.seller for one in trades), Counter(one.buyer for one in trades)
    return [
        min(
            _WHOLE,
            _WHOLE * rule.seller_most // sold[one.seller],
            _WHOLE * rule.buyer_most // bought[one.buyer],
        )
        for one in trades
    ]


def quantile(pairs: Iterable[tuple[int, int]], numerator: int, denominator: int) -> int:
    """The value below which this share of the weight lies; halfway to the next (rounded down) when it falls between.

    `pairs` are (value, weight), at least one with a weight.
    """
    ordered = sorted(pair for pair in pairs if pair[1])
    bound, reached = sum(weight for _, weight in ordered) * numerator, 0
    for place, (value, weight) in enumerate(ordered):
        reached += weight * denominator
        if reached > bound:
            return value
        if reached == bound:
            following = ordered[place + 1][0] if place + 1 < len(ordered) else value
            return (value + following) // 2
    raise AssertionError("nothing to weigh")


def outliers(trades: Sequence[Trade], rule: Rule) -> set[tuple[str, int]]:
    """Trades so far from the weighted median that something else must have been sold or meant.

    Far is more than so many median absolute deviations, and never within a given percentage of the median.
    """
    if not trades:
        return set()
    heavy = weights(trades, rule)
    middle = quantile(zip((one.price for one in trades), heavy, strict=True), 1, 2)
    spread = quantile(zip((abs(one.price - middle) for one in trades), heavy, strict=True), 1, 2)
    far = max(rule.outlier_deviations * spread, middle * rule.outlier_percent // 100)
    return {one.key for one in trades if abs(one.price - middle) > far}


def sum_up(trades: Sequence[Trade], rule: Rule) -> Sum:
    """Quarter points and median by weight, when enough trades by enough people are there."""
    sellers, buyers = {one.seller for one in trades}, {one.buyer for one in trades}
    heavy = weights(trades, rule)
    enough = (
        sum(heavy) >= rule.sample_least * _WHOLE
        and len(sellers) >= rule.sellers_least
        and len(buyers) >= rule.buyers_least
    )
    if not enough:
        return Sum(len(trades), len(sellers), None, None, None)
    pairs = [(one.price, weight) for one, weight in zip(trades, heavy, strict=True)]
    return Sum(len(trades), len(sellers), quantile(pairs, 1, 4), quantile(pairs, 1, 2), quantile(pairs, 3, 4))


def levelled(trades: Sequence[Trade], rule: Rule) -> list[Trade]:
    """The same trades as if all had been in middling condition, so that more new ones in a month are not a rise.

    Prices of both groups are scaled to the median of all, when both are large enough to say what condition is worth.
    """
    groups: dict[Group | None, list[Trade]] = defaultdict(list)
    for one in trades:
        groups[group_of(one.condition)].append(one)
    if min(len(groups["fresh"]), len(groups["worn"])) < rule.group_least:
        return list(trades)
    middle = _median(trades, rule)
    factors = {group: (middle, _median(groups[group], rule)) for group in ("fresh", "worn")}
    made = []
    for one in trades:
        whole, part = factors.get(group_of(one.condition) or "", (1, 1))
        made.append(one._replace(price=one.price * whole // part))
    return made


def _median(trades: Sequence[Trade], rule: Rule) -> int:
    return quantile(zip((one.price for one in trades), weights(trades, rule), strict=True), 1, 2)


def change(trades: Sequence[Trade], since: date, rule: Rule) -> int | None:
    """By how many thousandths the median moved between the trades before `since` and those from then on.

    None when it could be chance: each seller has one voice in each part (their own median), there must be enough
    voices on both sides, the move must be large enough, and the rank-sum test of Mann and Whitney (normal
    approximation, ties corrected) must be surer than the setting.
    """
    level = levelled(trades, rule)
    before, after = [one for one in level if one.day < since], [one for one in level if one.day >= since]
    voices = [_voices(part) for part in (before, after)]
    if min(len(part) for part in voices) < rule.trend_sellers:
        return None
    was, now = _median(before, rule), _median(after, rule)
    moved = (now - was) * 1000 // was
    sure = abs(rank_difference(*voices)) * 100 >= rule.trend_sureness
    return moved if abs(moved) >= rule.trend_least and sure else None


def _voices(trades: Sequence[Trade]) -> list[int]:
    prices: dict[str, list[int]] = defaultdict(list)
    for one in trades:
        prices[one.seller].append(one.price)
    return [quantile([(price, 1) for price in own], 1, 2) for own in prices.values()]


def rank_difference(before: Sequence[int], after: Sequence[int]) -> float:
    """Mann and Whitney's U of `after` against `before` in standard deviations; 0 when all are equal."""
    both = sorted((*before, *after))
    first: dict[int, int] = {}
    for place, value in enumerate(both, start=1):
        first.setdefault(value, place)
    ties = Counter(both)
    ranks = sum(first[value] + (ties[value] - 1) / 2 for value in after)
    count, others, n = len(after), len(before), len(both)
    surplus = ranks - count * (count + 1) / 2 - count * others / 2
    variance = count * others / 12 * (n + 1 - sum(tie**3 - tie for tie in ties.values()) / (n * (n - 1)))
    return surplus / sqrt(variance) if variance > 0 else 0.0


def cuts(trades: Sequence[Trade]) -> dict[str, list[Trade]]:
    """The trades by condition group and by variant, besides all of them under ''."""
    parts: dict[str, list[Trade]] = {"": list(trades)}
    for one in trades:
        for name in (group_of(one.condition), one.variant):
            if name:
                parts.setdefault(name, []).append(one)
    return parts


def middle_change(changes: Sequence[tuple[int, int]]) -> int:
    """The weighted middle of (change, trades) of several models: what happened to a category, whatever was sold."""
    return quantile(changes, 1, 2)


def by_day(
    trades: Sequence[Trade], days: Sequence[date], window: timedelta, rule: Rule, trim: bool
) -> list[tuple[date, int, Sum]]:
    """For each day how many were traded on it, and what the window that ends with it comes to.

    `trades` are in the order of their days; `trim` leaves out what is far from the rest.
    """
    told = []
    for day in days:
        first = bisect_right(trades, day - window, key=lambda one: one.day)
        kept = trimmed(trades[first : bisect_right(trades, day, key=lambda one: one.day)], rule, trim)
        told.append((day, sum(1 for one in kept if one.day == day), sum_up(kept, rule)))
    return told


def trimmed(trades: Sequence[Trade], rule: Rule, trim: bool) -> list[Trade]:
    """The trades without outliers. A category holds cheap and dear things alike, so nothing in it is one."""
    far = outliers(trades, rule) if trim else set()
    return [one for one in trades if one.key not in far]
