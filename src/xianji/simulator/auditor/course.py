"""The course of things: histories, deadlines, what was frozen, and nothing left undone."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

# Every change that may ever be made, written out by hand.
_ORDER = {
    "": {"awaiting_payment"},
    "awaiting_payment": {"awaiting_payment", "awaiting_balance", "awaiting_shipment", "awaiting_meeting", "closed"},
    "awaiting_balance": {"awaiting_balance", "awaiting_shipment", "awaiting_meeting", "refunded", "forfeited"},
    "awaiting_shipment": {"awaiting_shipment", "shipped", "delivered", "refunded", "forfeited", "completed"},
    "awaiting_meeting": {"awaiting_meeting", "completed", "refunded", "forfeited"},
    "shipped": {"shipped", "delivered", "completed", "refunded"},
    "delivered": {"delivered", "completed", "refunded"},
    "completed": set(),
    "closed": set(),
    "refunded": set(),
    "forfeited": set(),
}
_ENDED = ("completed", "closed", "refunded", "forfeited")
_REFUND = {
    "": {"waiting_seller", "disputed"},
    "waiting_seller": {
        "waiting_buyer",
        "waiting_return",
        "waiting_replacement",
        "refused",
        "disputed",
        "refunded",
        "closed",
    },
    "waiting_buyer": {"refunded", "waiting_return", "closed", "disputed"},
    "waiting_return": {"returning", "closed", "disputed"},
    "returning": {"returning", "refunded", "waiting_replacement", "disputed"},
    "waiting_replacement": {"exchanged", "disputed"},
    "refused": {"refunded", "waiting_return", "waiting_replacement", "closed", "disputed"},
    "disputed": {"refunded", "waiting_return", "waiting_replacement", "closed"},
    "refunded": set(),
    "exchanged": set(),
    "closed": set(),
}
_OFFER = {
    "": {"open"},
    "open": {"countered", "accepted", "declined", "withdrawn", "expired"},
    "countered": {"accepted", "declined", "withdrawn", "expired"},
    "accepted": {"withdrawn", "expired", "used", "declined"},
    "declined": set(),
    "withdrawn": set(),
    "expired": set(),
    "used": set(),
}
# What may follow while a refund stops the clock.
_IN_PAUSE = {"deliver", "correct_waybill", "refund_part", "resume", "refund_all", "complete_rest", "hold_ended"}
_ENDS_PAUSE = {"resume", "refund_all", "complete_rest", "hold_ended"}
# Money goes to the seller only by one of these, each from where it may begin.
_GOES_ON = {"awaiting_shipment", "awaiting_meeting", "shipped", "delivered"}
_COMPLETES = {
    "confirm": {"shipped", "delivered"},
    "auto_confirm": {"shipped", "delivered"},
    "redeem": {"awaiting_meeting"},
    "complete_rest": {"shipped", "delivered"},
    "hold_ended": _GOES_ON,
}


async def _orders(db: Any) -> list[str]:
    rows = await db.fetch(
        "select 'order ' || o.id as name, o.state, o.version, array_agg(m.version order by m.version) as versions,"
        " array_agg(m.verb order by m.version) as verbs, array_agg(m.from_state order by m.version) as before,"
        " array_agg(m.to_state order by m.version) as after"
        " from orders o left join order_moves m on m.order_id = o.id group by o.id"
    )
    return [line for row in rows for line in (*_history(row, _ORDER), *_pauses(row), *_end(row))]


async def _refunds(db: Any) -> list[str]:
    rows = await db.fetch(
        "select 'refund ' || r.id as name, r.state, r.version, array_agg(m.version order by m.version) as versions,"
        " array_agg(m.from_state order by m.version) as before, array_agg(m.to_state order by m.version) as after"
        " from refunds r left join refund_moves m on m.refund = r.id group by r.id"
    )
    return [line for row in rows for line in _history(row, _REFUND)]


async def _offers(db: Any) -> list[str]:
    rows = await db.fetch(
        "select 'offer ' || o.id as name, o.state, o.version, array_agg(m.version order by m.version) as versions,"
        " array_agg(m.from_state order by m.version) as before, array_agg(m.to_state order by m.version) as after"
        " from offers o left join offer_moves m on m.offer = o.id group by o.id"
    )
    return [line for row in rows for line in _history(row, _OFFER)]


def _history(row: Any, changes: dict[str, set[str]]) -> list[str]:
    if row["versions"] != list(range(1, row["version"] + 1)):
        return [f"{row['name']} at version {row['version']} has the history {row['versions']}"]
    wrong = []
    if row["after"][-1] != row["state"] or row["before"][1:] != row["after"][:-1]:
        wrong.append(f"{row['name']} is {row['state']} but its history reads {row['before']} → {row['after']}")
    for before, after in zip(row["before"], row["after"], strict=True):
        if after not in changes[before]:
            wrong.append(f"{row['name']} went from {before or 'nothing'} to {after}")
    return wrong


def _pauses(row: Any) -> list[str]:
    """Between the beginning and the end of a refund nothing else happens to its order."""
    paused, wrong = False, []
    for verb in row["verbs"]:
        if paused and verb not in _IN_PAUSE:
            wrong.append(f"{row['name']} did {verb} while a refund was open")
        if verb == "change_price" or verb == "reconfirm":
            continue
        paused = verb == "pause" or (paused and verb not in _ENDS_PAUSE)
    return wrong


def _end(row: Any) -> list[str]:
    """How an order came to its end, and that a price change was agreed to before it was paid."""
    wrong, verbs = [], row["verbs"]
    if row["state"] == "completed" and row["before"][-1] not in _COMPLETES.get(verbs[-1], ()):
        wrong.append(f"{row['name']} was completed by {verbs[-1]} while {row['before'][-1]}")
    if "change_price" in verbs and {"pay", "pay_to_meet"} & set(verbs):
        last = len(verbs) - 1 - verbs[::-1].index("change_price")
        if "reconfirm" not in verbs[last:]:
            wrong.append(f"{row['name']} was paid at a price its buyer had not seen")
    return wrong


async def _clocks(db: Any) -> list[str]:
    wrong = []
    for row in await db.fetch("select id, state, due_at from orders"):
        ended = row["state"] in _ENDED
        if ended and row["due_at"] is not None:
            wrong.append(f"order {row['id']} has ended and is still due")
        if not ended and row["due_at"] is None:
            wrong.append(f"order {row['id']} is {row['state']} and nothing would ever happen to it")
    for row in await db.fetch("select id, state, due_at from refunds"):
        waits = row["state"] not in ("disputed", "refunded", "exchanged", "closed")
        if waits != (row["due_at"] is not None):
            wrong.append(f"refund {row['id']} is {row['state']} and due at {row['due_at']}")
    rows = await db.fetch("select id, state, due_at from offers")
    return wrong + [
        f"offer {row['id']} is {row['state']} and due at {row['due_at']}"
        for row in rows
        if (row["state"] in ("open", "countered", "accepted")) != (row["due_at"] is not None)
    ]


async def _time_after_a_pause(db: Any) -> list[str]:
    """An order that a refund had stopped leaves its two people at least a day."""
    rows = await db.fetch(
        "select o.id, o.due_at, m.at from orders o join order_moves m on m.order_id = o.id and m.version = o.version"
        " where m.verb = 'resume'"
    )
    return [f"order {row['id']} went on with too little time" for row in rows if row["due_at"] - row["at"] < _DAY]


_DAY = timedelta(hours=24)


async def _snapshots(db: Any) -> list[str]:
    rows = await db.fetch("select order_id, number, snapshot::text as snapshot, digest from order_lines")
    wrong = []
    for row in rows:
        plain = json.dumps(json.loads(row["snapshot"]), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(plain.encode()).digest() != row["digest"]:
            wrong.append(f"line {row['number']} of order {row['order_id']} is not what was frozen")
    return wrong


async def _meetings(db: Any) -> list[str]:
    rows = await db.fetch(
        "select o.id from orders o left join handover_codes c on c.order_id = o.id"
        " join order_moves m on m.order_id = o.id and m.version = o.version"
        " where o.handover = 'meet' and o.state = 'completed' and m.verb <> 'hold_ended' and c.redeemed_at is null"
    )
    return [f"order {row['id']} was handed over without its code" for row in rows]


async def _extensions(db: Any) -> list[str]:
    """How often each state was extended, against the terms of the order."""
    names = {
        "awaiting_shipment": "ship_extensions",
        "awaiting_meeting": "meet_extensions",
        "shipped": "receive_extensions",
        "delivered": "receive_extensions",
    }
    rows = await db.fetch(
        "select m.order_id, m.from_state, count(*) as count, o.terms::text as terms from order_moves m"
        " join orders o on o.id = m.order_id where m.verb = 'extend' group by 1, 2, 4"
    )
    wrong = []
    for row in rows:
        terms = json.loads(row["terms"])
        rest = row["from_state"] == "awaiting_balance"
        if row["count"] > (terms["deposit"]["extensions"] if rest else terms[names[row["from_state"]]]):
            wrong.append(f"order {row['order_id']} was extended {row['count']} times while {row['from_state']}")
    return wrong


async def _parcels(db: Any) -> list[str]:
    """The parcel of an order is the one named last, it is waited for and its number taken; two corrections at most."""
    rows = await db.fetch(
        "select 'order ' || s.order_id as name, s.waybill, array(select m.facts ->> 'waybill' from order_moves m"
        "   where m.order_id = s.order_id and m.verb in ('ship', 'correct_waybill') order by m.version) as named,"
        " array(select p.waybill from parcel_subjects x join parcels p on p.id = x.parcel"
        "   join waybills w on w.carrier = p.carrier and w.waybill = p.waybill"
        "   where x.subject = s.order_id) as waited from shipments s where s.waybill is not null"
    )
    return [
        f"{row['name']} travels as {row['waybill']}, was named {row['named']} and waits for {row['waited']}"
        for row in rows
        if row["named"][-1:] != [row["waybill"]] or row["waybill"] not in row["waited"] or len(row["named"]) > 3
    ]


async def _privacy(db: Any) -> list[str]:
    rows = await db.fetch("select id from orders where address_sealed is not null and handover <> 'ship'")
    return [f"order {row['id']} keeps an address it does not need" for row in rows]


CHECKS = (
    _orders,
    _refunds,
    _offers,
    _clocks,
    _time_after_a_pause,
    _snapshots,
    _meetings,
    _extensions,
    _parcels,
    _privacy,
)


async def left_undone(db: Any, now: datetime) -> list[str]:
    """At rest: every fact is booked, every call answered but pages that can still be paid, every deadline met.

    A hold that ran out must have been booked where an order was open and all of its money held; else a person decides.
    """
    wrong = [
        f"fact {row['event_id']} ({row['kind']}) was never booked"
        for row in await db.fetch(
            "select event_id, kind from provider_facts where booked_at is null and (kind <> 'hold_released'"
            " or exists (select from orders o where o.id = body ->> 'part' and o.deposit = 0 and o.refunded = 0"
            "   and o.state in ('awaiting_shipment', 'awaiting_meeting', 'shipped', 'delivered')))"
        )
    ]
    wrong += [
        f"call {row['id']} ({row['kind']}, {row['code']}) was never answered"
        for row in await db.fetch(
            "select c.id, c.kind, c.code from payment_calls c join payments p on p.id = c.payment"
            " where c.state in ('waiting', 'sent') and (c.kind <> 'open' or p.expires_at <= $1)",
            now,
        )
    ]
    rows = await db.fetch(
        "select 'order ' || id as name from orders where due_at <= $1 and paused_at is null"
        " union all select 'refund ' || id from refunds where due_at <= $1"
        " union all select 'offer ' || id from offers where due_at <= $1"
        " union all select 'link ' || id from private_links where due_at <= $1",
        now,
    )
    return [*wrong, *(f"{row['name']}: its time was up and nothing happened" for row in rows)]
