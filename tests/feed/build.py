"""A small place for the feed's tests: notes with things at points, and views written as the recorder does."""

from typing import Any

from tests.notes.build import a_note, thing
from xianji.domains import feed, items
from xianji.domains.feed import FeedPage, Seen
from xianji.domains.items import Place
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor

HOME = Place(30.2460, 120.1490)
CLOSE = Place(30.2600, 120.1490)  # 1.4 km
FAR = Place(30.4500, 120.1490)  # 23 km
CELL = items.cell_of(HOME.lat, HOME.lon)


async def a_thing(database: Database, seller: Actor, place: Place = CLOSE, **more: Any) -> str:
    """A note with one thing on sale, whose first readers are owed to it as the worker would see to."""
    note = await a_note(database, seller, kind="sale", items=[thing(**more)], place=place)
    async with database.work(SYSTEM) as work:
        await feed.open_reach(work, note)
    return note


async def home(database: Database, reader: Actor, cell: int | None = CELL, **more: Any) -> FeedPage:
    async with database.look(reader) as look:
        return await feed.home(look, cell, **more)


async def shown(database: Database, reader: Actor, cell: int | None = CELL, **more: Any) -> list[str]:
    return [card.id for card in (await home(database, reader, cell, **more)).items]


async def see(database: Database, reader: Actor, *notes: str, opened: bool = False, cell: int | None = CELL) -> None:
    async with database.work(SYSTEM) as work:
        await feed.record(work, [Seen(reader.me, one, opened=opened, cell=cell) for one in notes])


async def reach(database: Database, subject: str) -> tuple[int, int, int, int]:
    """How often shown, to people whose place was known, to people near, opened."""
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select shown, placed, near, opened from feed_reaches where subject = $1", subject)
    return tuple(row) if row else (0, 0, 0, 0)
