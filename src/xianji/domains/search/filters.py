"""Wishes as clauses of a Tantivy query. They narrow and never weigh; each bears the name of the wish it stands for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from h3.api import basic_int as h3  # type: ignore[import-untyped]
from tantivy import FieldType, Occur, Query

from xianji.domains import items

from . import analysis
from .documents import RESOLUTIONS
from .index import SCHEMA, by_time
from .model import Ask

# Up to so many kilometres a circle is covered with cells of this resolution and joined to larger ones where they fit.
_COVERS = ((15.0, 8), (150.0, 6), (float("inf"), 4))


def clauses(ask: Ask, now: datetime) -> dict[str, Query]:
    """The wishes of `ask` but its words and its kind, by the name of the field that holds each."""
    made: dict[str, Query | None] = {
        "category": _fact("category", ask.category),
        "attributes": _all(_fact("attribute", one) for one in ask.attributes),
        "price": _price(ask),
        "conditions": _any("condition", ask.conditions),
        "handover": _fact("handover", ask.handover),
        "seller_type": _fact("seller", ask.seller_type),
        "circle": _fact("circle", ask.circle),
        "city": _fact("city", analysis.plain(ask.city) if ask.city else None),
        "free": _fact("free", "1" if ask.free else None),
        "wanted": _fact("kind", "wanted" if ask.wanted else None),
        "days": None if ask.since is None else _since(now - ask.since),
        "radius_km": _around(ask.cell, ask.radius_km),
    }
    return {name: query for name, query in made.items() if query is not None}


def among(kind: str, apart: Sequence[str] = ()) -> Query:
    """Documents of a kind without those of these members."""
    of_kind = Query.term_query(SCHEMA, "kind", kind)
    if not apart:
        return of_kind
    theirs = Query.term_set_query(SCHEMA, "owner", list(apart))
    return Query.boolean_query([(Occur.Must, of_kind), (Occur.MustNot, theirs)])


def matching(words: Query | None, among: Query, wishes: Iterable[Query]) -> Query:
    """Documents among some that fulfil all wishes; only the words weigh."""
    parts = [(Occur.Must, words)] if words is not None else []
    still = [among, *wishes]
    return Query.boolean_query([*parts, *((Occur.Must, Query.const_score_query(one, 0.0)) for one in still)])


def in_cells(cells: Iterable[int]) -> Query:
    """Documents in these cells, of any of the resolutions that are kept."""
    return Query.term_set_query(SCHEMA, "cells", [str(cell) for cell in cells])


def _fact(name: str, value: str | None) -> Query | None:
    return None if value is None else Query.term_query(SCHEMA, "facts", f"{name}={value}")


def _any(name: str, values: Iterable[str]) -> Query | None:
    terms = [f"{name}={value}" for value in values]
    return Query.term_set_query(SCHEMA, "facts", terms) if terms else None


def _all(queries: Iterable[Query | None]) -> Query | None:
    parts = [(Occur.Must, one) for one in queries if one is not None]
    return Query.boolean_query(parts) if parts else None


def _price(ask: Ask) -> Query | None:
    if ask.low is None and ask.high is None:
        return None
    return Query.range_query(SCHEMA, "price", FieldType.Integer, ask.low, ask.high)


def _since(moment: datetime) -> Query:
    return Query.range_query(SCHEMA, "by_new", FieldType.Unsigned, by_time(moment), None)


def _around(cell: int | None, kilometres: float | None) -> Query | None:
    if cell is None or kilometres is None:
        return None
    return in_cells(covering(cell, kilometres))


@lru_cache(maxsize=512)
def covering(cell: int, kilometres: float) -> frozenset[int]:
    """Cells that hold everything within so many kilometres: exactly so up to 15 km, a little more beyond."""
    resolution = next(found for most, found in _COVERS if kilometres <= most)
    centre = int(h3.cell_to_parent(cell, resolution))
    edge = h3.average_hexagon_edge_length(resolution, unit="km")
    # A coarse cell's centre may be one edge away from the reader's cell, and another from what stands in it.
    reach = kilometres if centre == cell else kilometres + 2 * edge
    return frozenset(_joined(items.cells_within(centre, reach)))


def _joined(cells: list[int]) -> set[int]:
    """Children that are all there become their parent, where its resolution is kept."""
    joined: set[int] = set()
    for one in h3.compact_cells(cells):
        resolution = h3.get_resolution(one)
        kept = min((known for known in RESOLUTIONS if known >= resolution), default=resolution)
        joined.update(int(child) for child in h3.cell_to_children(one, kept)) if kept != resolution else joined.add(
            int(one)
        )
    return joined
