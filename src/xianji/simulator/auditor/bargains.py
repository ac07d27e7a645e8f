"""Prices: what two agreed on is what their order says, once; everybody else pays the public price."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


async def _alive(db: Any) -> list[str]:
    """A buyer has one living offer for a thing, and it is the one that is noted."""
    rows = await db.fetch(
        "select o.item, o.buyer, array_agg(o.id) as alive, (select array_agg(p.offer) from offer_pairs p"
        "   where p.item = o.item and p.buyer = o.buyer) as noted from offers o"
        " where o.state in ('open', 'countered', 'accepted') group by o.item, o.buyer"
    )
    return [
        f"thing {row['item']} and buyer {row['buyer']}: alive are {row['alive']}, noted {row['noted']}"
        for row in rows
        if row["alive"] != row["noted"]
    ]


async def _yes(db: Any) -> list[str]:
    """A yes comes from the other side, or from a secret price that is not above it, to the number on the table."""
    rows = await db.fetch(
        "select o.id, o.amount, o.counter, o.agreed, o.asking, m.role, m.verb, f.floor from offers o"
        " join offer_moves m on m.offer = o.id left join offer_floors f on f.item = o.item and f.set_at < m.at"
        " where m.verb = 'accept' or m.role = 'floor'"
    )
    wrong = []
    for row in rows:
        table, yes = row["amount"] if row["counter"] is None else row["counter"], row["verb"] == "accept"
        others = ("seller", "floor") if row["counter"] is None else ("buyer",)
        if yes and row["role"] not in others:
            wrong.append(f"offer {row['id']} was accepted by its {row['role']}")
        if yes and (row["agreed"] != table or not 0 < table < row["asking"]):
            wrong.append(f"offer {row['id']} of {table} was agreed at {row['agreed']}, asked {row['asking']}")
        if row["role"] == "floor" and row["floor"] is not None and yes != (row["amount"] >= row["floor"]):
            wrong.append(f"offer {row['id']} of {row['amount']} got {row['verb']} from the floor {row['floor']}")
    return wrong


async def _lines(db: Any) -> list[str]:
    """Each line of each order costs what its deal says, or the public price of the version that was frozen."""
    rows = await db.fetch(
        "select l.order_id, l.item, l.quantity, l.price, l.off, (l.snapshot -> 'deal')::text as deal, o.buyer,"
        " (select p.price from item_prices p where p.item = l.item and p.version <= l.version"
        "   order by p.version desc limit 1) as public from order_lines l join orders o on o.id = l.order_id"
    )
    deals = await _agreed(db)
    wrong, used = [], set()
    for row in rows:
        deal = json.loads(row["deal"]) if row["deal"] else None
        if deal is None or deal["by"] == "bundle":
            if row["price"] != row["public"] or (deal is None and row["off"]):
                wrong.append(f"thing {row['item']} in order {row['order_id']} costs {dict(row)}")
            continue
        good = deals.get((deal["by"], deal["id"]))
        if good != (row["order_id"], row["item"], row["buyer"], row["price"]) or (row["quantity"], row["off"]) != (
            1,
            0,
        ):
            wrong.append(f"thing {row['item']} in order {row['order_id']} was bought by {deal}, agreed was {good}")
        used.add((deal["by"], deal["id"]))
    return [*wrong, *(f"{by} {id} was used up by no order" for by, id in sorted(set(deals) - used))]


async def _agreed(db: Any) -> dict[tuple[str, str], tuple[str, str, str, int]]:
    """Used offers and links: (by, id) → order, thing, buyer, price."""
    rows = await db.fetch(
        "select 'offer' as by, id, order_id, item, buyer, agreed as price from offers where state = 'used'"
        " union all select 'link', id, order_id, item, buyer, price from private_links where state = 'used'"
    )
    return {(row["by"], row["id"]): (row["order_id"], row["item"], row["buyer"], row["price"]) for row in rows}


async def _binding(db: Any) -> list[str]:
    """Who orders a thing while a yes about it waits for them gets it at that price and no other."""
    rows = await db.fetch(
        "select o.id, a.offer from orders o join order_lines l on l.order_id = o.id"
        " join offers f on f.item = l.item and f.buyer = o.buyer"
        " join offer_moves a on a.offer = f.id and a.to_state = 'accepted' and a.at < o.placed_at"
        "   and o.placed_at < a.at + interval '24 hours'"
        " left join offer_moves e on e.offer = f.id and e.version = a.version + 1"
        " where (e.at is null or e.at > o.placed_at) and l.snapshot -> 'deal' ->> 'id' is distinct from f.id"
    )
    return [f"order {row['id']} does not keep to what offer {row['offer']} had agreed on" for row in rows]


async def _in_time(db: Any) -> list[str]:
    """Nobody says anything to an offer whose day is over."""
    rows = await db.fetch(
        "select m.offer, m.verb, m.role from offer_moves m join offer_moves b on b.offer = m.offer"
        " and b.version = m.version - 1 where m.role in ('buyer', 'seller', 'order')"
        " and m.at >= b.at + interval '24 hours'"
    )
    return [f"offer {row['offer']}: {row['verb']} by its {row['role']} came too late" for row in rows]


async def _bundles(db: Any) -> list[str]:
    """What a bundle takes off is half up of its share of the lines it belongs to, and never everything.

    A line so cheap that its share is nothing does not name the bundle, so such lines may or may not belong to it.
    """
    rows = await db.fetch(
        "select l.order_id, (l.snapshot -> 'deal' ->> 'percent')::integer as percent,"
        " (l.snapshot -> 'deal' ->> 'count')::integer as count, sum(l.price * l.quantity)::bigint as whole,"
        " sum(l.off)::bigint as off, sum(l.quantity) as units, (select coalesce(sum(p.price * p.quantity), 0)::bigint"
        "   from order_lines p where p.order_id = l.order_id and p.off = 0 and p.snapshot ->> 'deal' is null) as near,"
        " (select coalesce(sum(p.quantity), 0) from order_lines p where p.order_id = l.order_id and p.off = 0"
        "   and p.snapshot ->> 'deal' is null) as more"
        " from order_lines l where l.snapshot -> 'deal' ->> 'by' = 'bundle'"
        " group by l.order_id, l.snapshot -> 'deal' ->> 'id', 2, 3"
    )
    return [
        f"order {row['order_id']} has a bundle of {dict(row)}"
        for row in rows
        if not _off(row["whole"], row["percent"]) <= row["off"] <= _off(row["whole"] + row["near"], row["percent"])
        or row["units"] + row["more"] < row["count"]
    ]


def _off(whole: int, percent: int) -> int:
    return min(int((Decimal(whole) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)), whole - 1)


async def _totals(db: Any) -> list[str]:
    """An order's goods are its lines less what its seller came down afterwards, which never goes up again."""
    rows = await db.fetch(
        "select o.id, o.goods, o.bundle, o.lowered, sum(l.amount)::bigint as lines, sum(l.off)::bigint as off"
        " from orders o join order_lines l on l.order_id = o.id group by o.id"
        " having o.goods <> sum(l.amount) - o.lowered or o.bundle <> sum(l.off)"
    )
    return [f"order {row['id']} does not add up: {dict(row)}" for row in rows]


async def _checkouts(db: Any) -> list[str]:
    """A checkout is one buyer's, with one order a seller."""
    rows = await db.fetch(
        "select c.id from checkouts c join orders o on o.checkout = c.id group by c.id, c.buyer"
        " having count(distinct o.seller) <> count(*) or min(o.buyer) <> c.buyer or max(o.buyer) <> c.buyer"
    )
    return [f"checkout {row['id']} is not one order a seller of one buyer" for row in rows]


CHECKS = (_alive, _yes, _lines, _binding, _in_time, _bundles, _totals, _checkouts)
