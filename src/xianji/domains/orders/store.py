"""The rows of orders. Who may see a row is part of loading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg
import msgspec

from xianji.domains.fees import Charge
from xianji.domains.items import ReservedLine
from xianji.domains.parcels import Label
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from .model import Order, Snapshot, Terms
from .pricing import Priced


@dataclass(frozen=True, slots=True)
class CodeRow:
    """The state of an order's meeting code."""

    nonce: str
    tries: int
    locked_until: datetime | None


async def lock_for(work: Work, id: str) -> Order:
    """An order of the actor's, locked. Refuses `not_found` for strangers and for what is not there."""
    row = await work.db.fetchrow(
        "select id, buyer, seller, state, handover, currency, goods, shipping, total, paid, refunded, charge,"
        " payment, terms, version, extensions, due_at, paused_at, bundle, lowered, confirmed, checkout,"
        " deposit, deposit_payment from orders"
        " where id = $1 and (buyer = $2 or seller = $2) for update",
        id,
        work.actor.me,
    )
    return _order(row)


async def lock_for_system(work: Work, id: str) -> Order:
    """An order, locked, for time, the provider, a carrier or an operator; never for a member."""
    assert work.actor.system or work.actor.roles, "a member must come through lock_for"
    row = await work.db.fetchrow(
        "select id, buyer, seller, state, handover, currency, goods, shipping, total, paid, refunded, charge,"
        " payment, terms, version, extensions, due_at, paused_at, bundle, lowered, confirmed, checkout,"
        " deposit, deposit_payment from orders"
        " where id = $1 for update",
        id,
    )
    return _order(row)


def _order(row: Any) -> Order:
    if row is None:
        raise NOT_FOUND()
    return Order(**{**row, "terms": msgspec.convert(row["terms"], Terms), "charge": charge_of(row["charge"])})


def charge_of(stored: Any) -> Charge | None:
    """The decided fee of an order as its row keeps it."""
    return None if stored is None else msgspec.convert(stored, Charge)


async def insert_order(work: Work, order: Order, address_sealed: str | None, note: str) -> None:
    """A new order."""
    await work.db.execute(
        "insert into orders (id, buyer, seller, state, handover, currency, goods, shipping, total, terms,"
        " address_sealed, note, due_at, placed_at, changed_at, bundle, checkout)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16)",
        order.id,
        order.buyer,
        order.seller,
        order.state,
        order.handover,
        order.currency,
        order.goods,
        order.shipping,
        order.total,
        msgspec.to_builtins(order.terms),
        address_sealed,
        note,
        order.due_at,
        work.now,
        order.bundle,
        order.checkout,
    )


async def insert_lines(work: Work, order: str, lines: Sequence[tuple[ReservedLine, Priced]]) -> None:
    """The frozen lines, each with its price and the hash of its snapshot."""
    snapshots = [msgspec.to_builtins(_snapshot(line, priced)) for line, priced in lines]
    await work.db.execute(
        "insert into order_lines (order_id, number, item, quantity, price, off, amount, version, snapshot, digest)"
        " select $1, t.number, t.item, t.quantity, t.price, t.off, t.price * t.quantity - t.off, t.version, t.snapshot,"
        " t.digest from unnest($2::integer[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::integer[],"
        " $8::jsonb[], $9::bytea[]) as t (number, item, quantity, price, off, version, snapshot, digest)",
        order,
        list(range(1, len(lines) + 1)),
        [line.item for line, _ in lines],
        [line.quantity for line, _ in lines],
        [priced.price for _, priced in lines],
        [priced.off for _, priced in lines],
        [line.version for line, _ in lines],
        snapshots,
        [snapshot_digest(snapshot) for snapshot in snapshots],
    )


def _snapshot(line: ReservedLine, priced: Priced) -> Snapshot:
    return Snapshot(
        title=line.title,
        description=line.description,
        condition=line.condition,
        category=line.category,
        attributes=line.attributes,
        media=line.media,
        kind=line.kind,
        handover=list(line.handover),
        place_label=line.place_label,
        shipping=line.shipping.amount if line.shipping else None,
        deal=priced.deal,
    )


