"""Rows of PostgreSQL as documents of the index: always as they are now, so that they may be read any number of times.

Only what anybody may see is one: things on sale, notes in sight, members who are here, circles, topics with notes.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from h3.api import basic_int as h3  # type: ignore[import-untyped]

from xianji.domains import items
from xianji.kernel.work import Look

from . import analysis, phrases
from .index import Doc

RESOLUTIONS = (4, 6, 8)
_LONGEST_BODY = 4000  # characters of a description or a note that are searched
_GRADES = {code: place for place, code in enumerate(reversed(list(items.grade_words())), 1)}
_UNANSWERED = -1


async def of_items(look: Look, ids: Sequence[str]) -> list[Doc]:
    """Those of these things that are on sale."""
    rows = await look.db.fetch(
        "select i.id, i.seller, i.title, i.description, i.kind, i.category, i.attributes, i.price, i.condition,"
        " i.handover, i.cell, i.place_label, i.listed_at, m.seller_type, m.city, m.response_minutes, m.sold_count,"
        " (select n.circle from notes n where n.id = i.note and n.state = 'live') as circle"
        " from items i join members m on m.id = i.seller"
        " where i.id = any(array(select unnest($1::text[]))) and i.state = 'live'",
        list(ids),
    )
    return await asyncio.to_thread(_all, _item, rows)


async def of_notes(look: Look, ids: Sequence[str]) -> list[Doc]:
    """Those of these notes that are in sight, with the names of the things on their boards."""
    rows = await look.db.fetch(
        "select n.id, n.author, n.kind, n.title, n.body, n.circle, n.cell, n.place_label, n.published_at, m.city,"
        " m.seller_type, array(select h.topic from note_topics h where h.note = n.id order by h.topic) as topics,"
        " array(select i.title from note_items b join items i on i.id = b.item and i.state = 'live'"
        " where b.note = n.id and b.state = 'shown' and not b.hidden order by b.place, b.item) as things"
        " from notes n join members m on m.id = n.author"
        " where n.id = any(array(select unnest($1::text[]))) and n.state = 'live'",
        list(ids),
    )
    return await asyncio.to_thread(_all, _note, rows)


async def of_members(look: Look, ids: Sequence[str]) -> list[Doc]:
    """Those of these members whose account is not deleted."""
    rows = await look.db.fetch(
        "select id, handle, name, bio, city, seller_type, response_minutes, sold_count, joined_at from members"
        " where id = any(array(select unnest($1::text[]))) and scrubbed_at is null",
        list(ids),
    )
    return await asyncio.to_thread(_all, _member, rows)


async def of_circles(look: Look, ids: Sequence[str]) -> list[Doc]:
    """These circles."""
    rows = await look.db.fetch(
        "select id, slug, name, name_en, description, city, created_at from circles"
        " where id = any(array(select unnest($1::text[])))",
        list(ids),
    )
    return await asyncio.to_thread(_all, _circle, rows)


async def of_topics(look: Look, names: Sequence[str]) -> list[Doc]:
    """Those of these topics that have notes in sight; their ids are their names with a #."""
    rows = await look.db.fetch(
        "select name, shown, notes from topics where name = any(array(select unnest($1::text[]))) and notes > 0",
        [name.removeprefix("#") for name in names],
    )
    return await asyncio.to_thread(_all, _topic, rows)


def _all(made: Callable[[asyncpg.Record], Doc], rows: Sequence[asyncpg.Record]) -> list[Doc]:
    """A thousand readings take as long as a request may: who asks lets others go on meanwhile."""
    return [made(row) for row in rows]


OF = {"item": of_items, "note": of_notes, "member": of_members, "circle": of_circles, "topic": of_topics}


def standing(row: asyncpg.Record) -> str:
    """What things and notes carry of their member: when this changes, they are read again."""
    return f"{_seller_kind(row)} {_response(row)} {_credit(row)} {row['city']}"


