"""Which of the found titles is meant: two readable steps, both pure.

1. `clauses` says what the index looks for: characters, neighbours, senses, sounds, each with its weight.
2. `features` looks at the best few hundred titles together, a row per title; `judge` weighs the features.

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
from .analysis import (
    OWNER,
    OWNER_SENSE,
    SENSES_FROM,
    Asked,
    Sense,
    Span,
    code,
    grams,
    kind_code,
    lexicon,
    models,
    sense_code,
)
from .lexicon import ACCESSORY, BRAND, MARKS

DATA = Path(__file__).with_name("ranking.toml")

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
    """A question with what the index knows of it: how telling each unit and each word is, which units no title has."""

    asked: Asked
    weight: Shares
    rarity: Shares
    unknown: frozenset[int]


class Judged(NamedTuple):
    """Of each title: its score, of which only the order has a meaning, and the share of the question it covers."""

    scores: Shares
    covered: Shares


@cache
def settings() -> dict[str, dict[str, float]]:
    """The weights of both steps, `ranking.toml`."""
    return tomllib.loads(DATA.read_text())


def question(asked: Asked, count: Count, total: int) -> Question:
    """Weigh the units and the words of a question by how few of `total` titles have them.

    What nobody wrote weighs like what one wrote.
    """
    counts = [_written(unit, count) for unit in asked.units]
    weight = np.array([_telling(max(number, 1), total) for number in counts], float)
    weight[list(asked.noise)] *= settings()["units"]["noise"]
    written = [max(count("words", "".join(asked.units[slice(*span)])), 1) for span in asked.words]
    rarity = np.array([_telling(number, total) for number in written], float)
    rarity[[asked.noise.issuperset(range(*span)) for span in asked.words]] *= settings()["units"]["noise"]
    return Question(asked, weight, rarity, frozenset(at for at, number in enumerate(counts) if not number))


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
    sought += [Clause("models", name, share["models"]) for name in models(asked.text)]
    sought += [Clause("grams", gram, share["grams"]) for gram in grams(asked.units) if "'" not in gram]
    for sense in asked.senses:
        sought.append(Clause("senses", sense.name, share["senses"]))
        sought.append(Clause("kinds", sense.name, share["kinds"]))
        sought += [Clause("senses", kind, share["broader"]) for kind in _alike(sense)]
    sought += [Clause("sounds", sound, share["spelled"]) for sound in _spelled(asked.units)]
    letters = (
        unit for at, unit in enumerate(asked.units) if at in question.unknown and unit.isascii() and unit.isalpha()
    )
    sought += [Clause("initials", unit, share["initials"]) for unit in letters if 1 < len(unit) < 7]
    return list(dict.fromkeys(sought))


def judge(question: Question, traces: Sequence[bytes], found: Shares) -> Judged:
    """How well each title answers. `found` are the index's scores of the same titles."""
    values = features(question, traces, found)
    weights = np.array([settings()["weights"][name] for name in FEATURES])
    return Judged(values @ weights, values[:, FEATURES.index("covered")])


def explain(question: Question, trace: bytes, found: float) -> dict[str, float]:
    """What each feature adds to one title's score."""
    values = features(question, [trace], np.array([found]))[0]
    return {name: float(value * settings()["weights"][name]) for name, value in zip(FEATURES, values, strict=True)}


FEATURES = (
    "covered", "exact", "sense", "most", "run", "words", "whole", "least", "first", "last", "thing", "brand", "letters",
    "clash", "rival", "part", "length", "rare", "late", "found",
)  # fmt: skip
"""Shares between 0 and 1, except `length` (logarithm of the title's units) and `found` (the index's score for each unit
of weight). Their meaning stands at each column of `features`."""


