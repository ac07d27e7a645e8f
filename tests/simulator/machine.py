"""Orders, refunds and books as a hypothesis state machine over the real verbs on a real PostgreSQL.

Beside the auditor, which reads the rows, the machine knows from tables of its own what each side may do in each state:
whatever they say may be done must succeed, and whatever they do not know must be refused.
"""

import asyncio
import functools
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import to_builtins

from tests.conftest import FakeClock
from tests.payments.fake_provider import FakeProvider
from tests.refunds.build import Desk, a_waybill
from tests.server import named
from xianji.domains import fees, orders, payments, refunds
from xianji.kernel.config import set_value
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions import DUE
from xianji.simulator.auditor import Told, audit, audit_at_rest

AUDIT_EVERY = 8
# What was done in this process, by what it led to.
STEPS = 0
ENDS: Counter[str] = Counter()

OPEN = ("awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
# Who may do what to an order, by state. Only while no refund is open.
ORDER = {
    ("buyer", "open_page"): {"awaiting_payment"},
    ("buyer", "cancel"): {"awaiting_payment"},
    ("seller", "cancel"): {"awaiting_payment"},
    ("buyer", "cancel_paid"): {"awaiting_shipment", "awaiting_meeting"},
    ("seller", "cancel_paid"): {"awaiting_shipment", "awaiting_meeting"},
    ("seller", "send"): {"awaiting_shipment"},
    ("buyer", "confirm"): {"shipped", "delivered"},
    ("seller", "redeem"): {"awaiting_meeting"},
}
# What may be asked for, by state of an order.
ASK = {
    "awaiting_shipment": {"unshipped"},
    "awaiting_meeting": {"unshipped"},
    "shipped": {"not_received", "return", "partial", "keep_goods", "exchange"},
    "delivered": {"not_received", "return", "partial", "keep_goods", "exchange"},
    "completed": {"return", "partial", "keep_goods"},
}
# Who may do what to a refund, by state; what depends on more than the state is only looked up for what is refused.
REFUND = {
    ("seller", "agree"): {"waiting_seller", "refused", "disputed"},
    ("seller", "counter"): {"waiting_seller"},
    ("seller", "refuse"): {"waiting_seller"},
    ("seller", "receive"): {"returning"},
    ("seller", "refuse_received"): {"returning"},
    ("seller", "replace"): {"waiting_replacement"},
    ("buyer", "accept_counter"): {"waiting_buyer"},
    ("buyer", "ship_back"): {"waiting_return"},
    ("buyer", "withdraw"): {"waiting_seller", "waiting_buyer", "waiting_return", "refused", "disputed"},
    ("buyer", "escalate"): {"waiting_buyer", "waiting_return", "returning", "waiting_replacement", "refused"},
    ("seller", "escalate"): {"waiting_buyer", "waiting_return", "returning", "waiting_replacement", "refused"},
}
_DEPENDS = {"counter"}

picks = st.integers(0, 7)
sides = st.sampled_from(("buyer", "seller"))
shares = st.sampled_from((1, 33, 50, 100, 120))


def told(provider: FakeProvider) -> list[Told]:
    """The provider's own books, from what it did."""
    found = []
    for number, payment in provider.payments.items():
        for part in payment.parts if payment.state == "paid" else ():
            lines = [
                line
                for one in provider.releases.values()
                if (one.out_no, one.part) == (number, part.part)
                for line in one.lines
                if line.state == "succeeded"
            ]
            seller = sum(line.amount - line.returned for line in lines if line.kind == "seller")
            fee = sum(line.amount - line.returned for line in lines if line.kind == "fee")
            back = sum(
                one.amount
                for one in provider.refunds.values()
                if (one.out_no, one.part, one.state) == (number, part.part, "succeeded")
            )
            held = part.amount - seller - fee - back
            assert held >= 0, f"the provider gave out more of {part} than it had"
            found.append(Told(number, part.part, part.amount, held, seller, fee, back))
    return found


@asynccontextmanager
async def cloned(server: str, prepared: str) -> AsyncIterator[str]:
    """The address of a copy of a database; gone afterwards."""
    name = "test_" + uuid.uuid4().hex[:12]
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'create database "{name}" template "{prepared}" strategy file_copy')
        yield named(server, name)
        await connection.execute(f'drop database "{name}" with (force)')
    finally:
        await connection.close()


