"""Refunds made through the real verbs over a market with the provider in memory."""

from dataclasses import dataclass
from typing import Any

from tests.build import a_member
from tests.conftest import readable
from tests.orders.build import ADDRESS, Market, a_market
from xianji.domains import members, moderation, orders, refunds
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions import DUE, TABLE
from xianji.reactions.engine import Engine

_waybills = iter(range(10_000_000))


def a_waybill() -> str:
    """A number that no other call has returned."""
    return f"SF{1_000_000_000_000 + next(_waybills)}"


async def a_picture(database: Database, owner: Actor) -> str:
    """An upload of a member's; its files play no part here."""
    async with database.work(owner) as work:
        id = work.new_id("med")
        await work.db.execute(
            "insert into media (id, owner, kind, state, width, height, placeholder, colour, sha256, variants, hashes,"
            " created_at) values ($1, $2, 'picture', 'ready', 3, 4, '', '', 'x', '[]', '{}', $3)",
            id,
            owner.me,
            work.now,
        )
    return id


@dataclass
class Desk(Market):
    """A market whose seller has an address, with an operator."""

    operator: Actor = SYSTEM

    async def evidence(self, actor: Actor | None = None) -> list[str]:
        return [await a_picture(self.database, actor or self.buyer)]

    async def delivered(self) -> str:
        """An order that the buyer signed for."""
        order = await self.shipped(a_waybill())
        async with self.database.work(SYSTEM) as work:
            await orders.deliver(work, order)
        return order

    async def completed(self) -> str:
        """An order whose money has been paid out."""
        order = await self.delivered()
        async with self.database.work(self.buyer) as work:
            await orders.confirm(work, order)
        await self.provider_round()
        return order

    async def in_state(self, state: str) -> str:
        """An order in this state."""
        made = {
            "awaiting_shipment": lambda: self.paid("ship"),
            "awaiting_meeting": self.paid,
            "shipped": lambda: self.shipped(a_waybill()),
            "delivered": self.delivered,
            "completed": self.completed,
        }
        return await made[state]()

    async def asked(self, order: str, kind: str, amount: int | None = None, **facts: Any) -> str:
        """The buyer asks, with a reason that fits and a picture."""
        reason = {"unshipped": "changed_mind", "not_received": "no_tracking"}.get(kind, "damaged")
        if (await self.page(order)).state == "completed":
            reason = "hidden_fault"
        facts = {"reason": reason, "words": "屏幕裂了", "evidence": await self.evidence()} | facts
        money = None if amount is None else Money(amount)
        async with self.database.work(self.buyer) as work:
            return await refunds.apply(work, order, refunds.Apply(kind=kind, amount=money, **facts))  # type: ignore[arg-type]

    async def do(self, actor: Actor, verb: str, refund: str, *ask: Any) -> None:
        """One verb of the door by its name."""
        async with self.database.work(actor) as work:
            await getattr(refunds, verb)(work, refund, *ask)

    async def agree(self, refund: str, **facts: Any) -> None:
        await self.do(self.seller, "agree", refund, refunds.Agree(**facts))

    async def refuse(self, refund: str) -> None:
        await self.do(self.seller, "refuse", refund, refunds.Refuse("寄出时是好的"))

    async def escalate(self, refund: str, actor: Actor | None = None) -> None:
        await self.do(actor or self.buyer, "escalate", refund, refunds.Escalate("请看看"))

    async def ship_back(self, refund: str) -> None:
        ask = refunds.ShipBack("sf", a_waybill(), await self.evidence())
        await self.do(self.buyer, "ship_back", refund, ask)

    async def rule(self, refund: str, outcome: str, **facts: Any) -> None:
        ask = refunds.RuleOn(outcome=outcome, reason="看过两边的照片", rule="RF1", **facts)  # type: ignore[arg-type]
        await self.do(self.operator, "rule", refund, ask)

    async def disputed(self, order: str, kind: str = "keep_goods", amount: int | None = None) -> str:
        """A refund that the seller refused and the buyer took to the operators."""
        refund = await self.asked(order, kind, amount)
        await self.refuse(refund)
        await self.escalate(refund)
        return refund

    async def appealed(self, refund: str, side: Actor) -> str:
        """The dispute about a ruling that this side's appeal found wrong."""
        async with self.database.look(self.operator) as look:
            (case,) = [one for one in (await moderation.queue(look, "acted")).items if one.subject == refund]
        async with self.database.work(side) as work:
            await moderation.appeal(work, case.id, moderation.Appeal("照片里不是我的那一台"))
        person = await a_member(self.database)
        other = Actor(person.member, person.session, frozenset({"moderator"}))
        async with self.database.work(other) as work:
            await moderation.decide(work, case.id, moderation.Decision("restore", "确实不是同一台"))
        await self.react()
        async with self.database.look(self.operator) as look:
            (again,) = (await refunds.disputed(look)).items
        return again.id

    async def refund(self, id: str, actor: Actor | None = None) -> refunds.RefundPage:
        """The refund as the buyer (or another) sees it."""
        async with self.database.look(actor or self.buyer) as look:
            return await refunds.refund_page(look, id)

    async def time(self) -> None:
        """The worker does what is due in every domain."""
        for due in DUE:
            async with self.database.look(SYSTEM) as look:
                found = await due.find(look, 100)
            for id in found:
                async with self.database.work(SYSTEM) as work:
                    await due.act(work, id)

    async def react(self) -> None:
        """The worker delivers every event to its reactions."""
        engine = Engine(self.database, TABLE)
        await readable(self.database)
        while await engine.drain():
            await readable(self.database)

    async def settle(self) -> None:
        """Until nobody owes the other a call or a reaction."""
        for _ in range(3):
            await self.react()
            await self.provider_round()
        await self.react()

    async def books(self) -> dict[str, int]:
        """Every balance that is not zero; the proof must hold, whatever they are."""
        assert (await self.proof()).holds, await self.proof()
        return await self.balances()


async def a_desk(database: Database) -> Desk:
    """A market, the seller's address, and a moderator."""
    market = await a_market(database)
    async with database.work(market.seller) as work:
        await members.add_address(work, ADDRESS)
    person = await a_member(database)
    operator = Actor(person.member, person.session, frozenset({"moderator"}))
    return Desk(market.database, market.provider, market.seller, market.buyer, operator)
