"""`python -m bench.listings ROWS FILE`: a table for `xianji import listings`, with titles as people write them."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from xianji.domains.items import all_categories

from . import words

HEADER = ("key", "title", "price", "original_price", "description", "condition", "category", "place", "shipping")
_CONDITIONS = ("全新", "几乎全新", "9成新", "8成新", "非全新")


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """So many rows; the same seed gives the same ones."""
    chance = Random(seed)
    names = {code: one.name.zh for code, one in all_categories().items()}
    for number in range(count):
        category, what = words.thing(chance)
        price = chance.randrange(5, 9_000)
        yield (
            str(number),
            words.item_title(chance, what),
            f"{price}.{chance.choice(('00', '50'))}",
            str(price * 2) if chance.random() < 0.3 else "",
            f"{chance.choice(words.STATES)}，{chance.choice(words.PLACES)}自提也行。" if chance.random() < 0.6 else "",
            chance.choice(_CONDITIONS),
            names[category],
            chance.choice(words.PLACES),
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
