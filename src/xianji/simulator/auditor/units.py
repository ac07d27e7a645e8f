"""Units: every one of a thing is free, kept for somebody, or gone, and counted once."""

from typing import Any


async def _units(db: Any) -> list[str]:
    """Reserved: in open orders, under agreed offers, promised as gifts. Gone: sold, or left with the buyer."""
    rows = await db.fetch(
        "select i.id, i.state, i.stock, i.reserved, i.sold,"
        " coalesce(l.bound, 0) + (select count(*) from offers f where f.item = i.id and f.state = 'accepted')"
        "   + (select count(*) from item_requests r where r.item = i.id and r.state = 'chosen') as bound,"
        " coalesce(l.gone, 0) as gone from items i left join (select l.item,"
        "   sum(l.quantity) filter (where o.state not in ('completed', 'closed', 'refunded', 'forfeited')) as bound,"
        "   sum(l.quantity) filter (where o.state = 'completed' and m.verb <> 'complete_rest'"
        "     or o.state = 'refunded' and m.verb = 'refund_all' and r.kind in ('keep_goods', 'partial')) as gone"
        "   from order_lines l join orders o on o.id = l.order_id"
        "   join order_moves m on m.order_id = o.id and m.version = o.version"
        "   left join refunds r on r.id = m.facts ->> 'refund' group by l.item) l on l.item = i.id"
    )
    wrong = []
    for row in rows:
        if row["bound"] + row["gone"] > row["stock"]:
            wrong.append(f"thing {row['id']}: {row['bound'] + row['gone']} bought of {row['stock']}")
        if (row["reserved"], row["sold"]) != (row["bound"], row["gone"]):
            wrong.append(
                f"thing {row['id']} counts {row['reserved']} reserved and {row['sold']} sold,"
                f" its orders, offers and promises {row['bound']} and {row['gone']}"
            )
        if row["state"] == "sold" and row["sold"] < row["stock"]:
            wrong.append(f"thing {row['id']} is sold with {row['stock'] - row['sold']} left")
    return wrong


async def _gifts(db: Any) -> list[str]:
    """A gift goes to somebody it was promised to, one unit for nothing, and to nobody too often."""
    rows = await db.fetch(
        "select o.id, o.buyer, o.goods, l.quantity, r.state from orders o join order_lines l on l.order_id = o.id"
        " join items i on i.id = l.item left join item_requests r on r.item = l.item and r.member = o.buyer"
        " where i.kind = 'giveaway' and o.state not in ('closed', 'refunded', 'forfeited')"
    )
    wrong = [
        f"order {row['id']} of a gift is {dict(row)}"
        for row in rows
        if (row["goods"], row["quantity"], row["state"]) != (0, 1, "taken")
    ]
    rows = await db.fetch(
        "with told as (select convert_from(body, 'utf8')::jsonb as body, at from outbox"
        "  where kind = 'items.gift_promised.v1'),"
        " promised as (select r.item, r.member, max(t.at) as at from told t join item_requests r"
        "  on r.item = t.body ->> 'item' and r.member = t.body ->> 'member' and r.state in ('chosen', 'taken')"
        "  group by r.item, r.member)"
        " select p.member from promised p join promised o on o.member = p.member"
        " and o.at between p.at and p.at + interval '6 days 23 hours' group by p.item, p.member having count(*) > 3"
    )
    return [*wrong, *(f"member {row['member']} was given more than three things in a week" for row in rows)]


CHECKS = (_units, _gifts)
