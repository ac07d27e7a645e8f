"""The limit of a search: a bare ASGI application that asks the very same index and does nothing else.

The words are cut as the index was cut, parsed by Tantivy's own parser over the characters of titles, and the best
twenty are answered with what is stored of them. No wish, no order of our own, no facets, no count, no database:
whatever is found is told, though it may be sold or hidden. `alone` is the same in a loop without HTTP.
"""

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import tantivy

from xianji.domains.search import analysis
from xianji.domains.search.index import Folder

Message = dict[str, Any]
_MOST = 20


class Raw:
    """The newest generation in this folder, asked as plainly as can be."""

    def __init__(self, folder: Path) -> None:
        generation = Folder(folder).current
        assert generation is not None, "the index was built before"
        self._index = tantivy.Index.open(str(generation))
        self._searcher = self._index.searcher()

    def ask(self, text: str) -> bytes:
        """What is stored of the best twenty, as a JSON list."""
        units = analysis.units(text)
        if not units:
            return b"[]"
        query = self._index.parse_query(" ".join(units), ["chars"])
        hits = self._searcher.search(query, _MOST, count=False).hits
        return b"[" + b",".join(bytes(self._searcher.doc(address)["said"][0]) for _, address in hits) + b"]"

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
            return
        body = self.ask(parse_qs(scope["query_string"].decode())["q"][0])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def alone(folder: Path, texts: list[str], seconds: float) -> tuple[int, float]:
    """Ask one after the other in this process; how many were asked, and the seconds of processor time they took."""
    raw, asked, busy = Raw(folder), 0, time.process_time()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        raw.ask(texts[asked % len(texts)])
        asked += 1
    return asked, time.process_time() - busy


def create() -> Raw:
    """For Granian's --factory."""
    return Raw(Path(os.environ["XIANJI_HOME"]) / "search")
