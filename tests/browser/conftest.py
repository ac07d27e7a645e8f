"""A real installation in processes of its own (web, worker, provider) and a Chromium to visit it."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.market import Market, a_market
from tests.databases import Databases
from tests.stories.town import SRC, free_port, start_provider, wait_for_port
from xianji.kernel.crypto import Keys, load_ring
from xianji.kernel.db import Database
from xianji.kernel.work import Actor
from xianji.settings import Settings, read

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# What Chromium says of a fade between two pages that a slow style sheet or another step has overtaken; nobody sees it.
_OVERTAKEN = "Transition was aborted"


@dataclass
class Street:
    """A running installation: its address and its database (for what has no page yet, and for the proof)."""

    address: str
    database: Database
    settings: Settings


@pytest.fixture(scope="session")
async def street(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    """Web server, worker and provider for all stories of a run: each brings people and things of its own."""
    async with databases.one() as dsn, opened_street(dsn, tmp_path_factory.mktemp("street")) as street:
        yield street


@pytest.fixture(scope="session")
async def market(street: Street) -> Market:
    """The market in the running installation."""
    return await a_market(street.database, street.settings)


@asynccontextmanager
async def opened_street(dsn: str, home: Path) -> AsyncIterator[Street]:
    """The three processes on free ports, and our own way into their database."""
    port, pay_port = free_port(), free_port()
    provider = start_provider(home / "sandbox", pay_port)
    env = {
        **os.environ,
        "PYTHONPATH": str(SRC),
        "XIANJI_HOME": str(home),
        "DATABASE_URL": dsn,
        "XIANJI_DEMO": "1",
        "XIANJI_PORT": str(port),
        "XIANJI_URL": f"http://localhost:{port}",  # a passkey belongs to a name, never to a bare address
        "XIANJI_SANDBOX_URL": f"http://127.0.0.1:{pay_port}",
        "XIANJI_SANDBOX_KEYS": str(home / "sandbox" / "keys"),
    }
    keys = Keys(load_ring(home / "keys" / "ring.json"))
    server = (sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers-kill-timeout", "2")
    with started([*server, "--port", str(port), "xianji.app:create_app"], env) as web:
        wait_for_port(port, web)
        with started([sys.executable, "-m", "xianji.cli", "worker"], env):
            database = await Database(dsn, keys).open()
            yield Street(f"http://localhost:{port}", database, read(env))
            await database.close()
    provider.terminate()
    provider.wait(10)


class started:  # noqa: N801 - reads as a word where it is used
    """A process that ends with its block."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(15)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all; every person has a context of their own in it."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def shots() -> Path | None:
    """Where pictures go: the folder named by XIANJI_SHOTS; None keeps none."""
    wanted = os.environ.get("XIANJI_SHOTS")
    folder = Path(wanted) if wanted else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


class Tab:
    """One person's page, with what went wrong in it and pictures of its way."""

    def __init__(self, page: Page, name: str, shots: Path | None) -> None:
        self.page = page
        self._name = name
        self._shots = shots
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: None if _OVERTAKEN in str(error) else self.wrong.append(str(error)))
        page.on("console", lambda told: self.wrong.append(told.text) if told.type == "error" else None)

    async def shot(self, step: str) -> None:
        """A picture of the whole page, and: nothing scrolls sideways."""
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{step} scrolls sideways by {wide} px"
        if self._shots:
            await self.page.screenshot(path=str(self._shots / f"{self._name}-{step}.png"), full_page=True)


async def member_of(tab: Tab) -> Actor:
    """Whose browser this is."""
    cookies = await tab.page.context.cookies()
    token = next(str(cookie.get("value")) for cookie in cookies if cookie.get("name") == "xianji_session")
    return Actor("mbr_" + token.partition(".")[0])


async def opened(
    browser: Browser, address: str, width: int, name: str, shots: Path | None
) -> tuple[BrowserContext, Tab]:
    """A browser of somebody's own at this width."""
    height = 844 if width < 600 else 900
    context = await browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(60_000)
    return context, Tab(await context.new_page(), f"{name}-{width}", shots)
