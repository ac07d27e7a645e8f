"""The town's things in the words of the item domain. What a category does not ask for is said in the description."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from xianji.demo import rules
from xianji.demo.model import Item, Place
from xianji.domains import items
from xianji.kernel.money import Money

CURRENCY = "CNY"
# Where the pages of the town file a thing more finely than the trade does.
_CATEGORIES = {
    "phones": "digital",
    "crafts": "other",
    "plants": "other",
    "pets": "other",
    "games": "digital",
    "music": "other",
}
_ATTRIBUTES = {"size": "clothes_size"}
_WORDS = {code: word for word, code in rules.ATTRIBUTES.items()}
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z%]+)")


def new_item(item: Item, place: Place, pictures: Sequence[str], now: datetime) -> items.NewItem:
    """What the seller says of the thing; deadlines and price steps count from `now`, the moment of the load."""
    category = items.all_categories()[_CATEGORIES.get(item.category, item.category)]
    attributes, said = _attributes(item, category)
    return items.NewItem(
        title=item.title,
        price=Money(item.price_fen, CURRENCY),
        stock=item.stock,
        kind="sale" if item.price_fen else "giveaway",
        description="\n".join([item.description, *said]),
        media=list(pictures),
        condition=item.condition,
        category=category.code,
        attributes=attributes,
        original_price=Money(item.original_price_fen, CURRENCY) if item.original_price_fen else None,
        handover=list(item.handover),
        place=place_of(place),
        bargain=item.bargain,
        deadline=now + timedelta(days=item.deadline_in_days) if item.deadline_in_days else None,
        price_steps=[
            items.PriceStep(now + timedelta(days=step.in_days), Money(step.price_fen, CURRENCY))
            for step in item.price_steps
        ],
    )


def place_of(place: Place) -> items.Place:
    """The corner of the grid cell and the district's name."""
    return items.Place(place.lat, place.lon, place.district)


def _attributes(item: Item, category: items.Category) -> tuple[dict[str, str | int | float | items.Measure], list[str]]:
    """The attributes this category asks for, and a line for each of the others."""
    fitting: dict[str, str | int | float | items.Measure] = {}
    said: list[str] = []
    for name, written in item.attributes.items():
        code = _ATTRIBUTES.get(name, name)
        known = category.attributes.get(code)
        value = _value(known, written) if known else None
        if value is None:
            said.append(f"{_WORDS[name]}：{written}")
        else:
            fitting[code] = value
    return fitting, said


def _value(known: items.Attribute, written: str) -> str | int | items.Measure | None:
    """The value in the attribute's own type; None when it does not fit."""
    if known.type == "text":
        return written
    if known.type == "number" and written.isdecimal():
        return int(written)
    measure = _MEASURE.fullmatch(written) if known.type == "measure" else None
    if measure and measure[2] in known.units:
        return items.Measure(measure[1], measure[2])
    return written if written in known.choices else None
