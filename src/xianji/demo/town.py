"""What the loader knows while it loads: who is who, what has been made, and how pictures become uploads."""

from collections.abc import Iterable

from xianji.demo import pictures
from xianji.demo.drawing import Album
from xianji.demo.model import Recipe
from xianji.domains import media
from xianji.kernel.work import Actor, Work

OPERATOR = "zhanzhang"


class Town:
    """`made` holds everything by name; `fresh` what the work in progress has made and not yet remembered."""

    def __init__(self, album: Album, made: dict[str, str]) -> None:
        self.album = album
        self.made = made
        self.fresh: dict[str, str] = {}

    def id(self, name: str) -> str:
        """The id of something made before."""
        return self.fresh.get(name) or self.made[name]

    def remember(self, name: str, made: str) -> None:
        """Keep the id of what this work has made."""
        self.fresh[name] = made

    def settle(self) -> None:
        """The work was committed."""
        self.made |= self.fresh
        self.fresh = {}

    def actor(self, handle: str) -> Actor:
        """The member as actor; the operator with the roles it was made with."""
        if handle == OPERATOR:
            return Actor(self.id("operator"), roles=frozenset({"admin"}))
        return Actor(self.id(f"member {handle}"))

    async def uploads(self, work: Work, handle: str, recipes: Iterable[Recipe]) -> list[str]:
        """The media ids of drawings as uploads of this member, each made at its first use."""
        found: list[str] = []
        for recipe in dict.fromkeys(recipes):
            name = f"picture {handle} {pictures.key(recipe)}"
            if name not in self.made and name not in self.fresh:
                self.remember(name, await media.record_drawn(work, self.album.get(recipe)))
            found.append(self.id(name))
        return found
