"""Which of the found titles is meant: two readable steps, both pure.

1. `clauses` says what the index looks for: characters, neighbours, senses, sounds, each with its weight.
2. `features` looks at the best few hundred titles together, a row per title; `scores` weighs the features.

A question's units are bits of a number (at most thirty-two), a title's place holds the bits of the units that match
there. So "the run of three beginning at the second unit" is two shifts and two ands over all places of all titles.
"""

import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import sounds
from .analysis import MOST_SENSES, MOST_UNITS, Asked, Span, code, grams, kind_code, lexicon, sense_code
from .lexicon import BRAND

DATA = Path(__file__).with_name("ranking.toml")
WIDTH = MOST_UNITS + 2 * MOST_SENSES

Bits = NDArray[np.uint32]
Shares = NDArray[np.float64]
Count = Callable[[str, str], int]
"""How many titles have this term in this field."""


class Clause(NamedTuple):
    """One thing the index looks for. All clauses are alternatives; the more match, the better."""

    field: str
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what the index knows of its units: how telling each is, and which stand in no title."""

    asked: Asked
    weight: Shares
    unknown: frozenset[int]


@cache
def settings() -> dict[str, dict[str, float]]:
    """The weights of both steps, `ranking.toml`."""
    return tomllib.loads(DATA.read_text())


def question(asked: Asked, count: Count, total: int) -> Question:
    """Weigh the units of a question by how few of `total` titles have them.

    What nobody wrote weighs like what one wrote.
    """
    counts = [_written(unit, count) for unit in asked.units]
    weight = np.array([_telling(max(number, 1), total) for number in counts], float)
    weight[list(asked.noise)] *= settings()["units"]["noise"]
    return Question(asked, weight, frozenset(at for at, number in enumerate(counts) if not number))


def clauses(question: Question) -> list[Clause]:
    """What the index is asked for."""
    share = settings()["retrieval"]
    asked = question.asked
    faint = {unit for at, unit in enumerate(asked.units) if at in asked.noise}
    sought = [
        Clause("chars", unit, share["noise"] if unit in faint else share["chars"])
        for unit in asked.units
        if unit[0] != "'"
    ]
    sought += [Clause("grams", gram, share["grams"]) for gram in grams(asked.units) if "'" not in gram]
    for sense in asked.senses:
        sought.append(Clause("senses", sense.name, share["senses"]))
        sought.append(Clause("kinds", sense.name, share["kinds"]))
        sought += [Clause("senses", kind, share["broader"]) for kind in lexicon().broader(sense.name) if kind != BRAND]
    sought += [Clause("sounds", sound, share["spelled"]) for sound in _spelled(asked.units)]
    letters = (
        unit for at, unit in enumerate(asked.units) if at in question.unknown and unit.isascii() and unit.isalpha()
    )
    sought += [Clause("initials", unit, share["initials"]) for unit in letters if 1 < len(unit) < 7]
    return list(dict.fromkeys(sought))


def scores(question: Question, traces: Sequence[bytes], found: Shares) -> Shares:
    """How well each title answers; only the order has a meaning. `found` are the index's scores of the same titles."""
    weights = np.array([settings()["weights"][name] for name in FEATURES])
    return np.asarray(features(question, traces, found) @ weights)


def explain(question: Question, trace: bytes, found: float) -> dict[str, float]:
    """What each feature adds to one title's score."""
    values = features(question, [trace], np.array([found]))[0]
    return {name: float(value * settings()["weights"][name]) for name, value in zip(FEATURES, values, strict=True)}


FEATURES = (
    "covered", "exact", "near", "pairs", "run", "words", "first", "last", "letters", "clash", "rival",
    "sense", "length", "found", "most",
)  # fmt: skip
"""Shares of the question between 0 and 1, except `length` (logarithm of the title's units)."""


