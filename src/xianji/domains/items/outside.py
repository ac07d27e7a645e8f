"""Verbs that ask somebody outside. No transaction is open while they wait, and no serial number is ever written."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from xianji.kernel.db import Database
from xianji.kernel.ids import ItemId
from xianji.kernel.work import Actor

from . import serials
from .actions.batch import RowResult, import_new
from .listings import Listing
from .model import BATCH_MOST, SERIAL_OTHER
from .registry import SerialRegistry, SerialReport
from .store import things


async def check_serial(
    database: Database, registry: SerialRegistry, actor: Actor, item: ItemId, typed: str
) -> SerialReport:
    """Ask the registry about the serial of the actor's own item and show the answer on its page.

    The seller types the number again, because it is not kept. Refuses `serial_not_valid`, and `serial_other` when it is
    not the number the item was published with. A thing reported lost goes to a moderator's eyes.
    """
    kind, plain = serials.read(typed)
    digest = database.keys.digest("item.serial", serials.identity(kind, plain))
    async with database.work(actor) as work:
        row = await things.lock_own(work, item)
        if row.facts.serial_digest != digest:
            raise SERIAL_OTHER()
    report = await registry.look_up(kind, plain)
    async with database.work(actor) as work:
        row = await things.lock_own(work, item)
        if row.facts.serial_digest == digest:
            await things.note_serial(work, item, report.state)
            if report.state == "lost" and row.state in ("live", "paused"):
                await things.move(work, row, "hold", "system", "serial reported lost")
    return report


async def import_table(
    database: Database, actor: Actor, listings: Iterable[Listing], told: Callable[[Sequence[RowResult]], None]
) -> None:
    """Publish a table of any length for this member, as many rows a transaction as a batch may have.

    After each commit `told` hears of its rows. A row that has become a thing is known again, however often the table
    is brought in; one that was refused is tried again.
    """
    ahead = iter(listings)
    async with database.look(actor) as look:
        size = look.config.get(BATCH_MOST)
    while some := list(islice(ahead, size)):
        async with database.work(actor) as work:
            report = await import_new(work, some)
        told(report)
