"""Words that mean the same thing, and things that are sorts of a thing: our own data, `lexicon.toml`.

A *sense* is a group of names (`谷子 周边`), called by its first. A *kind* is a sense whose sorts are named
(`坚果`: 腰果, 核桃…). Names are compared without blanks and marks between their units, so `SK-II` is `skii`.
"""

import tomllib
from collections.abc import Callable, Container, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

DATA = Path(__file__).with_name("lexicon.toml")

BRAND = "品牌"
"""The kind every brand is a sort of."""
ACCESSORY = "附件"
"""The kind of what belongs to another thing and is often named together with it: covers, films, straps, spare parts."""
MARKS = frozenset({BRAND, ACCESSORY})
"""Kinds whose sorts are not alike: that both are brands makes neither a substitute for the other."""

Found = list[tuple[str, tuple[int, int]]]


class Table(TypedDict):
    """The file: groups of names (or comments) as lines, accessories, sorts of each kind, words that say nothing."""

    same: str
    brands: str
    accessories: str
    kinds: dict[str, str]
    noise: str


class Lexicon:
    """The table, ready to be looked up in. `cut` turns a name into units the way titles are cut."""

    def __init__(self, table: Table, cut: Callable[[str], list[str]]) -> None:
        self._names: dict[str, list[str]] = {}
        self._broader: dict[str, list[str]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._cut = cut
        brands = _groups(table["brands"])
        for group in _groups(table["same"]) + brands:
            for name in group:
                self._name(name, self._key(group[0]))
        self._sorts(BRAND, [group[0] for group in brands])
        self._sorts(ACCESSORY, table["accessories"].split())
        for kind, sorts in table["kinds"].items():
            self._sorts(kind, sorts.split())
        self._noise = {self._key(word) for word in table["noise"].split()}

    def senses(self, parts: Sequence[str]) -> Found:
        """The senses in a run of units, without overlaps. Read from behind, longest first: the thing is named last."""
        found: Found = []
        end = len(parts)
        while end:
            start = self._start(self._names, parts, end)
            found += [(sense, (start, end)) for sense in self._names.get("".join(parts[start:end]), ())]
            end = min(start, end - 1)
        return found[::-1]

    def called(self, parts: Sequence[str]) -> list[str]:
        """The senses of what is one name as a whole."""
        return self._names.get("".join(parts), [])

    def broader(self, sense: str) -> list[str]:
        """The kinds this sense is a sort of."""
        return self._broader.get(sense, [])

    def noise(self, parts: Sequence[str], edges: Container[int]) -> frozenset[int]:
        """Places of units that belong to words like 旗舰店 or 包邮; none if the text holds nothing else.

        `edges` are the places where words begin or end: the 收 of 收纳 is no such word.
        """
        places: set[int] = set()
        end = len(parts)
        while end:
            start = self._start(self._noise, parts, end)
            if start < end and start in edges and end in edges:
                places.update(range(start, end))
                end = start
            else:
                end -= 1
        return frozenset(places) if len(places) < len(parts) else frozenset()

    def _start(self, known: Container[str], parts: Sequence[str], end: int) -> int:
        """Where the longest known name that ends here begins; `end` if none does."""
        for length in self._lengths.get(parts[end - 1], ()):
            if length <= end and "".join(parts[end - length : end]) in known:
                return end - length
        return end

    def _key(self, name: str) -> str:
        """A name as it is compared; how many units names have that end like it is noted, the longest first."""
        parts = self._cut(name)
        lengths = self._lengths.setdefault(parts[-1], [])
        if len(parts) not in lengths:
            lengths.append(len(parts))
            lengths.sort(reverse=True)
        return "".join(parts)

    def _name(self, name: str, sense: str) -> None:
        senses = self._names.setdefault(self._key(name), [])
        if sense not in senses:
            senses.append(sense)

    def _sorts(self, kind: str, sorts: list[str]) -> None:
        for name in (kind, *sorts):
            if self._key(name) not in self._names:
                self._name(name, self._key(name))
        for broad in self._names[self._key(kind)]:
            for name in sorts:
                for sense in self._names[self._key(name)]:
                    kinds = self._broader.setdefault(sense, [])
                    if broad not in kinds and broad != sense:
                        kinds.append(broad)


def _groups(lines: str) -> list[list[str]]:
    return [line.split() for line in lines.splitlines() if line and line[0] != "#"]


@cache
def table() -> Table:
    """The file as it was read."""
    read: Table = tomllib.loads(DATA.read_text())  # type: ignore[assignment]  # our own file; a test holds its shape
    return read
