"""The one context object that every verb and every look receives.

Nothing in a domain asks for the time, for randomness or for the database in any other way, so a test or
the simulator can own the world.
"""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

import msgspec

from .errors import NOT_ALLOWED, SIGN_IN_FIRST
from .ids import new_id

if TYPE_CHECKING:
    from .config import Config
    from .crypto import Keys
    from .pool import Connection


class Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Something that happened, told in the past tense. Subclasses carry a tag such as `items.sold.v1`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `roles` are operator roles; `restrictions` are sanctions in force at `now`."""

    member: str | None = None
    session: str | None = None
    roles: frozenset[str] = frozenset()
    restrictions: frozenset[str] = frozenset()
    system: bool = False

    @property
    def me(self) -> str:
        """The member id; refuses with `sign_in_first` when nobody is signed in."""
        if self.member is None:
            raise SIGN_IN_FIRST()
        return self.member

    def need_role(self, role: str) -> None:
        """Refuses unless the actor holds this operator role (admins hold all)."""
        if not (self.system or role in self.roles or "admin" in self.roles):
            raise SIGN_IN_FIRST() if self.member is None else NOT_ALLOWED()


NOBODY = Actor()
SYSTEM = Actor(system=True)


@dataclass(slots=True)
class Look:
    """What a reader needs: a connection that cannot write, who looks, when, the rules in force, the keys."""

    db: "Connection"
    actor: Actor
    now: datetime
    config: "Config"
    keys: "Keys"


@dataclass(slots=True)
class Work(Look):
    """One unit of work: one transaction, one moment, one actor. It commits once, or nothing happened."""

    random: Random
    told: list[Event] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        """Record what happened; it becomes an outbox row in the same transaction."""
        self.told.append(event)

    def new_id(self, prefix: str) -> str:
        """A fresh typed id made of this work's moment and randomness."""
        return new_id(prefix, self.now, self.random)
