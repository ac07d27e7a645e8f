"""Text messages leave by a job: sealed in the queue, tried again with growing pauses, dropped when too old."""

from datetime import datetime, timedelta

import msgspec
import structlog

from xianji.domains.members import texting
from xianji.domains.members.model import CODE_MINUTES, TEXT_RETRY_SECONDS, TEXT_TRIES
from xianji.domains.members.texting import Kind, SmsSender, TextMessage
from xianji.kernel import jobs
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Work

SEND_TEXT = "members.send_text"


class SealedText(msgspec.Struct, frozen=True):
    """The job's payload: the message is sealed, because a queue row is data at rest too."""

    sealed: str
    until: datetime
    tries: int = 0


async def text(work: Work, to: str, kind: Kind, language: str, code: str = "") -> None:
    """Send a message to a phone (E.164) as soon as this work commits."""
    minutes = work.config.get(CODE_MINUTES)
    said = texting.words(kind, language, code=code, minutes=minutes)
    message = msgspec.json.encode(TextMessage(work.new_id("txt"), to, kind, language, said, code)).decode()
    until = work.now + timedelta(minutes=minutes)
    await jobs.enqueue(work, SEND_TEXT, SealedText(work.keys.seal(SEND_TEXT, message), until))


async def send_text(database: Database, payload: bytes, sender: SmsSender) -> None:
    """The job `members.send_text`: hand the message to the sender, or try again later."""
    kept = msgspec.json.decode(payload, type=SealedText)
    if kept.until <= database.clock.now():
        structlog.get_logger().warning("text_too_old", tries=kept.tries)
        return
    message = msgspec.json.decode(database.keys.open(SEND_TEXT, kept.sealed), type=TextMessage)
    try:
        await sender.send(message)
    except Exception as error:  # whatever the sender met, the message must not be lost
        structlog.get_logger().warning("text_not_sent", kind=message.kind, tries=kept.tries + 1, why=str(error))
        async with database.work(SYSTEM) as work:
            await _again(work, kept)


async def _again(work: Work, kept: SealedText) -> None:
    if kept.tries + 1 < work.config.get(TEXT_TRIES):
        pause = timedelta(seconds=work.config.get(TEXT_RETRY_SECONDS) * 2**kept.tries)
        await jobs.enqueue(work, SEND_TEXT, msgspec.structs.replace(kept, tries=kept.tries + 1), pause)
