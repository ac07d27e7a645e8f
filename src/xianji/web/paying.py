"""Between the buyer, the orders and the payment provider: open a payment, ask how it stands, book what is known.

The callback and the return page end in the same verb, so whichever comes first books and the other finds it done.
"""

import structlog

from xianji.domains import orders, payments
from xianji.domains.payments import PaymentProvider
from xianji.kernel.db import LOST, Database
from xianji.kernel.errors import Code, Kind, Refusal
from xianji.kernel.work import SYSTEM

from .visit import Visit

PAYMENTS_NOT_SET_UP = Code("payments_not_set_up", Kind.CONFLICT)


def provider_of(visit: Visit) -> PaymentProvider:
    """The provider of this installation. Refuses `payments_not_set_up` when there is none."""
    found: PaymentProvider | None = visit.house.ports.payment
    if found is None:
        raise PAYMENTS_NOT_SET_UP()
    return found


async def open_checkout_payment(visit: Visit, checkout: str) -> str:
    """The address of the provider's page where every unpaid order of this checkout is paid at once.

    Refuses what `orders.start_checkout_payment` and `payments.open_now` refuse, and `payments_not_set_up`.
    """
    provider = provider_of(visit)
    async with visit.work() as work:
        payment = await orders.start_checkout_payment(work, checkout)
    return await payments.open_now(visit.database, payment, provider, visit.house.ports.site)


async def open_payment(visit: Visit, order: str) -> str:
    """The address of the provider's page where this order is paid; the same one until it is paid or closed.

    Refuses what `orders.start_payment` and `payments.open_now` refuse, and `payments_not_set_up`.
    """
    provider = provider_of(visit)
    async with visit.work() as work:
        payment = await orders.start_payment(work, order)
    return await payments.open_now(visit.database, payment, provider, visit.house.ports.site)


async def ask_provider(visit: Visit, order: str) -> None:
    """The callback is late or lost: ask the provider about the visitor's newest payment and book what it says."""
    provider: PaymentProvider | None = visit.house.ports.payment
    async with visit.look() as look:
        payment = await payments.payment_of(look, order)
    if provider is None or payment is None or payment.state not in ("created", "requested", "paid"):
        return
    await payments.carry_out(visit.database, payment.id, provider, visit.house.ports.site)
    async with visit.database.look(SYSTEM) as look:
        waiting = [fact for fact in await payments.unbooked_facts(look) if fact.payment == payment.id]
    for fact in waiting:
        await book(visit.database, fact.provider, fact.event_id)


async def book(database: Database, provider: str, event_id: str) -> None:
    """Book a stored fact at once. When that fails the fact is kept, and the reaction to it books it a moment later."""
    try:
        async with database.work(SYSTEM) as work:
            await orders.apply_payment_fact(work, provider, event_id)
    except (Refusal, *LOST) as why:
        structlog.get_logger().warning("fact_not_booked_at_once", event=event_id, why=repr(why))
