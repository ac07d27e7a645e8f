"""A small market to look at: a circle, a row of notes with pictures, one of them with a board of things."""

import io
from dataclasses import dataclass

from PIL import Image

from tests.build import a_seller
from xianji.domains import circles, items, media, notes
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import Actor
from xianji.settings import Settings

_SHADES = ((214, 122, 84), (70, 128, 108), (96, 110, 150), (190, 150, 60))
_SINGLES = 23


@dataclass(frozen=True)
class Market:
    """Where its pages are."""

    note: str
    item: str
    circle: str


def a_photo(number: int) -> bytes:
    """A plain JPEG of its own colour, upright or lying."""
    size = (900, 1200) if number % 2 else (1200, 900)
    made = io.BytesIO()
    Image.new("RGB", size, _SHADES[number % len(_SHADES)]).save(made, "JPEG")
    return made.getvalue()


async def a_market(database: Database, settings: Settings) -> Market:
    """Built by the verbs of the members: one seller, four pictures, two dozen notes."""
    seller = await a_seller(database)
    pool, store = media.DecoderPool(size=1), media.LocalStore(settings.media_folder, "/files")
    pictures = [(await media.upload(database, seller, a_photo(number), pool, store)).id for number in range(4)]
    await pool.close()
    async with database.work(Actor(seller.me, roles=frozenset({"moderator"}))) as work:
        await circles.found_circle(work, circles.FoundCircle(slug="moving", kind="interest", name="搬家局"))
    async with database.work(seller) as work:
        for number in range(_SINGLES):
            thing = items.NewItem("实木书架，五层", Money(12_000 + number), media=[pictures[number % 4]])
            await notes.publish_note(
                work, notes.NewNote(f"腾地方，出几件第 {number + 1} 批", "都用得很爱惜。", items=[thing])
            )
    board = [
        items.NewItem(
            "富士小相机，成色不错",
            Money(268_000),
            handover=["meet"],
            media=[pictures[0]],
            description="快门正常。",
            stock=9,
        ),
        items.NewItem("小台灯", Money(4_500), handover=["meet", "ship"], media=[pictures[1]]),
        items.NewItem("一摞旧书", Money(3_000), media=[pictures[2]]),
    ]
    async with database.work(seller) as work:
        note = await notes.publish_note(
            work, notes.NewNote("搬家清仓，周日前搬空", "双井附近。", "stall", pictures, board)
        )
    async with database.look(seller) as look:
        shown = await notes.note_board(look, note)
    item = next(thing.card.id for thing in shown.things if thing.card.title.startswith("富士"))
    return Market(note, item, "moving")
