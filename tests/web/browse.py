"""A member in a browser, for tests of forms."""

import re
from typing import Any

import httpx

from tests.build import an_id_number

from .conftest import browser, signed_in


async def in_browser(site: Any, phone: str = "13800138000", session: Any = None) -> httpx.AsyncClient:
    """A member whose token is in a cookie, on our own pages; `session` is that of somebody who came in already."""
    if session is None:
        _, session = await signed_in(site, phone)
    client = browser(site)
    client.cookies.set("xianji_session", session["access_token"])
    client.headers["sec-fetch-site"] = "same-origin"
    return client


async def csrf(client: httpx.AsyncClient, path: str = "/publish") -> str:
    """The anti-forgery token that a page carries."""
    found = re.search(r'name="csrf" content="([^"]*)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


async def a_seller(site: Any, phone: str = "13800138000") -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """A member who has shown their real name and may sell."""
    client, session = await signed_in(site, phone)
    answer = await client.post("/api/v1/me/verification", json={"name": "林小满", "id_number": an_id_number()})
    assert answer.status_code == 200, answer.text
    return client, session


async def a_seller_in_browser(site: Any, phone: str = "13800138000") -> httpx.AsyncClient:
    """A member who may sell, in a browser."""
    _, session = await a_seller(site, phone)
    return await in_browser(site, session=session)
