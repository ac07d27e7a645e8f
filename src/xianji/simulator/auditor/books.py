"""Money: accounts, the equation of each order, fees, and what the provider says beside what we say."""

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple


class Told(NamedTuple):
    """What the provider says about one part of a payment, minor units."""

    payment: str
    part: str
    amount: int
    held: int
    released: int
    fee: int
    refunded: int
    over: bool = False  # its hold has run out


# What a buyer gets back: out of held money, or after the release.
BACK = ("refunded", "refund_due", "refund_owed", "fee_back")
# What one side owes the other beside the provider.
AMENDS = ("penalty_owed", "claim_owed", "repay_owed")
Sums = dict[str, int]


def of(sums: Sums, *kinds: str) -> int:
    """These kinds of transfer together."""
    return sum(sums.get(kind, 0) for kind in kinds)


def share(base: int, ppm: int) -> int:
    """So many parts per million, half up, in exact decimals."""
    return int((Decimal(base) * ppm / 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


async def sums_by_order(db: Any) -> dict[str, Sums]:
    """Order → kind of transfer → sum."""
    found: dict[str, Sums] = {}
    for row in await db.fetch("select reference, kind, sum(amount)::bigint as sum from ledger_transfers group by 1, 2"):
        found.setdefault(row["reference"], {})[row["kind"]] = row["sum"]
    return found


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


async def _equation(db: Any) -> list[str]:
    held = {
        row["owner"]: row["balance"]
        for row in await db.fetch("select owner, balance from ledger_accounts where kind = 'order_held'")
    }
    wrong = []
    for order, sums in (await sums_by_order(db)).items():
        came = of(sums, "paid", "fee_owed", "refund_owed", "refund_due", *AMENDS)
        went = of(sums, "released", *BACK, "fee", "fee_owed", *AMENDS) - of(sums, "fee_back")
        went += held.get(order, 0)
        if came != went:
            wrong.append(f"order {order}: {came} came in, {went} are accounted for ({sums})")
        if of(sums, *BACK, "claim_owed") - of(sums, "repay_owed") > of(sums, "paid"):
            wrong.append(f"order {order}: more goes back than was ever paid ({sums})")
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


async def _fees(db: Any) -> list[str]:
    """Each decided fee once more, in exact decimals, from the policy that the order froze."""
    wrong, sums = [], await sums_by_order(db)
    for row in await db.fetch(
        "select id, state, goods, shipping, paid, refunded, terms::text as terms, charge::text as charge from orders"
        " where charge is not null"
    ):
        policy, charge = json.loads(row["terms"])["fee"], json.loads(row["charge"])
        base = row["goods"] + row["shipping"]
        if policy.get("charge_at", "completion") == "completion":
            base -= row["refunded"]
        base = base if row["goods"] else 0  # nothing is taken of what was given away
        regular, extra = _parts_of_fee(policy, charge, base)
        if (charge["base"], charge["regular"], charge.get("excess", 0)) != (base, regular, extra):
            wrong.append(f"order {row['id']} is charged {charge}, not {regular} + {extra} on {base}")
        mine = sums.get(row["id"], {})
        taken = of(mine, "fee", "fee_owed")
        if row["state"] in ("completed", "refunded", "forfeited") and taken != regular + extra:
            wrong.append(f"order {row['id']} gave {taken} in fees instead of {regular + extra}")
        wrong += _fee_given_back(row["id"], policy, charge, mine, row["state"] == "completed")
    return wrong


def _parts_of_fee(policy: dict[str, Any], charge: dict[str, Any], base: int) -> tuple[int, int]:
    regular = share(base, charge["rate_ppm"])
    if policy.get("cap") is not None:
        regular = min(regular, policy["cap"])
    return regular, share(base, charge.get("excess_ppm", 0))


def _fee_given_back(
    order: str, policy: dict[str, Any], charge: dict[str, Any], mine: Sums, completed: bool
) -> list[str]:
    """After a refund of a finished sale the fee is kept, or comes back in proportion as far as it was taken."""
    claimed = of(mine, "refund_due", "refund_owed", "fee_back")
    due = 0
    if completed and policy.get("after_completion", "kept") == "in_proportion":
        left = sum(_parts_of_fee(policy, charge, max(0, charge["base"] - claimed)))
        due = min(charge["regular"] + charge.get("excess", 0) - left, of(mine, "fee"))
    back = of(mine, "fee_back")
    return [] if back == due else [f"order {order} gave {back} of its fee back instead of {due}"]


async def _asked(db: Any) -> list[str]:
    """Of no part may the provider be asked to move more than it holds, whatever it would answer."""
    rows = await db.fetch(
        "select p.payment, p.part, p.amount,"
        " coalesce(sum(c.amount) filter (where c.kind in ('release', 'refund') and c.generation = 0), 0) as out,"
        " coalesce(sum(c.amount) filter (where c.kind = 'split_return' and c.state = 'done'), 0) as back"
        " from payment_parts p join payment_calls c on c.payment = p.payment and c.part = p.part"
        " group by p.payment, p.part, p.amount"
    )
    return [
        f"payment {row['payment']}: the provider is asked to move {row['out']} of part {row['part']},"
        f" which is {row['amount']} and {row['back']} taken back"
        for row in rows
        if row["out"] > row["amount"] + row["back"]
    ]


async def _payments(db: Any) -> list[str]:
    """A payment is the sum of its parts; who paid an order paid what it costs, to its seller, after agreeing to it."""
    wrong = [
        f"payment {row['id']} over {row['amount']} has parts of {row['parts']}"
        for row in await db.fetch(
            "select p.id, p.amount, sum(n.amount)::bigint as parts from payments p"
            " join payment_parts n on n.payment = p.id group by p.id having p.amount <> sum(n.amount)"
        )
    ]
    rows = await db.fetch(
        "select o.id, o.total, o.deposit, o.paid, o.seller, o.confirmed, n.amount, n.payee from orders o"
        " left join payment_parts n on n.payment = o.payment and n.part = o.id where o.payment is not null"
    )
    return wrong + [
        f"order {row['id']} was paid otherwise than agreed: {dict(row)}"
        for row in rows
        if (row["payee"], row["confirmed"]) != (row["seller"], True)
        or row["amount"] not in ((row["deposit"], row["total"] - row["deposit"]) if row["deposit"] else (row["total"],))
    ]


CHECKS = (_accounts, _equation, _held, _fees, _asked, _payments)


def _by_part(told: Sequence[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.part, []).append(one)
    return found


async def provider_ahead(db: Any, told: Sequence[Told]) -> list[str]:
    """The provider must never have let go of more than our books allow."""
    wrong, sums = [], await sums_by_order(db)
    ended = {
        row["part"]
        for row in await db.fetch("select body ->> 'part' as part from provider_facts where kind = 'hold_released'")
    }
    for order, parts in _by_part(told).items():
        if any(part.over for part in parts):
            ended.add(order)
        ours = sums.get(order, {})
        out = sum(part.released for part in parts)
        back = sum(part.refunded for part in parts)
        if out > of(ours, "released") - of(ours, "recovered") and order not in ended:
            wrong.append(f"order {order}: the provider paid its seller {out}, our books released less ({ours})")
        if back > of(ours, *BACK):
            wrong.append(f"order {order}: the provider paid its buyer {back} back, our books less ({ours})")
    return wrong


async def for_finance(db: Any) -> set[str]:
    """Orders whose hold ran out at a moment that fits no order (part of it on its way, a deposit): a person decides."""
    rows = await db.fetch(
        "select body ->> 'part' as part from provider_facts where kind = 'hold_released' and booked_at is null"
    )
    return {row["part"] for row in rows}


async def _out_of_time(db: Any, told: Sequence[Told]) -> set[str]:
    """Orders of which a release or refund came after the hold had run out unheard: it was refused, finance has it."""
    rows = await db.fetch("select part from payment_calls where state = 'failed' and code = 'not_enough_held'")
    refused = {row["part"] for row in rows}
    return {part.part for part in told if part.over and part.part in refused}


async def unlike_provider(db: Any, told: Sequence[Told]) -> list[str]:
    """At rest: nothing is under way, and both say the same of every order but those that wait for a person."""
    wrong, sums = [], await sums_by_order(db)
    apart = await for_finance(db) | await _out_of_time(db, told)
    short = await db.fetchval(
        "select coalesce(sum(short), 0)::bigint from refunds where order_id <> all($1::text[])", list(apart)
    )
    rows = await db.fetch(
        "select kind, sum(balance)::bigint as balance from ledger_accounts"
        " where kind in ('seller_payable', 'buyer_refund') group by kind"
    )
    left = {row["kind"]: row["balance"] for row in rows}
    for mine in (sums.get(order, {}) for order in apart):
        unpaid = of(mine, "released") - of(mine, "recovered", "paid_out")
        left["seller_payable"] = left.get("seller_payable", 0) - unpaid
        left["buyer_refund"] = left.get("buyer_refund", 0) - of(mine, *BACK) + of(mine, "refund_sent")
    if left.get("seller_payable", 0):
        wrong.append(f"sellers are still to be paid {left['seller_payable']} although everything was done")
    if left.get("buyer_refund", 0) != short:
        wrong.append(f"buyers are still to be paid {left['buyer_refund']}, of which sellers owe {short}")
    owing = {row["order_id"] for row in await db.fetch("select order_id from refunds where short > 0")}
    for order, parts in _by_part(told).items():
        if order in apart:
            continue
        wrong += _same_as_provider(order, sums.get(order, {}), parts, order in owing)
    return wrong


def _same_as_provider(order: str, ours: Sums, parts: list[Told], owing: bool) -> list[str]:
    returned = of(ours, "returned")
    pairs = [
        ("came in", sum(part.amount for part in parts), of(ours, "paid")),
        ("is held", sum(part.held for part in parts), _held_by(ours)),
        ("stays with the seller", sum(part.released for part in parts), of(ours, "paid_out") - returned),
        (
            "stays with the platform",
            sum(part.fee for part in parts),
            of(ours, "fee_collected") - of(ours, "fee_returned"),
        ),
        ("went back", sum(part.refunded for part in parts), of(ours, "refund_sent")),
        ("is due to the seller", of(ours, "paid_out"), of(ours, "released") - of(ours, "recovered")),
        ("is due to the platform", of(ours, "fee_collected"), of(ours, "fee", "recovered")),
    ]
    if not owing:
        pairs.append(("is due to the buyer", of(ours, "refund_sent"), of(ours, *BACK)))
    return [
        f"order {order}: {theirs} {what} at the provider, {books} in our books ({ours})"
        for what, theirs, books in pairs
        if theirs != books
    ]


def _held_by(ours: Sums) -> int:
    """What the provider should still hold of an order."""
    came = of(ours, "paid", "returned", "fee_returned")
    return came - of(ours, "paid_out", "fee_collected", "refund_sent")
