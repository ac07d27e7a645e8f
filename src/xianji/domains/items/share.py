"""What goes along when somebody shares a thing: an address and a few lines to paste anywhere."""

import msgspec

from xianji.kernel.money import Money, as_text

from . import categories
from .model import Condition, ItemKind, State

_STATES = {
    "live": ("在卖", "For sale"),
    "paused": ("暂时不卖", "Paused"),
    "sold": ("已卖出", "Sold"),
    "expired": ("已结束", "Ended"),
}


class ShareText(msgspec.Struct, frozen=True):
    """`path` is the item's address below the installation's own; the texts carry no link."""

    path: str
    zh: str
    en: str


def path_of(item: str) -> str:
    """The item's address; it shows the live state, whatever was true when it was shared."""
    return f"/items/{item}"


def share_text(
    item: str,
    title: str,
    price: Money,
    kind: ItemKind,
    state: State,
    condition: Condition | None,
    place_label: str | None,
) -> ShareText:
    """A few words in both languages: name, price or gift, condition, place, and the state when it is not on sale."""
    return ShareText(
        path_of(item),
        _lines(0, "zh_CN", "免费送", title, price, kind, state, condition, place_label),
        _lines(1, "en_US", "Free", title, price, kind, state, condition, place_label),
    )


def _lines(
    language: int,
    locale: str,
    free: str,
    title: str,
    price: Money,
    kind: ItemKind,
    state: State,
    condition: Condition | None,
    place_label: str | None,
) -> str:
    asked = free if kind == "giveaway" else as_text(price.amount, price.currency, locale)
    facts = [asked]
    if condition:
        words = categories.grade_words()[condition]
        facts.append((words.zh, words.en)[language])
    if place_label:
        facts.append(place_label)
    if state != "live" and state in _STATES:
        facts.append(_STATES[state][language])
    return f"{title}\n{' · '.join(facts)}"
