"""The rules by which operators decide, as data with texts in both languages."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Ruling(msgspec.Struct, frozen=True):
    """One rule in both languages."""

    code: str
    zh: str
    en: str


@cache
def rulings() -> dict[str, Ruling]:
    """Every rule by its code, in the order of the file."""
    stored = tomllib.loads((files("xianji.domains.refunds") / "rulings.toml").read_text("utf-8"))
    return {code: Ruling(code, **texts) for code, texts in stored.items()}
