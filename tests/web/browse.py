"""A member in a browser, for tests of forms."""

import re
from typing import Any

import httpx

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
