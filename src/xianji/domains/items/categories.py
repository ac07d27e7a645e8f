"""Categories and their attribute packs, read from `categories.toml`, and the judging of attributes."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from xianji.kernel import text

from .model import (
    ALREADY_EXPIRED,
    ATTRIBUTE_NOT_VALID,
    ISBN_NOT_VALID,
    UNIT_NOT_KNOWN,
    UNKNOWN_ATTRIBUTE,
    UNKNOWN_CATEGORY,
    AttributeValue,
    Measure,
)

Stored = str | int | dict[str, str]
_NUMBER = re.compile(r"(\d{1,12}(?:\.\d{1,4})?)\s*(\D{0,12})")
_GAPS = re.compile(r"[\s\-‐–]")


@dataclass(frozen=True, slots=True)
class Words:
    """One word in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """One question of a category. `type` decides which of the other fields mean something."""

    code: str
    name: Words
    type: Literal["text", "number", "measure", "choice", "date", "isbn"]
    choices: Mapping[str, Words] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    most: int = 10**12
    future: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A category: its names, its attributes in the order of asking, which pictures help, and what to watch.

    `flags` are hints for the rules of other domains: `proof`, `serial`, `whitelist`, `sealed`, `real_name`,
    `face_value`, `bulky`, `digital`.
    """

    code: str
    name: Words
    attributes: Mapping[str, Attribute]
    photos: tuple[Words, ...]
    flags: frozenset[str]
    grades: Mapping[str, Words]
    aliases: tuple[str, ...]


@cache
def _pack() -> tuple[dict[str, Category], dict[str, Words]]:
    source = tomllib.loads((files(__package__) / "categories.toml").read_text("utf-8"))
    grades = {code: Words(**names) for code, names in source["grades"].items()}
    common = {code: _attribute(code, entry) for code, entry in source["common"].items()}
    return {code: _category(code, entry, grades, common) for code, entry in source["categories"].items()}, grades


def _attribute(code: str, entry: dict[str, Any]) -> Attribute:
    choices = {key: Words(*names) for key, names in entry.get("choices", {}).items()}
    return Attribute(
        code,
        Words(entry["zh"], entry["en"]),
        entry["type"],
        choices,
        tuple(entry.get("units", ())),
        entry.get("most", 10**12),
        entry.get("future", False),
    )


def _category(code: str, entry: dict[str, Any], grades: dict[str, Words], common: dict[str, Attribute]) -> Category:
    own = {key: _attribute(key, value) for key, value in entry.get("attributes", {}).items()}
    shared = {key: common[key] for key in entry.get("uses", ())}
    return Category(
        code,
        Words(entry["zh"], entry["en"]),
        shared | own,
        tuple(Words(*names) for names in entry.get("photos", ())),
        frozenset(entry.get("flags", ())),
        {key: Words(*names) for key, names in entry["grades"].items()} if "grades" in entry else grades,
        tuple(entry.get("aliases", ())),
    )


def all_categories() -> Mapping[str, Category]:
    """Every category by its code, in the order of the file."""
    return _pack()[0]


def grade_words() -> Mapping[str, Words]:
    """The condition grades, best first; a category may say them in its own words (`Category.grades`)."""
    return _pack()[1]


def find(name: str) -> Category | None:
    """The category with this code, name or alias, as an import file may write it."""
    return _by_name().get(name.strip().casefold())


@cache
def _by_name() -> Mapping[str, Category]:
    """The first category of each name, however it is written."""
    named = (
        (known.casefold(), one)
        for one in reversed(list(all_categories().values()))
        for known in (one.code, one.name.zh, one.name.en, *one.aliases)
    )
    return dict(named)


def judge(category: str | None, given: Mapping[str, AttributeValue], today: date, longest: int) -> dict[str, Stored]:
    """The attributes in stored form. Refuses an unknown category or attribute and every value that does not fit."""
    if category is not None and category not in all_categories():
        raise UNKNOWN_CATEGORY(category=category)
    known = all_categories()[category].attributes if category else {}
    stored: dict[str, Stored] = {}
    for code, value in given.items():
        if code not in known:
            raise UNKNOWN_ATTRIBUTE(attribute=code)
        stored[code] = _value(known[code], value, today, longest)
    return stored


def _value(attribute: Attribute, value: AttributeValue, today: date, longest: int) -> Stored:
    match attribute.type:
        case "number":
            return _whole(attribute, value)
        case "measure":
            return _measure(attribute, value)
        case "date":
            return _date(attribute, value, today)
        case "choice":
            if not isinstance(value, str) or value not in attribute.choices:
                raise ATTRIBUTE_NOT_VALID(attribute=attribute.code)
            return value
        case "isbn":
            return isbn13(str(value))
        case _:
            if isinstance(value, Measure):
                raise ATTRIBUTE_NOT_VALID(attribute=attribute.code)
            return text.line(attribute.code, str(value), longest)


def _whole(attribute: Attribute, value: AttributeValue) -> int:
    written = str(value).strip()
    if not (written.isascii() and written.isdigit() and int(written) <= attribute.most):
        raise ATTRIBUTE_NOT_VALID(attribute=attribute.code)
    return int(written)


def _measure(attribute: Attribute, value: AttributeValue) -> dict[str, str]:
    """A bare number is in the attribute's first unit; "120 cm" says its own."""
    if isinstance(value, Measure):
        written, unit = value.value.strip(), value.unit.strip()
    else:
        match = _NUMBER.fullmatch(str(value).strip())
        if match is None:
            raise ATTRIBUTE_NOT_VALID(attribute=attribute.code)
        written, unit = match[1], match[2].strip() or attribute.units[0]
    if unit not in attribute.units:
        raise UNIT_NOT_KNOWN(attribute=attribute.code, units=", ".join(attribute.units))
    try:
        number = Decimal(written) if _NUMBER.fullmatch(written) else Decimal(-1)
    except InvalidOperation:
        number = Decimal(-1)
    if not 0 < number <= attribute.most:
        raise ATTRIBUTE_NOT_VALID(attribute=attribute.code)
    plain = f"{number:f}"
    return {"value": plain.rstrip("0").rstrip(".") if "." in plain else plain, "unit": unit}


def _date(attribute: Attribute, value: AttributeValue, today: date) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise ATTRIBUTE_NOT_VALID(attribute=attribute.code) from None
    if attribute.future and day <= today:
        raise ALREADY_EXPIRED(attribute=attribute.code)
    return day.isoformat()


def isbn13(typed: str) -> str:
    """The 13 digits of an ISBN written in either form. Refuses `isbn_not_valid` on a wrong check digit."""
    plain = _GAPS.sub("", typed).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", plain):
        weighted = sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(plain))
        if weighted % 11 == 0:
            body = "978" + plain[:9]
            return body + _check13(body)
    elif re.fullmatch(r"97[89][0-9]{10}", plain) and _check13(plain[:12]) == plain[12]:
        return plain
    raise ISBN_NOT_VALID()


def _check13(body: str) -> str:
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)
