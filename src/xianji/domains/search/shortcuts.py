"""Cards for what people type when they want to do something and not to find it; the words are `shortcuts.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from . import analysis
from .model import Shortcut


@cache
def _table() -> dict[str, Shortcut]:
    """Card by every phrase that brings it."""
    source = tomllib.loads((files(__package__) / "shortcuts.toml").read_text("utf-8"))
    return {
        analysis.plain(phrase): Shortcut(code, entry["href"], entry["zh"], entry["en"])
        for code, entry in source.items()
        for phrase in entry["phrases"]
    }


def matching(text: str) -> list[Shortcut]:
    """The cards of what was typed: the whole text is one of the phrases."""
    found = _table().get(analysis.plain(text))
    return [] if found is None else [found]


def beginning_with(typed: str) -> list[Shortcut]:
    """The cards of phrases that begin like this, each once."""
    plain = analysis.plain(typed)
    if len(plain.encode()) < 2:
        return []  # one letter begins too much; one character says something
    found = [card for phrase, card in _table().items() if phrase.startswith(plain)]
    return list(dict.fromkeys(found))
