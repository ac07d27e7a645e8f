"""An index beside a real database, followed as a worker does it."""

from pathlib import Path

import pytest

from tests.conftest import readable
from xianji.domains import search
from xianji.kernel.db import Database


class Bench:
    """A node: its folder, its indexer, its reader."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database = database
        self.folder = search.Folder(path)
        self.follower = search.Follower(database, self.folder)
        self.reader = search.Reader(self.folder)

    def crash(self) -> None:
        """Lose the indexer with everything it has not committed."""
        self.follower.close()
        self.follower = search.Follower(self.database, self.folder)

    async def catch_up(self) -> None:
        """Read everything that was told so far."""
        await readable(self.database)
        while await self.follower.step():
            pass


@pytest.fixture
def bench(database: Database, tmp_path: Path):
    made = Bench(database, tmp_path / "search")
    yield made
    made.follower.close()
