"""Which domain reacts to which event: the only place that looks sideways.

`TABLE` is read by the engine, `DUE` by the worker's clock, `JOBS` by the queue. No line here holds an `if` about
the trade; a reaction calls a verb of a door.
"""

from collections.abc import Awaitable, Callable

import msgspec

from xianji.domains import (
    circles,
    feed,
    fees,
    items,
    ledger,
    media,
    members,
    moderation,
    notes,
    notices,
    offers,
    orders,
    parcels,
    payments,
    prices,
    refunds,
    search,
    visits,
)
from xianji.kernel import idempotency
from xianji.kernel.db import Database
from xianji.kernel.jobs import Due
from xianji.kernel.work import Work
from xianji.ports import Ports

from .engine import Reaction

JobVerb = Callable[[Database, Ports, bytes], Awaitable[None]]


async def _book(work: Work, told: payments.FactStored) -> None:
    await orders.apply_payment_fact(work, told.provider, told.event_id)


async def _end_offers(work: Work, told: items.ItemMoved) -> None:
    await offers.end_of_item(work, told.item, told.after)


async def _end_offers_of(work: Work, told: members.MemberDeleted) -> None:
    await offers.end_of_member(work, told.member)
    await offers.scrub(work, told.member)


async def _owe(work: Work, told: payments.ReturnRefused) -> None:
    await refunds.note_short(work, told.reason, told.receiver)


async def _paid_back(work: Work, told: orders.TakenBack) -> None:
    await refunds.note_returned(work, told.refund, told.receiver)


async def _signed(work: Work, told: parcels.ParcelSigned) -> None:
    await orders.note_signed(work, told.subject, told.carrier, told.waybill)


async def _returned(work: Work, told: parcels.ParcelSigned) -> None:
    await refunds.note_signed(work, told.subject, told.carrier, told.waybill)


async def _unseen(work: Work, told: parcels.ParcelUnseen) -> None:
    await orders.note_unseen(work, told.subject, told.carrier, told.waybill, told.hours)


async def _look(database: Database, ports: Ports, payload: bytes) -> None:
    await parcels.carry_out_look(database, ports.tracking, ports.parcel_calls, payload)


async def _hurry(work: Work, told: orders.OrderCompleted) -> None:
    await refunds.hurry(work, told.seller)


async def _trade(work: Work, told: orders.OrderCompleted) -> None:
    await prices.note_completed(work, told.order)


async def _no_trade(work: Work, told: refunds.RefundMoved) -> None:
    await prices.note_refund_moved(work, told.order, told.state)


async def _open_dispute(work: Work, told: refunds.RefundDisputed) -> None:
    await moderation.open_dispute(work, told.refund)


async def _close_dispute(work: Work, told: refunds.DisputeEnded) -> None:
    await moderation.close_dispute(work, told.refund, told.rule, told.reason, told.by)


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


async def _hold_thanks(work: Work, told: orders.ThanksHeld) -> None:
    await moderation.hold(work, told.thanks, told.rules)


async def _open_reach(work: Work, told: notes.NotePublished | notes.NoteMoved) -> None:
    await feed.open_reach(work, told.note)


async def _lapse(work: Work, told: items.ItemMoved) -> None:
    await moderation.item_moved(work, told.item, told.before, told.after)


async def _tell_held(work: Work, told: moderation.SubjectHeld) -> None:
    await notices.tell_held(work, told.case, told.subject, told.owner)


async def _tell_decided(work: Work, told: moderation.CaseDecided) -> None:
    await notices.tell_decided(work, told.case, told.subject, told.owner, told.reporters, told.verb)


async def _tell_search(work: Work, told: search.SearchFound) -> None:
    for name in await search.saved_now(work, told.search):
        await notices.tell_search(work, told.member, told.search, name, told.item, told.count, told.daily)


async def _reconcile(database: Database, ports: Ports, payload: bytes) -> None:
    if ports.payment is not None:
        await payments.carry_out_reconcile(database, ports.payment, ports.site.provider, payload)


async def _prove(database: Database, ports: Ports, payload: bytes) -> None:
    await orders.carry_out_proof(database, payload)


def _scrub(door: Callable[[Work, str], Awaitable[None]]) -> Callable[[Work, members.MemberDeleted], Awaitable[None]]:
    async def forget(work: Work, told: members.MemberDeleted) -> None:
        await door(work, told.member)

    return forget


async def _delete_files(database: Database, ports: Ports, payload: bytes) -> None:
    await media.delete_files(ports.files, payload)