def snapshot_digest(snapshot: dict[str, Any]) -> bytes:
    """The hash that proves a snapshot, over its sorted JSON."""
    return sha256(msgspec.json.encode(snapshot, order="sorted")).digest()


@dataclass(frozen=True, slots=True)
class HeldUnits:
    """The units of one line, as the item domain counts them."""

    item: str
    quantity: int
    gift: bool


async def held_units(work: Work, order: str) -> list[HeldUnits]:
    """The units of each line, in item order, the order in which items are locked."""
    rows = await work.db.fetch(
        "select item, quantity, snapshot ->> 'kind' = 'giveaway' as gift from order_lines"
        " where order_id = $1 order by item",
        order,
    )
    return [HeldUnits(**row) for row in rows]


async def line_of(look: Look, order: str, item: str | None) -> Any:
    """The frozen line of an item, or the first one; None when the order has no such line."""
    return await look.db.fetchrow(
        "select item, quantity, amount, snapshot from order_lines"
        " where order_id = $1 and ($2::text is null or item = $2) order by number limit 1",
        order,
        item,
    )


async def happened(look: Look, order: str, verbs: Sequence[str]) -> bool:
    """Whether the order's history has one of these moves."""
    found: bool = await look.db.fetchval(
        "select exists (select from order_moves where order_id = $1 and verb = any($2::text[]))", order, list(verbs)
    )
    return found


async def pay_page_texts(work: Work, order: str) -> tuple[str, str]:
    """(what it is about, the seller's name), for the provider's page."""
    row = await work.db.fetchrow(
        "select l.snapshot ->> 'title' as title, m.name from orders o"
        " join order_lines l on l.order_id = o.id and l.number = 1 join members m on m.id = o.seller where o.id = $1",
        order,
    )
    assert row is not None, "an order has a first line and a seller"
    return row["title"], row["name"]


async def move_order(work: Work, before: Order, state: str, due_at: datetime | None, extensions: int) -> None:
    """Put an order into a state; the version must be the one that was locked."""
    done = await work.db.execute(
        "update orders set state = $3, due_at = $4, extensions = $5, version = version + 1, changed_at = $6"
        " where id = $1 and version = $2",
        before.id,
        before.version,
        state,
        due_at,
        extensions,
        work.now,
    )
    assert done == "UPDATE 1", "the row is locked, so its version cannot have changed"


async def insert_move(
    work: Work, order: str, version: int, verb: str, frm: str, to: str, role: str, facts: dict[str, Any]
) -> None:
    """One entry of the history."""
    await work.db.execute(
        "insert into order_moves (order_id, version, verb, from_state, to_state, role, actor, facts, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        order,
        version,
        verb,
        frm,
        to,
        role,
        work.actor.member,
        facts,
        work.now,
    )


async def set_paid(work: Work, order: str, payment: str, amount: int) -> None:
    """Which payment paid the order, or the rest of it."""
    await work.db.execute("update orders set paid = paid + $3, payment = $2 where id = $1", order, payment, amount)


async def set_deposit(work: Work, order: str, payment: str, amount: int) -> None:
    """Which payment brought the deposit."""
    await work.db.execute(
        "update orders set paid = $3, deposit = $3, deposit_payment = $2 where id = $1", order, payment, amount
    )


async def set_charge(work: Work, order: str, charge: Charge) -> None:
    """The fee, once it is decided."""
    await work.db.execute("update orders set charge = $2 where id = $1", order, msgspec.to_builtins(charge))


async def add_refunded(work: Work, order: str, amount: int) -> None:
    """So much of what was paid went back to the buyer."""
    await work.db.execute("update orders set refunded = refunded + $2 where id = $1", order, amount)


