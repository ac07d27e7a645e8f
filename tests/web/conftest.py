"""A real application over a real database, spoken to without sockets; only the outside world is faked."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from xianji import app
from xianji.domains.media import DecoderPool, LocalStore
from xianji.domains.members import DevIdentityProvider
from xianji.kernel import log
from xianji.kernel.db import Database
from xianji.ports import LoggedSms, Ports, passkeys_of, site_of
from xianji.settings import Settings, read
from xianji.web.house import House

log.configure()


@pytest.fixture
def settings(tmp_path: Path, dsn: str) -> Settings:
    return read(
        {"XIANJI_HOME": str(tmp_path), "DATABASE_URL": dsn, "XIANJI_DEMO": "1", "XIANJI_URL": "http://xianji.test"}
    )


@pytest.fixture
async def house(settings: Settings, database: Database, templates: Any) -> AsyncIterator[House]:
    ports = Ports(
        files=LocalStore(settings.media_folder, "/files"),
        decoder=DecoderPool(size=1),
        sms=LoggedSms(),
        identity=DevIdentityProvider(),
        passkeys=passkeys_of(settings),
        payment=None,
        site=site_of(settings),
    )
    made = House(settings, database, templates, ports)
    yield made
    await made.seen.close()
    await ports.close()


@pytest.fixture
def site(rooms: Any, house: House) -> Any:
    """The ASGI application, without its lifespan: the fixtures own the database and the ports."""
    return app.enter(rooms, house)


def browser(site: Any) -> httpx.AsyncClient:
    """A visitor with a cookie jar of their own."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://xianji.test")


@pytest.fixture
async def visitor(site: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(site) as client:
        yield client


async def signed_in(
    site: Any, phone: str = "13800138000", language: str = "zh"
) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """A member who came in by phone code over the API; the client carries the bearer token."""
    client = browser(site)
    await client.post("/api/v1/auth/codes", json={"phone": phone})
    answer = await client.post("/api/v1/auth/sessions", json={"phone": phone, "code": "000000", "language": language})
    session = answer.json()
    client.headers["authorization"] = "Bearer " + session["access_token"]
    return client, session
