"""The order of what was found, and how a page goes on where the one before it ended.

The order by fit weighs the best few hundred one by one; its cursor remembers what was shown, so that nothing comes
twice although weights move. All other orders stand by a number of each document that no other has.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import FieldType, Occur, Order, Query

from xianji.domains import items
from xianji.kernel.pages import decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import filters, index, ranking
from .index import SCHEMA
from .model import ENOUGH_PERCENT, FRESH_DAYS, NEAR_KM, RESPONSE_MINUTES, WEIGHTS, WINDOW, Ask
from .ranking import Shares
from .words import Words

_BEST_GRADE = 5
_MUCH_CREDIT = 8
_DAY_MS = 86_400_000
_CODE = 4  # bytes by which a cursor remembers an id
_RINGS = (1, 3, 8, 20, 45)
_MOST_NEAR = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something found: `place` is where its order goes on, `reasons` what weighed, `close` says it is only close."""

    id: str
    place: tuple[int, ...] = ()
    reasons: dict[str, float] | None = None
    close: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """One search over one commit of the index: `wished` are the clauses of all wishes, `among` says of what at all."""

    look: Look
    searcher: tantivy.Searcher
    ask: Ask
    words: Words | None
    among: Query
    wished: Sequence[Query]

    @property
    def matching(self) -> Query:
        """Everything that is counted."""
        return self.fulfilling(self.wished)

    def fulfilling(self, wishes: Iterable[Query]) -> Query:
        """Everything that would be counted if these were the wishes."""
        return filters.matching(None if self.words is None else self.words.enough, self.among, wishes)


def by_fit(search: Search, cursor: str | None) -> Iterator[Candidate]:
    """The best first; behind those that are weighed one by one whatever else matches, the newest first.

    What earlier pages have shown is left out: of the weighed by the codes in the cursor, of the rest by its number.
    """
    assert search.words is not None, "without words nothing fits better than anything else"
    codes, last = _behind_fit(cursor)
    seen, window = set(codes), search.look.config.get(WINDOW)
    full = True
    if last is None:
        query = filters.matching(search.words.weigh, search.among, search.wished)
        found = search.searcher.search(query, window, count=False).hits
        full = len(found) == window
        for one in _weighed(search, search.words, found) if found else ():
            if (code := _code(one.id)) not in seen:
                seen.add(code)
                yield one
    if full:
        rest = _by_number(search, "by_new", Order.Desc, last, window)
        yield from (one for one in rest if _code(one.id) not in seen)


def after_fit(cursor: str | None, shown: Sequence[Candidate]) -> str:
    """The cursor behind these and all that stood before; only what was weighed is remembered one by one."""
    codes, last = _behind_fit(cursor)
    codes += [_code(one.id) for one in shown if not one.place]
    last = next((one.place[0] for one in reversed(shown) if one.place), last)
    return encode_cursor("best", b"".join(code.to_bytes(_CODE, "big") for code in codes), last)


def _behind_fit(cursor: str | None) -> tuple[list[int], int | None]:
    if cursor is None:
        return [], None
    _, codes, last = decode_cursor(cursor, tuple[str, bytes, int | None])
    return [int.from_bytes(codes[at : at + _CODE], "big") for at in range(0, len(codes), _CODE)], last


def _code(id: str) -> int:
    return zlib.crc32(id.encode())


def _weighed(search: Search, words: Words, found: list[tuple[float, Any]]) -> Iterator[Candidate]:
    """The best first, by the words' score between 0 and 1 and what each fact adds at its weight."""
    addresses = [address for _, address in found]
    kept = index.weighable(search.searcher, addresses)
    fit = ranking.judge(words.question, [one.trace for one in kept], np.array([score for score, _ in found]))
    weights = search.look.config.get(WEIGHTS)
    given = {"words": (fit.scores - fit.scores.min()) / (float(np.ptp(fit.scores)) or 1.0)}
    given |= {name: weights.get(name, 0.0) * values for name, values in _facts(search, addresses).items()}
    total = np.sum(list(given.values()), axis=0)
    enough = search.look.config.get(ENOUGH_PERCENT) / 100
    for at in sorted(range(len(found)), key=lambda at: (-total[at], kept[at].id)):
        reasons = {name: round(float(values[at]), 4) for name, values in given.items()}
        yield Candidate(kept[at].id, reasons=reasons, close=bool(fit.covered[at] < enough))