async def set_price(work: Work, before: Order, goods: int, shipping: int) -> None:
    """What the order costs now; the buyer must look again."""
    await work.db.execute(
        "update orders set goods = $2, shipping = $3, total = $2::bigint + $3::bigint, lowered = lowered + goods - $2,"
        " confirmed = false where id = $1",
        before.id,
        goods,
        shipping,
    )


async def set_confirmed(work: Work, order: str) -> None:
    """The buyer has seen what it costs now."""
    await work.db.execute("update orders set confirmed = true where id = $1", order)


async def insert_checkout(work: Work, id: str) -> None:
    """Several orders of the actor that are paid at once."""
    await work.db.execute(
        "insert into checkouts (id, buyer, placed_at) values ($1, $2, $3)", id, work.actor.me, work.now
    )


async def lock_checkout(work: Work, id: str) -> list[Order]:
    """The orders of the actor's checkout, locked in the order of their ids. Refuses `not_found`."""
    rows = await work.db.fetch(
        "select id, buyer, seller, state, handover, currency, goods, shipping, total, paid, refunded, charge,"
        " payment, terms, version, extensions, due_at, paused_at, bundle, lowered, confirmed, checkout,"
        " deposit, deposit_payment from orders"
        " where checkout = $1 and buyer = $2 order by id for update",
        id,
        work.actor.me,
    )
    if not rows:
        raise NOT_FOUND()
    return [_order(row) for row in rows]


async def set_paused(work: Work, order: str, paused_at: datetime | None, due_at: datetime | None) -> None:
    """Stop an order's clock, or let it go on until `due_at`; the caller holds its lock."""
    await work.db.execute("update orders set paused_at = $2, due_at = $3 where id = $1", order, paused_at, due_at)


async def ended_at(look: Look, order: str) -> datetime:
    """When an order came into its present state."""
    found: datetime = await look.db.fetchval(
        "select max(at) from order_moves where order_id = $1 and from_state <> to_state", order
    )
    return found


async def placed_at(look: Look, order: str) -> datetime:
    """When an order was made: the rules of that moment hold for it."""
    found: datetime = await look.db.fetchval("select placed_at from orders where id = $1", order)
    return found


async def set_meeting(work: Work, order: str, sealed: str) -> None:
    """Where and when they meet."""
    await work.db.execute("update orders set meeting_sealed = $2 where id = $1", order, sealed)


async def insert_code(work: Work, order: str, nonce: str) -> None:
    """The secret part of an order's meeting codes."""
    await work.db.execute("insert into handover_codes (order_id, nonce) values ($1, $2)", order, nonce)


async def set_nonce(work: Work, order: str, nonce: str) -> None:
    """Another secret part: no code made with the one before is good any more."""
    await work.db.execute("update handover_codes set nonce = $2 where order_id = $1", order, nonce)


async def code_of(work: Work, order: str) -> CodeRow:
    """The meeting code's state; the caller holds the order's lock."""
    row = await work.db.fetchrow(
        "select nonce, tries, locked_until from handover_codes where order_id = $1 for update", order
    )
    assert row is not None, "an order that awaits a meeting has a code"
    return CodeRow(**row)


async def set_tries(work: Work, order: str, tries: int, locked_until: datetime | None) -> None:
    """Count a wrong try."""
    await work.db.execute(
        "update handover_codes set tries = $2, locked_until = $3 where order_id = $1", order, tries, locked_until
    )


async def set_redeemed(work: Work, order: str) -> None:
    """The code was shown and entered."""
    await work.db.execute("update handover_codes set redeemed_at = $2 where order_id = $1", order, work.now)


async def insert_shipment(
    work: Work, order: str, carrier: str | None, waybill: str | None, note_sealed: str | None
) -> None:
    """How an order was sent."""
    await work.db.execute(
        "insert into shipments (order_id, carrier, waybill, note_sealed, shipped_at) values ($1, $2, $3, $4, $5)",
        order,
        carrier,
        waybill,
        note_sealed,
        work.now,
    )