def awaited(do: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A rule that runs in the loop of its machine."""

    @functools.wraps(do)
    def run(self: "Trade", **drawn: Any) -> None:
        self.runner.run(do(self, **drawn))

    return run


class Trade(RuleBasedStateMachine):
    """A buyer, a seller, an operator, time and a provider; `prepared` is a database in which the three have met."""

    server: str
    prepared: str
    keys: Keys
    people: Desk

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.orders: list[str] = []
        self.refunds: list[str] = []
        self.pages: list[str] = []
        self.steps = 0
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.clock = FakeClock(self.people.database.clock.now())
        dsn = await self.stack.enter_async_context(cloned(self.server, self.prepared))
        database = await Database(dsn, self.keys, self.clock, seed=7).open(readers=1, writers=2)
        self.stack.push_async_callback(database.close)
        self.auditor = await asyncpg.connect(dsn)
        self.stack.push_async_callback(self.auditor.close)
        self.desk = Desk(database, FakeProvider(), self.people.seller, self.people.buyer, self.people.operator)
        self.address = await self.desk.address()
        self.pictures = {actor.me: await self.desk.evidence(actor) for actor in (self.desk.buyer, self.desk.seller)}

    @initialize(policy=st.sampled_from(fees.PUBLISHED))
    @awaited
    async def rules(self, policy: fees.FeePolicy) -> None:
        async with self.desk.database.work(SYSTEM) as work:
            await set_value(work, fees.POLICY.name, to_builtins(policy), "drawn")
        self.desk.database.book.forget()

    # --- orders ---

    @rule(
        price=st.sampled_from((1, 333, 12_900, 999_999)),
        way=st.sampled_from(("ship", "meet", "digital")),
        on=st.sampled_from((0, 1, 2, 2, 3, 3, 4, 4)),
    )
    @awaited
    async def place(self, price: int, way: str, on: int) -> None:
        """An order, at once paid (1), handed over (2), arrived (3) and completed (4), as far as `on` says."""
        item = await self.desk.item(price, stock=2, shipping=Money(800) if way == "ship" else None)
        lines = [orders.WantedLine(item, 2 if price == 333 else 1)]
        ask = orders.PlaceOrder(lines, way, self.address)  # type: ignore[arg-type]
        order = await self._do(self.desk.buyer, orders.place_order, ask)
        self.orders.append(order)
        steps = [("buyer", "open_page"), ("seller", "redeem")]
        if way != "meet":
            steps = [("buyer", "open_page"), ("seller", "send"), ("", "carry"), ("buyer", "confirm")]
        for side, act in steps[:on]:
            row = await self._order(0)
            if act == "carry":
                await self._tried(self._do(SYSTEM, orders.deliver, order))
            else:
                await self._must(True, self._act(act, self._side(side), row), f"{side} {act} {dict(row)}")
            if act == "open_page" and await self._paid(self.pages.pop()) != "paid":
                return

    async def _paid(self, page: str) -> str:
        """Pay on a page if it is open, with a callback; how it stands then."""
        found = self.desk.provider.payments.get(page)
        if found is not None and found.state == "pending":
            await self.desk.receive(self.desk.provider.pay(page))
            await self.desk.book()
            return "paid"
        return "closed"

    @precondition(lambda self: self.orders)
    @rule(pick=picks, side=sides, act=st.sampled_from(sorted({verb for _, verb in ORDER})))
    @awaited
    async def act(self, pick: int, side: str, act: str) -> None:
        row = await self._order(pick)
        may = row["state"] in ORDER.get((side, act), ()) and row["paused_at"] is None
        if act == "open_page" and not row["confirmed"]:
            may = False
        if (side, act, row["handover"]) == ("buyer", "cancel_paid", "digital"):
            may = False  # made for this buyer: that is asked for, not taken
        await self._must(may, self._act(act, self._side(side), row), f"{side} {act} {dict(row)}")

    async def _act(self, act: str, who: Actor, row: Any) -> None:
        id, code = row["id"], None
        if act == "redeem":
            code = (await self.desk.page(id)).meet_code
        async with self.desk.database.work(who) as work:
            match act:
                case "open_page":
                    payment = await orders.start_payment(work, id)
                case "cancel" | "cancel_paid":
                    await getattr(orders, act)(work, id, orders.Cancel())
                case "send" if row["handover"] == "digital":
                    await orders.deliver_in_writing(work, id, orders.DeliverInWriting("1234"))
                case "send":
                    await orders.ship(work, id, orders.Ship("sf", a_waybill()))
                case "confirm":
                    await orders.confirm(work, id)
                case "redeem":
                    await orders.redeem(work, id, orders.Redeem(code or "000000"))
        if act == "open_page":
            self.pages.append(payment)
            await payments.carry_out(self.desk.database, payment, self.desk.provider, _SITE)

    @precondition(lambda self: self.orders)
    @rule(pick=picks, share=shares)
    @awaited
    async def change_price(self, pick: int, share: int) -> None:
        row = await self._order(pick)
        goods = row["goods"] * share // 100
        may = row["state"] == "awaiting_payment" and 0 < goods < row["goods"]
        ask = orders.ChangePrice(row["version"], Money(goods))
        await self._must(may, self._do(self.desk.seller, orders.change_price, row["id"], ask), f"{share} {dict(row)}")

    @precondition(lambda self: self.orders)
    @rule(pick=picks)
    @awaited
    async def reconfirm(self, pick: int) -> None:
        row = await self._order(pick)
        may = row["state"] == "awaiting_payment" and not row["confirmed"]
        ask = orders.Reconfirm(row["version"])
        await self._must(may, self._do(self.desk.buyer, orders.reconfirm, row["id"], ask), str(dict(row)))

    @precondition(lambda self: self.orders)
    @rule(pick=picks)
    @awaited
    async def carry(self, pick: int) -> None:
        row = await self._order(pick)
        await self._must(row["state"] == "shipped", self._do(SYSTEM, orders.deliver, row["id"]), str(dict(row)))

    # --- the provider ---

    @precondition(lambda self: self.pages)
    @rule(pick=picks, twice=st.booleans(), heard=st.booleans())
    @awaited
    async def pay(self, pick: int, twice: bool, heard: bool) -> None:
        """A buyer pays on one of the pages, be it one of an order that was called off; the callback may be lost."""
        page = self.pages.pop(pick % len(self.pages))
        found = self.desk.provider.payments.get(page)
        if found is None or found.state != "pending":
            return
        fact = self.desk.provider.pay(page)
        for _ in range(heard + (heard and twice)):
            await self.desk.receive(fact)
        await self.desk.book()

    @rule(what=st.sampled_from(("fails", "short", "rich", "busy", "lost")))
    def trouble(self, what: str) -> None:
        provider = self.desk.provider
        match what:
            case "fails":
                provider.fails_next = 1
            case "short" | "rich":
                provider.payee_short = what == "short"
            case "busy":
                provider.before = [payments.ProviderBusy("503")]
            case "lost":
                provider.after = [payments.ProviderUnknown("timeout")]

    # --- refunds ---

    @precondition(lambda self: self.orders)
    @rule(
        pick=picks,
        kind=st.sampled_from(("unshipped", "not_received", "return", "partial", "keep_goods", "exchange")),
        share=shares,
    )
    @awaited
    async def ask_anyhow(self, pick: int, kind: str, share: int) -> None:
        await self._ask(await self._order(pick), kind, share)

    @precondition(lambda self: self.orders)
    @rule(pick=picks, which=picks, share=shares)
    @awaited
    async def ask(self, pick: int, which: int, share: int) -> None:
        """One of the kinds that are open now."""
        row = await self._order(pick)
        kinds = sorted(ASK.get(row["state"], ()))
        if kinds:
            await self._ask(row, kinds[which % len(kinds)], share)

    async def _ask(self, row: Any, kind: str, share: int) -> None:
        amount = row["total"] * share // 100 if kind == "partial" else None
        has_open = any([(await self._refund(id))["state"] not in _ENDED for id in await self._refunds_of(row["id"])])
        left = row["paid"] - await self._gone(row["id"])
        sensible = kind in ASK.get(row["state"], ()) and not (row["handover"] == "digital" and kind in _GOODS_ONLY)
        may = sensible and not has_open and left > 0 and (amount is None or 0 < amount < left)
        soon = row["state"] != "completed" or (self.clock.moment - row["ended"]).total_seconds() <= 3600 * (
            72 if row["handover"] == "meet" else 168
        )
        ask = refunds.Apply(
            kind=kind,  # type: ignore[arg-type]
            reason="fake" if row["state"] == "completed" else "other",
            amount=None if amount is None else Money(amount),
            words="裂了",
            evidence=self.pictures[self.desk.buyer.me],
        )
        made = await self._must(
            may and soon, self._do(self.desk.buyer, refunds.apply, row["id"], ask), f"{kind} {amount} {dict(row)}"
        )
        if made is not None:
            self.refunds.append(made)

    @precondition(lambda self: self.refunds)
    @rule(pick=picks, side=sides, act=st.sampled_from(sorted({verb for _, verb in REFUND})), keep=st.booleans())
    @awaited
    async def answer_anyhow(self, pick: int, side: str, act: str, keep: bool) -> None:
        await self._answer(await self._refund(self.refunds[-1 - pick % len(self.refunds)]), side, act, keep)

    @precondition(lambda self: self.refunds)
    @rule(pick=picks, which=picks, keep=st.booleans())
    @awaited
    async def answer(self, pick: int, which: int, keep: bool) -> None:
        """One of the acts that are open now."""
        row = await self._refund(self.refunds[-1 - pick % len(self.refunds)])
        acts = [who for who, states in REFUND.items() if row["state"] in states]
        if acts:
            await self._answer(row, *acts[which % len(acts)], keep)

    async def _answer(self, row: Any, side: str, act: str, keep: bool) -> None:
        may = row["state"] in REFUND.get((side, act), ())
        call = self._do(self._side(side), getattr(refunds, act), row["id"], *self._said(side, act, keep, row))
        what = f"{side} {act} {dict(row)}"
        if may and act in _DEPENDS:
            await self._tried(call)
        else:
            await self._must(may, call, what)

    def _said(self, side: str, act: str, keep: bool, row: Any) -> list[Any]:
        pictures = self.pictures[self._side(side).me]
        match act:
            case "agree":
                return [refunds.Agree(keep=keep)]
            case "counter":
                return [refunds.CounterRefund("partial" if keep else "return", Money(max(1, row["amount"] // 2)))]
            case "refuse":
                return [refunds.Refuse("寄出时是好的")]
            case "escalate":
                return [refunds.Escalate()]
            case "ship_back":
                return [refunds.ShipBack("sf", a_waybill(), pictures)]
            case "refuse_received":
                return [refunds.RefuseReceived("swapped", "不是那台", pictures)]
            case "replace":
                return [refunds.Replacement("sf", a_waybill())]
            case _:
                return []

    @precondition(lambda self: self.refunds)
    @rule(pick=picks)
    @awaited
    async def signed(self, pick: int) -> None:
        row = await self._refund(self.refunds[-1 - pick % len(self.refunds)])
        await self._must(row["state"] == "returning", self._do(SYSTEM, refunds.mark_signed, row["id"]), str(dict(row)))

    @precondition(lambda self: self.refunds)
    @rule(
        pick=picks,
        share=shares,
        outcome=st.sampled_from(("refund_full", "refund_part", "return", "release", "split_freight")),
    )
    @awaited
    async def ruling(self, pick: int, share: int, outcome: str) -> None:
        row = await self._refund(self.refunds[-1 - pick % len(self.refunds)])
        amount = row["total"] * share // 100
        gone = await self._gone(row["order_id"])
        may = (
            row["state"] == "disputed"
            and {
                "refund_full": row["paid"] > gone,
                "refund_part": 0 < amount <= row["paid"] - gone,
                "return": row["waybill"] is None and row["handover"] != "digital",
                "release": True,
                "split_freight": row["waybill"] is not None,
            }[outcome]
        )
        ask = refunds.RuleOn(
            outcome=outcome,  # type: ignore[arg-type]
            reason="看过照片",
            rule="RF1",
            amount=Money(amount) if outcome == "refund_part" else None,
            freight=Money(1_201) if outcome == "split_freight" else None,
        )
        call = self._do(self.desk.operator, refunds.rule, row["id"], ask)
        await self._must(may, call, f"{outcome} {amount} {dict(row)}")

    # --- the worker and time ---

    @rule(hours=st.sampled_from((0, 0, 0, 0, 1, 25, 80, 250)))
    @awaited
    async def work(self, hours: int) -> None:
        """Time passes and the worker does all it owes."""
        self.clock.move(hours=hours)
        await self._work()

    async def _work(self) -> None:
        await self.desk.provider_round()
        await self.desk.react()
        for due in DUE:
            async with self.desk.database.look(SYSTEM) as look:
                found = await due.find(look, 100)
            for one in found:
                await self._tried(self._do(SYSTEM, due.act, one))

    @invariant()
    @awaited
    async def in_order(self) -> None:
        global STEPS
        STEPS += 1
        self.steps += 1
        if self.steps % AUDIT_EVERY == 0:
            found = await audit(self.auditor, told(self.desk.provider))
            assert not found, found

    def teardown(self) -> None:
        try:
            self.runner.run(self._rest())
        finally:
            self.runner.run(self.stack.aclose())
            self.runner.close()

    async def _rest(self) -> None:
        provider = self.desk.provider
        provider.before, provider.after, provider.fails_next, provider.payee_short = [], [], 0, False
        for _ in range(40):
            self.clock.move(hours=2)
            await self._work()
            if not await self.auditor.fetchval(
                "select exists (select from payment_calls where state in ('waiting', 'sent'))"
                " or exists (select from refunds where short > 0)"
            ):
                break
        found = await audit_at_rest(self.auditor, told(provider), self.clock.moment)
        assert not found, found
        async with self.desk.database.look(SYSTEM) as look:
            assert (await orders.prove_books(look)).holds
        rows = await self.auditor.fetch(
            "select 'order ' || state as name from orders"
            " union all select 'refund ' || kind || ' ' || state from refunds"
        )
        ENDS.update(row["name"] for row in rows)

    # --- what the rules share ---

    def _side(self, side: str) -> Actor:
        return self.desk.buyer if side == "buyer" else self.desk.seller

    async def _do(self, who: Actor, verb: Any, *arguments: Any) -> Any:
        async with self.desk.database.work(who) as work:
            return await verb(work, *arguments)

    async def _tried(self, call: Awaitable[Any]) -> Refusal | Any:
        try:
            return await call
        except Refusal as refused:
            return refused

    async def _must(self, may: bool, call: Awaitable[Any], what: str) -> Any:
        """Done exactly when it may be done; what came of it, None when it was refused."""
        outcome = await self._tried(call)
        refused = isinstance(outcome, Refusal)
        assert refused != may, f"{what}: {outcome}"
        return None if refused else outcome

    async def _order(self, pick: int) -> Any:
        return await self.auditor.fetchrow(
            "select id, state, handover, goods, total, paid, paused_at, confirmed, version, (select max(at) from"
            " order_moves m where m.order_id = o.id) as ended from orders o where id = $1",
            self.orders[-1 - pick % len(self.orders)],
        )

    async def _refund(self, id: str) -> Any:
        return await self.auditor.fetchrow(
            "select r.id, r.order_id, r.kind, r.state, r.amount, r.waybill, o.total, o.paid, o.handover,"
            " o.state as order_state from refunds r join orders o on o.id = r.order_id where r.id = $1",
            id,
        )

    async def _refunds_of(self, order: str) -> list[str]:
        return [row["id"] for row in await self.auditor.fetch("select id from refunds where order_id = $1", order)]

    async def _gone(self, order: str) -> int:
        """What was granted back of an order, from the refunds themselves."""
        return int(
            await self.auditor.fetchval(
                "select coalesce(sum(amount), 0)::bigint from refunds where order_id = $1 and state = 'refunded'", order
            )
        )


_SITE = payments.Site("https://xianji.example/hooks/payments/sandbox", "https://xianji.example/orders/{subject}")
_ENDED = ("refunded", "exchanged", "closed")
_GOODS_ONLY = ("return", "exchange")
