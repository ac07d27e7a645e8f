"""One visit: who came, in which language, by which door, and how to reach the database."""

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from litestar import Request
from litestar.datastructures import State

from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.words import Language
from xianji.kernel.work import Actor, Look, Work

from .known import Question, Told

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
    caught_up: bool = False  # what was touched before this request came has been heard
    told: Told[Any] | None = None  # the answer to the last question

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

    async def ask(self, question: Question[T], *what: Hashable) -> Told[T]:
        """What the database answers this visitor now, read again only if somebody has written about it since."""
        if not self.caught_up:
            await self.house.known.catch_up()
            self.caught_up = True
        told = self.told = await self.house.known.ask(question, self.actor, *what)
        return told

    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work in this visitor's name."""
        return self.house.database.work(self.actor)


def visit_of(request: Req) -> Visit:
    """The visit that the door prepared."""
    found: Visit = request.scope["xianji.visit"]  # type: ignore[typeddict-item]
    return found