def features(question: Question, traces: Sequence[bytes], found: Shares) -> Shares:
    """One row per title, one column per name in `FEATURES`."""
    asked, weight, rarity = question.asked, question.weight, question.rarity
    accessory = _accessory(asked)
    titles, owner = _titles(traces, accessory)
    places, meant = _matched(asked, titles)
    owned = _anywhere(places, len(weight)) * settings()["units"]["owner"]
    places[owner] = 0
    runs = _runs(places, len(weight))
    exact = np.maximum(_anywhere(places, len(weight)), owned) * _together(asked, runs)
    covered = np.maximum(np.maximum(exact, meant), _heard(asked, titles) * settings()["units"]["heard"])
    whole = weight.sum() + 1e-9
    worth = np.array([weight[slice(*span)].sum() for span in asked.words])
    by_word = np.stack([_share(covered, weight, range(*span)) for span in asked.words], axis=1)
    words = np.stack([_word(span, runs, meant) for span in asked.words], axis=1)
    things, brands = _named(asked)
    length = ((titles > 0) & (titles < SENSES_FROM)).sum(axis=0)
    columns = (
        covered @ weight / whole,  # in any way: the same units, other names, the same sound
        exact @ weight / whole,  # the same units
        meant @ weight / whole,  # other names
        covered.mean(axis=1),  # each unit alike, however common
        _longest(runs, weight) / whole,  # the weightiest unbroken run
        words @ worth / (worth.sum() + 1e-9),  # whole words, or other names of them
        by_word**2 @ worth / (worth.sum() + 1e-9),  # half of a word is worth a quarter
        by_word[:, worth > 0.15 * worth.max()].min(axis=1),  # the word that is covered least, of those that weigh
        by_word[:, 0],  # the first word, often the brand
        _share(covered, weight, range(*_head(asked))),  # the last word that says something: the thing
        _share(covered, weight, things),  # every word that the lexicon knows as a thing
        _share(covered, weight, brands),
        _share(covered, weight, [at for at, unit in enumerate(asked.units) if unit[0] != "'" and unit.isascii()]),
        _clash(asked, exact),
        _rival(titles, covered, brands),
        np.zeros(len(covered)) if accessory else (titles == kind_code(ACCESSORY)).any(axis=0).astype(float),
        np.log1p(length),
        by_word @ rarity / (rarity.sum() + 1e-9),  # words by how rare they are, however common their units
        _late(places, length),
        found / whole,
    )
    return np.stack(columns, axis=1)


