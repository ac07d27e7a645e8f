"""What every local institution has: a socket, a clock, faults, and books one can look into."""

import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.conftest import FakeClock

Answer = tuple[int, dict[str, str], bytes]


class Institution:
    """One HTTP server. Subclasses answer in `serve` and keep books in `moved`: (kind, who, amount)."""

    name = ""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, str]] = []
        self.moved: list[tuple[str, str, int]] = []
        self.facts: list[Any] = []
        self.busy_next = 0
        self.lose_next = 0
        self.corrupt_next = 0
        self.receiver_fails = False
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"  # one call a connection, so that stopping is felt at once

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                with outer._lock:
                    outer.asked.append((self.command, self.path))
                    if outer.busy_next:
                        outer.busy_next -= 1
                        status, headers, content = outer.busy()
                    else:
                        status, headers, content = outer.serve(self.command, self.path, dict(self.headers), body)
                        if outer.lose_next and outer.may_lose(self.command, body):
                            outer.lose_next -= 1
                            self.close_connection = True
                            return
                        if outer.corrupt_next:
                            outer.corrupt_next -= 1
                            headers = outer.unsigned(headers)
                            content = content.replace(b"sign", b"sing")
                self.send_response(status)
                for head, value in headers.items():
                    self.send_header(head, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def now(self) -> datetime:
        return self.clock.now()

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def may_lose(self, method: str, body: bytes) -> bool:
        """Whether the scripted loss of an answer is meant for this call: one that moves something."""
        return method == "POST"

    def busy(self) -> Answer:
        raise NotImplementedError

    def unsigned(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers of an answer that somebody else made."""
        return headers

    def net(self) -> dict[tuple[str, str], int]:
        """What moved, summed by kind and who."""
        sums: dict[tuple[str, str], int] = {}
        for kind, who, amount in self.moved:
            sums[kind, who] = sums.get((kind, who), 0) + amount
        return sums


def split_target(target: str) -> tuple[str, dict[str, str]]:
    where = urlsplit(target)
    return where.path, dict(parse_qsl(where.query, keep_blank_values=True))
