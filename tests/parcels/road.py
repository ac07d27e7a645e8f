"""An order on its way, the carrier in memory, and the worker between them."""

import msgspec

from tests.conftest import FakeClock, readable
from tests.orders.build import Market
from xianji import reactions
from xianji.domains import orders, parcels
from xianji.kernel.work import SYSTEM
from xianji.reactions.engine import Engine

from .fake_tracking import FakeTracking

CALLS = "https://xianji.example/hooks/parcels/kuaidi100"
WAYBILL = "SF1234567890123"


class Road:
    """An order on its way, the carrier, and the worker."""

    def __init__(self, market: Market, clock: FakeClock, order: str) -> None:
        self.market, self.clock, self.order = market, clock, order
        self.database = market.database
        self.carrier = FakeTracking()
        self.engine = Engine(market.database, reactions.TABLE)

    async def worker(self) -> int:
        """What is due is queued and done, and everybody hears of it. Returns how many questions were asked."""
        before = len(self.carrier.asked)
        for due in parcels.DUE:
            async with self.database.look(SYSTEM) as look:
                found = await due.find(look, 100)
            for id in found:
                async with self.database.work(SYSTEM) as work:
                    await due.act(work, id)
                payload = msgspec.json.encode({"parcel": id})
                await parcels.carry_out_look(self.database, self.carrier, CALLS, payload)
        await self.hear()
        return len(self.carrier.asked) - before

    async def hear(self) -> None:
        await readable(self.database)
        while await self.engine.drain():
            pass

    async def rows(self) -> list[tuple[str, str]]:
        async with self.database.look(SYSTEM) as look:
            return [
                (row["kind"], row["words"]) for row in await look.db.fetch("select * from parcel_scans order by at")
            ]

    async def told(self, tag: str) -> list[dict[str, object]]:
        async with self.database.look(SYSTEM) as look:
            rows = await look.db.fetch("select body from outbox where kind = $1 order by transaction, sequence", tag)
        return [msgspec.json.decode(row["body"]) for row in rows]

    async def page(self) -> orders.OrderPage:
        return await self.market.page(self.order)
