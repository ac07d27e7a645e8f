"""The proof that orders, books and provider facts say the same; what `xianji prove-ledger` runs."""

from typing import Any

import msgspec

from xianji.domains import ledger, payments
from xianji.kernel.work import Look, Work

from . import cart_store, store, thanks_store
from .model import UnsettledOrder


class BooksProof(msgspec.Struct, frozen=True):
    """The ledger's own proof, orders whose held money does not fit their state, and facts not booked yet."""

    ledger: ledger.Proof
    orders_off: list[UnsettledOrder]
    unbooked: list[payments.UnbookedFact]

    @property
    def holds(self) -> bool:
        """Whether the books are right. Facts still on their way are listed but are no error."""
        return self.ledger.holds and not self.orders_off


async def prove_books(look: Look) -> BooksProof:
    """Recompute everything. For finance and the command line (`SYSTEM`)."""
    look.actor.need_role("finance")
    off = await look.db.fetch(
        "select o.id as order, o.state, o.paid, coalesce(l.held, 0) as held from orders o"
        " left join ledger_order_sums l on l.reference = o.id"
        " where coalesce(l.held, 0) <> case when o.state in"
        " ('awaiting_shipment', 'awaiting_meeting', 'shipped', 'delivered')"
        " and coalesce((o.terms ->> 'protected')::boolean, true) then o.total - o.refunded"
        " when o.state = 'awaiting_balance' then o.deposit else 0 end order by o.id"
    )
    return BooksProof(
        await ledger.prove(look), [UnsettledOrder(**row) for row in off], await payments.unbooked_facts(look)
    )


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's orders with their lines and history; the other side only by id."""
    rows = await look.db.fetch(
        "select o.id, o.buyer, o.seller, o.state, o.handover, o.total, o.currency, o.note, o.placed_at,"
        " (select jsonb_agg(jsonb_build_object('item', n.item, 'quantity', n.quantity, 'price', n.price,"
        "   'snapshot', n.snapshot) order by n.number) from order_lines n where n.order_id = o.id) as lines,"
        " (select jsonb_agg(jsonb_build_object('verb', m.verb, 'state', m.to_state, 'at', m.at) order by m.version)"
        "   from order_moves m where m.order_id = o.id) as history"
        " from orders o where o.buyer = $1 or o.seller = $1 order by o.id",
        member,
    )
    cart = await look.db.fetch(
        "select item, quantity, added_at from cart_lines where member = $1 order by added_at, item", member
    )
    together = await look.db.fetch("select id, placed_at from checkouts where buyer = $1 order by id", member)
    thanks = await look.db.fetch(
        "select order_id as order, words, named, at from order_thanks where member = $1 order by at", member
    )
    return {
        "orders": [dict(row) for row in rows],
        "cart": [dict(row) for row in cart],
        "checkouts": [dict(row) for row in together],
        "thanks": [dict(row) for row in thanks],
    }


async def scrub(work: Work, member: str) -> None:
    """Forget addresses and meeting places of ended orders, thanks and the cart; the trade itself must be kept."""
    await store.scrub_places(work, member)
    await thanks_store.forget(work, member)
    await cart_store.clear(work, member)
