"""Which domain reacts to which event: the only place that looks sideways.

`TABLE` is read by the engine, `DUE` by the worker's clock, `JOBS` by the queue. No line here holds an `if` about
the trade; a reaction calls a verb of a door.
"""

from collections.abc import Awaitable, Callable

import msgspec

from xianji.domains import items, members, orders, payments
from xianji.kernel.db import Database
from xianji.kernel.jobs import Due
from xianji.kernel.work import Work
from xianji.ports import Ports

from .engine import Reaction

JobVerb = Callable[[Database, Ports, bytes], Awaitable[None]]


async def _book(work: Work, told: payments.FactStored) -> None:
    await orders.apply_payment_fact(work, told.provider, told.event_id)


async def _send_code(database: Database, ports: Ports, payload: bytes) -> None:
    await members.send_code(database, payload, ports.sms)


async def _carry_out(database: Database, ports: Ports, payload: bytes) -> None:
    if ports.payment is not None:
        asked = msgspec.json.decode(payload, type=payments.CarryOut)
        await payments.carry_out(database, asked.payment, ports.payment, ports.site)


TABLE: tuple[Reaction, ...] = (Reaction(payments.FactStored, "orders.apply_payment_fact", _book),)

DUE: tuple[Due, ...] = (*items.DUE, *orders.DUE, *payments.DUE)

JOBS: dict[str, JobVerb] = {
    members.SEND_CODE: _send_code,
    payments.CARRY_OUT: _carry_out,
}
