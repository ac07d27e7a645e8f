"""The rows of visits. A slot is found by its seller, and by whom that seller has accepted."""

from typing import Any

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work

from .model import Slot


async def insert_slot(work: Work, slot: Slot, sealed: str) -> None:
    """A new slot."""
    await work.db.execute(
        "insert into visit_slots (id, seller, begins_at, ends_at, capacity, address_sealed, made_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        slot.id,
        slot.seller,
        slot.begins_at,
        slot.ends_at,
        slot.capacity,
        sealed,
        work.now,
    )


async def lock_slots_of(work: Work, seller: str) -> None:
    """Whoever adds to the slots of a seller waits for the one before; held until the end of the transaction."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('visit_slots ' || $1, 0))", seller)


async def ahead_of(work: Work, seller: str) -> int:
    """How many slots of a seller lie ahead."""
    found: int = await work.db.fetchval(
        "select count(*) from visit_slots where seller = $1 and called_off_at is null and ends_at > $2",
        seller,
        work.now,
    )
    return found


async def lock_mine(work: Work, id: str) -> Slot:
    """A slot of the actor's own, locked. Refuses `not_found`."""
    row = await work.db.fetchrow(
        "select id, seller, begins_at, ends_at, capacity, called_off_at from visit_slots"
        " where id = $1 and seller = $2 and called_off_at is null for update",
        id,
        work.actor.me,
    )
    return _slot(row)


async def lock_accepted(work: Work, id: str) -> Slot:
    """A slot of a seller who accepted the actor, locked. Refuses `not_found` to everybody else.

    Accepted is who has a paid order to meet, an offer the seller said yes to, or a gift that was promised.
    """
    row = await work.db.fetchrow(
        "select s.id, s.seller, s.begins_at, s.ends_at, s.capacity, s.called_off_at from visit_slots s"
        " where s.id = $1 and s.called_off_at is null and (exists (select from orders o where o.buyer = $2"
        "   and o.seller = s.seller and o.handover = 'meet' and o.state = 'awaiting_meeting')"
        "  or exists (select from offers f where f.buyer = $2 and f.seller = s.seller and f.state = 'accepted')"
        "  or exists (select from item_requests r join items i on i.id = r.item"
        "   where r.member = $2 and i.seller = s.seller and r.state = 'chosen')) for update of s",
        id,
        work.actor.me,
    )
    return _slot(row)


async def lock_visited(work: Work, id: str) -> Slot:
    """A slot that the actor has taken, locked. Refuses `not_found`."""
    row = await work.db.fetchrow(
        "select s.id, s.seller, s.begins_at, s.ends_at, s.capacity, s.called_off_at from visit_slots s"
        " join visits v on v.slot = s.id and v.member = $2 and v.left_at is null"
        " where s.id = $1 and s.called_off_at is null for update of s",
        id,
        work.actor.me,
    )
    return _slot(row)


def _slot(row: Any) -> Slot:
    if row is None:
        raise NOT_FOUND()
    return Slot(**row)


async def guests_of(work: Work, slot: str) -> list[str]:
    """Who comes."""
    rows = await work.db.fetch("select member from visits where slot = $1 and left_at is null order by member", slot)
    return [row["member"] for row in rows]


async def put_visit(work: Work, slot: str) -> None:
    """The actor comes."""
    await work.db.execute(
        "insert into visits (slot, member, taken_at) values ($1, $2, $3)"
        " on conflict (slot, member) do update set taken_at = excluded.taken_at, left_at = null",
        slot,
        work.actor.me,
        work.now,
    )


async def end_visit(work: Work, slot: str) -> None:
    """The actor does not come after all."""
    await work.db.execute(
        "update visits set left_at = $3 where slot = $1 and member = $2", slot, work.actor.me, work.now
    )


async def call_off(work: Work, slot: str) -> None:
    """Nobody comes then; the address is forgotten."""
    await work.db.execute(
        "update visit_slots set called_off_at = $2, address_sealed = null where id = $1", slot, work.now
    )


async def old_addresses(work: Work, key: str, limit: int) -> list[Any]:
    """Slots whose address is sealed with a key that is not `key`, locked."""
    return await work.db.fetch(
        "select id, address_sealed as sealed from visit_slots where address_sealed is not null"
        " and not starts_with(address_sealed, $1) limit $2 for update skip locked",
        key,
        limit,
    )


async def put_address(work: Work, row: Any, sealed: str) -> None:
    """The same address under the current key."""
    await work.db.execute("update visit_slots set address_sealed = $2 where id = $1", row["id"], sealed)


async def scrub(work: Work, member: str) -> None:
    """A member who left receives nobody and visits nobody; their address is forgotten."""
    await work.db.execute(
        "update visit_slots set called_off_at = coalesce(called_off_at, $2), address_sealed = null where seller = $1",
        member,
        work.now,
    )
    await work.db.execute("delete from visits where member = $1", member)
