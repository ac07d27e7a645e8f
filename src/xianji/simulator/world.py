"""The small world of a simulation: a town of members, one provider, a clock of its own, all drawn from one seed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from PIL import Image

from xianji import reactions
from xianji.domains import fees, media, members, payments
from xianji.kernel import config
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor
from xianji.reactions.engine import Engine

from .bank import SITE, Bank
from .mortal import MortalDatabase

BEGINNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PEOPLE = 6
_ADDRESS = members.PutAddress(
    name="小周",
    phone="13912345678",
    lines={"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路 1 号"},
)


@dataclass
class Clock:
    """Stands still until moved."""

    moment: datetime = BEGINNING

    def now(self) -> datetime:
        """The moment it is."""
        return self.moment


@dataclass
class World:
    """Everything a move can reach."""

    database: MortalDatabase
    clock: Clock
    random: Random
    bank: Bank
    engine: Engine
    people: list[Actor] = field(default_factory=list)
    operators: list[Actor] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    racing: bool = False

    def somebody(self) -> Actor:
        """Any member."""
        return self.random.choice(self.people)

    def person(self, member: str) -> Actor:
        """The actor of a member's id; now and then somebody else, who must be turned away."""
        if self.random.random() < 0.1:
            return self.somebody()
        return next(actor for actor in self.people if actor.member == member)

    async def orders(self, *states: str) -> Sequence[Any]:
        """Orders in these states, the latest first."""
        async with self.database.look(SYSTEM) as look:
            return await look.db.fetch(
                "select id, buyer, seller, state, handover, checkout, version, goods, total from orders"
                " where state = any($1::text[]) order by id desc limit 60",
                list(states),
            )

    async def an_order(self, *states: str) -> Any:
        """One of them, or None."""
        return self.one_of(await self.orders(*states))

    async def things(self, kind: str) -> Sequence[Any]:
        """What is on sale or given away, the latest first: id, seller, price, handover, version."""
        async with self.database.look(SYSTEM) as look:
            return await look.db.fetch(
                "select id, seller, price, handover, version from items where state = 'live' and kind = $1"
                " order by id desc limit 30",
                kind,
            )

    def one_of(self, rows: Sequence[Any]) -> Any:
        """Any of these, or None when there is none; in a race one of the first two, so that the racers meet."""
        return self.random.choice(rows[:2] if self.racing else rows) if rows else None

    async def react(self) -> None:
        """Let every reaction run that is owed, as the worker does."""
        await self._readable()
        while await self.engine.drain():
            await self._readable()

    async def _readable(self) -> None:
        """Wait until every event may be read: other transactions of the same server hold readers back."""
        while True:
            async with self.database.look(SYSTEM) as look:
                if await look.db.fetchval(
                    "select coalesce(max(transaction), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                    " from outbox"
                ):
                    return
            await asyncio.sleep(0.002)

    async def do_due(self) -> None:
        """Do what time does, as the worker does; here a mistake is not swallowed."""
        for due in reactions.DUE:
            async with self.database.look(SYSTEM) as look:
                found = await due.find(look, 100)
            for one in found:
                try:
                    async with self.database.work(SYSTEM) as work:
                        await due.act(work, one)
                except Refusal:
                    continue

    async def carry_out(self) -> None:
        """Make the calls that payments owe the provider."""
        async with self.database.look(SYSTEM) as look:
            rows = await look.db.fetch(
                "select distinct payment from payment_calls where state in ('waiting', 'sent') order by payment"
            )
        for row in rows:
            await payments.carry_out(self.database, row["payment"], self.bank.port, SITE)

    async def settle_down(self) -> None:
        """End the faults and let the worker run until nothing is owed any more."""
        self.bank.behave()
        for _ in range(60):
            self.clock.moment += timedelta(hours=2)
            await self.bank.deliver()
            await self.carry_out()
            await self.react()
            await self.do_due()
            async with self.database.look(SYSTEM) as look:
                if not await look.db.fetchval(
                    "select exists (select from payment_calls where state in ('waiting', 'sent'))"
                    " or exists (select from provider_facts where booked_at is null and kind <> 'hold_released')"
                    " or exists (select from refunds r where r.short > 0 and not exists (select from provider_facts f"
                    "   where f.kind = 'hold_released' and f.body ->> 'part' = r.order_id))"
                    " or exists (select from orders where due_at <= $1 and paused_at is null)",
                    self.clock.moment,
                ):
                    return

    def revive(self) -> None:
        """A process that died is started again: what it only remembered is gone."""
        self.database.fuse.left = None
        self.engine = Engine(self.database, reactions.TABLE)


@asynccontextmanager
async def a_world(dsn: str, folder: Path, seed: int) -> AsyncIterator[World]:
    """A world on an empty, migrated database."""
    clock, random = Clock(), Random(seed)
    keys = Keys(Ring.new())
    database = MortalDatabase(dsn, keys, clock, seed)
    await database.open(readers=4, writers=4)
    bank = Bank(folder, seed, clock.now)
    bank.serve(database)
    world = World(database, clock, random, bank, Engine(database, reactions.TABLE))
    try:
        await _found(world, folder)
        yield world
    finally:
        await bank.close()
        await database.close()


async def _found(world: World, folder: Path) -> None:
    """The rules of this world and its people."""
    policy = world.random.choice(fees.PUBLISHED)
    async with world.database.work(SYSTEM) as work:
        await config.set_value(work, fees.POLICY.name, msgspec.to_builtins(policy), "drawn from the seed")
    world.database.book.forget()
    picture = await media.keep_drawn(Image.new("RGB", (3, 4)), media.LocalStore(folder / "media", "/media"))
    for number in range(PEOPLE):
        actor = await _join(world, f"138{number:08d}")
        await members.verify_real_name(
            world.database, actor, members.VerifyRealName("王小满", _id_number(number)), members.DevIdentityProvider()
        )
        async with world.database.work(actor) as work:
            world.addresses[actor.me] = await members.add_address(work, _ADDRESS)
            world.pictures[actor.me] = await media.record_drawn(work, picture)
        world.people.append(actor)
    for number in range(2):
        person = await _join(world, f"139{number:08d}")
        world.operators.append(Actor(person.member, person.session, frozenset({"moderator"})))
    world.clock.moment += timedelta(days=2)


async def _join(world: World, phone: str) -> Actor:
    async with world.database.work(NOBODY) as work:
        await members.request_code(work, members.RequestCode(phone), demo=True)
    came = await members.sign_in(world.database, members.SignIn(phone, members.DEMO_CODE, ""))
    async with world.database.look(NOBODY) as look:
        session = await members.load_session(look, came.token)
    assert session is not None
    return session.actor


def _id_number(number: int) -> str:
    """A well-formed identity number of a grown-up."""
    plain = f"110105{date(1990, 1, 1) + timedelta(days=number):%Y%m%d}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return plain + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(weights, plain, strict=True)) % 11]
