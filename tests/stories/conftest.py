"""A town of one's own for each story."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from tests.conftest import FakeClock
from tests.stories.town import Town, free_port, start_provider
from xianji import app
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.ports import open_ports
from xianji.settings import read
from xianji.web.house import House


@pytest.fixture
def provider_options() -> list[str]:
    """More command line for the provider; a story overrides it with faults."""
    return []


@pytest.fixture
async def town(
    dsn: str, keys: Keys, tmp_path: Path, provider_options: list[str], rooms: Any, templates: Any
) -> AsyncIterator[Town]:
    """A town whose clock stands at the true time until moved: the provider's stamps are judged by it."""
    port, pay_port = free_port(), free_port()
    provider = start_provider(tmp_path, pay_port, *provider_options)
    try:
        async with open_town(dsn, keys, tmp_path, port, pay_port, rooms, templates) as here:
            yield here
    finally:
        provider.terminate()
        provider.wait(10)


@asynccontextmanager
async def open_town(
    dsn: str, keys: Keys, folder: Path, port: int, pay_port: int, rooms: Any, templates: Any
) -> AsyncIterator[Town]:
    """The application on its socket, over an open database."""
    clock = FakeClock(datetime.now(UTC))
    database = await Database(dsn, keys, clock).open()
    settings = read(
        {
            "XIANJI_HOME": str(folder),
            "DATABASE_URL": dsn,
            "XIANJI_DEMO": "1",
            "XIANJI_URL": f"http://127.0.0.1:{port}",
            "XIANJI_SANDBOX_URL": f"http://127.0.0.1:{pay_port}",
            "XIANJI_SANDBOX_KEYS": str(folder / "keys"),
        }
    )
    house = House(settings, database, templates, open_ports(settings, database))
    server = Server(app.enter(rooms, house), "127.0.0.1", port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    here = Town(settings.base_url, settings.payment_url, database, clock, house.ports, folder)
    try:
        yield here
    finally:
        for one in here.people:
            await one.browser.aclose()
            await one.program.aclose()
        house.live.stop()
        server.stop()
        await asyncio.wait_for(serving, 10)
        await house.ports.close()
        await database.close()
