"""Parcels from being sent to being signed for: wait for one, write down what its carrier says, stop waiting."""

from datetime import timedelta

import msgspec

from xianji.kernel import jobs, sealing
from xianji.kernel.work import Work

from . import rules, store
from .events import ParcelScanned, ParcelSigned, ParcelUnseen
from .model import (
    LEASE_MINUTES,
    LOOK,
    PARCEL_SEEN,
    PHONE_SEAL,
    SCANS_MOST,
    UNSEEN_HOURS,
    WATCH_DAYS,
    WORDS_LONGEST,
    Label,
    LookAt,
    Parcel,
)
from .provider import Scan, Told


async def watch(work: Work, carrier: str, waybill: str, subject: str, phone: str = "") -> bool:
    """Let an order or a refund wait for a parcel; False when it waits for this very one already.

    Several may wait for one parcel. `phone` is the end of the receiver's number where the carrier asks for it.
    """
    return await _wait(work, _unknown(work, carrier, waybill, phone), subject)


async def correct(work: Work, subject: str, wrong: Label, right: Label, phone: str, *, again: bool) -> bool:
    """Let an order or refund wait for the parcel it meant; whether nobody ever waited for the wrong one but it.

    The time until the alarm starts anew, unless it did so before (`again`). Refuses `parcel_seen` once a carrier had
    the parcel in hand.
    """
    old = await store.lock(work, rules.key_of(wrong.carrier, wrong.waybill))
    if old is None or old.signed_at is not None or rules.in_hand(await store.kinds_for(work, subject)):
        raise PARCEL_SEEN()
    unused = await store.forget(work, old.id, subject)
    parcel = _unknown(work, right.carrier, right.waybill, phone)
    if again:
        parcel = msgspec.structs.replace(parcel, unseen_at=old.unseen_at, unseen_told=old.unseen_told)
    await _wait(work, parcel, subject)
    return unused


async def _wait(work: Work, parcel: Parcel, subject: str) -> bool:
    await store.upsert(work, parcel)
    return await store.insert_subject(work, parcel.id, subject)


def _unknown(work: Work, carrier: str, waybill: str, phone: str) -> Parcel:
    """A parcel nobody was asked about yet."""
    now = work.now
    return Parcel(
        id=rules.key_of(carrier, waybill),
        carrier=carrier,
        waybill=waybill,
        phone_sealed=work.keys.seal(PHONE_SEAL, phone) if phone else None,
        followed_at=None,
        look_at=now,
        failures=0,
        answered_at=None,
        unseen_at=now + timedelta(hours=work.config.get(UNSEEN_HOURS)),
        unseen_told=False,
        signed_at=None,
        watch_until=now + timedelta(days=work.config.get(WATCH_DAYS)),
    )


async def let_go(work: Work, subject: str) -> None:
    """An order or refund has ended and waits for no parcel any more."""
    await store.end_subject(work, subject)


async def ask_soon(work: Work, id: str) -> None:
    """Queue the question about a parcel; should nothing come of it, it is found again later."""
    await store.set_look_at(work, id, work.now + timedelta(minutes=work.config.get(LEASE_MINUTES)))
    await jobs.enqueue(work, LOOK, LookAt(id))


async def note_answer(work: Work, id: str, told: Told, followed: bool) -> None:
    """What the carrier said when we asked: scans, perhaps the signature, perhaps that it never saw the parcel."""
    parcel = await store.lock(work, id)
    if parcel is None or parcel.look_at is None:
        return
    subjects = await store.waiting_for(work, id)
    await _keep(work, parcel, told, subjects)
    parcel = msgspec.structs.replace(
        parcel, answered_at=work.now, failures=0, followed_at=parcel.followed_at or (work.now if followed else None)
    )
    parcel = _judge_signed(work, parcel, told, subjects)
    parcel = await _judge_unseen(work, parcel, subjects)
    await store.put(work, msgspec.structs.replace(parcel, look_at=rules.after_answer(parcel, work.now, work.config)))


def _judge_signed(work: Work, parcel: Parcel, told: Told, subjects: list[str]) -> Parcel:
    """A signature counts when the parcel as a whole stands so; whoever waits is told once, a late comer too."""
    if not rules.is_over(told.whole):
        return parcel
    for subject in subjects:
        work.tell(ParcelSigned(subject, parcel.carrier, parcel.waybill))
    return msgspec.structs.replace(parcel, signed_at=parcel.signed_at or work.now, phone_sealed=None)


async def _judge_unseen(work: Work, parcel: Parcel, subjects: list[str]) -> Parcel:
    """The alarm needs a fresh answer, so that our own outage accuses nobody."""
    if parcel.unseen_told or work.now < parcel.unseen_at or rules.in_hand(await store.kinds_of(work, parcel.id)):
        return parcel
    for subject in subjects:
        work.tell(ParcelUnseen(subject, parcel.carrier, parcel.waybill, work.config.get(UNSEEN_HOURS)))
    return msgspec.structs.replace(parcel, unseen_told=True)


async def note_failure(work: Work, id: str) -> None:
    """The question came to nothing; the next one waits longer."""
    parcel = await store.lock(work, id)
    if parcel is None or parcel.look_at is None:
        return
    at = rules.after_failure(parcel, work.now, work.config)
    await store.put(work, msgspec.structs.replace(parcel, failures=parcel.failures + 1, look_at=at))


async def leave_alone(work: Work, id: str) -> None:
    """This parcel cannot be asked about here: its carrier is not known to the service, or there is no service."""
    await store.set_look_at(work, id, None)


async def note_push(work: Work, carrier: str, waybill: str, told: Told) -> None:
    """What the carrier told by itself is written down, and asked about before anything follows from it."""
    parcel = await store.lock(work, rules.key_of(carrier, waybill))
    if parcel is None or parcel.look_at is None:
        return
    if await _keep(work, parcel, told, await store.waiting_for(work, parcel.id)) or rules.is_over(told.whole):
        await ask_soon(work, parcel.id)


async def _keep(work: Work, parcel: Parcel, told: Told, subjects: list[str]) -> int:
    """Write down the scans that are new, each once; returns how many were."""
    scans = [_clipped(work, scan) for scan in told.scans[: work.config.get(SCANS_MOST)]]
    fresh = await store.insert_scans(work, parcel.id, scans) if scans else 0
    if fresh:
        last = rules.latest(scans)
        for subject in subjects:
            work.tell(ParcelScanned(subject, parcel.carrier, parcel.waybill, last.kind, last.words))
    return fresh


def _clipped(work: Work, scan: Scan) -> Scan:
    words = "".join(letter for letter in scan.words if letter.isprintable())
    return Scan(scan.at, scan.kind, words[: work.config.get(WORDS_LONGEST)])


async def reseal(work: Work, limit: int) -> int:
    """Seal up to `limit` values again with the current key; how many were."""
    return await sealing.reseal(work, limit, [(PHONE_SEAL, store.old_phones, store.put_phone)])
