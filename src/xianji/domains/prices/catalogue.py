"""The models whose prices can be compared, read from `models.toml`. Pure data."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Axis = Literal["storage", "kit"]

_GAPS = re.compile(r"[\s\-_·/]+")
_NOT_IN_CODES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `code` is its address, `kind` what it is (phone, camera…), `axes` what else decides its price."""

    code: str
    name: str
    brand: str
    kind: str
    categories: tuple[str, ...]
    axes: frozenset[Axis]

    @property
    def category(self) -> str:
        """The category it counts in."""
        return self.categories[0]


@dataclass(frozen=True, slots=True)
class Names:
    """Ways of writing models, `plain`: one that is enough by itself, and one that counts only inside its categories."""

    enough: Mapping[str, frozenset[Model]]
    inside: Mapping[str, frozenset[Model]]
    longest: int


def plain(text: str) -> str:
    """Half width and small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def close(text: str) -> tuple[str, list[int]]:
    """Plain text without gaps, and where each letter stood; a gap between two numbers is kept as a hyphen."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if not _GAPS.fullmatch(letter):
            if letters and place and places[-1] < place - 1 and letters[-1].isdigit() and letter.isdigit():
                letters.append("-")
                places.append(place - 1)
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@cache
def _pack() -> tuple[int, dict[str, Model], Names]:
    source = tomllib.loads((files(__package__) / "models.toml").read_text("utf-8"))
    models: dict[str, Model] = {}
    enough: dict[str, set[Model]] = {}
    inside: dict[str, set[Model]] = {}
    for family in source["families"]:
        for name, others in family["models"].items():
            model = _model(family, name)
            assert model.code not in models, f"{model.code} stands twice"
            models[model.code] = model
            whole = () if family.get("besides") == "pieces" else others
            said = [model.name, *whole, *(pattern.format(one) for pattern in family["say"] for one in (name, *others))]
            near = [pattern.format(one) for pattern in family.get("near", ()) for one in (name, *others)]
            for names, written in ((enough, said), (inside, near)):
                for one in written:
                    names.setdefault(close(plain(one))[0], set()).add(model)
    longest = max(len(name) for name in (*enough, *inside))
    return source["version"], models, Names(_frozen(enough), _frozen(inside), longest)


def _model(family: dict[str, Any], name: str) -> Model:
    slug = _NOT_IN_CODES.sub("-", plain(name).replace("+", " plus")).strip("-")
    return Model(
        family["code"].format(slug),
        family["name"].format(name),
        family["brand"],
        family["kind"],
        tuple(family["categories"]),
        frozenset(family.get("axes", ())),
    )


def _frozen(names: dict[str, set[Model]]) -> dict[str, frozenset[Model]]:
    return {name: frozenset(models) for name, models in names.items()}


def version() -> int:
    """The version of the list."""
    return _pack()[0]


def all_models() -> Mapping[str, Model]:
    """Every model by its code, in the order of the file."""
    return _pack()[1]


def names() -> Names:
    """Every way of writing a model."""
    return _pack()[2]


def search(text: str, most: int) -> list[Model]:
    """Models whose names hold every word of the text, those that begin with it first; for the board's own search."""
    words = [close(word)[0] for word in plain(text).split()]
    if not words:
        return []
    written: dict[str, list[str]] = {}
    for table in (names().enough, names().inside):
        for name, models in table.items():
            for model in models:
                written.setdefault(model.code, []).append(name)
    whole = "".join(words)
    found = [
        model
        for code, model in all_models().items()
        if any(all(word in name for word in words) or whole in name for name in written[code])
    ]
    return sorted(found, key=lambda model: not close(plain(model.name))[0].startswith(whole))[:most]
