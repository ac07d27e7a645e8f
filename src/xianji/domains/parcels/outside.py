"""Asking the carrier: read what to ask, call with nothing open, write down the answer in a second work."""

import msgspec
import structlog

from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from . import actions, store
from .model import PHONE_SEAL, LookAt, Parcel
from .provider import Told, TrackAsk, Tracking, TrackingBusy, TrackingRefused


async def carry_out_look(database: Database, port: Tracking | None, notify_url: str, payload: bytes) -> None:
    """The job: ask about one parcel, the first time also to be told by itself. Without a port nobody is asked."""
    id = msgspec.json.decode(payload, type=LookAt).parcel
    async with database.look(SYSTEM) as look:
        parcel = await store.find(look, id)
        if parcel is None or parcel.look_at is None:
            return
        phone = look.keys.open(PHONE_SEAL, parcel.phone_sealed) if parcel.phone_sealed else ""
    if port is None or not port.knows(parcel.carrier):
        async with database.work(SYSTEM) as work:
            await actions.leave_alone(work, id)
        return
    ask = TrackAsk(parcel.carrier, parcel.waybill, phone)
    answer = await _ask(port, parcel, ask)
    followed = answer is not None and parcel.followed_at is None and await _follow(port, ask, notify_url)
    async with database.work(SYSTEM) as work:
        if answer is None:
            await actions.note_failure(work, id)
        else:
            await actions.note_answer(work, id, answer, followed)


async def _ask(port: Tracking, parcel: Parcel, ask: TrackAsk) -> Told | None:
    try:
        return await port.ask(ask)
    except TrackingBusy as busy:
        structlog.get_logger().info("tracking_busy", parcel=parcel.id, why=str(busy), failures=parcel.failures)
    except TrackingRefused as no:
        structlog.get_logger().warning("tracking_refused", parcel=parcel.id, code=no.code)
    return None


async def _follow(port: Tracking, ask: TrackAsk, notify_url: str) -> bool:
    """Whether the carrier will tell by itself; if not, asking now and then goes on all the same."""
    try:
        await port.follow(ask, notify_url)
    except (TrackingBusy, TrackingRefused) as no:
        structlog.get_logger().warning("tracking_not_followed", carrier=ask.carrier, why=str(no))
        return False
    return True
