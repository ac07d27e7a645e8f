"""The load: a few kept-alive connections, each sending its next request when the answer is complete.

Plain sockets under epoll in a process of its own: a request costs it some ten microseconds, and it reports how busy it
was, so that a run in which the client was the bottleneck shows.
"""

import gc
import select
import socket
import statistics
import time
from dataclasses import dataclass
from itertools import cycle

_CHUNK = 1 << 18
FEWEST = 20  # answers, however slow; a page drawn for the first time compiles its templates
_LONGEST = 30.0


@dataclass(frozen=True)
class Measured:
    """What one stretch of load found. Latencies in milliseconds, `client_busy` as a share of one core.

    `cpu` is the processor time of server and database for one request, in seconds; whoever started the load adds it.
    """

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    bytes: int
    client_busy: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class WrongAnswer(Exception):
    """A server answered with something else than 200, so the numbers would mean nothing."""


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.parts: list[bytes] = []
        self.got = 0
        self.needed = -1  # the whole answer's length; -1 while unknown, -2 when chunked

    def send(self, request: bytes) -> None:
        self.parts, self.got, self.needed = [], 0, -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take in what is there; whether the answer is complete."""
        part = self.socket.recv(_CHUNK)
        if not part:
            raise WrongAnswer("the server closed a connection")
        self.parts.append(part)
        self.got += len(part)
        if self.needed == -1:
            self._read_head()
        return self.got == self.needed or (self.needed == -2 and self._tail().endswith(b"0\r\n\r\n"))

    def _tail(self) -> bytes:
        return b"".join(self.parts[-2:])[-8:]

    def _read_head(self) -> None:
        head, found, _ = b"".join(self.parts).partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise WrongAnswer(head[:200].decode("latin-1"))
        lowered = head.lower()
        at = lowered.find(b"\r\ncontent-length:")
        if at < 0:
            self.needed = -2
        else:
            self.needed = len(head) + 4 + int(lowered[at + 17 :].split(b"\r\n", 1)[0])


def run(port: int, requests: list[bytes], connections: int, seconds: float, fewest: int = FEWEST) -> Measured:
    """Load the server for so many seconds, and until `fewest` answers are there, and measure."""
    gc.disable()
    turn = cycle(requests)
    open_ones = {one.socket.fileno(): one for one in (_Connection(port) for _ in range(connections))}
    waiting = select.epoll()
    for number in open_ones:
        waiting.register(number, select.EPOLLIN)
    latencies: list[float] = []
    total = 0
    began, busy_began = time.perf_counter(), time.process_time()
    for one in open_ones.values():
        one.send(next(turn))
    while (spent := time.perf_counter() - began) < seconds or (len(latencies) < fewest and spent < _LONGEST):
        for number, _ in waiting.poll(1.0):
            one = open_ones[number]
            if one.receive():
                latencies.append(time.perf_counter() - one.sent_at)
                total += one.got
                one.send(next(turn))
    took, busy = time.perf_counter() - began, time.process_time() - busy_began
    for one in open_ones.values():
        one.socket.close()
    gc.enable()
    return _summed_up(latencies, took, total, busy)


def _summed_up(latencies: list[float], took: float, total: int, busy: float) -> Measured:
    if len(latencies) < FEWEST:
        raise WrongAnswer(f"only {len(latencies)} answers in {took:.1f} s")
    cuts = statistics.quantiles(latencies, n=100)
    return Measured(
        requests=len(latencies),
        seconds=took,
        p50=cuts[49] * 1000,
        p95=cuts[94] * 1000,
        p99=cuts[98] * 1000,
        bytes=total // len(latencies),
        client_busy=busy / took,
    )


def requests_for(paths: list[str], headers: dict[str, str]) -> list[bytes]:
    """Whole requests as bytes, one for each path."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return [f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{lines}\r\n".encode() for path in paths]