def _titles(traces: Sequence[bytes], accessory: bool) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Traces as one array, a column per title, zeros below: what is done to all titles runs along the memory.

    And which units only name the owner of an accessory: the 相机 of 相机包 is no 相机, and 相机 is none of its senses,
    unless an accessory is what is asked for.
    """
    width = max(4, max(map(len, traces), default=4))
    rows = np.frombuffer(b"".join(trace.ljust(width, b"\0") for trace in traces), "<u4").reshape(len(traces), -1)
    titles = np.ascontiguousarray(rows.T)
    owner = (titles >= OWNER) & (titles < SENSES_FROM)
    titles = np.where(owner, titles ^ np.uint32(OWNER), titles)
    if accessory:
        sense = titles >> np.uint32(29) == (SENSES_FROM | OWNER_SENSE) >> 29
        return np.where(sense, titles ^ np.uint32(OWNER_SENSE), titles), np.zeros(titles.shape, bool)
    return titles, owner


def _matched(asked: Asked, titles: NDArray[np.uint32]) -> tuple[Bits, Shares]:
    """At each place the bits of the units that stand there; and how far each title names each unit in other words."""
    units: dict[int, int] = {}
    spoken = np.zeros(len(sounds.numbers()) + 1, np.uint32)
    for at, unit in enumerate(asked.units):
        if unit[0] == "'":
            spoken[sounds.numbers()[unit[1:]]] |= 1 << at
        else:
            units[code(unit)] = units.get(code(unit), 0) | 1 << at
    ways = _ways(asked)
    known = np.array(sorted(units.keys() | ways.keys()), np.uint32)
    if not len(known):
        return _sounding(spoken, titles), np.zeros((titles.shape[1], len(asked.units)))
    nearest = np.minimum(np.searchsorted(known, titles), len(known) - 1)
    hit = known[nearest] == titles
    bits = np.array([units.get(int(number), 0) for number in known], np.uint32)
    places = np.where(hit, bits[nearest], np.uint32(0))
    if spoken.any():
        places |= _sounding(spoken, titles)
    meant = np.zeros((titles.shape[1], len(asked.units)))
    place, title = np.nonzero(hit & (titles >= SENSES_FROM))
    sense = titles[place, title]
    for number, among in ways.items():
        rows = title[sense == number]
        for (start, end), strength in among:
            meant[rows, start:end] = np.maximum(meant[rows, start:end], strength)
    return places, meant


def _ways(asked: Asked) -> dict[int, list[tuple[Span, float]]]:
    """Other names of stretches of the question: the same thing, a sort of it, its kind, another sort of its kind."""
    strength = settings()["units"]
    ways: dict[int, list[tuple[Span, float]]] = {}
    for sense in asked.senses:
        named = [(sense_code(sense.name), strength["same"]), (kind_code(sense.name), strength["sort"])]
        for kind in _alike(sense):
            named += [(sense_code(kind), strength["broader"]), (kind_code(kind), strength["sibling"])]
        for number, value in named:
            ways.setdefault(number, []).append((sense.span, value))
    return ways


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
    places = _sounding(spoken, titles)
    starts = np.bitwise_or.reduce(places[:-1] & places[1:] >> 1, axis=0)
    return _bits(starts | starts << 1, len(asked.units))


def _bits(numbers: Bits, width: int) -> Shares:
    """Rows of bits as rows of zeros and ones."""
    return (numbers[:, None] >> np.arange(width, dtype=np.uint32) & 1).astype(float)


def _anywhere(places: Bits, width: int) -> Shares:
    """1 for each unit that stands at any place of the title."""
    return _bits(np.bitwise_or.reduce(places, axis=0), width)


def _runs(places: Bits, width: int) -> Shares:
    """How long a run of the question, beginning at each of its units, stands unbroken somewhere in the title."""
    runs = np.zeros((places.shape[1], width))
    running = places
    for length in range(1, min(width, len(places)) + 1):
        starts = np.bitwise_or.reduce(running, axis=0)
        if not starts.any():
            break
        runs += _bits(starts, width)
        running = running[:-1] & places[length:] >> np.uint32(length)
    return runs


def _together(asked: Asked, runs: Shares) -> Shares:
    """Less than 1 for a character of a name the lexicon knows that stands without its neighbour: 手 and 机 apart."""
    joined = runs > 1
    joined[:, 1:] |= joined[:, :-1]
    named = {at for sense in asked.senses for at in range(*sense.span) if sense.span[1] - sense.span[0] > 1}
    joined[:, [at for at, unit in enumerate(asked.units) if at not in named or unit.isascii()]] = True
    return np.where(joined, 1.0, settings()["units"]["lone"])


def _longest(runs: Shares, weight: Shares) -> Shares:
    """The weight of the weightiest unbroken run."""
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    begins = np.arange(len(weight))
    return np.asarray((sums[begins + runs.astype(int)] - sums[begins]).max(axis=1))


def _late(places: Bits, length: NDArray[np.int64]) -> Shares:
    """The share of the title before the first unit of the question; 1 if none is there."""
    here = places > 0
    return np.where(here.any(axis=0), here.argmax(axis=0) / np.maximum(length, 1), 1.0)


def _word(span: Span, runs: Shares, meant: Shares) -> Shares:
    """1 where the whole word stands in the title, less where another name of it does."""
    whole = runs[:, span[0]] >= span[1] - span[0]
    return np.asarray(np.maximum(whole, meant[:, slice(*span)].min(axis=1)))


def _share(covered: Shares, weight: Shares, places: Sequence[int]) -> Shares:
    """How much of these units is covered; 0 if there are none."""
    part = weight[list(places)]
    return np.asarray(covered[:, list(places)] @ part / (part.sum() + 1e-9))


def _head(asked: Asked) -> Span:
    """The last word that says something: in Chinese it usually names the thing."""
    telling = [span for span in asked.words if not asked.noise.issuperset(range(*span))]
    return (telling or asked.words)[-1]


def _named(asked: Asked) -> tuple[list[int], list[int]]:
    """The units that name a thing (the last word among them), and those that name a brand."""
    brands = {at for sense in asked.senses if BRAND in lexicon().broader(sense.name) for at in range(*sense.span)}
    things = {at for sense in asked.senses for at in range(*sense.span)} - brands | {*range(*_head(asked))}
    return sorted(things), sorted(brands)


def _clash(asked: Asked, exact: Shares) -> Shares:
    """1 where a model's letters are there and the figure behind them is not: another model is worse than none."""
    clash = np.zeros(len(exact))
    for at in range(1, len(asked.units)):
        before, figure = asked.units[at - 1], asked.units[at]
        if figure[0].isdigit() and before.isascii() and before[0].isalpha():
            clash = np.maximum(clash, exact[:, at - 1] * (1 - exact[:, at]))
    return clash


def _rival(titles: NDArray[np.uint32], covered: Shares, brands: list[int]) -> Shares:
    """1 where the question names a brand and the title names only others."""
    if not brands:
        return np.zeros(titles.shape[1])
    return np.asarray((1 - covered[:, brands].max(axis=1)) * (titles == kind_code(BRAND)).any(axis=0))


def _accessory(asked: Asked) -> bool:
    """Whether the question asks for what belongs to a thing."""
    return any(ACCESSORY in lexicon().broader(sense.name) for sense in asked.senses)


def _alike(sense: Sense) -> list[str]:
    """The kinds whose sorts may stand in for each other."""
    return [kind for kind in lexicon().broader(sense.name) if kind not in MARKS]


def _spelled(units: Sequence[str]) -> list[str]:
    """Neighbouring syllables of a question typed in pinyin, as the index keeps them."""
    return [f"{left[1:]}'{right[1:]}" for left, right in pairwise(units) if left[0] == right[0] == "'"]


def _telling(number: int, total: int) -> float:
    return math.log(1 + (total - number + 0.5) / (number + 0.5)) if number <= total else 0.0


def _written(unit: str, count: Count) -> int:
    return count("chars", unit) if unit[0] != "'" else 0
