"""The machines of offers and private links as tables, and the arithmetic of prices. Pure: no rows, no clock."""

from collections.abc import Sequence
from datetime import datetime

from xianji.kernel.money import rate_half_up
from xianji.kernel.states import machine, move

from .model import (
    COUNTER_NOT_BETWEEN,
    OFFER_NOT_LOWER,
    OFFER_TOO_LOW,
    Offer,
)

ROLES = ("buyer", "seller", "floor", "order", "time", "system")
_ASKS = ("open", "countered")
_ALIVE = ("open", "countered", "accepted")

# "floor" is the seller's secret answering, "order" an order being placed, "system" a thing that is gone.
OFFER = machine(
    "offer",
    ("open", "countered", "accepted", "declined", "expired", "withdrawn", "used"),
    move("open", "counter", "countered", "seller"),
    move("open", "accept", "accepted", "seller", "floor", why="one unit is kept for the buyer"),
    move("open", "decline", "declined", "seller", "floor"),
    move("countered", "accept", "accepted", "buyer", why="one unit is kept for the buyer"),
    move("countered", "decline", "declined", "seller", why="the counter is taken back"),
    move(_ALIVE, "withdraw", "withdrawn", "buyer", why="a kept unit is free again"),
    move(_ASKS, "expire", "expired", "time", why="nobody answered"),
    move("accepted", "lapse", "expired", "time", why="agreed, and not ordered in time: the unit is free again"),
    move("accepted", "use", "used", "order"),
    move(_ALIVE, "end", "declined", "system", why="the thing is gone"),
)

LINK = machine(
    "private_link",
    ("open", "used", "revoked", "expired"),
    move("open", "use", "used", "order"),
    move("open", "revoke", "revoked", "seller", "system"),
    move("open", "expire", "expired", "time"),
)

# Whose turn it is, and what time does when nobody acts, by state.
TURN = {"open": "seller", "countered": "buyer", "accepted": "buyer"}
OTHERWISE = {"open": "expire", "countered": "expire", "accepted": "lapse"}


def state_at(state: str, due_at: datetime | None, now: datetime) -> str:
    """The state as it counts at `now`: what is overdue has expired, whether time has come by yet or not."""
    return "expired" if due_at is not None and due_at <= now else state


def judge_amount(amount: int, asking: int, lowest_ppm: int) -> None:
    """Refuses `offer_not_lower` from the asking price on, `offer_too_low` under the configured share of it."""
    if amount >= asking:
        raise OFFER_NOT_LOWER()
    if amount < lowest_offer(asking, lowest_ppm):
        raise OFFER_TOO_LOW(lowest=lowest_offer(asking, lowest_ppm))


def lowest_offer(asking: int, lowest_ppm: int) -> int:
    """The lowest amount that may be offered, minor units; at least one."""
    return max(1, rate_half_up(asking, lowest_ppm))


def judge_counter(counter: int, amount: int, asking: int) -> None:
    """A counter lies between what was offered and what is asked. Refuses `counter_not_between`."""
    if not amount < counter < asking:
        raise COUNTER_NOT_BETWEEN()


def floor_says(amount: int, floor: int) -> str:
    """The verb of the secret floor: a plain yes or no. A counter would name a number near the secret."""
    return "accept" if amount >= floor else "decline"


def price_of(offer: Offer) -> int:
    """The price a yes would agree on now: the counter when there is one, else what was offered."""
    return offer.amount if offer.counter is None else offer.counter


def presets(asking: int, percents: Sequence[int], lowest_ppm: int, unit: int) -> list[int]:
    """Amounts to tap, the highest first: so many percent off, in whole `unit`s (100 for yuan) where possible."""
    found = []
    for percent in percents:
        exact = asking - rate_half_up(asking, percent * 10_000)
        whole = (exact + unit // 2) // unit * unit
        amount = whole if lowest_offer(asking, lowest_ppm) <= whole < asking else exact
        if lowest_offer(asking, lowest_ppm) <= amount < asking and amount not in found:
            found.append(amount)
    return found


def bundle_off(amounts: Sequence[int], percent: int) -> list[int]:
    """What a bundle takes off each line, minor units.

    Together it is half up of the percentage of their sum, always leaving at least one unit to pay. Each line bears its
    share rounded down; the remainder goes to the largest line, and on to the next one where that is used up.
    """
    whole = sum(amounts)
    total = max(0, min(rate_half_up(whole, percent * 10_000), whole - 1))
    shares = [total * amount // whole for amount in amounts]
    left = total - sum(shares)
    for place in sorted(range(len(amounts)), key=lambda place: (-amounts[place], place)):
        more = min(left, amounts[place] - shares[place])
        shares[place] += more
        left -= more
    return shares
