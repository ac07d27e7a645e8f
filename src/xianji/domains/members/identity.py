"""The port to whoever can confirm a name and an identity number, and the provider for development."""

from datetime import date
from typing import Literal, Protocol

import msgspec

from . import rules

Verdict = Literal["confirmed", "number_not_valid", "too_young", "not_confirmed"]


class IdentityRequest(msgspec.Struct, frozen=True):
    """One question. `id` is the idempotency key; `today` is the date in China; nothing of it is stored in clear."""

    id: str
    name: str
    id_number: str
    today: date
    least_age: int


class IdentityProvider(Protocol):
    """Confirms real names. Called outside any transaction; refuses `identity_not_reached` when it cannot be asked."""

    async def check(self, request: IdentityRequest) -> Verdict:
        """The verdict on name and number together."""


class DevIdentityProvider:
    """Judges the number itself (GB 11643: shape, region, birth date, check character, age) and believes any name."""

    async def check(self, request: IdentityRequest) -> Verdict:
        """The verdict that the number alone allows."""
        problem = rules.id_number_problem(request.id_number, request.today, request.least_age)
        if problem is None:
            return "confirmed"
        return "too_young" if problem == "age" else "number_not_valid"
