"""Where the town pays: the sandbox provider's own page, as a buyer would, and what it says is booked at once."""

import asyncio
from time import monotonic
from typing import Protocol

import httpx

from xianji.domains import orders, payments
from xianji.kernel.db import Database
from xianji.ports import open_payment, site_of
from xianji.settings import Settings

_WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 20.0


class Till(Protocol):
    """Pays a payment that was started, so that its orders are paid afterwards."""

    async def pay(self, database: Database, payment: str) -> None:
        """Open it at the provider, pay it there, book what the provider says."""


class SandboxTill:
    """Pays on the page of the sandbox."""

    def __init__(self, settings: Settings, provider: payments.PaymentProvider) -> None:
        self._provider, self._site = provider, site_of(settings)
        self._browser = httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False)

    async def pay(self, database: Database, payment: str) -> None:
        """See `Till`. A page that takes no money any more leaves the order to time."""
        address = await payments.open_now(database, payment, self._provider, self._site)
        await self._browser.post(address, data={"result": "success"})
        await orders.catch_up(database, payment, self._provider, self._site)


async def open_till(settings: Settings, database: Database) -> SandboxTill | None:
    """The till of this demo once its provider answers; None when there is none, or none that answers."""
    provider = open_payment(settings, database)
    if provider is None:
        return None
    until = monotonic() + _WAIT_SECONDS
    async with httpx.AsyncClient(trust_env=False) as browser:
        while monotonic() < until:
            try:
                (await browser.get(f"{settings.payment_url}/healthz")).raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(_LOOK_SECONDS)
            else:
                return SandboxTill(settings, provider)
    return None
