"""Rows of many trades, made in the database out of the rows of one real trade by exchanging the number in its ids."""

from typing import Any

import asyncpg

from .replay import _ID
from .trading import PEOPLE, SAMPLES, buyer_of, id_of, seller_of

# Every table that grows with orders, and which of its rows are the sample's.
_OF_A_TRADE = {
    "items": "id = $1",
    "orders": "id = $2",
    "order_lines": "order_id = $2",
    "order_moves": "order_id = $2",
    "shipments": "order_id = $2",
    "payments": "subject = $2",
    "payment_parts": "part = $2",
    "payment_calls": "payment in (select id from payments where subject = $2)",
    "provider_facts": "payment in (select id from payments where subject = $2)",
    "ledger_transfers": "reference = $2",
    "ledger_accounts": "owner = $2",
}
_BATCH = 50_000


async def people(db: "asyncpg.Connection[Any]") -> None:
    """Those who trade."""
    await db.execute(
        "insert into members (id, handle, name, language, zone, joined_at)"
        " select 'mbr_' || lpad(n::text, 26, '0'), 'bench' || n, '卖家', 'zh', 'Asia/Shanghai', now()"
        " from generate_series(0, $1::integer - 1) n",
        PEOPLE + 2 * SAMPLES,
    )
    await db.execute("create sequence bench_trades minvalue 0")


async def things(db: "asyncpg.Connection[Any]", first: int, count: int) -> None:
    """Something to trade with for each of these numbers."""
    await db.execute(
        "insert into items (id, seller, kind, state, title, price, currency, stock, handover, bargain, created_at,"
        " listed_at, changed_at, confirmed_at) select 'itm_' || lpad(n::text, 26, '0'),"
        " 'mbr_' || lpad((case when n < $4 then $3 + n else n % $3 end)::text, 26, '0'), 'sale', 'live', '小相机',"
        " 12900, 'CNY', 1, array['digital'], true,"
        " now(), now(), now(), now() from generate_series($1::bigint, $2::bigint) n on conflict do nothing",
        first,
        first + count - 1,
        PEOPLE,
        SAMPLES,
    )


async def grow(db: "asyncpg.Connection[Any]", sample: int, first: int, count: int) -> None:
    """`count` finished trades from number `first` on, each with every row that the sample has."""
    order = await db.fetchval("select order_id from order_lines where item = $1", id_of("itm", sample))
    await db.execute("set session_replication_role = replica")
    for begin in range(first, first + count, _BATCH):
        end = min(begin + _BATCH, first + count) - 1
        for table, where in _OF_A_TRADE.items():
            await _copies(db, table, where, sample, order, begin, end)
    await db.execute("set session_replication_role = origin")


async def _copies(db: Any, table: str, where: str, sample: int, order: str, begin: int, end: int) -> None:
    condition = where.replace("$1", f"'{id_of('itm', sample)}'").replace("$2", f"'{order}'")
    columns = await db.fetch(
        "select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a"
        " where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum",
        table,
    )
    texts = ", ".join(f"string_agg({one['name']}::text, ' ')" for one in columns)
    said = await db.fetchrow(f"select {texts} from {table} r where {condition}")
    values = ", ".join(_column(*one, text or "", sample) for one, text in zip(columns, said, strict=True))
    names = ", ".join(one["name"] for one in columns)
    await db.execute(
        f"insert into {table} ({names}) select {values} from {table} r cross join (select n,"
        f" lpad(n::text, 12, '0') as own, lpad((n % {PEOPLE})::text, 12, '0') as seller,"
        f" lpad(((n + 1) % {PEOPLE})::text, 12, '0') as buyer from generate_series({begin}, {end}) n) t"
        f" where {condition}"
    )


def _column(name: str, kind: str, said: str, sample: int) -> str:
    """A column with the new number in every id that the sample's rows have there; the others are taken as they are."""
    people = {id_of("mbr", seller_of(sample)): "seller", id_of("mbr", buyer_of(sample)): "buyer"}
    ids = sorted(set(_ID.findall(said))) if kind in ("text", "jsonb") else []
    value = f"r.{name}::text" if ids else f"r.{name}"
    for id in ids:
        value = f"replace({value}, '{id}', '{id[:-12]}' || t.{people.get(id, 'own')})"
    return f"{value}::{kind}"
