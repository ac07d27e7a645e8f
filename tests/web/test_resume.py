"""A session that ends in the middle of an edit costs nothing that was typed."""

import re
from typing import Any

import httpx
import msgspec

from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY

from .conftest import browser
from .test_me import with_cookie
from .test_settings import FORM


async def come_in(client: httpx.AsyncClient, to: str, phone: str) -> httpx.Response:
    await client.post("/sign-in/code", data={"phone": phone, "to": to})
    return await client.post("/sign-in", data={"phone": phone, "code": "000000", "to": to})


async def test_a_form_of_an_ended_session_is_offered_again_after_signing_in(
    site: Any, database: Database, clock: Any
) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    clock.move(days=40)
    lost = await client.post("/me/addresses", data=FORM | {"_csrf_token": csrf})
    to = lost.headers["location"].removeprefix("/sign-in?to=")
    assert (lost.status_code, to[:12]) == (303, "/resume/sta_")
    async with database.look(NOBODY) as look:
        kept = await look.db.fetchrow("select path, fields from stashes")
    assert kept["path"] == "/me/addresses"
    assert "天平路" not in kept["fields"]
    assert (await come_in(client, to, "13800138000")).headers["location"] == to
    page = (await client.get(to)).text
    assert 'action="/me/addresses"' in page
    again = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert again["lines.detail"] == "天平路 1 号"
    assert (await client.post("/me/addresses", data=again)).headers["location"] == "/settings/addresses?ok=saved"
    assert len((await client.get("/api/v1/me/addresses")).json()) == 1


async def test_another_browser_cannot_open_it_and_it_ends_after_a_day(site: Any, clock: Any) -> None:
    client = browser(site)
    lost = await client.post("/me/addresses", data=FORM)
    to = lost.headers["location"].removeprefix("/sign-in?to=")
    other, _ = await with_cookie(site, "13900139000")
    assert (await other.get(to)).status_code == 404
    await come_in(client, to, "13800138000")
    assert (await client.get(to)).status_code == 200
    clock.move(hours=25)
    assert (await client.get(to)).status_code == 404


async def test_secrets_are_not_kept_and_a_malformed_form_is(site: Any, database: Database) -> None:
    client = browser(site)
    await client.post("/me/password", data={"password": "纸船灯塔晚风照码头 27"})
    await client.post("/me/addresses", data=FORM)
    await client.post("/me", data={"version": "x", "bio": "只卖书"})
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch("select path, fields from stashes")
    opened = {row["path"]: database.keys.open("stash.fields", row["fields"]) for row in rows}
    assert set(opened) == {"/me/password", "/me/addresses", "/me"}
    assert opened["/me/password"] == "[]"
    assert sorted(msgspec.json.decode(opened["/me"])) == [["bio", "只卖书"], ["version", "x"]]