async def label_of(work: Work, order: str) -> Label:
    """What stands on the parcel of an order that was posted."""
    row = await work.db.fetchrow("select carrier, waybill from shipments where order_id = $1", order)
    assert row is not None, "an order is shipped by naming its parcel"
    return Label(**row)


async def set_label(work: Work, order: str, label: Label) -> None:
    """The parcel's number was wrong; it is this one."""
    await work.db.execute(
        "update shipments set carrier = $2, waybill = $3 where order_id = $1", order, label.carrier, label.waybill
    )


async def count_moves(work: Work, order: str, verb: str) -> int:
    """How often an order was moved by a verb."""
    count: int = await work.db.fetchval(
        "select count(*) from order_moves where order_id = $1 and verb = $2", order, verb
    )
    return count


async def sealed_address(work: Work, order: str) -> str | None:
    """Where an order goes to, as it is kept."""
    found: str | None = await work.db.fetchval("select address_sealed from orders where id = $1", order)
    return found


async def claim_waybill(work: Work, carrier: str, waybill: str, order: Order) -> bool:
    """Whether this number is free, or was used between the same two people (several orders in one parcel)."""
    row = await work.db.fetchrow(
        "insert into waybills (carrier, waybill, seller, buyer) values ($1, $2, $3, $4)"
        " on conflict (carrier, waybill) do update set carrier = excluded.carrier returning seller, buyer",
        carrier,
        waybill,
        order.seller,
        order.buyer,
    )
    assert row is not None, "an upsert returns its row"
    return tuple(row) == (order.seller, order.buyer)


async def lock_waybills(work: Work, labels: Sequence[Label]) -> None:
    """Lock what is known of some numbers, in the order of their keys."""
    await work.db.execute(
        "select from waybills w join unnest($1::text[], $2::text[]) as t (carrier, waybill) using (carrier, waybill)"
        " order by carrier, waybill for update of w",
        [label.carrier for label in labels],
        [label.waybill for label in labels],
    )


async def release_waybill(work: Work, label: Label) -> None:
    """A number that was named by mistake may be used by whom it belongs to."""
    await work.db.execute("delete from waybills where carrier = $1 and waybill = $2", label.carrier, label.waybill)


async def due_orders(look: Look, limit: int) -> list[str]:
    """Orders whose time is up at `look.now`; paused ones are not."""
    rows = await look.db.fetch(
        "select id from orders where due_at <= $1 and paused_at is null order by due_at limit $2", look.now, limit
    )
    return [row["id"] for row in rows]


async def scrub_places(work: Work, member: str) -> None:
    """Forget addresses, meeting places and notes of a member's ended orders."""
    await work.db.execute(
        "update orders set address_sealed = null, meeting_sealed = null, note = ''"
        " where (buyer = $1 or seller = $1) and state in ('completed', 'closed', 'refunded')",
        member,
    )


async def old_addresses(work: Work, key: str, limit: int) -> list[Any]:
    """Orders whose address is sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select id, address_sealed as sealed from orders where address_sealed is not null"
        " and not starts_with(address_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def old_meetings(work: Work, key: str, limit: int) -> list[Any]:
    """Orders whose meeting is sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select id, meeting_sealed as sealed from orders where meeting_sealed is not null"
        " and not starts_with(meeting_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def old_contents(work: Work, key: str, limit: int) -> list[Any]:
    """Orders whose written delivery is sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select order_id as id, note_sealed as sealed from shipments where note_sealed is not null"
        " and not starts_with(note_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def put_address(work: Work, row: asyncpg.Record, sealed: str) -> None:
    """The same address under the current key."""
    await work.db.execute("update orders set address_sealed = $2 where id = $1", row["id"], sealed)


async def put_meeting(work: Work, row: asyncpg.Record, sealed: str) -> None:
    """The same meeting under the current key."""
    await set_meeting(work, row["id"], sealed)


async def put_content(work: Work, row: asyncpg.Record, sealed: str) -> None:
    """The same written delivery under the current key."""
    await work.db.execute("update shipments set note_sealed = $2 where order_id = $1", row["id"], sealed)
