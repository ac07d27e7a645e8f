"""Everything a web process holds: settings, database, ports to the outside, templates, drawings, the follower."""

from dataclasses import dataclass, field
from typing import Any

import jinja2

from xianji.kernel import installation
from xianji.kernel.db import Database
from xianji.kernel.installation import Installation
from xianji.settings import Settings

from .drawn import Drawings
from .together import Together


@dataclass(slots=True)
class House:
    """Built once by `app.create_app`; tests build one with fakes for the outside world."""

    settings: Settings
    database: Database
    templates: dict[str, jinja2.Environment]
    ports: Any
    live: Any = field(default=None)
    drawings: Drawings = field(default_factory=Drawings)
    together: Together = field(default_factory=Together)

    @property
    def here(self) -> Installation:
        """Currency, zone, language and countries in force now, from the process's copy of the configuration."""
        return installation.facts(self.database.book.at(self.database.clock.now()))
