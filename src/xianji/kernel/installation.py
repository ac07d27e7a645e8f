"""Where this house stands: its currency, clock, language, telephone country and postal country.

They are configuration keys like all others. The environment only gives them their first value, once: after that they
are changed by a new version, with a reason, and never by restarting with another environment.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg
import msgspec
from babel.numbers import is_currency

from .config import Config, Key
from .words import Language
from .work import Look

CURRENCY = Key("installation.currency", "CNY", "the one currency of this installation, an ISO 4217 code")
ZONE = Key("installation.time_zone", "Asia/Shanghai", "the zone in which people here say times; a new member's zone")
LANGUAGE = Key[Language]("installation.language", "zh", "spoken to those who ask for no other language", Language)
PHONE_REGION = Key("installation.phone_region", "CN", "the country of a phone number typed without its country code")
COUNTRY = Key("installation.address_country", "CN", "whose address form is asked for, an ISO 3166 country code")

_FIRST: dict[str, Key[Any]] = {
    "XIANJI_CURRENCY": CURRENCY,
    "XIANJI_ZONE": ZONE,
    "XIANJI_LANGUAGE": LANGUAGE,
    "XIANJI_PHONE_REGION": PHONE_REGION,
    "XIANJI_COUNTRY": COUNTRY,
}


class FirstValueNotValid(Exception):
    """A variable of the environment cannot be the first value of its key."""


class Installation(NamedTuple):
    """The facts in force at one moment."""

    currency: str
    zone: str
    language: Language
    phone_region: str
    country: str


@lru_cache(maxsize=8)
def facts(config: Config) -> Installation:
    """The facts as a snapshot says them; a process asks several times a request, and a snapshot never changes."""
    return Installation(
        config.get(CURRENCY), config.get(ZONE), config.get(LANGUAGE), config.get(PHONE_REGION), config.get(COUNTRY)
    )


def today(look: Look) -> date:
    """The calendar day it is here."""
    return look.now.astimezone(ZoneInfo(look.config.get(ZONE))).date()


def first_values(environment: Mapping[str, str]) -> dict[str, str]:
    """Key name → first value, of the variables that are set. Raises `FirstValueNotValid` naming the variable."""
    given = {name: environment[name] for name in _FIRST if environment.get(name)}
    for name, value in given.items():
        if not _fits(name, value):
            raise FirstValueNotValid(f"{name}={value}")
    return {_FIRST[name].name: value for name, value in given.items()}


def _fits(name: str, value: str) -> bool:
    match name:
        case "XIANJI_CURRENCY":
            return bool(is_currency(value))
        case "XIANJI_ZONE":
            return _is_zone(value)
        case "XIANJI_LANGUAGE":
            return value in ("zh", "en")
        case _:
            return len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


async def settle(dsn: str, environment: Mapping[str, str]) -> list[str]:
    """Give the keys without any version their first value, in force since ever. Returns the names given now."""
    values = first_values(environment)
    if not values:
        return []
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "insert into config_versions (name, scope, value, valid_from, reason, set_at)"
            " select g.name, '', g.value::jsonb, 'epoch', 'first value, from the environment', now()"
            " from unnest($1::text[], $2::text[]) as g (name, value)"
            " where not exists (select from config_versions c where c.name = g.name and c.scope = '') returning name",
            list(values),
            [msgspec.json.encode(value).decode() for value in values.values()],
        )
    finally:
        await connection.close()
    return sorted(row["name"] for row in rows)
