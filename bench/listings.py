"""`python -m bench.listings ROWS FILE`: a table for `xianji import listings`, with titles as people write them."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from xianji.domains.items import all_categories
from xianji.domains.prices import all_models

from .words import ENDINGS, PLACES, STATES, THINGS

HEADER = ("key", "title", "price", "original_price", "description", "condition", "category", "place", "shipping")
_CONDITIONS = ("全新", "几乎全新", "9成新", "8成新", "非全新")
_COLOURS = ("黑色", "白色", "银色", "深蓝", "米色", "粉色", "军绿", "")
_SIZES = ("64G", "128G", "256G", "")


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """So many rows; the same seed gives the same ones."""
    chance = Random(seed)
    models, kinds = list(all_models().values()), list(THINGS)
    names = {code: one.name.zh for code, one in all_categories().items()}
    for number in range(count):
        if chance.random() < 0.35:
            model = chance.choice(models)
            size = chance.choice(_SIZES) if "storage" in model.axes else ""
            category, what = model.category, f"{model.name} {size}"
        else:
            category = chance.choice(kinds)
            what = f"{chance.choice(_COLOURS)}{chance.choice(THINGS[category])}"
        state, ending = chance.choice(STATES), chance.choice(ENDINGS)
        title = " ".join(f"{what} {state} {ending if chance.random() < 0.5 else ''}".split())
        price = chance.randrange(5, 9_000)
        yield (
            str(number),
            title,
            f"{price}.{chance.choice(('00', '50'))}",
            str(price * 2) if chance.random() < 0.3 else "",
            f"{state}，{ending}，{chance.choice(PLACES)}自提也行。" if chance.random() < 0.6 else "",
            chance.choice(_CONDITIONS),
            names[category],
            chance.choice(PLACES),
            chance.choice(("", "", "12", "包邮")),
        )


def write(file: Path, count: int, seed: int = 1) -> None:
    """The table as CSV."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(HEADER)
        table.writerows(rows(count, seed))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.listings", description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    write(asked.file, asked.rows)


if __name__ == "__main__":
    main()
