"""The provider's bill of a day: fetched with no transaction open, kept line by line, compared in a second work."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from xianji.kernel import jobs
from xianji.kernel.db import Database
from xianji.kernel.installation import CURRENCY
from xianji.kernel.work import SYSTEM, Look, Work

from . import bill_store, comparing
from .actions import warned_from
from .comparing import SHAPES, BillShape, Key
from .events import BillDiffers
from .model import BILL_DAYS_BACK, BILL_HOURS, BILL_RETRY_MINUTES, FINANCE, PROVIDER, RECONCILE, BillDay, BillDifference
from .model import Reconcile as Wanted
from .provider import BillLine, PaymentProvider, ProviderBusy, ProviderRefused, ProviderUnknown


async def reconcile(database: Database, provider: PaymentProvider, name: str, day: date) -> None:
    """Compare one day. A provider that cannot be asked leaves the day as failed, and it is asked again later."""
    lines: tuple[BillLine, ...] = ()
    try:
        lines, code = await provider.bill(day), ""
    except (ProviderRefused, ProviderBusy, ProviderUnknown) as wrong:
        code = str(wrong) or type(wrong).__name__
    async with database.work(SYSTEM) as work:
        if code:
            again = work.now + timedelta(minutes=work.config.get(BILL_RETRY_MINUTES))
            await bill_store.put_day(work, name, day, "failed", code=code, try_at=again)
            return
        await _compare(work, SHAPES[name], name, day, lines)


async def _compare(work: Work, shape: BillShape, name: str, day: date, lines: tuple[BillLine, ...]) -> None:
    await bill_store.replace_lines(work, name, day, lines)
    theirs, span = comparing.billed(lines), shape.span(day)
    facts = await bill_store.facts_about(work, name, sorted({key[1] for key in theirs}), span)
    ours = comparing.known(facts, span)
    legs: dict[str, Key] = {leg: key for key in theirs if (leg := comparing.leg_id(key)) is not None}
    ours.booked = {legs[leg]: amount for leg, amount in (await bill_store.booked(work, sorted(legs))).items()}
    near = [day - timedelta(days=1), day + timedelta(days=1)]
    elsewhere = frozenset(await bill_store.keys_of(work, name, near))
    found = comparing.differences(shape, theirs, ours, elsewhere, work.config.get(CURRENCY))
    await bill_store.replace_differences(work, name, day, found)
    state = "differs" if found else "clean"
    await bill_store.put_day(work, name, day, state, lines=len(lines), differences=len(found))
    if found:
        work.tell(BillDiffers(name, day.isoformat(), len(found)))


async def due_days(look: Look, limit: int) -> Sequence[str]:
    """Days whose bill should be there by now and was not compared: "provider day"."""
    name = look.config.get(PROVIDER)
    shape = SHAPES.get(name)
    if shape is None:
        return []
    last = shape.day_of(look.now - timedelta(hours=look.config.get(BILL_HOURS))) - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(look.config.get(BILL_DAYS_BACK))]
    first = await bill_store.first_payment(look, name)
    done = await bill_store.settled(look, name, days)
    wanted = [day for day in days if first is not None and shape.day_of(first) <= day and day not in done]
    return [f"{name} {day.isoformat()}" for day in wanted[:limit]]


async def ask_for(work: Work, wanted: str) -> None:
    """Queue the comparison of a day; it is found again later when nothing came of it."""
    name, _, day = wanted.partition(" ")
    again = work.now + timedelta(minutes=work.config.get(BILL_RETRY_MINUTES))
    await bill_store.put_day(work, name, date.fromisoformat(day), "asked", try_at=again)
    await jobs.enqueue(work, RECONCILE, Wanted(name, day))


async def carry_out_reconcile(database: Database, provider: PaymentProvider, name: str, payload: bytes) -> None:
    """The job: compare the day it names, unless we are connected to another provider by now."""
    asked = msgspec.json.decode(payload, type=Wanted)
    if asked.provider == name:
        await reconcile(database, provider, name, date.fromisoformat(asked.day))


async def bill_days(look: Look, limit: int = 60) -> list[BillDay]:
    """How the comparisons went, newest day first; for finance."""
    look.actor.need_role(FINANCE)
    return await bill_store.days(look, limit)


async def bill_day(look: Look, provider: str, day: date) -> tuple[BillDay, list[BillDifference]]:
    """One day with every difference. Refuses `not_found` when it was never compared; for finance."""
    look.actor.need_role(FINANCE)
    return await bill_store.day(look, provider, day), await bill_store.differences(look, provider, day)


async def open_differences(look: Look, limit: int = 200) -> list[tuple[BillDay, BillDifference]]:
    """Every difference of every day, newest day first; for finance."""
    look.actor.need_role(FINANCE)
    return await bill_store.all_differences(look, limit)


async def troubles(look: Look) -> dict[str, int]:
    """Counts for the metrics: bill_differences, bills_missing, holds_ending."""
    return await bill_store.troubles(look, warned_from(look))
