"""Calls the merchant about events and lets due work happen. One loop; it sleeps until something is due."""

import asyncio
import contextlib

import httpx

from xianji.sandbox.books import Books
from xianji.sandbox.crypto import Keys, seal_event
from xianji.sandbox.model import Delivery

_LONGEST_SLEEP = 30.0


class Courier:
    """Delivers callbacks for one set of books."""

    def __init__(
        self, books: Books, keys: Keys, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._books = books
        self._keys = keys
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, follow_redirects=False, trust_env=False, transport=transport
        )
        self._wake = asyncio.Event()
        self._one = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a round is under way."""
        return self._one.locked()

    def wake(self) -> None:
        """Look again now: something changed."""
        self._wake.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self._wake.clear()
            await self.round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._sleep())

    def _sleep(self) -> float:
        """Seconds of real time until the next thing is due; a frozen clock waits to be woken."""
        due = self._books.engine.next_due()
        if due is None or self._books.clock.frozen_at is not None:
            return _LONGEST_SLEEP
        return min(_LONGEST_SLEEP, max(0.01, (due - self._books.clock()).total_seconds()))

    async def round(self) -> None:
        """Do due work, then attempt every due delivery once, in order."""
        async with self._one:
            self._books.engine.tick()
            self._books.save()
            for delivery in self._books.engine.outbox.due(self._books.clock()):
                await self._attempt(delivery)

    async def _attempt(self, delivery: Delivery) -> None:
        outbox = self._books.engine.outbox
        event = outbox.events[delivery.event_id]
        headers, body = seal_event(self._keys, event, delivery, self._books.clock())
        headers["Content-Type"] = "application/json"
        try:
            answer = await self._http.post(event.notify_url, content=body, headers=headers)
            accepted = answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL):
            accepted = False
        outbox.attempted(delivery.id, accepted, self._books.clock())
        self._books.save()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
