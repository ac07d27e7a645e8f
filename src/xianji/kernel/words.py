"""The sentences of refusals and conditions, in the reader's language, from `xianji/words/`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from .errors import Refusal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue(folder: str) -> dict[str, dict[str, str]]:
    """All texts of `words/<folder>/*.toml`, a file per domain: code → language → text."""
    place = files("xianji") / "words" / folder
    texts: dict[str, dict[str, str]] = {}
    for file in place.iterdir():
        texts |= tomllib.loads(file.read_text("utf-8"))
    return texts


def sentence(refusal: Refusal, language: Language) -> str:
    """What to tell the person: what is wrong and what to do next."""
    return catalogue("refusals")[refusal.code.name][language].format(**refusal.facts)
