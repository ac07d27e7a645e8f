"""When a buyer comes back from the provider's page: ask the provider and book what it says, without waiting."""

from xianji.domains import payments
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from .actions.paying import apply_payment_fact


async def catch_up(database: Database, payment: str, provider: payments.PaymentProvider, site: payments.Site) -> None:
    """Make or ask about a payment's calls, then book its facts, each in a work of its own.

    Ends in the very verb that the callback's reaction calls, so whichever comes second finds nothing to do.
    """
    await payments.carry_out(database, payment, provider, site)
    async with database.look(SYSTEM) as look:
        waiting = await payments.facts_waiting(look, payment)
    for fact in waiting:
        async with database.work(SYSTEM) as work:
            await apply_payment_fact(work, fact.provider, fact.event_id)
