"""Which domain reacts to which event: the only place that looks sideways.

`TABLE` is read by the engine, `DUE` by the worker's clock, `JOBS` by the queue. No line here holds an `if` about
the trade; a reaction calls a verb of a door.
"""

from collections.abc import Awaitable, Callable

import msgspec

from xianji.domains import circles, fees, items, ledger, media, members, moderation, notes, orders, payments
from xianji.kernel import idempotency
from xianji.kernel.db import Database
from xianji.kernel.jobs import Due
from xianji.kernel.work import Work
from xianji.ports import Ports

from .engine import Reaction

JobVerb = Callable[[Database, Ports, bytes], Awaitable[None]]


async def _book(work: Work, told: payments.FactStored) -> None:
    await orders.apply_payment_fact(work, told.provider, told.event_id)


async def _send_text(database: Database, ports: Ports, payload: bytes) -> None:
    await members.send_text(database, payload, ports.sms)


async def _carry_out(database: Database, ports: Ports, payload: bytes) -> None:
    if ports.payment is not None:
        asked = msgspec.json.decode(payload, type=payments.CarryOut)
        await payments.carry_out(database, asked.payment, ports.payment, ports.site)


async def _hold_thing(work: Work, told: items.ItemHeld) -> None:
    await moderation.hold(work, told.item, told.rules)


async def _hold_note(work: Work, told: notes.NoteHeld) -> None:
    await moderation.hold(work, told.note, told.rules)


async def _hold_comment(work: Work, told: notes.CommentHeld) -> None:
    await moderation.hold(work, told.comment, told.rules)


async def _lapse(work: Work, told: items.ItemMoved) -> None:
    await moderation.item_moved(work, told.item, told.before, told.after)


def _scrub(door: Callable[[Work, str], Awaitable[None]]) -> Callable[[Work, members.MemberDeleted], Awaitable[None]]:
    async def forget(work: Work, told: members.MemberDeleted) -> None:
        await door(work, told.member)

    return forget


async def _delete_files(database: Database, ports: Ports, payload: bytes) -> None:
    await media.delete_files(ports.files, payload)


TABLE: tuple[Reaction, ...] = (
    Reaction(payments.FactStored, "orders.apply_payment_fact", _book),
    Reaction(items.ItemHeld, "moderation.hold", _hold_thing),
    Reaction(notes.NoteHeld, "moderation.hold", _hold_note),
    Reaction(notes.CommentHeld, "moderation.hold", _hold_comment),
    Reaction(items.ItemMoved, "moderation.item_moved", _lapse),
    Reaction(members.MemberDeleted, "circles.scrub", _scrub(circles.scrub)),
    Reaction(members.MemberDeleted, "fees.scrub", _scrub(fees.scrub)),
    Reaction(members.MemberDeleted, "items.scrub", _scrub(items.scrub)),
    Reaction(members.MemberDeleted, "ledger.scrub", _scrub(ledger.scrub)),
    Reaction(members.MemberDeleted, "media.scrub", _scrub(media.scrub)),
    Reaction(members.MemberDeleted, "moderation.scrub", _scrub(moderation.scrub)),
    Reaction(members.MemberDeleted, "notes.scrub", _scrub(notes.scrub)),
    Reaction(members.MemberDeleted, "orders.scrub", _scrub(orders.scrub)),
    Reaction(members.MemberDeleted, "payments.scrub", _scrub(payments.scrub)),
    Reaction(members.MemberDeleted, "kernel.forget_owner", _scrub(idempotency.forget_owner)),
)

DUE: tuple[Due, ...] = (*members.DUE, *items.DUE, *orders.DUE, *payments.DUE)

JOBS: dict[str, JobVerb] = {
    media.DELETE_FILES: _delete_files,
    members.SEND_TEXT: _send_text,
    payments.CARRY_OUT: _carry_out,
}
