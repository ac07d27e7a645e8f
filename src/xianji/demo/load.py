"""Loads the demo town through the doors its people would use, with a clock that runs from the past to now.

The people come in, then their deeds are done in the order of time, a hundred to a transaction. Their pictures are
drawn meanwhile with every core, just ahead of them, so that pages served beside the load fill up as days go by. Each
transaction also writes down what it made (`demo_made`), so a load that was killed goes on where it stood and nothing
is made twice. What is bought is paid last of all, on the provider's own page and at its real time, since no provider
vouches for a payment of the past; without a provider nothing is bought.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from xianji import settings
from xianji.demo import marks, past_prices, pictures, residents, trade
from xianji.demo.build import build
from xianji.demo.drawing import Album
from xianji.demo.model import Demo, Member
from xianji.demo.past import Past
from xianji.demo.progress import Progress
from xianji.demo.till import Till, open_till
from xianji.demo.timeline import Deed, timeline
from xianji.demo.town import OPERATOR, Town
from xianji.domains import members
from xianji.kernel import config, outbox
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM, Actor, Work

BEGUN, PASSWORD, _PAID = "begun", "operator password", "paid"
_AT_ONCE = 100
_PAID_AT_ONCE = 2
_RULES_BEFORE = timedelta(days=365 * 5)
_LOCK = 7_011_302_209
_FRONTEND = Path(__file__).parents[3] / "frontend"


async def load(dsn: str) -> None:
    """Load the whole town unless this database has it; several callers at once are safe."""
    connection = await asyncpg.connect(dsn)
    try:
        if await marks.is_done(connection):
            return
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        if not await marks.is_done(connection):
            here = settings.read()
            album = Album(pictures.assets(_FRONTEND / "node_modules"), here.media_folder, here.home / "demo")
            past = Past(datetime.now(UTC))
            database = await Database(dsn, here.keys(), past).open(readers=2, writers=2)
            try:
                await load_town(database, past, build(), album, await open_till(here, database))
            finally:
                await database.close()
    finally:
        await connection.close()


async def load_town(database: Database, past: Past, demo: Demo, album: Album, till: Till | None = None) -> None:
    """Load this town; what an earlier load has made already is left alone. `past` is the clock of `database`.

    Without a `till` nobody buys anything.
    """
    start = past.now()
    async with database.work(SYSTEM) as work:
        await marks.write(work, {BEGUN: start.isoformat()})
    async with database.look(NOBODY) as look:
        town = Town(album, await marks.all_made(look))
    base = datetime.fromisoformat(town.id(BEGUN))
    deeds = [deed for deed in timeline(demo, base) if deed.name not in town.made]
    recipes = [member.avatar for _, member in _coming(demo)] + [one for deed in deeds for one in deed.pictures]
    progress = Progress("街坊搬进演示小镇", "moving into the demo town")
    progress.expect(len(album.missing(recipes)) + len(demo.members) + len(deeds))
    await _set_rules(database, past, town, base)
    await _make_operator(database, past, town, start)
    async with album.drawing(recipes, progress.told):
        await _people(database, past, demo, town, base, progress)
        await _deeds(database, past, town, deeds, progress)
    if till is not None:
        await _trade(database, past, town, demo, till, start)
    past.moment = start
    await past_prices.put(database)
    async with database.work(SYSTEM) as work:
        await marks.write(work, {marks.DONE: start.isoformat()})
    progress.end()


async def _set_rules(database: Database, past: Past, town: Town, base: datetime) -> None:
    """The town's own setting: its English-speaking neighbours need longer titles than Chinese does."""
    if "rules" in town.made:
        return
    past.moment = base - _RULES_BEFORE
    async with database.work(SYSTEM) as work:
        await config.set_value(work, "notes.title_longest", 80, "English titles need more letters")
        town.remember("rules", "")
        await marks.write(work, town.fresh)
    town.settle()
    database.book.forget()


async def _make_operator(database: Database, past: Past, town: Town, start: datetime) -> None:
    """Made at the moment of the load, because its one-time password is good for a day only."""
    if "operator" in town.made:
        return
    past.moment = start
    async with database.work(SYSTEM) as work:
        password = await members.make_operator(work, OPERATOR, residents.OPERATOR_NAME)
        page = await members.member_page(work, OPERATOR)
        town.remember("operator", page.card.id)
        town.remember(PASSWORD, work.keys.seal("demo.operator", password))
        await marks.write(work, town.fresh)
    town.settle()


async def _avatar(database: Database, town: Town, actor: Actor, member: Member) -> str:
    async with database.work(actor) as work:
        avatar = (await town.uploads(work, member.handle, [member.avatar]))[0]
        await marks.write(work, town.fresh)
    town.settle()
    return avatar


