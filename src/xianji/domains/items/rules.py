"""The item machine and the judging of what a seller says: pure decisions over values."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from xianji.kernel import text
from xianji.kernel.config import Config
from xianji.kernel.installation import CURRENCY, ZONE
from xianji.kernel.money import Money
from xianji.kernel.states import machine, move

from . import categories, places, serials
from .model import (
    ATTRIBUTE_LONGEST,
    DEADLINE_DAYS,
    DEADLINE_NOT_VALID,
    DESCRIPTION_LONGEST,
    GIFT_HAS_PRICE,
    ORIGINAL_PRICE_LOWER,
    PICTURES_MOST,
    PLACE_LONGEST,
    PRICE_CAP,
    PRICE_MISSING,
    PRICE_OVER_CAP,
    SAME_PICTURE_TWICE,
    SERIAL_MEANS_ONE,
    SHIPPING_MOST,
    SHIPPING_OVER_CAP,
    STEPS_MOST,
    STEPS_NOT_VALID,
    STOCK_MOST,
    STOCK_NOT_VALID,
    TITLE_LONGEST,
    TOO_MANY_PICTURES,
    WRONG_CURRENCY,
    EditItem,
    Facts,
    NewItem,
    Place,
    PriceStep,
    SerialKind,
)

Digest = Callable[[str], bytes]

# "order" is the order domain settling units, "time" a deadline, "system" screening inside a command.
ITEM = machine(
    "item",
    ("draft", "screening", "live", "paused", "rejected", "sold", "expired", "removed"),
    move("draft", "publish", "live", "seller"),
    move(("draft", "rejected"), "submit", "screening", "seller", why="screening wants a person to look first"),
    move(("live", "paused"), "hold", "screening", "system", "operator", why="an edit or a report wants a second look"),
    move("screening", "pass", "live", "operator"),
    move("screening", "reject", "rejected", "operator"),
    move("live", "pause", "paused", "seller"),
    move("paused", "resume", "live", "seller"),
    move(("live", "paused"), "expire", "expired", "time", "seller"),
    move("expired", "relist", "live", "seller"),
    move(("live", "paused", "screening", "expired"), "sell_out", "sold", "order"),
    move(("draft", "screening", "live", "paused", "rejected", "sold", "expired"), "remove", "removed", "seller"),
    move(("screening", "live", "paused", "sold", "expired"), "take_down", "removed", "operator", "system"),
    move(("removed", "rejected"), "restore", "live", "operator", why="an appeal was upheld"),
)

EDITABLE = frozenset(("draft", "screening", "live", "paused", "rejected"))
SHOWN = frozenset(("live", "paused", "sold", "expired"))  # what anybody with the address may see
HOLDS_SERIAL = frozenset(("screening", "live", "paused"))
ON_SALE = frozenset(("live", "paused"))


class Limits(NamedTuple):
    """The limits in force for one seller at one moment; `price_cap` 0 means none."""

    currency: str
    price_cap: int
    shipping: int
    title: int
    description: int
    place: int
    attribute: int
    stock: int
    pictures: int
    steps: int
    deadline_days: int
    now: datetime
    today: date


def limits(config: Config, now: datetime, individual: bool) -> Limits:
    """Read the limits from the configuration; only individuals have a price cap."""
    return Limits(
        currency=config.get(CURRENCY),
        price_cap=config.get(PRICE_CAP) if individual else 0,
        shipping=config.get(SHIPPING_MOST),
        title=config.get(TITLE_LONGEST),
        description=config.get(DESCRIPTION_LONGEST),
        place=config.get(PLACE_LONGEST),
        attribute=config.get(ATTRIBUTE_LONGEST),
        stock=config.get(STOCK_MOST),
        pictures=config.get(PICTURES_MOST),
        steps=config.get(STEPS_MOST),
        deadline_days=config.get(DEADLINE_DAYS),
        now=now,
        today=now.astimezone(ZoneInfo(config.get(ZONE))).date(),
    )


def judge(new: NewItem, by: Limits, digest: Digest) -> Facts:
    """The facts of a new item, or the refusal of its first wrong field. `digest` hashes a serial number."""
    price = amount(new.price, by)
    cell, label = where(new.place, by, new.place_label)
    kind, hashed = serial(new.serial, digest)
    return check(
        Facts(
            title=text.line("title", new.title, by.title),
            description=text.body("description", new.description, by.description),
            price=price,
            currency=by.currency,
            stock=stock(new.stock, by),
            kind=new.kind,
            media=pictures(new.media, by),
            condition=new.condition,
            category=new.category,
            attributes=categories.judge(new.category, new.attributes, by.today, by.attribute),
            original_price=amount(new.original_price, by) if new.original_price else None,
            shipping=sending(new.shipping, by),
            handover=tuple(dict.fromkeys(new.handover)),
            cell=cell,
            place_label=label,
            bargain=new.bargain and new.kind != "giveaway",
            way=new.way if new.kind == "giveaway" else None,
            deadline=deadline(new.deadline, by),
            steps=steps(new.price_steps, price, new.deadline, by),
            serial_kind=kind,
            serial_digest=hashed,
        ),
        by,
    )


def edited(old: Facts, edit: EditItem, by: Limits, digest: Digest) -> Facts:
    """The facts after an edit. Only what the edit names is judged, so an old fact that time has overtaken stays."""
    new = msgspec.structs.replace(old)
    changes: dict[str, object] = {}
    if edit.title is not UNSET:
        changes["title"] = text.line("title", edit.title, by.title)
    if edit.description is not UNSET:
        changes["description"] = text.body("description", edit.description, by.description)
    if edit.price is not UNSET:
        changes["price"] = amount(edit.price, by)
    if edit.stock is not UNSET:
        changes["stock"] = stock(edit.stock, by)
    if edit.media is not UNSET:
        changes["media"] = pictures(edit.media, by)
    if edit.condition is not UNSET:
        changes["condition"] = edit.condition
    if edit.original_price is not UNSET:
        changes["original_price"] = amount(edit.original_price, by) if edit.original_price else None
    if edit.shipping is not UNSET:
        changes["shipping"] = sending(edit.shipping, by)
    if edit.handover is not UNSET:
        changes["handover"] = tuple(dict.fromkeys(edit.handover))
    if edit.bargain is not UNSET:
        changes["bargain"] = edit.bargain and old.kind != "giveaway"
    if edit.place is not UNSET:
        changes["cell"], changes["place_label"] = where(edit.place, by)
    if edit.place_label is not UNSET:
        changes["place_label"] = where(None, by, edit.place_label)[1]
    if edit.serial is not UNSET:
        changes["serial_kind"], changes["serial_digest"] = serial(edit.serial, digest)
    new = msgspec.structs.replace(new, **changes)
    return check(_with_schedule(_with_attributes(new, edit, by), edit, by), by)


def _with_attributes(facts: Facts, edit: EditItem, by: Limits) -> Facts:
    """A new category without new attributes keeps none of the old ones: they were answers to other questions."""
    if edit.category is UNSET and edit.attributes is UNSET:
        return facts
    category = facts.category if edit.category is UNSET else edit.category
    given = {} if edit.attributes is UNSET else edit.attributes
    if edit.attributes is UNSET and category == facts.category:
        return facts
    return msgspec.structs.replace(
        facts, category=category, attributes=categories.judge(category, given, by.today, by.attribute)
    )


def _with_schedule(facts: Facts, edit: EditItem, by: Limits) -> Facts:
    ends = facts.deadline if edit.deadline is UNSET else deadline(edit.deadline, by)
    if edit.price_steps is UNSET:
        coming = tuple(step for step in facts.steps if step[1] < facts.price and (ends is None or step[0] < ends))
    else:
        coming = steps(edit.price_steps, facts.price, ends, by)
    return msgspec.structs.replace(facts, deadline=ends, steps=coming)


def check(facts: Facts, by: Limits) -> Facts:
    """What must hold between fields: gifts are free and nothing else is, the cap, the original price, one serial."""
    if facts.kind == "giveaway" and facts.price:
        raise GIFT_HAS_PRICE()
    if facts.kind != "giveaway" and not facts.price:
        raise PRICE_MISSING()
    if by.price_cap and facts.price > by.price_cap:
        raise PRICE_OVER_CAP(cap=by.price_cap, currency=by.currency)
    if facts.original_price is not None and facts.original_price < facts.price:
        raise ORIGINAL_PRICE_LOWER()
    if facts.serial_kind and facts.stock != 1:
        raise SERIAL_MEANS_ONE()
    return facts


def said(facts: Facts) -> str:
    """Everything the seller says of it in words: what screening reads."""
    words = [facts.title, facts.description, *(value for value in facts.attributes.values() if isinstance(value, str))]
    return "\n".join(words)


def amount(money: Money, by: Limits) -> int:
    """Minor units, when the money is in the installation's currency."""
    if money.currency != by.currency:
        raise WRONG_CURRENCY(currency=by.currency)
    return money.amount


