"""Rows of trades, and what they say of the two people and of the thing. Orders are read, never written."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from asyncpg import Record

from xianji.kernel.installation import CURRENCY
from xianji.kernel.work import Look, Work

from .model import Kind, Reason, board_of
from .rules import Trade


class NewTrade(NamedTuple):
    """A row of `price_trades` as it is written first."""

    order: str
    number: int
    item: str
    category: str | None
    model: str | None
    variant: str
    condition: str | None
    price: int
    currency: str
    quantity: int
    seller: str
    buyer: str
    lineage: str
    serial: bytes | None
    day: date
    at: datetime
    excluded: Reason | None = None
    demo: bool = False


async def lines_of(work: Work, order: str) -> Sequence[Record]:
    """The lines of a completed order with what decides their price; gifts, rentals and services are no sales."""
    return await work.db.fetch(
        "select o.buyer, o.seller, o.currency, o.goods, o.paid, o.refunded, l.number, l.item, l.quantity, l.amount,"
        " sum(l.amount) over () as listed, l.snapshot, i.bought_in, i.bought_as, i.serial_digest"
        " from orders o join order_lines l on l.order_id = o.id join items i on i.id = l.item"
        " where o.id = $1 and o.state = 'completed' and i.kind = 'sale' and l.amount > 0 order by l.number",
        order,
    )


async def lineage_of(work: Work, order: str, bought_in: str | None, bought_as: str | None) -> str:
    """The first order in which this very thing was sold here: that of the sale it came from, or this one."""
    found: str | None = await work.db.fetchval(
        "select lineage from price_trades where order_id = $1 and item = $2", bought_in, bought_as
    )
    return found or bought_in or order


async def insert(work: Work, trades: Sequence[NewTrade]) -> None:
    """Write trades; one that is known stays as it is."""
    await work.db.executemany(
        "insert into price_trades (order_id, number, item, category, model, variant, condition, price, currency,"
        " quantity, seller, buyer, lineage, serial, day, traded_at, excluded, demo) values ($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) on conflict do nothing",
        trades,
    )


async def exclude(work: Work, orders: Sequence[str], reason: Reason) -> None:
    """These orders no longer count; what was excluded before keeps its reason. Their sums become stale."""
    rows = await work.db.fetch(
        "update price_trades set excluded = $2, outlier = false where order_id = any($1) and excluded is null"
        " returning model, category, day",
        list(orders),
        reason,
    )
    await mark_stale(work, rows)


async def mark_stale(work: Work, rows: Sequence[Any]) -> None:
    """The sums of these rows' models and categories (`model`, `category`, `day`) are not true from that day on."""
    kinds: tuple[Kind, ...] = ("model", "category")
    stale = [(kind, row[kind], row["day"]) for row in rows for kind in kinds if row[kind] is not None]
    await work.db.executemany(
        "insert into price_subjects (id, kind, code, stale_from) values ($1, $2, $3, $4) on conflict (id) do update"
        " set stale_from = least(price_subjects.stale_from, excluded.stale_from)",
        [(board_of(kind, code), kind, code, day) for kind, code, day in sorted(stale)],
    )


async def gift_between(look: Look, one: str, other: str, since: datetime) -> bool:
    """Whether one of them was promised or given a gift by the other since then."""
    return bool(
        await look.db.fetchval(
            "select exists (select from item_requests r join items i on i.id = r.item"
            " where r.state in ('chosen', 'taken') and r.moved_at >= $3"
            " and (r.member = $1 and i.seller = $2 or r.member = $2 and i.seller = $1))",
            one,
            other,
            since,
        )
    )


async def private_price(look: Look, order: str) -> bool:
    """Whether the order used a price that was named for one person."""
    return bool(await look.db.fetchval("select exists (select from private_links where order_id = $1)", order))


async def both_joined_after(look: Look, one: str, other: str, moment: datetime) -> bool:
    """Whether both are that new."""
    return bool(
        await look.db.fetchval(
            "select bool_and(joined_at > $3) from members where id in ($1, $2)",
            one,
            other,
            moment,
        )
    )


async def traded_between(look: Look, one: NewTrade, since: datetime) -> bool:
    """Whether the seller sold to the same buyer before, in another order."""
    return bool(
        await look.db.fetchval(
            "select exists (select from price_trades where seller = $1 and buyer = $2 and order_id <> $3"
            " and traded_at >= $4)",
            one.seller,
            one.buyer,
            one.order,
            since,
        )
    )


async def way_back(look: Look, one: NewTrade, since: datetime, longest: int) -> list[str]:
    """The orders through which things of this category went from the buyer back to the seller, in so many hands."""
    rows = await look.db.fetch(
        "with recursive path (at, orders) as ("
        " select buyer, array[order_id] from price_trades"
        "  where seller = $2 and category is not distinct from $3 and traded_at >= $4 and order_id <> $5"
        " union all select t.buyer, p.orders || t.order_id from path p join price_trades t on t.seller = p.at"
        "  where p.at <> $1 and cardinality(p.orders) < $6 and t.category is not distinct from $3"
        "  and t.traded_at >= $4 and t.order_id <> $5)"
        " select distinct unnest(orders) as id from path where at = $1",
        one.seller,
        one.buyer,
        one.category,
        since,
        one.order,
        longest - 1,
    )
    return [row["id"] for row in rows]


async def same_thing(look: Look, one: NewTrade, since: datetime) -> Sequence[Record]:
    """Other sales of the very same thing since then: of its lineage, or with its serial number."""
    return await look.db.fetch(
        "select order_id, seller, traded_at from price_trades where (lineage = $1 or serial = $2) and order_id <> $3"
        " and traded_at >= $4",
        one.lineage,
        one.serial,
        one.order,
        since,
    )


async def trades_of_model(look: Look, code: str, since: date, most: int) -> tuple[list[Trade], bool]:
    """The latest trades of a model that may count, the oldest first, and whether any of them is made up."""
    return _trades(
        await look.db.fetch(
            "select order_id, number, price, seller, buyer, day, condition, variant, demo from price_trades"
            " where model = $1 and day >= $2 and excluded is null and currency = $3"
            " order by day desc, order_id desc limit $4",
            code,
            since,
            look.config.get(CURRENCY),
            most,
        )
    )


async def trades_of_category(look: Look, code: str, since: date, most: int) -> tuple[list[Trade], bool]:
    """The same of a category."""
    return _trades(
        await look.db.fetch(
            "select order_id, number, price, seller, buyer, day, condition, variant, demo from price_trades"
            " where category = $1 and day >= $2 and excluded is null and currency = $3"
            " order by day desc, order_id desc limit $4",
            code,
            since,
            look.config.get(CURRENCY),
            most,
        )
    )


def _trades(rows: Sequence[Record]) -> tuple[list[Trade], bool]:
    made = [Trade((row["order_id"], row["number"]), *list(row)[2:-1]) for row in reversed(rows)]
    return made, any(row["demo"] for row in rows)


async def scrub(work: Work, member: str) -> None:
    """A member who left: their trades stay under one made-up name, so that they still weigh as one person's."""
    gone = work.new_id("gon")
    await work.db.execute("update price_trades set seller = $2 where seller = $1", member, gone)
    await work.db.execute("update price_trades set buyer = $2 where buyer = $1", member, gone)
