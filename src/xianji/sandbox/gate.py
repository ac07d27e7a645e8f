"""The signed door: checks who asks, keeps the books before answering, signs the answer.

Plain ASGI around the application. `/v1/` takes the merchant's key, `/admin/` the admin's; others are open.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from xianji.sandbox.books import Books
from xianji.sandbox.courier import Courier
from xianji.sandbox.crypto import Credentials, Keys, read_authorization, request_is_signed, sign_answer

BODY_LIMIT = 65536

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


class Gate:
    """ASGI middleware for one provider."""

    def __init__(self, inner: ASGIApp, books: Books, keys: Keys, courier: Courier) -> None:
        self._inner = inner
        self._books = books
        self._keys = keys
        self._courier = courier
        self._nonces: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(("/v1/", "/admin/")):
            await self._inner(scope, receive, send)
            return
        body = await _whole_body(receive)
        credentials = _credentials(scope)
        nonce = credentials.nonce if credentials else "-"
        if body is None:
            await self._answer(send, 413, _code("body_too_large"), nonce)
        elif path.startswith("/v1/") and self._books.engine.is_down():
            self._books.save()
            await _plain_unavailable(send)
        elif credentials is None or not self._allowed(scope, credentials, body):
            await self._answer(send, 401, _code("bad_signature"), nonce)
        else:
            await self._serve(scope, send, body, nonce)

    def _allowed(self, scope: Scope, credentials: Credentials, body: bytes) -> bool:
        """Right merchant, fresh, unseen nonce, true signature over the raw request."""
        admin = scope["path"].startswith("/admin/")
        key = self._keys.admin_public if admin else self._keys.merchant_public
        raw = scope.get("raw_path") or scope["path"].encode()
        target = raw.decode("latin-1").partition("?")[0]
        query = scope.get("query_string", b"").decode("latin-1")
        target = f"{target}?{query}" if query else target
        if credentials.merchant != self._keys.merchant:
            return False
        if not request_is_signed(key, credentials, scope["method"], target, body):
            return False
        now, age = self._books.clock().timestamp(), self._books.engine.limits.request_age_seconds
        if abs(now - credentials.timestamp) > age:
            return False
        self._nonces = {n: until for n, until in self._nonces.items() if until >= now}
        seen = (credentials.serial, credentials.nonce)
        if seen in self._nonces:
            return False
        self._nonces[seen] = credentials.timestamp + age
        return True

    async def _serve(self, scope: Scope, send: Send, body: bytes, nonce: str) -> None:
        status, content, kind = await _collect(self._inner, scope, body)
        writes = scope["method"] == "POST" and scope["path"].startswith("/v1/")
        lost = writes and status < 300 and self._books.engine.faults.hit("timeout_after_apply")
        self._books.save()
        self._courier.wake()
        if lost:
            await _break_off(send)
            return
        await self._answer(send, status, content, nonce, kind)

    async def _answer(
        self, send: Send, status: int, body: bytes, nonce: str, kind: bytes = b"application/json"
    ) -> None:
        signed = sign_answer(self._keys, status, self._books.clock(), nonce, body)
        headers = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
        headers += [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _credentials(scope: Scope) -> Credentials | None:
    found = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    return read_authorization(found[0].decode("latin-1")) if len(found) == 1 else None


async def _whole_body(receive: Receive) -> bytes | None:
    """Read the raw body; None when it is larger than the provider takes."""
    body, more = b"", True
    while more:
        message: Any = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        more = message.get("more_body", False)
    return body


async def _collect(inner: ASGIApp, scope: Scope, body: bytes) -> tuple[int, bytes, bytes]:
    """Let the application answer into memory: status, body, content type."""
    status, content, kind = 500, b"", b"application/json"

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, content, kind
        if message["type"] == "http.response.start":
            status = message["status"]
            kind = dict(message["headers"]).get(b"content-type", kind)
        elif message["type"] == "http.response.body":
            content += message.get("body", b"")

    await inner(scope, receive, send)
    return status, content, kind


async def _break_off(send: Send) -> None:
    """Promise a body and never send it: the caller sees the connection end with the outcome unknown."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"1000"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionAbortedError("scripted: timeout_after_apply")


async def _plain_unavailable(send: Send) -> None:
    """Answer like a gateway in front of a provider that is down: unsigned, nothing applied."""
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": 503, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": b"unavailable", "more_body": False})


def _code(code: str) -> bytes:
    return msgspec.json.encode({"code": code})
