"""The provider of a simulation: the sandbox itself, in this process, reached through its own signed HTTP."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import get_args

import httpx

from xianji.domains import payments
from xianji.domains.payments.providers.sandbox import SandboxKeys, SandboxProvider
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM
from xianji.sandbox.app import Provider, build_app
from xianji.sandbox.books import Books
from xianji.sandbox.courier import Courier
from xianji.sandbox.crypto import open_keys
from xianji.sandbox.model import Fault, FaultName, Limits, Payment, SandboxRefused

from .auditor import Told

SITE = payments.Site("https://house.example/hooks", "https://house.example/orders/{subject}/paid")
NAME = "sandbox"
_FAULT_SECONDS = 3600


class Bank:
    """The sandbox's books, our adapter to them, and the way its callbacks take to us."""

    def __init__(self, folder: Path, seed: int, now: Callable[[], datetime]) -> None:
        self._now = now
        keys = open_keys(folder / "keys", "xianji")
        self._books = Books(folder / "state.sqlite", Limits(), seed)
        self._hook = _Hook()
        self._courier = Courier(self._books, keys, 5.0, self._hook)
        nonces = Random(f"{seed}/nonces")
        self.port = SandboxProvider(
            "https://sandbox.example",
            SandboxKeys.load(folder / "keys"),
            now=self._clock,
            nonce=lambda: f"{nonces.getrandbits(128):032x}",
            transport=httpx.ASGITransport(
                build_app(Provider(self._books, keys, self._courier, "https://sandbox.example")),  # type: ignore[arg-type]
                raise_app_exceptions=False,
            ),
        )

    def _clock(self) -> datetime:
        """The moment it is, which the sandbox is told before anything happens there."""
        self._books.clock.frozen_at = self._now()
        return self._now()

    def serve(self, database: Database) -> None:
        """Let callbacks reach this house."""
        self._hook.house = lambda headers, body: self._received(database, headers, body)

    async def _received(self, database: Database, headers: dict[str, str], body: bytes) -> bool:
        try:
            fact = self.port.verify_event(headers, body, self._now())
        except payments.EventRefused:
            return False
        async with database.work(SYSTEM) as work:
            return await payments.receive(work, NAME, fact) != "refused"

    async def deliver(self) -> None:
        """Let the provider do what is due, and make each callback that is due, once; nothing while that is under way.

        Waiting for a round would be for ever where tasks take turns: no lock of the database says who waits for whom.
        """
        self._clock()
        if not self._courier.busy:
            await self._courier.round()

    def pending(self) -> list[str]:
        """Tokens of payments that a buyer could answer now."""
        self._clock()
        return [one.token for one in self._books.engine.payments.values() if one.state == "pending"]

    def answer(self, token: str, *, success: bool) -> None:
        """The buyer presses a button on the provider's page, which may have closed meanwhile."""
        self._clock()
        with suppress(SandboxRefused):
            self._books.engine.pay(token, "success" if success else "fail")

    def misbehave(self, random: Random) -> str:
        """Script one fault; which one."""
        name: FaultName = random.choice([one for one in get_args(FaultName) if one != "hold_expiry"])
        seconds = random.randrange(1, _FAULT_SECONDS)
        self._books.engine.faults.script(Fault(name=name, times=random.randrange(1, 3), seconds=seconds))
        return name

    def hold_briefly(self, random: Random) -> None:
        """The next payments are held for minutes or days instead of months, and then let go to their sellers."""
        seconds = random.choice((600, 3_600, 86_400, 400_000))
        self._books.engine.faults.script(Fault(name="hold_expiry", times=random.randrange(1, 4), seconds=seconds))

    def behave(self) -> None:
        """No more faults."""
        for name in get_args(FaultName):
            self._books.engine.faults.script(Fault(name=name))
        self._books.engine.down_until = None

    def statements(self) -> list[Told]:
        """The provider's own books."""
        return [
            Told(one.out_no, part.part, part.amount, part.held, part.released, part.fee, part.refunded, over)
            for one, over in self._paid()
            for part in one.parts
        ]

    def _paid(self) -> list[tuple[Payment, bool]]:
        """Every payment that was paid, and whether its hold has run out."""
        paid = [one for one in self._books.engine.payments.values() if one.state == "paid"]
        return [(one, one.hold_until is not None and one.hold_until <= self._now()) for one in paid]

    async def close(self) -> None:
        """Close connections and files."""
        await self.port.aclose()
        await self._courier.close()
        self._books.close()


class _Hook(httpx.AsyncBaseTransport):
    """Carries a callback to the house instead of over a network."""

    house: Callable[[dict[str, str], bytes], object]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        accepted = await self.house(dict(request.headers), await request.aread())  # type: ignore[misc]
        return httpx.Response(204 if accepted else 401)