def sending(money: Money | None, by: Limits) -> int | None:
    """What sending costs the buyer; None (also for zero) when it is in the price."""
    cost = amount(money, by) if money else 0
    if cost > by.shipping:
        raise SHIPPING_OVER_CAP(cap=by.shipping, currency=by.currency)
    return cost or None


def stock(count: int, by: Limits) -> int:
    """A stock from 1 to the configured most."""
    if not 1 <= count <= by.stock:
        raise STOCK_NOT_VALID(most=by.stock)
    return count


def pictures(ids: Sequence[str], by: Limits) -> tuple[str, ...]:
    """Media ids in order, each once."""
    if len(ids) > by.pictures:
        raise TOO_MANY_PICTURES(most=by.pictures)
    if len(set(ids)) != len(ids):
        raise SAME_PICTURE_TWICE()
    return tuple(ids)


def where(place: Place | None, by: Limits, name: str | None = None) -> tuple[int | None, str | None]:
    """The cell and the district's name; the point itself ends here."""
    name = place.label if place and place.label else name
    label = text.line("place", name, by.place, required=False) if name else None
    return places.cell_of(place.lat, place.lon) if place else None, label or None


def serial(typed: str | None, digest: Digest) -> tuple[SerialKind | None, bytes | None]:
    """The kind and the keyed hash; the number itself ends here."""
    if typed is None or not typed.strip():
        return None, None
    kind, plain = serials.read(typed)
    return kind, digest(serials.identity(kind, plain))


