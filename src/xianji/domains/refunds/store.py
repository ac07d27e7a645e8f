"""The rows of refunds. A refund is locked after its order, and who may see it is part of loading it."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import orders
from xianji.domains.orders import Order
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from .model import Refund, Step

Row = Any


async def lock_for(work: Work, id: str) -> tuple[Order, Refund]:
    """A refund of the actor's and its order, both locked. Refuses `not_found` to everybody else."""
    order_id = await work.db.fetchval(
        "select order_id from refunds where id = $1 and (buyer = $2 or seller = $2)", id, work.actor.me
    )
    if order_id is None:
        raise NOT_FOUND()
    order = await orders.lock_for(work, order_id)
    return order, await _lock(work, id)


async def lock_for_system(work: Work, id: str) -> tuple[Order, Refund]:
    """A refund and its order, both locked, for time, the provider, a carrier or an operator; never for a member."""
    order_id = await work.db.fetchval("select order_id from refunds where id = $1", id)
    if order_id is None:
        raise NOT_FOUND()
    order = await orders.lock_for_system(work, order_id)
    return order, await _lock(work, id)


async def _lock(work: Work, id: str) -> Refund:
    row = await work.db.fetchrow(
        "select id, order_id, buyer, seller, kind, state, reason, asked, amount, currency, after_sale,"
        " counter_kind, counter_amount, address_sealed, carrier, waybill, signed_at, short, retry_at, version, due_at,"
        " again_of, opened_at from refunds where id = $1 for update",
        id,
    )
    assert row is not None, "refunds are never deleted"
    return Refund(**row)


async def open_refund_of(look: Look, order: str) -> str | None:
    """The refund of this order that is open."""
    found: str | None = await look.db.fetchval("select refund from open_refunds where order_id = $1", order)
    return found


async def insert_refund(work: Work, refund: Refund) -> None:
    """A new refund, open."""
    await work.db.execute(
        "insert into refunds (id, order_id, buyer, seller, kind, state, reason, asked, amount, currency, after_sale,"
        " due_at, opened_at, again_of) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        refund.id,
        refund.order_id,
        refund.buyer,
        refund.seller,
        refund.kind,
        refund.state,
        refund.reason,
        refund.asked,
        refund.amount,
        refund.currency,
        refund.after_sale,
        refund.due_at,
        work.now,
        refund.again_of,
    )
    await work.db.execute("insert into open_refunds (order_id, refund) values ($1, $2)", refund.order_id, refund.id)


async def count_moves(work: Work, refund: str, verb: str) -> int:
    """How often a refund was moved by a verb."""
    count: int = await work.db.fetchval(
        "select count(*) from refund_moves where refund = $1 and verb = $2", refund, verb
    )
    return count


async def insert_move(work: Work, refund: Refund, version: int, verb: str, to: str, role: str, step: Step) -> None:
    """One entry of the history."""
    await work.db.execute(
        "insert into refund_moves (refund, version, verb, from_state, to_state, role, actor, words, evidence, facts,"
        " at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        refund.id,
        version,
        verb,
        "" if version == 1 else refund.state,
        to,
        role,
        work.actor.member,
        step.words,
        step.evidence,
        step.facts,
        work.now,
    )


async def move_refund(work: Work, before: Refund, after: Refund, ended: bool) -> None:
    """Put a refund into its next state; the version must be the one that was locked."""
    done = await work.db.execute(
        "update refunds set kind = $3, state = $4, amount = $5, counter_kind = $6, counter_amount = $7,"
        " address_sealed = $8, carrier = $9, waybill = $10, signed_at = $11, due_at = $12, version = $13,"
        " ended_at = $14 where id = $1 and version = $2",
        before.id,
        before.version,
        after.kind,
        after.state,
        after.amount,
        after.counter_kind,
        after.counter_amount,
        after.address_sealed,
        after.carrier,
        after.waybill,
        after.signed_at,
        after.due_at,
        after.version,
        work.now if ended else None,
    )
    assert done == "UPDATE 1", "the row is locked, so its version cannot have changed"
    if ended:
        await work.db.execute("delete from open_refunds where order_id = $1", before.order_id)


async def set_short(work: Work, id: str, short: int, retry_at: datetime | None) -> None:
    """What the provider could not take back yet, and when it is asked again."""
    await work.db.execute("update refunds set short = $2, retry_at = $3 where id = $1", id, short, retry_at)


async def hurry(work: Work, seller: str, at: datetime) -> None:
    """What this seller owes is asked for at `at` already."""
    await work.db.execute(
        "update refunds set retry_at = least(retry_at, $2) where seller = $1 and retry_at is not null", seller, at
    )


async def due_refunds(look: Look, limit: int) -> list[str]:
    """Refunds whose time is up at `look.now`."""
    rows = await look.db.fetch("select id from refunds where due_at <= $1 order by due_at limit $2", look.now, limit)
    return [row["id"] for row in rows]


async def due_retries(look: Look, limit: int) -> list[str]:
    """Refunds for which the provider is to be asked again."""
    rows = await look.db.fetch(
        "select id from refunds where retry_at <= $1 order by retry_at limit $2", look.now, limit
    )
    return [row["id"] for row in rows]


async def old_addresses(work: Work, key: str, limit: int) -> list[Row]:
    """Refunds whose return address is sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select id, address_sealed as sealed from refunds where address_sealed is not null"
        " and not starts_with(address_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def put_address(work: Work, refund: str, sealed: str) -> None:
    """The same address under the current key."""
    await work.db.execute("update refunds set address_sealed = $2 where id = $1", refund, sealed)


async def forget_words(work: Work, member: str) -> None:
    """Take a member's words and pictures out of refunds that have ended, and their return addresses."""
    await work.db.execute(
        "update refund_moves m set words = '', evidence = '{}' from refunds r"
        " where r.id = m.refund and m.actor = $1 and r.ended_at is not null",
        member,
    )
    await work.db.execute("update refunds set address_sealed = null where seller = $1 and ended_at is not null", member)


def changed(refund: Refund, **facts: Any) -> Refund:
    """The same refund with other facts."""
    return msgspec.structs.replace(refund, **facts)
