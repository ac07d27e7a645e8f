"""Which domain reacts to which event: the only place that looks sideways.

`TABLE` is read by the engine, `DUE` by the worker's clock, `JOBS` by the queue. No line here holds an `if` about
the trade; a reaction calls a verb of a door.
"""

from collections.abc import Awaitable, Callable

from xianji.kernel.db import Database
from xianji.kernel.jobs import Due
from xianji.ports import Ports

from .engine import Reaction

JobVerb = Callable[[Database, Ports, bytes], Awaitable[None]]

TABLE: tuple[Reaction, ...] = ()

DUE: tuple[Due, ...] = ()

JOBS: dict[str, JobVerb] = {}
