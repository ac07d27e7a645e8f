"""What the town "sold" before it was loaded: made-up trades, so that the market board has something to show.

The provider vouches for no past, so these are no orders. Every one is marked as made up, and every page says so.
"""

import random
from collections.abc import Iterator
from datetime import timedelta

from xianji.domains import prices
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

_DAYS = 150
_SEED = 23
# Model, price in minor units at the beginning, thousandths it moves in all, trades, variants.
_SOLD: tuple[tuple[str, int, int, int, tuple[str, ...]], ...] = (
    ("iphone-13", 235_000, -140, 88, ("128G", "256G")),
    ("iphone-15-pro", 520_000, -90, 46, ("256G",)),
    ("ricoh-gr-iii", 480_000, 260, 40, ("",)),
    ("fujifilm-x-t30-ii", 510_000, 20, 34, ("", "kit")),
    ("canon-g7-x-mark-ii", 260_000, 420, 42, ("",)),
    ("sony-a7-iii", 640_000, -60, 30, ("", "kit")),
    ("nintendo-switch-oled", 125_000, -150, 52, ("",)),
    ("airpods-pro-2", 92_000, -30, 60, ("",)),
    ("kindle-paperwhite-5", 42_000, 0, 26, ("",)),
    ("ipad-mini-6", 230_000, -70, 38, ("64G", "256G")),
    ("adidas-samba-og", 38_000, -40, 22, ("",)),
    ("dji-osmo-pocket-3", 265_000, 10, 6, ("",)),
    ("iphone-12-mini", 132_000, -110, 30, ("128G",)),
    ("macbook-air-m1", 315_000, -80, 34, ("256G",)),
    ("sony-wh-1000xm4", 98_000, -90, 32, ("",)),
    ("nintendo-switch", 96_000, -70, 36, ("",)),
    ("ps5", 255_000, -60, 28, ("",)),
    ("ipad-9", 142_000, -90, 30, ("64G",)),
    ("sony-a6400", 345_000, 60, 24, ("", "kit")),
    ("dyson-v10", 108_000, -80, 26, ("",)),
    ("coach-tabby-26", 188_000, 30, 24, ("",)),
    ("converse-chuck-70-high", 24_000, -20, 26, ("",)),
    ("dahon-p8", 118_000, 80, 24, ("",)),
    ("labubu-have-a-seat", 26_000, -380, 48, ("",)),
)
_GRADES = ("new", "like_new", "light_wear", "light_wear", "used", None)
_WORTH = {"new": 1120, "like_new": 1050, "light_wear": 1000, "used": 900, None: 980}


async def put(database: Database) -> None:
    """Write them down; doing it again changes nothing."""
    async with database.work(SYSTEM) as work:
        await prices.note_made_up(work, list(_trades()))


def _trades() -> Iterator[prices.MadeUp]:
    chance = random.Random(_SEED)
    for code, begin, moves, count, variants in _SOLD:
        for number in range(count):
            ago, grade = chance.randrange(_DAYS), chance.choice(_GRADES)
            trend = 1000 + moves * (_DAYS - ago) // _DAYS
            variant = chance.choice(variants)
            dearer = 1150 if variant in ("256G", "kit") and len(variants) > 1 else 1000
            price = begin * trend // 1000 * _WORTH[grade] // 1000 * dearer // 1000 * chance.randrange(940, 1060) // 1000
            yield prices.MadeUp(code, variant, grade, price // 1000 * 1000, timedelta(days=ago), number)