def deadline(moment: datetime | None, by: Limits) -> datetime | None:
    """A moment with a zone, in the future and not too far."""
    if moment is None:
        return None
    if moment.tzinfo is None or not by.now < moment <= by.now + timedelta(days=by.deadline_days):
        raise DEADLINE_NOT_VALID(days=by.deadline_days)
    return moment


def steps(
    asked: Sequence[PriceStep], price: int, ends: datetime | None, by: Limits
) -> tuple[tuple[datetime, int], ...]:
    """Later and lower, one after the other, before the sale ends; never free."""
    if len(asked) > by.steps:
        raise STEPS_NOT_VALID(most=by.steps)
    last_at, last_price = by.now, price
    for step in asked:
        lower = amount(step.price, by)
        if step.at.tzinfo is None or step.at <= last_at or not 0 < lower < last_price:
            raise STEPS_NOT_VALID(most=by.steps)
        if step.at > by.now + timedelta(days=by.deadline_days) or (ends is not None and step.at >= ends):
            raise STEPS_NOT_VALID(most=by.steps)
        last_at, last_price = step.at, lower
    return tuple((step.at, step.price.amount) for step in asked)


def even_steps(price: Money, lowest: Money, count: int, now: datetime, ends: datetime) -> list[PriceStep]:
    """A proposal for the form: `count` equal drops at equal times from `price` to `lowest`, last well before `ends`."""
    assert count > 0, "no steps to propose"
    assert price > lowest and now < ends, "nothing to fall or no time for it"  # noqa: PT018
    pause = (ends - now) / (count + 1)
    fall = price.amount - lowest.amount
    return [
        PriceStep(now + pause * number, Money(price.amount - fall * number // count, price.currency))
        for number in range(1, count + 1)
    ]


def changed(old: Facts, new: Facts) -> list[str]:
    """The names of the fields that differ, in the order of `Facts`."""
    return [name for name in Facts.__struct_fields__ if getattr(old, name) != getattr(new, name)]


def alike(one: str, other: str) -> int:
    """How much of the shorter title's letter pairs the longer one has too, in percent; spaces and case do not count."""
    pairs = [_pairs(title) for title in (one, other)]
    shorter = min(len(found) for found in pairs)
    return len(pairs[0] & pairs[1]) * 100 // shorter if shorter else 0


def _pairs(title: str) -> set[str]:
    plain = "".join(letter for letter in title.casefold() if letter.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}


def again(facts: Facts, media: tuple[str, ...]) -> Facts:
    """The facts of a sold thing for a new item: one unit, no schedule, the pictures that may still be shown."""
    return msgspec.structs.replace(facts, stock=1, deadline=None, steps=(), media=media)