def _item(row: asyncpg.Record) -> Doc:
    category = items.all_categories().get(row["category"] or "")
    read = analysis.read(row["title"], category.name.zh if category else "")
    attributes = [f"{name}={_written(value)}" for name, value in row["attributes"].items()]
    facts = [
        *_facts(row),
        *(f"handover={way}" for way in (row["handover"] or ("ship", "meet", "digital"))),
        *(f"attribute={one}" for one in attributes),
        f"category={row['category'] or ''}",
        f"condition={row['condition'] or ''}",
        *(["free=1"] if row["kind"] == "giveaway" else []),
    ]
    return Doc(
        id=row["id"],
        kind="item",
        owner=row["seller"],
        title=row["title"],
        read=read,
        body=_body(
            row["description"],
            *((category.name.zh, category.name.en) if category else ()),
            *(_written(one) for one in row["attributes"].values()),
        ),
        facts=facts,
        cells=_cells(row["cell"]),
        phrases=phrases.of(read),
        listed=row["listed_at"],
        price=row["price"],
        cell=row["cell"] or 0,
        grade=_GRADES.get(row["condition"], 0),
        response=_response(row),
        credit=_credit(row),
    )


def _note(row: asyncpg.Record) -> Doc:
    return Doc(
        id=row["id"],
        kind="note",
        owner=row["author"],
        title=row["title"],
        read=analysis.read(" ".join([row["title"], *row["things"][:8]])),
        body=_body(row["body"], *row["things"], *row["topics"]),
        facts=[
            *_facts(row),
            f"kind={row['kind']}",
            *(f"topic={name}" for name in row["topics"]),
            *(["free=1"] if row["kind"] == "giveaway" else []),
        ],
        cells=_cells(row["cell"]),
        kept=list(row["topics"]),
        listed=row["published_at"],
        cell=row["cell"] or 0,
    )


def _member(row: asyncpg.Record) -> Doc:
    return Doc(
        id=row["id"],
        kind="member",
        owner=row["id"],
        title=row["name"],
        read=analysis.read(f"{row['name']} {row['handle']}"),
        body=_body(row["bio"]),
        facts=[f"seller={_seller_kind(row)}", f"city={_folded(row['city'])}"],
        kept=[standing(row)],
        listed=row["joined_at"],
        response=_response(row),
        credit=_credit(row),
    )


def _circle(row: asyncpg.Record) -> Doc:
    return Doc(
        id=row["id"],
        kind="circle",
        title=row["name"],
        read=analysis.read(f"{row['name']} {row['name_en']} {row['slug']}"),
        body=_body(row["description"]),
        facts=[f"city={_folded(row['city'])}"],
        phrases=phrases.whole("circle", row["name"], row["id"]),
        listed=row["created_at"],
    )


def _topic(row: asyncpg.Record) -> Doc:
    return Doc(
        id=f"#{row['name']}",
        kind="topic",
        title=row["shown"],
        read=analysis.read(row["shown"]),
        phrases=phrases.whole("topic", row["shown"], row["name"]),
        credit=row["notes"],
    )


def _facts(row: asyncpg.Record) -> list[str]:
    places = {_folded(place) for place in (row["city"], row["place_label"]) if place}
    circle = [f"circle={row['circle']}"] if row["circle"] else []
    return [f"seller={_seller_kind(row)}", *circle, *(f"city={place}" for place in sorted(places))]


@lru_cache(maxsize=1 << 12)
def _folded(place: str) -> str:
    return analysis.plain(place)


def _seller_kind(row: asyncpg.Record) -> str:
    return "individual" if row["seller_type"] == "individual" else "professional"


def _response(row: asyncpg.Record) -> int:
    """Minutes of usual answering, rounded up to a power of two, so that small changes touch nothing."""
    minutes = row["response_minutes"]
    return _UNANSWERED if minutes is None else 1 << max(minutes - 1, 0).bit_length()


def _credit(row: asyncpg.Record) -> int:
    """How many doublings of sales the member has behind them."""
    return int(row["sold_count"]).bit_length()


def _cells(cell: int | None) -> list[str]:
    return [] if cell is None else [str(h3.cell_to_parent(cell, resolution)) for resolution in RESOLUTIONS]


def _written(value: Any) -> str:
    return f"{value['value']}{value['unit']}" if isinstance(value, dict) else str(value)


def _body(*texts: str) -> str:
    return analysis.body(" \n ".join(texts)[:_LONGEST_BODY])
