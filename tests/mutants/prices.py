"""Mistakes in offers, links, bundles, gifts and checkouts."""

from dataclasses import replace
from typing import Any

import pytest

from xianji.domains import items, offers, payments
from xianji.domains.items.actions import gifts
from xianji.domains.items.store import things
from xianji.domains.offers import rules, store
from xianji.domains.offers.actions import moving, using
from xianji.domains.orders import store as order_store
from xianji.kernel.work import SYSTEM, Work

from .bug import Bug, door_without, nothing


def agreed_price_not_binding(patch: pytest.MonkeyPatch) -> None:
    """Whoever has agreed on a price pays the public one all the same."""

    async def none(*_: Any) -> list[Any]:
        return []

    patch.setattr(store, "lock_agreed", none)


def agreed_unit_not_kept(patch: pytest.MonkeyPatch) -> None:
    """A yes keeps no unit."""
    patch.setattr(items, "reserve_for", nothing)


def agreed_unit_never_freed(patch: pytest.MonkeyPatch) -> None:
    """A yes that comes to nothing keeps its unit for ever."""
    patch.setattr(moving, "items", door_without(items, "release"))


def counter_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A yes to the seller's counter agrees on what the buyer offered first."""
    patch.setattr(rules, "price_of", lambda offer: offer.amount)


def overdue_yes(patch: pytest.MonkeyPatch) -> None:
    """An offer can be accepted after its time."""
    patch.setattr(rules, "state_at", lambda state, due_at, now: state)


def floor_says_no_at_the_floor(patch: pytest.MonkeyPatch) -> None:
    """The secret price itself is turned down."""
    patch.setattr(rules, "floor_says", lambda amount, floor: "accept" if amount > floor else "decline")


def link_never_used_up(patch: pytest.MonkeyPatch) -> None:
    """A private link opens as often as one likes."""
    patch.setattr(using, "move_link", nothing)


def link_for_anybody(patch: pytest.MonkeyPatch) -> None:
    """A private link opens for whoever holds it."""

    async def lock_token(work: Work, token: str) -> Any:
        return await store.lock_link_for_system(replace(work, actor=SYSTEM), token.partition(".")[0])

    patch.setattr(using, "lock_token", lock_token)


def bundle_rounded_line_by_line(patch: pytest.MonkeyPatch) -> None:
    """The cents that rounding leaves over are lost."""
    patch.setattr(offers, "bundle_off", lambda amounts, percent: [amount * percent // 100 for amount in amounts])


def price_never_looked_at(patch: pytest.MonkeyPatch) -> None:
    """The buyer need not look again when a seller changes the price."""
    honest = order_store.set_price

    async def set_price(work: Work, before: Any, goods: int, shipping: int) -> None:
        await honest(work, before, goods, shipping)
        await order_store.set_confirmed(work, before.id)

    patch.setattr(order_store, "set_price", set_price)


def part_released_twice(patch: pytest.MonkeyPatch) -> None:
    """A part of a payment for several sellers is released two times."""
    honest = payments.request_release

    async def request_release(work: Work, payment: str, *rest: Any) -> None:
        await honest(work, payment, *rest)
        if await work.db.fetchval("select count(*) from payment_parts where payment = $1", payment) > 1:
            await honest(work, payment, *rest)

    patch.setattr(payments, "request_release", request_release)


def gift_never_freed(patch: pytest.MonkeyPatch) -> None:
    """A gift that is let go stays promised to nobody."""
    patch.setattr(gifts, "things", door_without(things, "release"))


BUGS: tuple[Bug, ...] = (
    agreed_price_not_binding,
    agreed_unit_not_kept,
    agreed_unit_never_freed,
    counter_forgotten,
    overdue_yes,
    floor_says_no_at_the_floor,
    link_never_used_up,
    link_for_anybody,
    bundle_rounded_line_by_line,
    price_never_looked_at,
    part_released_twice,
    gift_never_freed,
)
