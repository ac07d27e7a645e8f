"""Text messages and the check of names through a gateway: a real HTTP server of our own stands in for it."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest

from tests.build import a_member as somebody
from tests.build import a_phone, an_id_number
from tests.conftest import FakeClock
from xianji.domains import members
from xianji.domains.members.providers.gateway import GatewayFailed, HttpGateway, HttpIdentity, HttpSms
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.gateway import Gateway, missing, read
from xianji.kernel.work import NOBODY, SYSTEM

SECRET = "between us"


class Standin:
    """Answers every request in turn with a status and a body, and keeps what it was sent."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[dict[str, str], bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers["content-length"]))
        self.seen.append((headers, body))
        status, answer = self.answers.pop(0)
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(answer)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def gateway(standin: Standin, clock: FakeClock) -> AsyncIterator[HttpGateway]:
    server = await asyncio.start_server(standin.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = HttpGateway(Gateway(f"http://127.0.0.1:{port}/send", SECRET), clock.now)
    try:
        yield client
    finally:
        await client.aclose()
        server.close()
        await server.wait_closed()


async def queued(database: Database) -> list[bytes]:
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select payload from pgqueuer where entrypoint = $1 order by id", members.SEND_TEXT)
    return [row["payload"] for row in rows]


async def ask_code(database: Database) -> bytes:
    async with database.work(NOBODY) as work:
        await members.request_code(work, members.RequestCode(a_phone()), language="en")
    return (await queued(database))[-1]


async def test_a_message_is_a_signed_post(database: Database, clock: FakeClock) -> None:
    standin = Standin((202, b""))
    payload = await ask_code(database)
    async with gateway(standin, clock) as client:
        await members.send_text(database, payload, HttpSms(client))
    [(headers, body)] = standin.seen
    stamp = str(int(clock.now().timestamp()))
    signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["x-xianji-timestamp"], headers["x-xianji-signature"]) == (stamp, signature)
    sent = msgspec.json.decode(body)
    assert headers["idempotency-key"] == sent["id"]
    assert (sent["kind"], sent["language"], sent["to"][:3], len(sent["code"])) == ("code", "en", "+86", 6)
    assert sent["text"] == f"[Xianji] Your code is {sent['code']}, good for 10 minutes. Give it to nobody."


async def test_a_message_that_was_not_taken_is_tried_again_a_few_times(database: Database, clock: FakeClock) -> None:
    standin = Standin(*[(503, b"")] * 5)
    await ask_code(database)
    async with gateway(standin, clock) as client:
        for tries in range(1, 6):
            payloads = await queued(database)
            assert len(payloads) == tries
            await members.send_text(database, payloads[-1], HttpSms(client))
    assert len(await queued(database)) == 5
    assert len({msgspec.json.decode(body)["id"] for _, body in standin.seen}) == 1
    async with database.look(SYSTEM) as look:
        pauses = await look.db.fetch("select execute_after - created as pause from pgqueuer order by id")
    assert [round(row["pause"].total_seconds()) for row in pauses] == [0, 10, 20, 40, 80]


async def test_a_message_too_old_to_matter_is_dropped(database: Database, clock: FakeClock) -> None:
    standin = Standin()
    payload = await ask_code(database)
    clock.moment += timedelta(minutes=10)
    async with gateway(standin, clock) as client:
        await members.send_text(database, payload, HttpSms(client))
    assert (standin.seen, len(await queued(database))) == ([], 1)


async def test_a_gateway_that_is_not_there_or_redirects_has_failed(clock: FakeClock) -> None:
    standin = Standin((302, b""))
    async with gateway(standin, clock) as client:
        with pytest.raises(GatewayFailed, match="302"):
            await client.post("k", {})
    gone = HttpGateway(Gateway("http://127.0.0.1:9/send", SECRET), clock.now)
    with pytest.raises(GatewayFailed, match="ConnectError"):
        await gone.post("k", {})
    await gone.aclose()


async def test_a_name_is_confirmed_or_nothing_is_decided(database: Database, clock: FakeClock) -> None:
    actor = await somebody(database)
    wish = members.VerifyRealName("王小满", an_id_number())
    standin = Standin((500, b""), (200, b"{}"), (200, b'{"verdict":"maybe"}'), (200, b'{"verdict":"confirmed"}'))
    async with gateway(standin, clock) as client:
        for _ in range(3):
            with pytest.raises(Refusal) as refused:
                await members.verify_real_name(database, actor, wish, HttpIdentity(client))
            assert refused.value.code.name == "identity_not_reached"
        await members.verify_real_name(database, actor, wish, HttpIdentity(client))
    asked = [msgspec.json.decode(body) for _, body in standin.seen]
    assert len({one["id"] for one in asked}) == 1
    assert (asked[0]["name"], asked[0]["least_age"]) == ("王小满", 18)
    async with database.look(actor) as look:
        assert (await members.me(look)).card.verified


def test_a_real_site_needs_both_gateways() -> None:
    here = {"XIANJI_SMS_URL": "https://sms.example.org", "XIANJI_SMS_SECRET": "s"}
    assert missing({}) == [f"XIANJI_{kind}_{part}" for kind in ("SMS", "IDENTITY") for part in ("URL", "SECRET")]
    assert missing(here) == ["XIANJI_IDENTITY_URL", "XIANJI_IDENTITY_SECRET"]
    assert missing({"XIANJI_DEMO": "1"}) == []
    assert read(here, "SMS") == Gateway("https://sms.example.org", "s")
    assert read(here, "IDENTITY") is None
    assert "s'" not in repr(read(here, "SMS"))
