"""What people type into the field of search: things and models, with what they want of them, and a sample."""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from . import words

SAMPLE = Path(__file__).parent / "samples" / "search" / "queries.tsv"
_WANTED = ("二手", "便宜", "自提", "同城", "全新", "成色好", "求购", "")


def texts(count: int, seed: str) -> list[str]:
    """So many different ones, every fourth of the sample; the same for the same seed."""
    random, made = Random(seed), dict[str, None]()
    sample = list(_sample())
    while len(made) < count:
        what = random.choice(sample) if random.random() < 0.25 else words.thing(random)[1].lower()
        made[
            " ".join([what, *filter(None, random.choices((*_WANTED, *words.STATES), k=random.choice((0, 1, 1, 2))))])
        ] = None
    return list(made)


def _sample() -> Iterator[str]:
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        yield from (row[1] for row in list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:])


def wishes(text: str, random: Random) -> str:
    """A question with a place and what else is chosen beside it, as the query of an address."""
    lat, lon = random.choice(words.POINTS)
    wish = random.choice(
        (
            {"max_price": 50_000},
            {"handover": "meet"},
            {"radius_km": 10},
            {"days": 14},
            {"sort": "near"},
            {"condition": "like_new"},
        )
    )
    return urlencode({"q": text, "lat": lat, "lon": lon, **wish})
