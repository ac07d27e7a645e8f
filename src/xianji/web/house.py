"""Everything a web process holds: settings, database, ports, templates, what is kept and seen, the follower."""

from dataclasses import dataclass, field
from typing import Any

import jinja2

from xianji.domains import search
from xianji.domains.feed import Recorder, Supporter
from xianji.kernel import installation
from xianji.kernel.db import Database
from xianji.kernel.installation import Installation
from xianji.settings import Settings

from .drawn import Drawings
from .known import Known


@dataclass(slots=True)
class House:
    """Built once by `app.create_app`; tests build one with fakes for the outside world."""

    settings: Settings
    database: Database
    templates: dict[str, jinja2.Environment]
    ports: Any
    live: Any = field(default=None)
    drawings: Drawings = field(default_factory=Drawings)
    known: Known = field(init=False)
    index: search.Reader = field(init=False)
    seen: Recorder = field(init=False)
    support: Supporter = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.database)
        self.index = search.Reader(search.Folder(self.settings.search_folder))
        self.seen = Recorder(self.database)
        self.support = Supporter(self.database)

    @property
    def here(self) -> Installation:
        """Currency, zone, language and countries in force now, from the process's copy of the configuration."""
        return installation.facts(self.database.book.at(self.database.clock.now()))
