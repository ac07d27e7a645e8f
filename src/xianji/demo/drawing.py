"""Draws the town's pictures with every core: `python -m xianji.demo.drawing EMOJI MEDIA CACHE` is one pencil.

Those needed first are drawn first, and whoever needs some waits for just these, so that the town can be lived in
while it is drawn.

A pencil reads recipes from stdin, one JSON line each, and answers each with a line when the files are in the media
store and the note about them in the cache. It ends when stdin does, so it never outlives who started it. What lies
in the cache is not drawn again.
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from xianji.demo import pictures
from xianji.demo.model import Recipe
from xianji.domains import media

# Part of the cache's name: raise it when the same recipe is to be drawn differently.
_EDITION = "drawn-1"


class Album:
    """The drawings of one installation: their files in the media store, what is known of them in a cache folder."""

    def __init__(self, emoji: Path, media_folder: Path, cache: Path) -> None:
        self.emoji = emoji
        self.media_folder = media_folder
        self.cache = cache / _EDITION
        self.store = media.LocalStore(media_folder, "/files")
        self._known: dict[str, media.Kept] = {}
        self._news = asyncio.Condition()
        self._drawing: asyncio.Task[None] | None = None
        self._ended = True

    def find(self, recipe: Recipe) -> media.Kept | None:
        """What is known of this picture, when it was drawn and its files are still there."""
        key = pictures.key(recipe)
        page = self.cache / f"{key}.json"
        if key not in self._known and page.is_file():
            kept = msgspec.json.decode(page.read_bytes(), type=media.Kept)
            if all((self.media_folder / variant.key).is_file() for variant in kept.variants):
                self._known[key] = kept
        return self._known.get(key)

    def get(self, recipe: Recipe) -> media.Kept:
        """A picture that was drawn."""
        kept = self.find(recipe)
        assert kept is not None, f"not drawn: {recipe}"
        return kept

    async def draw(self, recipe: Recipe) -> None:
        """Draw one picture here and now."""
        kept = await media.keep_drawn(pictures.draw(recipe, self.emoji), self.store)
        part = self.cache / f"{pictures.key(recipe)}.{os.getpid()}"
        part.write_bytes(msgspec.json.encode(kept))
        part.replace(part.with_suffix(".json"))

    async def wait_for(self, recipes: Iterable[Recipe]) -> None:
        """Wait until these are drawn. Raises RuntimeError when a pencil broke."""
        wanted = list(recipes)
        async with self._news:
            await self._news.wait_for(lambda: self._ended or all(self.find(one) for one in wanted))
        if self._ended and self._drawing is not None:
            await self._drawing

    @asynccontextmanager
    async def drawing(self, recipes: Iterable[Recipe], told: Callable[[], None]) -> AsyncIterator[None]:
        """While inside, draw what is missing in this order with one pencil per core; `told()` hears of every one.

        Raises RuntimeError when a pencil breaks.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        missing = deque(self.missing(recipes))
        self._ended = False
        self._drawing = asyncio.create_task(self._draw_all(missing, told))
        try:
            yield
            await self._drawing
        finally:
            self._drawing.cancel()
            await asyncio.gather(self._drawing, return_exceptions=True)

    def missing(self, recipes: Iterable[Recipe]) -> list[Recipe]:
        """Those not drawn yet, each once, in their order."""
        return [one for one in dict.fromkeys(recipes) if self.find(one) is None]

    async def _draw_all(self, missing: deque[Recipe], told: Callable[[], None]) -> None:
        count = min(os.cpu_count() or 1, len(missing))
        try:
            ends = await asyncio.gather(*(self._pencil(missing, told) for _ in range(count)), return_exceptions=True)
            for end in ends:
                if end is not None:
                    raise end
        finally:
            self._ended = True
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _pencil(self, missing: deque[Recipe], told: Callable[[], None]) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "xianji.demo.drawing",
            str(self.emoji),
            str(self.media_folder),
            str(self.cache.parent),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            while missing:
                recipe = missing.popleft()
                process.stdin.write(msgspec.json.encode(recipe) + b"\n")
                await process.stdin.drain()
                if not await process.stdout.readline():
                    missing.clear()  # the other pencils end too
                    raise RuntimeError(f"a picture of the demo town could not be drawn: {recipe}")
                told()
                await self._tell()
        finally:
            process.stdin.close()
            await process.wait()


async def _draw_asked(album: Album) -> None:
    for line in sys.stdin.buffer:
        await album.draw(msgspec.json.decode(line, type=Recipe))
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_draw_asked(Album(*map(Path, sys.argv[1:4]))))