TABLE: tuple[Reaction, ...] = (
    Reaction(items.ItemMoved, "offers.end_of_item", _end_offers),
    Reaction(payments.FactStored, "orders.apply_payment_fact", _book),
    Reaction(items.ItemHeld, "moderation.hold", _hold_thing),
    Reaction(notes.NoteHeld, "moderation.hold", _hold_note),
    Reaction(notes.CommentHeld, "moderation.hold", _hold_comment),
    Reaction(notes.NotePublished, "feed.open_reach", _open_reach),
    Reaction(notes.NoteMoved, "feed.open_reach", _open_reach),
    Reaction(orders.ThanksHeld, "moderation.hold", _hold_thanks),
    Reaction(items.ItemMoved, "moderation.item_moved", _lapse),
    Reaction(payments.ReturnRefused, "refunds.note_short", _owe),
    Reaction(orders.TakenBack, "refunds.note_returned", _paid_back),
    Reaction(orders.OrderCompleted, "refunds.hurry", _hurry),
    Reaction(orders.OrderCompleted, "prices.note_completed", _trade),
    Reaction(refunds.RefundMoved, "prices.note_refund_moved", _no_trade),
    Reaction(parcels.ParcelSigned, "orders.note_signed", _signed),
    Reaction(parcels.ParcelSigned, "refunds.note_signed", _returned),
    Reaction(parcels.ParcelUnseen, "orders.note_unseen", _unseen),
    Reaction(refunds.RefundDisputed, "moderation.open_dispute", _open_dispute),
    Reaction(refunds.DisputeEnded, "moderation.close_dispute", _close_dispute),
    *(Reaction(event, "notices.hear", notices.hear) for event in notices.HEARD),
    Reaction(items.PriceChanged, "notices.hear_price", notices.hear_price),
    Reaction(items.ItemMoved, "notices.hear_gone", notices.hear_gone),
    Reaction(members.MemberBlocked, "notices.hear_block", notices.hear_block),
    Reaction(moderation.SubjectHeld, "notices.tell_held", _tell_held),
    Reaction(moderation.CaseDecided, "notices.tell_decided", _tell_decided),
    Reaction(search.SearchFound, "notices.tell_search", _tell_search),
    Reaction(members.MemberDeleted, "circles.scrub", _scrub(circles.scrub)),
    Reaction(members.MemberDeleted, "feed.scrub", _scrub(feed.scrub)),
    Reaction(members.MemberDeleted, "fees.scrub", _scrub(fees.scrub)),
    Reaction(members.MemberDeleted, "items.scrub", _scrub(items.scrub)),
    Reaction(members.MemberDeleted, "ledger.scrub", _scrub(ledger.scrub)),
    Reaction(members.MemberDeleted, "media.scrub", _scrub(media.scrub)),
    Reaction(members.MemberDeleted, "moderation.scrub", _scrub(moderation.scrub)),
    Reaction(members.MemberDeleted, "notes.scrub", _scrub(notes.scrub)),
    Reaction(members.MemberDeleted, "notices.scrub", _scrub(notices.scrub)),
    Reaction(members.MemberDeleted, "offers.scrub", _end_offers_of),
    Reaction(members.MemberDeleted, "orders.scrub", _scrub(orders.scrub)),
    Reaction(members.MemberDeleted, "payments.scrub", _scrub(payments.scrub)),
    Reaction(members.MemberDeleted, "prices.scrub", _scrub(prices.scrub)),
    Reaction(members.MemberDeleted, "refunds.scrub", _scrub(refunds.scrub)),
    Reaction(members.MemberDeleted, "search.scrub", _scrub(search.scrub)),
    Reaction(members.MemberDeleted, "visits.scrub", _scrub(visits.scrub)),
    Reaction(members.MemberDeleted, "kernel.forget_owner", _scrub(idempotency.forget_owner)),
)

DUE: tuple[Due, ...] = (
    *members.DUE,
    *items.DUE,
    *offers.DUE,
    *orders.DUE,
    *parcels.DUE,
    *payments.DUE,
    *refunds.DUE,
    *prices.DUE,
    *notices.DUE,
    *search.DUE,
    *feed.DUE,
)

JOBS: dict[str, JobVerb] = {
    media.DELETE_FILES: _delete_files,
    members.SEND_TEXT: _send_text,
    parcels.LOOK: _look,
    payments.CARRY_OUT: _carry_out,
    payments.RECONCILE: _reconcile,
    orders.PROVE: _prove,
}
