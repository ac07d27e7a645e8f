"""A real provider process, a real receiver for its callbacks, and a hand-written signer."""

import base64
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from xianji.domains.payments import provider as port
from xianji.domains.payments.providers.sandbox import SandboxKeys, SandboxProvider

START = "2026-03-01T02:00:00Z"
HTTP = httpx.Client(trust_env=False, timeout=10)
"""One client for every hand-made call: making a client costs more than the call."""
SRC = Path(__file__).resolve().parents[2] / "src"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Receiver:
    """Keeps every callback it gets; answers the scripted statuses first, then 200."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


def make_receiver():
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((dict(self.headers), body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/payments/sandbox"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return receiver, server


class Process:
    """The provider as its own process, with state and keys in `folder`."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder, self.flags = folder, flags
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "xianji.sandbox", "--port", str(self.port)]
        command += ["--state", str(self.folder / "state.db"), *self.flags]
        self.child = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SRC)})
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.child.poll() is None, "the sandbox ended before it answered"
            try:
                HTTP.get(self.url + "/healthz")
                return
            except httpx.TransportError:
                self.child_wait(0.05)
        raise AssertionError("the sandbox did not answer in 20 s")

    def child_wait(self, seconds: float) -> None:
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def stop(self) -> int:
        self.child.terminate()
        return self.child.wait(10)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(10)

    def now(self) -> datetime:
        return datetime.fromisoformat(HTTP.get(self.url + "/healthz").json()["now"])

    def signed(self, who: str, method: str, target: str, body: bytes = b"", **change) -> httpx.Response:
        """Send a request signed from the written format; `change` overrides pieces after signing."""
        private = load_pem_private_key((self.folder / "keys" / f"{who}_private.pem").read_bytes(), None)
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        stamp = change.get("timestamp", int(self.now().timestamp()))
        nonce = change.get("nonce", secrets.token_hex(12))
        text = f"{method}\n{target}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64encode(private.sign(text)).decode()
        serial = hashlib.sha256(raw).hexdigest()[:16]
        header = (
            f"XIANJI-SANDBOX-ED25519 merchant={change.get('merchant', 'xianji')},serial={serial},"
            f"timestamp={stamp},nonce={nonce},signature={signature}"
        )
        sent = change.get("sent", body)
        url = self.url + change.get("sent_to", target)
        return HTTP.request(method, url, content=sent, headers={"Authorization": header})

    def admin(self, path: str, **body) -> dict:
        answer = self.signed("admin", "POST", "/admin" + path, json.dumps(body).encode())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def totals(self) -> dict:
        return self.signed("admin", "GET", "/admin/totals").json()

    def fault(self, name: str, **more) -> None:
        self.admin("/faults", name=name, **{"times": 1, **more})

    def advance(self, seconds: float) -> None:
        """Move the frozen clock and let every delivery due by then be attempted once."""
        self.admin("/clock", advance_seconds=seconds)


@pytest.fixture(scope="session", autouse=True)
def close_http():
    yield
    HTTP.close()


@pytest.fixture(scope="session")
def shared_process(tmp_path_factory):
    process = Process(tmp_path_factory.mktemp("sandbox"))
    process.admin("/clock", freeze_at=START)
    yield process
    assert process.stop() == 0


@pytest.fixture
def process(shared_process):
    """The shared process with all faults off and nothing left to deliver to others."""
    shared_process.admin("/faults/clear")
    return shared_process


@pytest.fixture
def receiver():
    found, server = make_receiver()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def new_process(tmp_path):
    """Start further processes with their own flags; all are stopped at the end."""
    started = []

    def start(*flags: str) -> Process:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Process(folder, *flags))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
async def client(shared_process):
    """The house's adapter against the shared process."""
    keys = SandboxKeys.load(shared_process.folder / "keys")
    url, now = shared_process.url, shared_process.now
    async with SandboxProvider(url, keys, now=now, nonce=lambda: secrets.token_hex(12)) as found:
        yield found


@pytest.fixture
def number():
    """A number no other test uses."""
    return "t-" + secrets.token_hex(6)


@pytest.fixture
def ask(process, receiver, number):
    """A payment of two sellers' parts, 100.00 and 25.50 yuan."""
    return port.PaymentAsk(
        out_no=number,
        amount=12550,
        currency="CNY",
        description="旧书 <两本> & 一张唱片",
        parts=(
            port.PaymentPart("a", "seller-1", 10000),
            port.PaymentPart("b", "seller-2", 2550, "小林的书摊"),
        ),
        notify_url=receiver.url,
        return_url="http://127.0.0.1:9/orders/1",
        expires_at=process.now() + timedelta(minutes=30),
    )


@pytest.fixture
def pay(process):
    """Answer a payment's page as a browser would."""

    def answer(pay_url: str, result: str = "success") -> httpx.Response:
        return HTTP.post(pay_url, data={"result": result})

    return answer


@pytest.fixture
def facts(process, receiver, client):
    """What the house's adapter makes of the callbacks received so far: facts, or the code of the refusal."""

    def read() -> list:
        found = []
        for headers, body in receiver.got:
            try:
                found.append(client.verify_event(headers, body, process.now()))
            except port.EventRefused as refused:
                found.append(refused.code)
        return found

    return read
