"""One visit: who came, in which language, by which door, and how to reach the database."""

from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from litestar import Request
from litestar.datastructures import State

from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.words import Language
from xianji.kernel.work import Actor, Look, Work

if TYPE_CHECKING:
    from xianji.web.house import House

Req = Request[Any, Any, State]
T = TypeVar("T")


@dataclass(slots=True)
class Reader:
    """How somebody is spoken to, and nothing of who they are: what is drawn for one reader suits every equal one."""

    house: "House"
    language: Language
    zone: str
    theme: str
    path: str
    signed_in: bool


@dataclass(slots=True)
class Visit(Reader):
    """What a page or a command needs to know about the request. Made once by the door."""

    actor: Actor
    badge: Any  # members.MemberBadge | None: name, picture and counts for the frame of the page
    token: str  # of the session, as the visitor sent it
    htmx: bool
    api: bool
    origin: str  # the network address; attempts are counted for it
    packs: bool  # whether the visitor can unpack gzip
    asleep: frozenset[str]  # operator roles that wait for a TOTP code
    waiting: int = 0  # how many things wait for the visitor; counted for pages only
    refusal: Refusal | None = None  # what the door found; raised once the route is known

    @property
    def csrf(self) -> str:
        """What a form of this session must carry; empty for nobody."""
        return self.house.database.keys.sign("csrf", self.token) if self.actor.member else ""

    @property
    def reader(self) -> Reader:
        """This visitor without anything of their own."""
        return Reader(self.house, self.language, self.zone, self.theme, self.path, self.signed_in)

    @property
    def database(self) -> Database:
        return self.house.database

    def look(self) -> AbstractAsyncContextManager[Look]:
        """A read-only view of the world for this visitor."""
        return self.house.database.look(self.actor)

    async def ask(self, read: Callable[..., Awaitable[T]], *what: Hashable) -> T:
        """What `read(look, *what)` says now; where many ask the same, nobody's questions are asked together."""

        async def reading() -> T:
            async with self.look() as look:
                return await read(look, *what)

        return await reading() if self.signed_in else await self.house.together.ask((read, *what), reading)

    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work in this visitor's name."""
        return self.house.database.work(self.actor)


def visit_of(request: Req) -> Visit:
    """The visit that the door prepared."""
    found: Visit = request.scope["xianji.visit"]  # type: ignore[typeddict-item]
    return found