def features(question: Question, traces: Sequence[bytes], found: Shares) -> Shares:
    """One row per title, one column per name in `FEATURES`."""
    asked, weight = question.asked, question.weight
    titles = _titles(traces)
    places = _places(asked, titles[:, :MOST_UNITS])
    exact = _bits(np.bitwise_or.reduce(places, axis=1), len(weight))
    runs = _runs(places, len(weight))
    meant = _meant(asked, titles)
    heard = _heard(asked, titles[:, :MOST_UNITS])
    share = settings()["units"]
    covered = np.maximum(np.maximum(exact, meant), heard * share["heard"])
    whole = weight.sum() + 1e-9
    pair = (weight[:-1] + weight[1:]) / 2 if len(weight) > 1 else weight
    pairs = runs >= 2 if len(weight) > 1 else exact
    words = np.stack([_word(span, runs, meant) for span in asked.words], axis=1)
    worth = np.array([weight[slice(*span)].sum() for span in asked.words])
    ascii_units = np.array([unit[0].isascii() and unit[0] != "'" for unit in asked.units])
    columns = (
        covered @ weight / whole,
        exact @ weight / whole,
        _near(places, len(weight)) @ pair / (pair.sum() + 1e-9),
        pairs[:, : len(pair)] @ pair / (pair.sum() + 1e-9),
        _longest(runs, weight) / whole,
        words @ worth / (worth.sum() + 1e-9),
        _share(covered, weight, asked.words[0]),
        _share(covered, weight, _head(asked)),
        covered[:, ascii_units] @ weight[ascii_units] / whole,
        _clash(asked, exact),
        _rival(asked, titles, covered),
        meant @ weight / whole,
        np.log1p((titles[:, :MOST_UNITS] > 0).sum(axis=1)),
        found / whole,
        covered.mean(axis=1),
    )
    return np.stack(columns, axis=1)


def _titles(traces: Sequence[bytes]) -> NDArray[np.uint32]:
    """Traces as one array, a row per title, zeros behind."""
    width = max(4, max(map(len, traces), default=4))
    return np.frombuffer(b"".join(trace.ljust(width, b"\0") for trace in traces), "<u4").reshape(
        len(traces), width // 4
    )


def _marks(codes: dict[int, int], titles: NDArray[np.uint32]) -> Bits:
    """Each place of the titles as the bits its code stands for."""
    known = np.array(sorted(codes), np.uint32)
    bits = np.array([codes[number] for number in sorted(codes)], np.uint32)
    if not len(known):
        return np.zeros(titles.shape, np.uint32)
    nearest = np.minimum(np.searchsorted(known, titles), len(known) - 1)
    return np.asarray(np.where(known[nearest] == titles, bits[nearest], np.uint32(0)))


def _places(asked: Asked, titles: NDArray[np.uint32]) -> Bits:
    """At each place of each title, bit `i` says that unit `i` of the question stands there."""
    codes: dict[int, int] = {}
    spoken = np.zeros(len(sounds.numbers()) + 1, np.uint32)
    for at, unit in enumerate(asked.units):
        if unit[0] == "'":
            spoken[sounds.numbers()[unit[1:]]] |= 1 << at
        else:
            codes[code(unit)] = codes.get(code(unit), 0) | 1 << at
    places = _marks(codes, titles)
    return places | _sounding(spoken, titles) if spoken.any() else places


def _sounding(spoken: Bits, titles: NDArray[np.uint32]) -> Bits:
    table = sounds.sound_table()
    characters = np.where(titles < table.shape[1], titles, 0)
    first, second = spoken[table[0][characters]], spoken[table[1][characters]]
    return np.asarray(first | second)


def _heard(asked: Asked, titles: NDArray[np.uint32]) -> Shares:
    """1 where two neighbours of the question sound like two neighbours of the title, in whatever characters."""
    spoken = np.zeros(len(sounds.numbers()) + 1, np.uint32)
    for at, unit in enumerate(asked.units):
        for syllable in sounds.readings().get(unit, ()):
            spoken[sounds.numbers()[syllable]] |= 1 << at
    spoken[0] = 0
    places = _sounding(spoken, titles)
    starts = np.bitwise_or.reduce(places[:, :-1] & places[:, 1:] >> 1, axis=1)
    return _bits(starts | starts << 1, len(asked.units))


def _meant(asked: Asked, titles: NDArray[np.uint32]) -> Shares:
    """How far a title names each unit in other words: the same thing, one sort of it, or what it is a sort of."""
    strength = settings()["units"]
    meant = np.zeros((len(titles), len(asked.units)))
    for sense in asked.senses:
        ways = [(sense_code(sense.name), strength["same"]), (kind_code(sense.name), strength["sort"])]
        ways += [(sense_code(kind), strength["broader"]) for kind in lexicon().broader(sense.name) if kind != BRAND]
        for number, value in ways:
            there = (titles == number).any(axis=1) * value
            columns = meant[:, slice(*sense.span)]
            np.maximum(columns, there[:, None], out=columns)
    return meant


