"""Reading a table of listings: CSV or TSV, in the encodings that people's spreadsheets write. Pure.

A column map says which column holds which field, for example `title=title,price=price,place=province_city`. Fields:
title, price, original_price, shipping, stock, description, condition, category, place, serial, and key: what the seller
calls the row, so that it is known again. Blank shipping is in the price. A row that cannot be read becomes a refusal in
its place; it never stops the others.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money, parse_decimal

from . import categories
from .model import (
    NUMBER_NOT_READABLE,
    PRICE_NOT_READABLE,
    TABLE_HAS_NO_COLUMN,
    TABLE_NOT_READABLE,
    Condition,
    NewItem,
)

FIELDS = (
    "title",
    "price",
    "original_price",
    "shipping",
    "stock",
    "description",
    "condition",
    "category",
    "place",
    "serial",
    "key",
)
_IN_THE_PRICE = frozenset(("包邮", "免运费", "卖家付", "free"))
_ENCODINGS = ("utf-8-sig", "gb18030")
_CONDITIONS: dict[str, Condition] = {
    "全新": "new",
    "几乎全新": "like_new",
    "99新": "like_new",
    "95新": "like_new",
    "9成新": "light_wear",
    "轻微使用痕迹": "light_wear",
    "8成新": "used",
    "明显使用痕迹": "used",
    "7成新": "heavy_wear",
    "磨损较多": "heavy_wear",
    "非全新": "used",
    "二手": "used",
    "new": "new",
    "like new": "like_new",
    "light wear": "light_wear",
    "good": "light_wear",
    "used": "used",
    "fair": "used",
    "heavy wear": "heavy_wear",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of the table, counted from 1 without the header: a thing to publish, or why it could not be read."""

    row: int
    new: NewItem | Refusal
    key: str = ""


def parse_map(written: str) -> dict[str, str]:
    """`title=name,price=cost` as a map from field to column. Refuses `table_has_no_column` for an unknown field."""
    columns: dict[str, str] = {}
    for pair in written.split(","):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in FIELDS:
            raise TABLE_HAS_NO_COLUMN(column=field)
        columns[field] = column or field
    return columns


def encoding_of(pieces: Callable[[], Iterable[bytes]]) -> str:
    """UTF-8 with or without its mark, else GB18030; `pieces` gives the file anew. Refuses `table_not_readable`."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for piece in pieces():
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise TABLE_NOT_READABLE()


def read(data: bytes, currency: str, columns: Mapping[str, str] | None = None) -> list[Listing]:
    """The rows of the table. `columns` maps fields to column names; without it the columns are called like the fields.

    Refuses `table_not_readable` and, when a mapped column (or title or price) is not there, `table_has_no_column`.
    """
    return list(stream(io.StringIO(data.decode(encoding_of(lambda: (data,))), newline=""), currency, columns))


def stream(lines: Iterable[str], currency: str, columns: Mapping[str, str] | None = None) -> Iterator[Listing]:
    """The same of a table of any length, read as far as it is asked for; `lines` as a file gives them."""
    given = iter(lines)
    first = next(given, "")
    try:
        reader = csv.DictReader(chain((first,), given), dialect=csv.excel_tab if "\t" in first else csv.excel)
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        plan = _plan(header, columns)
        filled = (row for row in reader if any(_filled(value) for value in row.values()))
        for number, row in enumerate(filled, start=1):
            yield Listing(number, _listing(row, plan, currency), (row.get(plan.get("key", "")) or "").strip())
    except csv.Error:
        raise TABLE_NOT_READABLE() from None


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _plan(header: list[str], columns: Mapping[str, str] | None) -> dict[str, str]:
    plan = dict(columns) if columns is not None else {field: field for field in FIELDS if field in header}
    for needed in ("title", "price"):
        plan.setdefault(needed, needed)
    for column in plan.values():
        if column not in header:
            raise TABLE_HAS_NO_COLUMN(column=column)
    return plan


def _listing(row: Mapping[str, str | None], plan: Mapping[str, str], currency: str) -> NewItem | Refusal:
    cells = {field: (row.get(column) or "").strip() for field, column in plan.items()}
    try:
        price = _money(cells["price"], currency)
        before = cells.get("original_price", "")
        original = _money(before, currency) if before else None
        return NewItem(
            title=cells["title"],
            price=price,
            original_price=original if original and original >= price else None,
            shipping=_shipping(cells.get("shipping", ""), currency),
            stock=_count(cells.get("stock", "")),
            description=cells.get("description", ""),
            condition=_CONDITIONS.get(cells.get("condition", "").casefold()),
            category=_category(cells.get("category", "")),
            place_label=cells.get("place") or None,
            serial=cells.get("serial") or None,
        )
    except Refusal as refusal:
        return refusal


def _money(written: str, currency: str) -> Money:
    amount = parse_decimal(written, currency)
    if amount is None:
        raise PRICE_NOT_READABLE(written=written[:40])
    return Money(amount, currency)


def _shipping(written: str, currency: str) -> Money | None:
    """What sending costs; blank, zero and the words people use for it are in the price."""
    if not written or written.casefold() in _IN_THE_PRICE:
        return None
    amount = parse_decimal(written, currency)
    if amount is None:
        raise PRICE_NOT_READABLE(written=written[:40], field="shipping")
    return Money(amount, currency) if amount else None


def _count(written: str) -> int:
    if not written:
        return 1
    if not (written.isascii() and written.isdigit() and len(written) <= 6):
        raise NUMBER_NOT_READABLE(written=written[:40])
    return int(written)


def _category(written: str) -> str | None:
    found = categories.find(written) if written else None
    return found.code if found else None
