"""Slots for those they concern: their seller, and whom that seller has accepted."""

from typing import Any

import msgspec

from xianji.kernel.work import Look

from .model import ADDRESS_SEAL, SlotView


async def slots_for_me(look: Look) -> list[SlotView]:
    """The slots ahead that are mine, and those of sellers who accepted me, by their time.

    The address is opened for the seller, and for who comes while they are accepted; for nobody else.
    """
    rows = await look.db.fetch(
        "with accepting as ("
        "  select seller from orders where buyer = $1 and handover = 'meet' and state = 'awaiting_meeting'"
        "  union select seller from offers where buyer = $1 and state = 'accepted'"
        "  union select i.seller from item_requests r join items i on i.id = r.item"
        "   where r.member = $1 and r.state = 'chosen')"
        " select s.id, s.seller, s.begins_at, s.ends_at, s.capacity, s.address_sealed,"
        "  s.seller in (select seller from accepting) as accepted,"
        "  array(select v.member from visits v where v.slot = s.id and v.left_at is null order by v.taken_at) as guests"
        " from visit_slots s where s.called_off_at is null and s.ends_at > $2 and (s.seller = $1"
        "  or s.seller in (select seller from accepting)"
        "  or exists (select from visits v where v.slot = s.id and v.member = $1 and v.left_at is null))"
        " order by s.begins_at, s.id limit 200",
        look.actor.me,
        look.now,
    )
    return [_view(look, row) for row in rows]


def _view(look: Look, row: Any) -> SlotView:
    me = look.actor.me
    mine, coming = row["seller"] == me, me in row["guests"]
    return SlotView(
        id=row["id"],
        seller=row["seller"],
        begins_at=row["begins_at"],
        ends_at=row["ends_at"],
        capacity=row["capacity"],
        left=max(0, row["capacity"] - len(row["guests"])),
        mine=mine,
        coming=coming,
        guests=list(row["guests"]) if mine else [],
        address=_address(look, row["address_sealed"]) if mine or (coming and row["accepted"]) else None,
    )


def _address(look: Look, sealed: str) -> dict[str, Any]:
    return msgspec.json.decode(look.keys.open(ADDRESS_SEAL, sealed), type=dict[str, Any])


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's slots and visits; the other side only by id."""
    slots = await look.db.fetch(
        "select id, begins_at, ends_at, capacity, called_off_at from visit_slots where seller = $1 order by id", member
    )
    taken = await look.db.fetch(
        "select slot, taken_at, left_at from visits where member = $1 order by taken_at, slot", member
    )
    return {"visit_slots": [dict(row) for row in slots], "visits": [dict(row) for row in taken]}
