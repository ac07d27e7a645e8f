"""One visit: who came, in which language, by which door, and how to reach the database."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request
from litestar.datastructures import State

from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.words import Language
from xianji.kernel.work import Actor, Look, Work

if TYPE_CHECKING:
    from xianji.web.house import House

Req = Request[Any, Any, State]


@dataclass(slots=True)
class Visit:
    """What a page or a command needs to know about the request. Made once by the door."""

    house: "House"
    actor: Actor
    badge: Any  # members.MemberBadge | None: name, picture and counts for the frame of the page
    language: Language
    zone: str
    theme: str
    path: str
    csrf: str
    htmx: bool
    api: bool
    origin: str  # the network address; attempts are counted for it
    asleep: frozenset[str]  # operator roles that wait for a TOTP code
    waiting: int = 0  # how many things wait for the visitor; counted for pages only
    refusal: Refusal | None = None  # what the door found; raised once the route is known

    @property
    def database(self) -> Database:
        return self.house.database

    def look(self) -> AbstractAsyncContextManager[Look]:
        """A read-only view of the world for this visitor."""
        return self.house.database.look(self.actor)

    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work in this visitor's name."""
        return self.house.database.work(self.actor)


def visit_of(request: Req) -> Visit:
    """The visit that the door prepared."""
    found: Visit = request.scope["xianji.visit"]  # type: ignore[typeddict-item]
    return found