def _facts(search: Search, addresses: list[Any]) -> dict[str, Shares]:
    """How good each fact is, between 0 and 1; only a thing has a condition and a seller who answers."""
    config, kind = search.look.config, search.ask.kind

    def read(field: str) -> NDArray[np.int64]:
        return np.array(index.numbers(search.searcher, field, addresses))

    age = np.maximum((index.by_time(search.look.now) >> index.TIE_BITS) - (read("by_new") >> index.TIE_BITS), 0)
    made = {"fresh": 0.5 ** (age / (config.get(FRESH_DAYS) * _DAY_MS))}
    if search.ask.cell is not None:
        metres = _metres(search.ask.cell, index.numbers(search.searcher, "cell", addresses))
        away = np.array([float("inf") if far is None else far for far in metres])
        made["near"] = 1 / (1 + away / 1000 / config.get(NEAR_KM))
    if kind == "item":
        made["condition"] = read("grade") / _BEST_GRADE
        minutes = read("response")
        made["response"] = np.where(minutes < 0, 0.0, 1 / (1 + np.abs(minutes) / config.get(RESPONSE_MINUTES)))
    if kind in ("item", "member", "topic"):
        made["credit"] = np.minimum(read("credit"), _MUCH_CREDIT) / _MUCH_CREDIT
    return made


def _metres(cell: int, others: Iterable[int]) -> list[int | None]:
    known: dict[int, int | None] = {0: None}
    for other in others:
        if other not in known:
            known[other] = items.metres_between(cell, other)
    return [known[other] for other in others]


def by_number(search: Search, field: str, order: Order, cursor: str | None, batch: int) -> Iterator[Candidate]:
    """By one number of each document, which no other has; goes on behind the number in the cursor."""
    return _by_number(search, field, order, decode_cursor(cursor, tuple[int])[0] if cursor else None, batch)


def _by_number(search: Search, field: str, order: Order, last: int | None, batch: int) -> Iterator[Candidate]:
    while True:
        query = search.matching if last is None else _behind(search.matching, field, order, last)
        hits = search.searcher.search(query, batch, count=False, order_by_field=field, order=order).hits
        for number, address in hits:
            last = int(number)
            yield Candidate(_id(search, address), (last,))
        if len(hits) < batch:
            return


def _behind(query: Query, field: str, order: Order, last: int) -> Query:
    if order == Order.Desc:
        rest = Query.range_query(SCHEMA, field, FieldType.Unsigned, None, last, include_upper=False)
    else:
        rest = Query.range_query(SCHEMA, field, FieldType.Unsigned, last, None, include_lower=False)
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, rest)])


def by_distance(search: Search, cursor: str | None) -> Iterator[Candidate]:
    """The nearest cell first, within a cell's distance the newest; goes on behind (metres, number) of the cursor.

    Rings grow while more is wanted; what lies beyond the last one is not near.
    """
    assert search.ask.cell is not None
    last = decode_cursor(cursor, tuple[int, int]) if cursor else (-1, 0)
    for rings in _RINGS:
        near = filters.in_cells(items.around(search.ask.cell, rings)[0])
        query = search.fulfilling([*search.wished, near])
        hits = search.searcher.search(query, _MOST_NEAR, count=False, order_by_field="by_new").hits
        cells = index.numbers(search.searcher, "cell", [address for _, address in hits])
        placed = zip(_metres(search.ask.cell, cells), hits, strict=True)
        for far, number, address in sorted((far or 0, -int(number), address) for far, (number, address) in placed):
            if last < (far, number):
                yield Candidate(_id(search, address), (far, number))
                last = (far, number)


def _id(search: Search, address: Any) -> str:
    return index.weighable(search.searcher, [address])[0].id
