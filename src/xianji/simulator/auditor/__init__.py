"""The auditor: says from the rows alone whether the trade is in order. It shares no code with the domains.

Everything is written out a second time and in another way, so that a mistake in the rules is not repeated here. `audit`
holds after every step; `audit_at_rest` more strictly, when nothing is owed to or by the provider any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from . import bargains, books, claims, course, deposits, units
from .books import Told

__all__ = ["Told", "audit", "audit_at_rest"]

_AT_ALL_TIMES = (*books.CHECKS, *course.CHECKS, *units.CHECKS, *claims.CHECKS, *bargains.CHECKS, *deposits.CHECKS)


async def audit(db: "asyncpg.Connection[Any]", told: Sequence[Told]) -> list[str]:
    """What is wrong now, in plain words; empty when nothing is."""
    wrong = [line for check in _AT_ALL_TIMES for line in await check(db)]
    return [*wrong, *await books.provider_ahead(db, told)]


async def audit_at_rest(db: "asyncpg.Connection[Any]", told: Sequence[Told], now: datetime) -> list[str]:
    """What is wrong once everything owed or due at `now` was done: our books and the provider's must say the same."""
    return [*await audit(db, told), *await course.left_undone(db, now), *await books.unlike_provider(db, told)]
