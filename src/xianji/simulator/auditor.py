"""The auditor: says from the rows alone whether the trade is in order. It shares no code with the domains.

Everything is written out a second time and in another way, so that a mistake in the rules is not repeated here. `audit`
holds after every step; `audit_at_rest` more strictly, when nothing is owed to or by the provider any more.
"""

import hashlib
import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import asyncpg

# Every change an order may ever make, written out by hand.
_CHANGES = {
    "": {"awaiting_payment"},
    "awaiting_payment": {"awaiting_payment", "awaiting_balance", "awaiting_shipment", "awaiting_meeting", "closed"},
    "awaiting_balance": {"awaiting_balance", "awaiting_shipment", "awaiting_meeting", "refunded", "forfeited"},
    "awaiting_shipment": {"awaiting_shipment", "shipped", "delivered", "refunded", "forfeited"},
    "awaiting_meeting": {"awaiting_meeting", "completed", "refunded", "forfeited"},
    "shipped": {"shipped", "delivered", "completed", "refunded"},
    "delivered": {"delivered", "completed", "refunded"},
    "completed": set(),
    "closed": set(),
    "refunded": set(),
    "forfeited": set(),
}
_ENDED = ("completed", "closed", "refunded", "forfeited")


class Told(NamedTuple):
    """What the provider says about one part of a payment, minor units."""

    payment: str
    part: str
    amount: int
    held: int
    released: int
    fee: int
    refunded: int


async def audit(db: "asyncpg.Connection[Any]", told: Sequence[Told]) -> list[str]:
    """What is wrong now, in plain words; empty when nothing is."""
    return [
        *await _accounts(db),
        *await _equation(db),
        *await _held(db),
        *await _deposits(db),
        *await _units(db),
        *await _histories(db),
        *await _clocks(db),
        *await _snapshots(db),
        *await _fees(db),
        *await _provider(db, told),
        *await _meetings(db),
        *await _extensions(db),
        *await _privacy(db),
    ]


async def audit_at_rest(db: "asyncpg.Connection[Any]", told: Sequence[Told]) -> list[str]:
    """What is wrong once everything owed was done: our books and the provider's must say the same."""
    wrong = await audit(db, told)
    for row in await db.fetch("select event_id, kind from provider_facts where booked_at is null"):
        wrong.append(f"fact {row['event_id']} ({row['kind']}) was never booked")
    for row in await db.fetch("select payment, id, kind, code from payment_calls where state in ('waiting', 'sent')"):
        wrong.append(f"call {row['id']} ({row['kind']}, {row['code']}) was never answered")
    for row in await db.fetch(
        "select key, balance from ledger_accounts"
        " where kind in ('seller_payable', 'buyer_refund', 'provider_clearing') and balance <> 0"
        " and (kind <> 'provider_clearing' or not exists (select from ledger_accounts h"
        "   where h.kind = 'order_held' and h.balance <> 0))"
    ):
        wrong.append(f"account {row['key']} still holds {row['balance']} although everything was paid")
    sums = await _sums(db)
    for part in _by_part(told).items():
        wrong += _same_as_provider(sums, *part)
    return wrong


async def _accounts(db: Any) -> list[str]:
    moved: dict[str, int] = {}
    for row in await db.fetch("select debit, credit, amount from ledger_transfers"):
        moved[row["debit"]] = moved.get(row["debit"], 0) - row["amount"]
        moved[row["credit"]] = moved.get(row["credit"], 0) + row["amount"]
    wrong, total = [], 0
    for row in await db.fetch("select key, balance, side from ledger_accounts"):
        total += row["balance"]
        if moved.get(row["key"], 0) != row["balance"]:
            wrong.append(f"account {row['key']} says {row['balance']}, its transfers {moved.get(row['key'], 0)}")
        if row["balance"] * row["side"] < 0:
            wrong.append(f"account {row['key']} is overdrawn: {row['balance']}")
    return [*wrong, *([f"all balances together are {total}"] if total else [])]


async def _sums(db: Any) -> dict[str, dict[str, int]]:
    """Order → kind of transfer → sum."""
    found: dict[str, dict[str, int]] = {}
    for row in await db.fetch("select reference, kind, sum(amount)::bigint as sum from ledger_transfers group by 1, 2"):
        found.setdefault(row["reference"], {})[row["kind"]] = row["sum"]
    return found


def _of(sums: dict[str, int], *kinds: str) -> int:
    return sum(sums.get(kind, 0) for kind in kinds)