def sellers(demo: Demo) -> set[str]:
    """Who offers anything; they need a real name, whatever the pages of the town say."""
    own = {note.author for note in demo.notes if note.items}
    return own | {comment.author for note in demo.notes for comment in note.comments if comment.item}


def _coming(demo: Demo) -> list[tuple[int, Member]]:
    """The residents with their numbers, in the order in which they came."""
    return sorted(enumerate(demo.members), key=lambda pair: -pair[1].joined_days_ago)


async def _people(database: Database, past: Past, demo: Demo, town: Town, base: datetime, progress: Progress) -> None:
    selling = sellers(demo)
    for number, member in _coming(demo):
        if f"member {member.handle}" not in town.made:
            await town.album.wait_for([member.avatar])
            past.moment = base - timedelta(days=member.joined_days_ago)
            actor = Actor(await residents.come_in(database, past, number))
            avatar = await _avatar(database, town, actor, member)
            await residents.settle_in(
                database, actor, number, member, avatar, verified=member.verified or member.handle in selling
            )
            async with database.work(SYSTEM) as work:
                town.remember(f"member {member.handle}", actor.me)
                await marks.write(work, town.fresh)
            town.settle()
        progress.told()


async def _deeds(database: Database, past: Past, town: Town, waiting: Sequence[Deed], progress: Progress) -> None:
    for first in range(0, len(waiting), _AT_ONCE):
        some = waiting[first : first + _AT_ONCE]
        # Waited for outside the transaction: a transaction that waits holds up everybody who reads events.
        await town.album.wait_for(recipe for deed in some for recipe in deed.pictures)
        await _do(database, past, town, some)
        progress.told(len(some))


async def _do(database: Database, past: Past, town: Town, some: Sequence[Deed]) -> None:
    """Some deeds in one transaction, each by its own member at its own moment."""
    past.moment = some[-1].at
    async with database.work(SYSTEM) as work:
        for deed in some:
            step = Work(work.db, town.actor(deed.who), deed.at, database.book.at(deed.at), work.keys, work.random)
            town.remember(deed.name, await deed.do(step, town))
            await outbox.write(step)
        await marks.write(work, town.fresh)
    town.settle()


async def _trade(database: Database, past: Past, town: Town, demo: Demo, till: Till, now: datetime) -> None:
    """Orders, their payments two at a time, and everything that follows."""
    made = trade.sales(demo)
    await _left(database, past, town, trade.before_paying(demo, made, now))
    past.moment = now
    if _PAID not in town.made:
        await _pay(database, town, [f"payment {sale.name}" for sale in made], till)
    async with database.look(SYSTEM) as look:  # the site may have heard of a payment first, by the real clock
        paid = await look.db.fetchval("select greatest($1, max(at)) from order_moves", now)
    await _left(database, past, town, trade.after_paying(demo, made, paid))


async def _pay(database: Database, town: Town, names: Sequence[str], till: Till) -> None:
    """Every payment that was started; paying twice changes nothing."""
    turn = asyncio.Semaphore(_PAID_AT_ONCE)

    async def pay(payment: str) -> None:
        async with turn:
            await till.pay(database, payment)

    await asyncio.gather(*(pay(town.made[name]) for name in names if name in town.made))
    async with database.work(SYSTEM) as work:
        town.remember(_PAID, "")
        await marks.write(work, town.fresh)
    town.settle()


async def _left(database: Database, past: Past, town: Town, deeds: Sequence[Deed]) -> None:
    """Do what of these was not done by an earlier load."""
    left = [deed for deed in deeds if deed.name not in town.made]
    for first in range(0, len(left), _AT_ONCE):
        await _do(database, past, town, left[first : first + _AT_ONCE])


async def greeting(dsn: str) -> list[tuple[str, str]]:
    """Who to come in as, and the operator's one-time password, which is shown this once."""
    database = await Database(dsn, settings.read().keys()).open(readers=1, writers=1)
    try:
        async with database.work(SYSTEM) as work:
            sealed = await marks.forget(work, PASSWORD)
    finally:
        await database.close()
    rows = [("验证码 Code", f"{members.DEMO_CODE}  手机号登录都用它 · for every phone below")]
    rows += [(label, f"{residents.phone(number)}  {what}") for label, number, what in residents.shown()]
    if sealed is not None:
        password = database.keys.open("demo.operator", sealed)
        rows.append(("站长 Operator", f"@{OPERATOR}  {password}  一次性密码，只显示这一回 · one-time, shown once"))
    return rows
