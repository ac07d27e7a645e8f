"""Refunds: who may get what back, when, by whose word, and that every one of them is paid once and in full."""

from datetime import timedelta
from typing import Any

_AFTER_SALE = {"meet": timedelta(hours=72), "ship": timedelta(hours=168), "digital": timedelta(hours=168)}


async def _one_open(db: Any) -> list[str]:
    """An order that goes on stands still exactly while a refund of it is open, and at most one is."""
    rows = await db.fetch(
        "select o.id, o.state, o.paused_at is not null as paused, array_remove(array_agg(r.id), null) as open,"
        " (select array_agg(refund) from open_refunds p where p.order_id = o.id) as noted from orders o"
        " left join refunds r on r.order_id = o.id and r.state not in ('refunded', 'exchanged', 'closed')"
        " where o.paid > 0 or o.paused_at is not null group by o.id"
    )
    wrong = []
    for row in rows:
        goes_on = row["state"] in ("awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
        if len(row["open"]) > 1:
            wrong.append(f"order {row['id']} has the open refunds {row['open']}")
        if row["open"] != (row["noted"] or []):
            wrong.append(f"order {row['id']} has the open refunds {row['open']}, noted are {row['noted']}")
        if row["paused"] != (goes_on and bool(row["open"])):
            wrong.append(f"order {row['id']} is {row['state']}, paused {row['paused']}, open refunds {row['open']}")
    return wrong


async def _paid_out(db: Any) -> list[str]:
    """The legs of a refund are exactly its amount once it is granted, and none before."""
    rows = await db.fetch(
        "select r.id, r.state, r.kind, r.amount, coalesce(sum(t.amount), 0)::bigint as moved from refunds r"
        " left join ledger_transfers t on t.reference = r.order_id and t.kind <> 'repay_owed' and t.id in ("
        " 'refunded:' || r.id, 'refund_due:' || r.id, 'fee_back:' || r.id, 'refund_owed:' || r.id, 'amends:' || r.id)"
        " group by r.id"
    )
    wrong = []
    for row in rows:
        due = row["amount"] if row["state"] == "refunded" else 0
        if row["moved"] != due:
            wrong.append(f"refund {row['id']} is {row['state']}: {row['moved']} moved instead of {due}")
        if row["state"] == "refunded" and row["kind"] == "exchange":
            wrong.append(f"refund {row['id']} is an exchange and was paid")
    return wrong


async def _repaid(db: Any) -> list[str]:
    """A buyer owes what a ruling said, of an order that is over, and never more than went back; nobody else does."""
    rows = await db.fetch(
        "select t.reference, t.id, t.amount, t.debit, t.credit, r.state, o.buyer, o.seller, o.state as order_state,"
        " (m.facts ->> 'amount')::bigint as said from ledger_transfers t join orders o on o.id = t.reference"
        " left join refunds r on r.order_id = o.id and t.id = 'amends:' || r.id"
        " left join refund_moves m on m.refund = r.id and m.verb = 'rule_repay' where t.kind = 'repay_owed'"
    )
    ruled = await db.fetchval("select count(*) from refund_moves where verb = 'rule_repay'")
    wrong = [] if ruled == len(rows) else [f"{ruled} rulings let buyers repay, {len(rows)} are in the books"]
    for row in rows:
        people = (row["debit"].split(":")[1], row["credit"].split(":")[1])
        ended = row["order_state"] in ("completed", "refunded", "forfeited") and row["state"] == "closed"
        if row["amount"] != row["said"] or people != (row["buyer"], row["seller"]) or not ended:
            wrong.append(f"order {row['reference']} is repaid wrongly: {dict(row)}")
    return wrong


async def _sums(db: Any) -> list[str]:
    """What orders say was refunded is what their refunds and their own ends paid back before completion."""
    rows = await db.fetch(
        "select o.id, o.paid, o.refunded, coalesce(sum(t.amount), 0)::bigint as booked from orders o"
        " left join ledger_transfers t on t.reference = o.id and t.kind = 'refunded' and not starts_with(t.id,"
        " 'refunded:pay_') group by o.id having o.refunded <> coalesce(sum(t.amount), 0) or o.refunded > o.paid"
    )
    return [
        f"order {row['id']} says {row['refunded']} of {row['paid']} refunded, its books {row['booked']}" for row in rows
    ]


async def _by_whom(db: Any) -> list[str]:
    """Silence pays for nothing that may be with the buyer; operators end only what is disputed."""
    rows = await db.fetch(
        "select m.refund, m.verb, m.from_state, m.to_state, m.role, m.actor, r.kind, r.signed_at, r.buyer, r.seller,"
        " r.amount, o.paid from refund_moves m join refunds r on r.id = m.refund join orders o on o.id = r.order_id"
    )
    wrong = []
    for row in rows:
        if row["role"] == "time" and row["to_state"] == "refunded" and not _silence_may_pay(row):
            wrong.append(f"refund {row['refund']} ({row['kind']}) was paid by silence while {row['from_state']}")
        ruled = row["role"] == "operator" and row["to_state"] in ("refunded", "waiting_return", "closed")
        if ruled and row["from_state"] != "disputed":
            wrong.append(f"refund {row['refund']} was ruled on while {row['from_state']}")
        if row["role"] in ("buyer", "seller") and row["actor"] != row[row["role"]]:
            wrong.append(f"refund {row['refund']}: {row['verb']} by somebody who is not its {row['role']}")
        if row["role"] == "system" and row["kind"] != "unshipped":
            wrong.append(f"refund {row['refund']} ({row['kind']}) was granted by nobody")
    return wrong


def _silence_may_pay(row: Any) -> bool:
    if row["from_state"] == "returning":
        return row["kind"] == "return" and row["signed_at"] is not None
    return row["from_state"] == "waiting_seller" and row["kind"] in ("unshipped", "not_received")


async def _in_time(db: Any) -> list[str]:
    """What is asked for after the sale is asked for soon after it."""
    rows = await db.fetch(
        "select r.id, r.opened_at, o.handover, e.at from refunds r join orders o on o.id = r.order_id"
        " join refund_moves f on f.refund = r.id and f.version = 1 and f.verb = 'apply'"
        " join order_moves e on e.order_id = o.id and e.to_state = 'completed' where r.after_sale"
    )
    return [
        f"refund {row['id']} came {row['opened_at'] - row['at']} after its sale"
        for row in rows
        if row["opened_at"] - row["at"] > _AFTER_SALE[row["handover"]]
    ]


async def _debts(db: Any) -> list[str]:
    """What a seller could not give back is a part of a refund that was granted after the sale."""
    rows = await db.fetch(
        "select id, state, after_sale, short, amount from refunds"
        " where short <> 0 and (state <> 'refunded' or short < 0 or short > amount)"
    )
    return [f"refund {row['id']} is short of {row['short']}: {dict(row)}" for row in rows]


CHECKS = (_one_open, _paid_out, _repaid, _sums, _by_whom, _in_time, _debts)