def _bits(numbers: Bits, width: int) -> Shares:
    """Rows of bits as rows of zeros and ones."""
    return (numbers[:, None] >> np.arange(width, dtype=np.uint32) & 1).astype(float)


def _runs(places: Bits, width: int) -> Shares:
    """How long a run of the question, beginning at each of its units, stands unbroken somewhere in the title."""
    runs = np.zeros((len(places), width))
    running = places
    for length in range(1, width + 1):
        starts = np.bitwise_or.reduce(running, axis=1)
        if not starts.any():
            break
        runs += _bits(starts, width)
        if length < places.shape[1]:
            running = running[:, : places.shape[1] - length] & places[:, length:] >> np.uint32(length)
        else:
            break
    return runs


def _near(places: Bits, width: int) -> Shares:
    """Neighbours of the question near in the title: 1 side by side, less with units between or turned round."""
    near = np.zeros((len(places), max(width - 1, 1)))
    following = places >> np.uint32(1)
    for distance in range(1, min(6, places.shape[1])):
        before, behind = places[:, :-distance], places[:, distance:]
        onward = np.bitwise_or.reduce(before & following[:, distance:], axis=1)
        turned = np.bitwise_or.reduce(behind & following[:, :-distance], axis=1)
        value = 1.0 if distance == 1 else 0.8 - distance / 10
        np.maximum(near, _bits(onward, near.shape[1]) * value, out=near)
        np.maximum(near, _bits(turned, near.shape[1]) * (0.7 - distance / 10), out=near)
    return near


def _longest(runs: Shares, weight: Shares) -> Shares:
    """The weight of the weightiest unbroken run."""
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    begins = np.arange(len(weight))
    return np.asarray((sums[begins + runs.astype(int)] - sums[begins]).max(axis=1))


def _word(span: Span, runs: Shares, meant: Shares) -> Shares:
    """1 where the whole word stands in the title, less where another name of it does."""
    whole = runs[:, span[0]] >= span[1] - span[0]
    return np.asarray(np.maximum(whole, meant[:, slice(*span)].min(axis=1)))


def _share(covered: Shares, weight: Shares, span: Span) -> Shares:
    """How much of one stretch of the question is covered."""
    part = weight[slice(*span)]
    return np.asarray(covered[:, slice(*span)] @ part / (part.sum() + 1e-9))


def _head(asked: Asked) -> Span:
    """The last word that says something: in Chinese it usually names the thing."""
    telling = [span for span in asked.words if not asked.noise.issuperset(range(*span))]
    return (telling or asked.words)[-1]


def _clash(asked: Asked, exact: Shares) -> Shares:
    """1 where a model's letters are there and the figure behind them is not: another model is worse than none."""
    clash = np.zeros(len(exact))
    for at in range(1, len(asked.units)):
        before, figure = asked.units[at - 1], asked.units[at]
        if figure[0].isdigit() and before.isascii() and before[0].isalpha():
            clash = np.maximum(clash, exact[:, at - 1] * (1 - exact[:, at]))
    return clash


def _rival(asked: Asked, titles: NDArray[np.uint32], covered: Shares) -> Shares:
    """1 where the question names a brand and the title names only others."""
    named = [sense.span for sense in asked.senses if BRAND in lexicon().broader(sense.name)]
    if not named:
        return np.zeros(len(titles))
    missing = np.min([1 - covered[:, slice(*span)].min(axis=1) for span in named], axis=0)
    return np.asarray(missing * (titles == kind_code(BRAND)).any(axis=1))


def _spelled(units: Sequence[str]) -> list[str]:
    """Neighbouring syllables of a question typed in pinyin, as the index keeps them."""
    return [f"{left[1:]}'{right[1:]}" for left, right in pairwise(units) if left[0] == right[0] == "'"]


def _telling(number: int, total: int) -> float:
    return math.log(1 + (total - number + 0.5) / (number + 0.5)) if number <= total else 0.0


def _written(unit: str, count: Count) -> int:
    return count("chars", unit) if unit[0] != "'" else 0
