"""Finding: candidates come from the index, everything that is shown is read again from PostgreSQL.

So an index that is late costs a place on a page and never shows what is sold, hidden or apart from the reader.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
from tantivy import Order, Query

from xianji.domains import circles, items, members, notes
from xianji.domains.items import MarketFilter
from xianji.kernel.pages import PAGE_SIZE, encode_cursor
from xianji.kernel.work import Look

from . import filters, helping, index, ordering, shortcuts, words
from .index import Reader
from .model import ENOUGH_PERCENT, FACET_MOST, Ask, Card, FacetValue, Found, Help, Kind, Sort
from .ordering import Candidate, Search

_SPARE = 8  # candidates more than a page has, so that a few that are gone cost no second round trip
_FACETS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "item": (
        ("category", "category"),
        ("attributes", "attribute"),
        ("conditions", "condition"),
        ("handover", "handover"),
        ("seller_type", "seller"),
        ("circle", "circle"),
        ("city", "city"),
    ),
    "note": (("circle", "circle"), ("city", "city")),
    "member": (("seller_type", "seller"), ("city", "city")),
    "circle": (("city", "city"),),
    "topic": (),
}
_TERMS = 400  # facts counted at once


async def find(look: Look, reader: Reader, ask: Ask, cursor: str | None = None, limit: int = PAGE_SIZE) -> Found:
    """A page of what fits `ask`, with facets, and help when there is nothing.

    One round trip, seldom two, and one more for a member: whom a block keeps apart from them.

    What is wanted stands in notes. Without words `best` is `new`; without a place `near` is `best`.
    Refuses `cursor_not_valid`.
    """
    if ask.wanted:
        ask = msgspec.structs.replace(ask, kind="note")
    cards = [] if cursor else shortcuts.matching(ask.text)
    searcher = reader.searcher()
    if searcher is None:
        return Found([], None, 0, None, {}, {}, cards, Help([], [], []))
    asked = words.read(searcher, ask.text, look.config.get(ENOUGH_PERCENT))
    wishes = filters.clauses(ask, look.now)
    among = filters.among(ask.kind, await members.apart_from(look))
    search = Search(look, searcher, ask, asked, among, list(wishes.values()))
    sort = _sort(search)
    candidates = _ordered(search, sort, cursor, limit + 1 + _SPARE)
    if asked is None and ask.text.strip():
        candidates = iter(())  # nothing but marks was typed: that finds nothing, and not everything
    shown, last, more = await _alive(look, ask, candidates, limit)
    first = cursor is None
    counted = _counted(search, search.wished) if first else (index.count(searcher, search.matching), [])
    return Found(
        items=[card for _, card in shown],
        next_cursor=_after(sort, cursor, [one for one, _ in shown], last) if more else None,
        count=counted[0],
        near_from=_close_from([one.close for one, _ in shown]),
        facets=_facets(search, wishes, counted[1]) if first else {},
        reasons={one.id: one.reasons for one, _ in shown if one.reasons},
        shortcuts=cards,
        help=helping.help_for(search, wishes) if first and not counted[0] else None,
    )


def _close_from(close: list[bool]) -> int | None:
    """Where only close ones follow to the end; None if the last is not one."""
    return max((at for at, one in enumerate(close, 1) if not one), default=0) if close and close[-1] else None


def _sort(search: Search) -> Sort:
    sort = search.ask.sort
    if sort == "near" and search.ask.cell is None:
        sort = "best"
    if sort in ("price_asc", "price_desc") and search.ask.kind != "item":
        sort = "best"
    return "new" if sort == "best" and search.words is None else sort


def _ordered(search: Search, sort: Sort, cursor: str | None, batch: int) -> Iterator[Candidate]:
    match sort:
        case "best":
            return ordering.by_fit(search, cursor)
        case "near":
            return ordering.by_distance(search, cursor)
        case "price_asc":
            return ordering.by_number(search, "by_price", Order.Asc, cursor, batch)
        case "price_desc":
            return ordering.by_number(search, "by_price", Order.Desc, cursor, batch)
        case _:
            return ordering.by_number(search, "by_new", Order.Desc, cursor, batch)


def _after(sort: Sort, cursor: str | None, shown: Sequence[Candidate], last: Candidate) -> str:
    if sort == "best":
        return ordering.after_fit(cursor, shown)
    return encode_cursor(*last.place)


async def _alive(
    look: Look, ask: Ask, candidates: Iterator[Candidate], limit: int
) -> tuple[list[tuple[Candidate, Card]], Candidate, bool]:
    """The first `limit` candidates that may be shown now, with their cards; the last of them; whether more follow."""
    shown: list[tuple[Candidate, Card]] = []
    while batch := list(islice(candidates, limit + 1 + _SPARE)):
        cards = await _cards(look, ask, [one.id for one in batch])
        shown += [(one, cards[one.id]) for one in batch if one.id in cards]
        if len(shown) > limit:
            break
    kept = shown[:limit]
    return kept, kept[-1][0] if kept else Candidate(""), len(shown) > limit


async def _cards(look: Look, ask: Ask, ids: list[str]) -> dict[str, Card]:
    match ask.kind:
        case "item":
            return await _items(look, ask, ids)
        case "note":
            return {card.id: card for card in await notes.cards(look, ids, ask.cell)}
        case "member":
            return {card.id: card for card in await members.shown(look, ids)}
        case "circle":
            return {card.id: card for card in await circles.cards(look, ids)}
        case _:
            found = await notes.topics_named(look, [one.removeprefix("#") for one in ids])
            return {f"#{topic.name}": topic for topic in found}


async def _items(look: Look, ask: Ask, ids: list[str]) -> dict[str, Card]:
    only = MarketFilter(ask.category, ask.low, ask.high, ask.conditions, ask.handover, ask.free)
    found = await items.picked(look, ids, only, ask.cell)
    near = ask.radius_km
    return {
        card.id: card
        for card in found
        if near is None or ask.cell is None or (card.distance_km is not None and card.distance_km <= near)
    }


def _facets(search: Search, wishes: dict[str, Query], everything: list[tuple[str, int]]) -> dict[str, list[FacetValue]]:
    """For each facet its values with their counts, as they would be if this facet's own wish was dropped."""
    most = search.look.config.get(FACET_MOST)
    made: dict[str, list[FacetValue]] = {}
    for name, prefix in _FACETS[search.ask.kind]:
        counted = everything
        if name in wishes and name != "attributes":
            counted = _counted(search, [query for wish, query in wishes.items() if wish != name])[1]
        values = [
            FacetValue(value, count)
            for key, count in counted
            if (value := key.removeprefix(f"{prefix}=")) and value != key
        ]
        if values:
            made[name] = values[:most]
    return made


def _counted(search: Search, wished: Sequence[Query]) -> tuple[int, list[tuple[str, int]]]:
    """How many match, and the facts they share."""
    return index.facts(search.searcher, search.fulfilling(wished), _TERMS)
