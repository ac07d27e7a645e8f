"""One key, one effect at every entrance that talks to the outside: signing in, uploads, files in forms."""

import asyncio
from typing import Any

import httpx

from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from .conftest import browser, signed_in
from .test_publish import a_picture
from .test_reports import a_seller, csrf, in_browser

PHONE = "13800138000"
PNG = a_picture("red")


async def count(database: Database, table: str) -> int:
    counts = {
        "sessions": "select count(*) from sessions",
        "media": "select count(*) from media",
        "items": "select count(*) from items",
        "phone_codes": "select count(*) from phone_codes",
    }
    async with database.look(SYSTEM) as look:
        return int(await look.db.fetchval(counts[table]))


async def test_signing_in_twice_with_one_key_opens_one_session(visitor: httpx.AsyncClient, database: Database) -> None:
    keyed = {"idempotency-key": "in-1"}
    for _ in range(2):
        assert (await visitor.post("/api/v1/auth/codes", json={"phone": PHONE}, headers=keyed)).status_code == 202
    body = {"phone": PHONE, "code": "000000"}
    other = await visitor.post("/api/v1/auth/sessions", json=body, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (409, "key_used_for_another_request")
    keyed = {"idempotency-key": "in-2"}
    wrong = await visitor.post("/api/v1/auth/sessions", json=body | {"code": "111111"}, headers=keyed)
    assert wrong.status_code == 409
    first = await visitor.post("/api/v1/auth/sessions", json=body, headers=keyed)
    again = await visitor.post("/api/v1/auth/sessions", json=body, headers=keyed)
    assert (first.status_code, first.content) == (201, again.content)
    assert await count(database, "sessions") == 1
    token = first.json()["access_token"]
    async with database.look(SYSTEM) as look:
        kept = await look.db.fetch("select body from idempotency")
    assert all(token.encode() not in row["body"] for row in kept)


async def test_strangers_at_two_places_do_not_share_keys(site: Any, database: Database) -> None:
    keyed = {"idempotency-key": "same"}
    for place, phone in (("10.0.0.1", PHONE), ("10.0.0.2", "13900139000")):
        transport = httpx.ASGITransport(app=site, client=(place, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://xianji.test") as client:
            sent = await client.post("/api/v1/auth/codes", json={"phone": phone}, headers=keyed)
            assert sent.status_code == 202, sent.text
    assert await count(database, "phone_codes") == 2


async def test_an_upload_sent_twice_is_kept_once(site: Any, database: Database) -> None:
    client, _ = await signed_in(site, PHONE)
    keyed = {"idempotency-key": "pic"}
    first = await client.post("/api/v1/media", files={"file": ("a.png", PNG, "image/png")}, headers=keyed)
    again = await client.post("/api/v1/media", files={"file": ("b.png", PNG, "image/png")}, headers=keyed)
    assert (first.status_code, first.json()) == (201, again.json())
    other = await client.post("/api/v1/media", files={"file": ("a.png", PNG + b"x", "image/png")}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (409, "key_used_for_another_request")
    assert await count(database, "media") == 1
    stranger, _ = await signed_in(site, "13900139000")
    theirs = await stranger.post("/api/v1/media", files={"file": ("a.png", PNG, "image/png")}, headers=keyed)
    assert theirs.json()["id"] != first.json()["id"]
    assert (await browser(site).post("/api/v1/media", files={"file": ("a.png", PNG)}, headers=keyed)).status_code == 401


async def test_two_uploads_at_once_with_one_key_make_one(site: Any, database: Database) -> None:
    client, _ = await signed_in(site, PHONE)

    async def send() -> httpx.Response:
        files = {"file": ("a.png", PNG, "image/png")}
        return await client.post("/api/v1/media", files=files, headers={"idempotency-key": "pic"})

    answers = await asyncio.gather(send(), send())
    assert sorted(one.status_code for one in answers) in ([201, 201], [201, 409])
    assert {one.json().get("code") for one in answers} <= {None, "busy"}
    assert await count(database, "media") == 1


async def test_a_form_with_a_file_pressed_twice_makes_one_thing(site: Any, database: Database) -> None:
    _, session = await a_seller(site)
    owner = await in_browser(site, session=session)
    form = {"_csrf_token": await csrf(owner, "/publish"), "_key": "k1", "title": "台灯", "price": "10"}
    places = []
    for _ in range(2):
        sent = await owner.post(
            "/publish",
            data=form,
            files={"media_files": ("a.png", PNG, "image/png")},
            headers={"origin": "http://xianji.test"},
        )
        assert sent.status_code == 303, sent.text
        places.append(sent.headers["location"])
    assert places[0] == places[1]
    assert await count(database, "items") == 1
