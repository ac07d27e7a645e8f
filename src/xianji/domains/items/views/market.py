"""The market: what is on sale, narrowed and ordered as somebody wants it. One round trip, pages by keyset cursor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from xianji.domains.items import places
from xianji.domains.items.model import NEAR_RINGS, Condition, Handover, Tab
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .things import ItemCard, card_of


class MarketFilter(msgspec.Struct, frozen=True):
    """What to show: prices in minor units, both ends included; a thing that names no handover is open to all."""

    category: str | None = None
    low: int | None = None
    high: int | None = None
    conditions: tuple[Condition, ...] = ()
    handover: Handover | None = None
    free: bool = False


EVERYTHING = MarketFilter()


async def live_items(
    look: Look,
    tab: Tab = "new",
    cell: int | None = None,
    cursor: str | None = None,
    only: MarketFilter = EVERYTHING,
    limit: int = PAGE_SIZE,
) -> Page[ItemCard]:
    """What is on sale: newest, nearest (without `cell` the same as newest), cheapest or dearest first, or of those I
    follow. Equal ones stand by id, so that no page shows one twice or leaves one out.
    """
    match tab:
        case "near" if cell is not None:
            return await _near(look, cell, cursor, only, limit)
        case "following":
            rows = await _following(look, cursor, only, limit + 1)
        case "price_asc":
            rows = await _cheapest(look, cursor, only, limit + 1)
        case "price_desc":
            rows = await _dearest(look, cursor, only, limit + 1)
        case _:
            rows = await _new(look, cursor, only, limit + 1)
    key = "price" if tab in ("price_asc", "price_desc") else "listed_at"
    more = encode_cursor(rows[limit - 1][key], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([card_of(row, cell) for row in rows[:limit]], more)


async def picked(
    look: Look, ids: Sequence[str], only: MarketFilter = EVERYTHING, cell: int | None = None
) -> list[ItemCard]:
    """Those of these things that are on sale for this reader and pass the filter, in the order of `ids`."""
    rows = await look.db.fetch(
        "select c.* from on_market($1, $2, $3, $4, $5, $6, $7) i join item_cards c on c.id = i.id"
        " where i.id = any(array(select unnest($8::text[])))",
        *_asked(look, only),
        list(ids),
    )
    found = {row["id"]: card_of(row, cell) for row in rows}
    return [found[item] for item in dict.fromkeys(ids) if item in found]


def _asked(look: Look, only: MarketFilter) -> tuple[Any, ...]:
    """The first seven places of every statement below: who reads and what of `on_market` is wished."""
    conditions = list(only.conditions) or None
    return look.actor.member, only.category, only.low, only.high, conditions, only.handover, only.free


def _moment(cursor: str | None) -> tuple[datetime | None, str]:
    return decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")


def _price(cursor: str | None) -> tuple[int | None, str]:
    return decode_cursor(cursor, tuple[int, str]) if cursor else (None, "")


async def _new(look: Look, cursor: str | None, only: MarketFilter, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select i.id, i.listed_at, i.price from on_market($1, $2, $3, $4, $5, $6, $7) i"
        " where $8::timestamptz is null or (i.listed_at, i.id) < ($8, $9)"
        " order by i.listed_at desc, i.id desc limit $10)"
        " select c.* from picked p join item_cards c on c.id = p.id order by p.listed_at desc, p.id desc",
        *_asked(look, only),
        *_moment(cursor),
        limit,
    )


async def _following(look: Look, cursor: str | None, only: MarketFilter, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select i.id, i.listed_at, i.price from ties f"
        " join on_market($1, $2, $3, $4, $5, $6, $7) i on i.seller = f.other"
        " where f.member = $1 and f.kind = 'follows' and ($8::timestamptz is null or (i.listed_at, i.id) < ($8, $9))"
        " order by i.listed_at desc, i.id desc limit $10)"
        " select c.* from picked p join item_cards c on c.id = p.id order by p.listed_at desc, p.id desc",
        *_asked(look, only),
        *_moment(cursor),
        limit,
    )


async def _cheapest(look: Look, cursor: str | None, only: MarketFilter, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select i.id, i.listed_at, i.price from on_market($1, $2, $3, $4, $5, $6, $7) i"
        " where $8::bigint is null or (i.price, i.id) > ($8, $9)"
        " order by i.price, i.id limit $10)"
        " select c.* from picked p join item_cards c on c.id = p.id order by p.price, p.id",
        *_asked(look, only),
        *_price(cursor),
        limit,
    )


async def _dearest(look: Look, cursor: str | None, only: MarketFilter, limit: int) -> list[asyncpg.Record]:
    return await look.db.fetch(
        "with picked as (select i.id, i.listed_at, i.price from on_market($1, $2, $3, $4, $5, $6, $7) i"
        " where $8::bigint is null or (i.price, i.id) < ($8, $9)"
        " order by i.price desc, i.id desc limit $10)"
        " select c.* from picked p join item_cards c on c.id = p.id order by p.price desc, p.id desc",
        *_asked(look, only),
        *_price(cursor),
        limit,
    )


async def _near(look: Look, cell: int, cursor: str | None, only: MarketFilter, limit: int) -> Page[ItemCard]:
    """Nearest cell first; within a cell's distance the newest first. The rings that count are configuration."""
    if not places.is_cell(cell):
        return Page([])
    cells, metres = places.around(cell, look.config.get(NEAR_RINGS))
    far, at, after = decode_cursor(cursor, tuple[int, datetime, str]) if cursor else (-1, None, "")
    rows = await look.db.fetch(
        "with picked as (select i.id, i.listed_at as at, near.metres from on_market($1, $2, $3, $4, $5, $6, $7) i"
        " join unnest($8::bigint[], $9::integer[]) as near (cell, metres) on near.cell = i.cell"
        " where i.cell = any($8) and (near.metres > $10 or near.metres = $10 and (i.listed_at, i.id) < ($11, $12))"
        " order by near.metres, i.listed_at desc, i.id desc limit $13)"
        " select c.*, p.metres from picked p join item_cards c on c.id = p.id"
        " order by p.metres, p.at desc, p.id desc",
        *_asked(look, only),
        cells,
        metres,
        far,
        at,
        after,
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(last["metres"], last["listed_at"], last["id"]) if last else None
    return Page([card_of(row, cell) for row in rows[:limit]], more)
