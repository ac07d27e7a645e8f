"""Draws the town's pictures with every core: `python -m xianji.demo.drawing EMOJI MEDIA CACHE` is one pencil.

A pencil reads recipes from stdin, one JSON line each, and answers each with a line when the files are in the media
store and the note about them in the cache. It ends when stdin does, so it never outlives who started it. What lies
in the cache is not drawn again.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Sequence
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
        """A picture that `draw_all` has drawn."""
        kept = self.find(recipe)
        assert kept is not None, f"not drawn: {recipe}"
        return kept

    async def draw(self, recipe: Recipe) -> None:
        """Draw one picture here and now."""
        kept = await media.keep_drawn(pictures.draw(recipe, self.emoji), self.store)
        part = self.cache / f"{pictures.key(recipe)}.{os.getpid()}"
        part.write_bytes(msgspec.json.encode(kept))
        part.replace(part.with_suffix(".json"))

    async def draw_all(self, recipes: Iterable[Recipe], told: Callable[[int, int], None]) -> None:
        """Draw what is missing with one pencil per core; `told(done, of)` hears of every finished picture.

        Raises RuntimeError when a pencil breaks.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        missing = sorted((one for one in set(recipes) if self.find(one) is None), key=_beside)
        count = min(os.cpu_count() or 1, len(missing))
        done = 0

        def finished() -> None:
            nonlocal done
            done += 1
            told(done, len(missing))

        await asyncio.gather(*(self._pencil(missing[number::count], finished) for number in range(count)))

    async def _pencil(self, recipes: Sequence[Recipe], finished: Callable[[], None]) -> None:
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
            for recipe in recipes:
                process.stdin.write(msgspec.json.encode(recipe) + b"\n")
                await process.stdin.drain()
                if not await process.stdout.readline():
                    raise RuntimeError(f"a picture of the demo town could not be drawn: {recipe}")
                finished()
        finally:
            process.stdin.close()
            await process.wait()


def _beside(recipe: Recipe) -> tuple[tuple[str, ...], str]:
    """Pictures of the same thing beside each other: a pencil remembers the emoji it has opened."""
    return recipe.emojis, pictures.key(recipe)


async def _draw_asked(album: Album) -> None:
    for line in sys.stdin.buffer:
        await album.draw(msgspec.json.decode(line, type=Recipe))
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_draw_asked(Album(*map(Path, sys.argv[1:4]))))
