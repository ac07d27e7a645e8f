"""What every room keeps about one member, and what keeps a member from leaving. Each domain answers for itself."""

from collections.abc import Awaitable, Callable
from typing import Any

from xianji.domains import (
    circles,
    feed,
    fees,
    items,
    ledger,
    media,
    members,
    moderation,
    notes,
    notices,
    offers,
    orders,
    payments,
    prices,
    refunds,
    search,
    visits,
)
from xianji.kernel.work import Look

Export = Callable[[Look, str], Awaitable[dict[str, Any]]]

# Every door that has an `export_for`; a house test compares this with the doors themselves.
EXPORTS: dict[str, Export] = {
    "circles": circles.export_for,
    "feed": feed.export_for,
    "fees": fees.export_for,
    "items": items.export_for,
    "ledger": ledger.export_for,
    "media": media.export_for,
    "members": members.export_for,
    "moderation": moderation.export_for,
    "notes": notes.export_for,
    "notices": notices.export_for,
    "offers": offers.export_for,
    "orders": orders.export_for,
    "payments": payments.export_for,
    "prices": prices.export_for,
    "refunds": refunds.export_for,
    "search": search.export_for,
    "visits": visits.export_for,
}


async def everything(look: Look, member: str) -> dict[str, dict[str, Any]]:
    """All that is kept about the member, by domain, as plain data."""
    return {name: await export(look, member) for name, export in EXPORTS.items()}


async def blockers(look: Look) -> list[str]:
    """The open business that keeps me from deleting my account, as ids of my unfinished orders and refunds."""
    ended = orders.MACHINE.final | {"completed"}
    open_states: list[Any] = [state for state in orders.MACHINE.states if state not in ended]
    bought = await orders.orders_of(look, "buyer", open_states)
    sold = await orders.orders_of(look, "seller", open_states)
    return [*(card.id for card in (*bought.items, *sold.items)), *await refunds.in_the_way(look)]
