"""The two families of failure.

A *refusal* is expected: a closed code, a kind, and the facts that its sentence needs. The texts live in
`words/refusals.toml` in Chinese and English. Everything else that is raised is our own mistake and
becomes an error 500 that wakes somebody up.
"""

from enum import Enum
from typing import Any, ClassVar


class Kind(Enum):
    """Why something was refused; the web maps it to a status in one place."""

    MALFORMED = "malformed"  # the request cannot be understood or breaks a stated limit
    SIGNED_OUT = "signed_out"  # we do not know who asks
    FORBIDDEN = "forbidden"  # known, and may not; only where the thing is visible to the asker
    UNKNOWN = "unknown"  # no such thing, or none that the asker may see
    CONFLICT = "conflict"  # the world has moved on
    LIMIT = "limit"  # too often or too many
    BUSY = "busy"  # try again in a moment
    TOO_LARGE = "too_large"


class Refusal(Exception):
    """One refusal. `facts` fill the sentence and travel in the JSON answer; they hold no secrets."""

    def __init__(self, code: "Code", facts: dict[str, Any]) -> None:
        super().__init__(code.name, facts)
        self.code = code
        self.facts = facts


class Code:
    """A stable code, declared once in the `model.py` that owns it: `raise ITEM_SOLD_OUT(left=0)`."""

    catalogue: ClassVar[dict[str, "Code"]] = {}

    def __init__(self, name: str, kind: Kind, field: str | None = None) -> None:
        assert name not in Code.catalogue, f"refusal code {name} is declared twice"
        self.name = name
        self.kind = kind
        self.field = field
        Code.catalogue[name] = self

    def __call__(self, **facts: Any) -> Refusal:
        return Refusal(self, facts)

    def __repr__(self) -> str:
        return f"Code({self.name})"


MALFORMED = Code("malformed", Kind.MALFORMED)
NOT_FOUND = Code("not_found", Kind.UNKNOWN)
SIGN_IN_FIRST = Code("sign_in_first", Kind.SIGNED_OUT)
NOT_ALLOWED = Code("not_allowed", Kind.FORBIDDEN)
BODY_TOO_LARGE = Code("body_too_large", Kind.TOO_LARGE)
TOO_MANY_REQUESTS = Code("too_many_requests", Kind.LIMIT)
BUSY = Code("busy", Kind.BUSY)
MOVE_NOT_OPEN = Code("move_not_open", Kind.CONFLICT)