async def _equation(db: Any) -> list[str]:
    held = {
        row["owner"]: row["balance"]
        for row in await db.fetch("select owner, balance from ledger_accounts where kind = 'order_held'")
    }
    wrong = []
    for order, sums in (await _sums(db)).items():
        came = _of(sums, "paid", "fee_owed", "refund_owed", "penalty_owed")
        went = _of(sums, "released", "refunded", "refund_owed", "fee", "fee_owed", "penalty_owed")
        went += held.get(order, 0)
        if came != went:
            wrong.append(f"order {order}: {came} came in, {went} are accounted for ({sums})")
    return wrong


async def _held(db: Any) -> list[str]:
    rows = await db.fetch(
        "select o.id, o.state, o.total, o.paid, o.refunded, o.deposit, coalesce(a.balance, 0) as held from orders o"
        " left join ledger_accounts a on a.kind = 'order_held' and a.owner = o.id"
    )
    wrong = []
    for row in rows:
        open_and_paid = row["state"] in ("awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
        due = row["total"] - row["refunded"] if open_and_paid else 0
        if row["state"] == "awaiting_balance":
            due = row["deposit"]
        if row["held"] != due:
            wrong.append(f"order {row['id']} is {row['state']} and holds {row['held']} instead of {due}")
        if open_and_paid and row["paid"] != row["total"]:
            wrong.append(f"order {row['id']} goes on although {row['paid']} of {row['total']} were paid")
        if row["state"] == "refunded" and row["refunded"] != row["paid"]:
            wrong.append(f"order {row['id']} ended refunded with {row['refunded']} of {row['paid']} back")
    return wrong


async def _deposits(db: Any) -> list[str]:
    """Each deposit once more, from what the order froze: how much, who has it in the end, and what a seller owes."""
    wrong, sums = [], await _sums(db)
    rows = await db.fetch(
        "select o.id, o.state, o.goods, o.paid, o.refunded, o.deposit, o.total, o.terms::text as terms,"
        " exists (select from order_moves m where m.order_id = o.id and (m.verb = 'refund_timeout'"
        " or m.verb = 'cancel_paid' and m.role = 'seller')) as broken from orders o"
    )
    for row in rows:
        agreed, moved = json.loads(row["terms"]).get("deposit"), sums.get(row["id"], {})
        earnest = agreed is not None and agreed["kind"] == "earnest"
        first = row["goods"] * agreed["percent"] // 100 if agreed else 0
        if row["deposit"] not in (0, first) or (earnest and row["deposit"] * 5 > row["goods"]):
            wrong.append(f"order {row['id']} has a deposit of {row['deposit']}, agreed were {agreed}")
        if row["state"] == "awaiting_balance" and row["paid"] != first:
            wrong.append(f"order {row['id']} waits for the rest and {row['paid']} of {first} were paid")
        if agreed and row["state"] in ("awaiting_shipment", "awaiting_meeting") and row["paid"] == first:
            wrong.append(f"order {row['id']} goes on although only its deposit was paid")
        if row["state"] == "forfeited" and (
            not earnest or (_of(moved, "released"), row["refunded"]) != (first, row["paid"] - first)
        ):
            wrong.append(f"order {row['id']} was forfeited and gave {moved}")
        penalty = first if earnest and row["broken"] else 0
        if _of(moved, "penalty_owed") != penalty:
            wrong.append(f"order {row['id']} makes its seller owe {_of(moved, 'penalty_owed')} instead of {penalty}")
    return wrong


async def _units(db: Any) -> list[str]:
    rows = await db.fetch(
        "select i.id, i.state, i.stock, i.reserved, i.sold,"
        " coalesce(sum(l.quantity) filter (where o.state not in ('completed', 'closed', 'refunded', 'forfeited')), 0)"
        " as bound,"
        " coalesce(sum(l.quantity) filter (where o.state = 'completed'), 0) as gone"
        " from items i left join order_lines l on l.item = i.id left join orders o on o.id = l.order_id group by i.id"
    )
    wrong = []
    for row in rows:
        if row["bound"] + row["gone"] > row["stock"]:
            wrong.append(f"thing {row['id']}: {row['bound'] + row['gone']} bought of {row['stock']}")
        if (row["reserved"], row["sold"]) != (row["bound"], row["gone"]):
            wrong.append(
                f"thing {row['id']} counts {row['reserved']} reserved and {row['sold']} sold,"
                f" its orders {row['bound']} and {row['gone']}"
            )
        if row["state"] == "sold" and row["sold"] < row["stock"]:
            wrong.append(f"thing {row['id']} is sold with {row['stock'] - row['sold']} left")
    return wrong


async def _histories(db: Any) -> list[str]:
    rows = await db.fetch(
        "select o.id, o.state, o.version, array_agg(m.version order by m.version) as versions,"
        " array_agg(m.from_state order by m.version) as before, array_agg(m.to_state order by m.version) as after"
        " from orders o left join order_moves m on m.order_id = o.id group by o.id"
    )
    wrong = []
    for row in rows:
        if row["versions"] != list(range(1, row["version"] + 1)):
            wrong.append(f"order {row['id']} at version {row['version']} has the history {row['versions']}")
        if row["after"][-1] != row["state"] or row["before"][1:] != row["after"][:-1]:
            wrong.append(f"order {row['id']} is {row['state']} but its history reads {row['before']} → {row['after']}")
        for before, after in zip(row["before"], row["after"], strict=True):
            if after not in _CHANGES[before]:
                wrong.append(f"order {row['id']} went from {before or 'nothing'} to {after}")
    return wrong


async def _clocks(db: Any) -> list[str]:
    rows = await db.fetch("select id, state, due_at, paused_at from orders")
    wrong = []
    for row in rows:
        ended = row["state"] in _ENDED
        if ended and row["due_at"] is not None:
            wrong.append(f"order {row['id']} has ended and is still due")
        if not ended and row["due_at"] is None:
            wrong.append(f"order {row['id']} is {row['state']} and nothing would ever happen to it")
    return wrong


async def _snapshots(db: Any) -> list[str]:
    rows = await db.fetch("select order_id, number, snapshot::text as snapshot, digest from order_lines")
    wrong = []
    for row in rows:
        plain = json.dumps(json.loads(row["snapshot"]), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(plain.encode()).digest() != row["digest"]:
            wrong.append(f"line {row['number']} of order {row['order_id']} is not what was frozen")
    return wrong


async def _fees(db: Any) -> list[str]:
    """Each decided fee once more, in exact decimals, from the policy that the order froze."""
    wrong, sums = [], await _sums(db)
    for row in await db.fetch(
        "select id, state, goods, shipping, paid, refunded, terms::text as terms, charge::text as charge from orders"
        " where charge is not null"
    ):
        policy, charge = json.loads(row["terms"])["fee"], json.loads(row["charge"])
        base = row["goods"] + row["shipping"]
        if policy.get("charge_at", "completion") == "completion":
            base -= row["refunded"]
        regular = _share(base, charge["rate_ppm"])
        if policy.get("cap") is not None:
            regular = min(regular, policy["cap"])
        extra = _share(base, charge.get("excess_ppm", 0))
        if (charge["base"], charge["regular"], charge.get("excess", 0)) != (base, regular, extra):
            wrong.append(f"order {row['id']} is charged {charge}, not {regular} + {extra} on {base}")
        taken = _of(sums.get(row["id"], {}), "fee", "fee_owed")
        if row["state"] in ("completed", "refunded", "forfeited") and taken != regular + extra:
            wrong.append(f"order {row['id']} gave {taken} in fees instead of {regular + extra}")
    return wrong


def _share(base: int, ppm: int) -> int:
    return int((Decimal(base) * ppm / 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def _by_part(told: Sequence[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.part, []).append(one)
    return found


async def _provider(db: Any, told: Sequence[Told]) -> list[str]:
    """The provider must never have let go of more than our books allow."""
    wrong, sums = [], await _sums(db)
    for order, parts in _by_part(told).items():
        ours = sums.get(order, {})
        out = sum(part.released for part in parts)
        back = sum(part.refunded for part in parts)
        if out > _of(ours, "released") - _of(ours, "recovered"):
            wrong.append(f"order {order}: the provider paid its seller {out}, our books released less ({ours})")
        if back > _of(ours, "refunded"):
            wrong.append(f"order {order}: the provider paid its buyer {back} back, our books less ({ours})")
    return wrong


def _same_as_provider(sums: dict[str, dict[str, int]], order: str, parts: list[Told]) -> list[str]:
    ours = sums.get(order, {})
    pairs = (
        ("came in", sum(part.amount for part in parts), _of(ours, "paid")),
        ("went to the seller", sum(part.released for part in parts), _of(ours, "released") - _of(ours, "recovered")),
        ("went to the platform", sum(part.fee for part in parts), _of(ours, "fee", "recovered")),
        ("went back", sum(part.refunded for part in parts), _of(ours, "refunded")),
        ("was paid out", sum(part.released for part in parts), _of(ours, "paid_out")),
        ("was sent back", sum(part.refunded for part in parts), _of(ours, "refund_sent")),
    )
    return [
        f"order {order}: {theirs} {what} at the provider, {books} in our books"
        for what, theirs, books in pairs
        if theirs != books
    ]


async def _meetings(db: Any) -> list[str]:
    rows = await db.fetch(
        "select o.id from orders o left join handover_codes c on c.order_id = o.id"
        " where o.handover = 'meet' and o.state = 'completed' and c.redeemed_at is null"
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


async def _privacy(db: Any) -> list[str]:
    rows = await db.fetch("select id from orders where address_sealed is not null and handover <> 'ship'")
    return [f"order {row['id']} keeps an address it does not need" for row in rows]
