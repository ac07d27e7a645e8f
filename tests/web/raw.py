"""Requests no client library would send: bytes straight into the application."""

import asyncio
from typing import Any, NamedTuple


class RawAnswer(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for given, value in self.headers if given == name), "")


async def raw(
    site: Any,
    method: str,
    path: str,
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    body: bytes = b"",
    query: bytes = b"",
    pieces: int = 1,
) -> RawAnswer:
    """One request; `path` is as the server decoded it, header values are latin-1, the body comes in `pieces`."""
    given = list((headers or {}).items()) if not isinstance(headers, list) else headers
    if not any(name == "host" for name, _ in given):
        given.append(("host", "xianji.test"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given],
        "server": ("xianji.test", 80),
        "client": ("203.0.113.9", 4711),
        "state": {},
    }
    size = max(1, -(-len(body) // pieces))
    waiting = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(3600)
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await site(scope, receive, send)
    start = sent[0]
    return RawAnswer(
        start["status"],
        [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]],
        b"".join(message.get("body", b"") for message in sent[1:]),
    )
