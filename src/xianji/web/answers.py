"""Answers that are bytes already, and the one place where answers are packed.

A finished answer goes to the server as it is: the framework neither looks at its type nor copies its headers.
"""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from .visit import visit_of

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

# Shorter answers fit into a packet either way.
_WORTH_PACKING = 1000
_TEXTS = (b"text/html", b"application/json", b"application/problem+json", b"text/plain", b"image/svg+xml")
_LEVEL = 2  # a third of the time of level 5 for a tenth more bytes
_VARY = (b"vary", b"accept-encoding")
_PACKED = (b"content-encoding", b"gzip")

HTML = b"text/html; charset=utf-8"
JSON = b"application/json"


class Finished(Response[bytes]):
    """A body with its media type; `packed` when it is a gzip stream."""

    def __init__(self, body: bytes, media_type: bytes, status: int = 200, *, packed: bool = False) -> None:
        self.status_code = status
        headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
        if packed:
            headers += [_PACKED, _VARY]
        self._start = {"type": "http.response.start", "status": status, "headers": headers}
        self._body = {"type": "http.response.body", "body": body, "more_body": False}

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: nothing is left to be done."""
        return self._send

    async def _send(self, _scope: Any, _receive: Any, send: Send) -> None:
        await send(self._start)
        await send(self._body)


class reads(HTTPRouteHandler):  # noqa: N801  a decorator, as its parent is
    """A GET that shows a view struct as JSON. Its return type describes it in the schema."""

    def __init__(self, path: str, **described: Any) -> None:
        super().__init__(path, http_method="GET", **described)

    async def to_response(self, app: Any, data: Any, request: Any) -> Any:
        """The struct as bytes, without asking what it is; what is kept was encoded and zipped once."""
        visit = visit_of(request)
        told = visit.told
        if told is None or told.said is not data:
            return Finished(msgspec.json.encode(data), JSON).to_asgi_response()
        packed = visit.packs and len(told.json) >= _WORTH_PACKING
        return Finished(told.zipped if packed else told.json, JSON, packed=packed).to_asgi_response()


def packing(send: Send) -> Send:
    """A `send` that packs whole texts on their way out. Streams and what is packed already pass as they are."""
    held: Message | None = None

    async def packed(message: Message) -> None:
        nonlocal held
        if message["type"] == "http.response.start" and _is_text(message["headers"]):
            held = message
            return
        if held is not None:
            start, held = held, None
            body = message.get("body", b"")
            if not message.get("more_body", False) and len(body) >= _WORTH_PACKING:
                message = {**message, "body": _gzip(body)}
                kept = [header for header in start["headers"] if header[0] != b"content-length"]
                length = (b"content-length", b"%d" % len(message["body"]))
                start = {**start, "headers": [*kept, length, _PACKED, _VARY]}
            await send(start)
        await send(message)

    return packed


def _is_text(headers: list[tuple[bytes, bytes]]) -> bool:
    found = dict(headers)
    return b"content-encoding" not in found and found.get(b"content-type", b"").partition(b";")[0] in _TEXTS


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()
