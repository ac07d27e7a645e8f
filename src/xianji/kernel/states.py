"""State machines as data.

A machine is a table of rows (state, verb) → new state, with who may and what happens to the money.
Nothing that is not in the table can happen. Buttons, allowed actions, diagrams and exhaustive tests are
read from the same rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .errors import MOVE_NOT_OPEN


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a machine. `who` are role words ("buyer", "seller", "time", "provider", "operator")."""

    frm: str
    verb: str
    to: str
    who: frozenset[str]
    money: str = ""  # the name of the ledger legs that go with it, explained by the domain
    why: str = ""


def move(frm: str | Iterable[str], verb: str, to: str, *who: str, money: str = "", why: str = "") -> list[Move]:
    """Rows for one verb from one or several states."""
    states = [frm] if isinstance(frm, str) else list(frm)
    return [Move(state, verb, to, frozenset(who), money, why) for state in states]


@dataclass(frozen=True, slots=True)
class Machine:
    """A closed set of states and the moves between them."""

    name: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    _by_key: dict[tuple[str, str], Move] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for row in self.moves:
            assert {row.frm, row.to} <= set(self.states), f"{self.name}: unknown state in {row}"
            assert (row.frm, row.verb) not in self._by_key, f"{self.name}: {row.frm}/{row.verb} twice"
            self._by_key[row.frm, row.verb] = row

    def decide(self, state: str, verb: str, who: str) -> Move:
        """The row for this verb, or the refusal `move_not_open` with the state that stands in the way."""
        row = self._by_key.get((state, verb))
        if row is None or who not in row.who:
            raise MOVE_NOT_OPEN(state=state, verb=verb)
        return row

    def open_to(self, state: str, who: str) -> Sequence[str]:
        """The verbs that `who` may use in this state, in table order."""
        return [row.verb for row in self.moves if row.frm == state and who in row.who]

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leaves."""
        return frozenset(self.states) - {row.frm for row in self.moves}


def machine(name: str, states: Sequence[str], *rows: list[Move]) -> Machine:
    """Build a machine from its rows; a contradiction fails at import."""
    return Machine(name, tuple(states), tuple(row for group in rows for row in group))
