"""Units promised to somebody before there is an order: what offers and carts ask of a thing."""

from collections.abc import Sequence

import msgspec

from xianji.domains.items import rules
from xianji.domains.items.model import (
    BLOCKED_PAIR,
    ITEM_NOT_FOR_SALE,
    ITEM_SOLD_OUT,
    OWN_ITEM,
    ItemKind,
    ReservedLine,
    State,
)
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import things


class OnSale(msgspec.Struct, frozen=True):
    """What a buyer bargains about; `left` are the units that nobody has reserved."""

    id: str
    seller: str
    title: str
    kind: ItemKind
    state: State
    price: int
    currency: str
    bargain: bool
    left: int


async def on_sale(look: Look, item: str, buyer: str) -> OnSale:
    """A thing this buyer could buy now. Refuses what `reserve` refuses; nothing is locked."""
    row = await look.db.fetchrow(
        "select id, seller, title, kind, state, price, currency, bargain, stock - sold - reserved as left"
        " from items where id = $1",
        item,
    )
    if row is None or row["state"] not in rules.SHOWN:
        raise NOT_FOUND()
    found = OnSale(**row)
    if found.seller == buyer:
        raise OWN_ITEM()
    if await things.are_blocked(look, buyer, found.seller):
        raise BLOCKED_PAIR()
    if found.state == "sold":
        raise ITEM_SOLD_OUT(left=0)
    if found.state != "live" or found.kind == "giveaway":
        raise ITEM_NOT_FOR_SALE()
    if found.left < 1:
        raise ITEM_SOLD_OUT(left=found.left)
    return found


async def own_on_sale(look: Look, item: str) -> OnSale:
    """The actor's own thing, not removed and not a gift. Everybody else's, and none, is `not_found`."""
    row = await look.db.fetchrow(
        "select id, seller, title, kind, state, price, currency, bargain, stock - sold - reserved as left"
        " from items where id = $1 and seller = $2 and state <> 'removed'",
        item,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    found = OnSale(**row)
    if found.kind == "giveaway":
        raise ITEM_NOT_FOR_SALE()
    return found


async def reserve_for(work: Work, item: str, buyer: str) -> ReservedLine:
    """Keep one unit for `buyer`, whoever acts. Refuses what `reserve` refuses."""
    return await things.reserve(work, item, 1, buyer, gift=False)


async def held_line(work: Work, item: str) -> ReservedLine:
    """The unit that was kept for the actor as an order's line; the counts do not change.

    Refuses `item_not_for_sale` when the thing was taken off sale for good, and `blocked_pair`.
    """
    row = await things.lock_any(work, item)
    if row.state not in rules.ON_SALE:
        raise ITEM_NOT_FOR_SALE()
    if await things.are_blocked(work, work.actor.me, row.seller):
        raise BLOCKED_PAIR()
    return things.line_of(row, 1)


async def lock_in_order(work: Work, items: Sequence[str]) -> None:
    """Take the locks of several items in the one order in which everybody takes them."""
    await work.db.execute("select from items where id = any($1) order by id for update", list(items))
