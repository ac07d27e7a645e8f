"""Moving to another number by the pages: both numbers proven, nobody learns whose a number is."""

import re
from typing import Any

from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY

from .conftest import browser, signed_in
from .test_reports import csrf, in_browser

OLD, NEW, TAKEN = "13800138000", "13700137000", "13900139000"


async def test_the_number_moves_and_the_old_one_is_free(site: Any, clock: Any, database: Database) -> None:
    _, session = await signed_in(site, OLD)
    owner = await in_browser(site, session=session)
    token = {"_csrf_token": await csrf(owner, "/settings/phone")}
    clock.move(minutes=2)
    page = await owner.post("/settings/phone", data=token | {"phone": NEW})
    assert (page.status_code, 'name="old_code"' in page.text) == (200, True)
    wrong = await owner.post("/me/phone", data=token | {"phone": NEW, "code": "000000", "old_code": "111111"})
    assert (wrong.status_code, 'id="f-old_code-error"' in wrong.text, f'value="{NEW}"' in wrong.text) == (
        409,
        True,
        True,
    )
    clock.move(minutes=2)
    await owner.post("/settings/phone", data=token | {"phone": NEW})
    done = await owner.post("/me/phone", data=token | {"phone": NEW, "code": "000000", "old_code": "000000"})
    assert done.headers["location"] == "/settings/security?ok=phone"
    assert "137****7000" in (await owner.get("/settings/security")).text
    clock.move(minutes=2)
    _, same = await signed_in(site, NEW)
    _, other = await signed_in(site, OLD)
    assert (same["member"]["id"], same["new"], other["new"]) == (session["member"]["id"], False, True)


async def test_a_taken_number_looks_like_any_other_until_it_is_proven(site: Any, clock: Any) -> None:
    await signed_in(site, TAKEN)
    _, session = await signed_in(site, OLD)
    owner = await in_browser(site, session=session)
    token = {"_csrf_token": await csrf(owner, "/settings/phone")}
    clock.move(minutes=2)
    pages = []
    for phone in (NEW, TAKEN):
        answer = await owner.post("/settings/phone", data=token | {"phone": phone})
        plain = answer.text.replace(phone, "")
        pages.append((answer.status_code, re.sub(r'name="_key" value="[^"]+"', "", plain)))
        clock.move(minutes=2)
    assert pages[0] == pages[1]
    guess = {"phone": TAKEN, "code": "111111", "old_code": "000000"}
    assert (await owner.post("/me/phone", data=token | guess)).status_code == 409
    answer = await owner.post("/me/phone", data=token | guess | {"code": "000000"})
    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)


async def test_the_first_sign_in_speaks_the_browsers_language(site: Any, clock: Any, database: Database) -> None:
    client = browser(site)
    client.headers["accept-language"] = "en-GB,zh;q=0.5"
    await client.post("/sign-in/code", data={"phone": OLD})
    assert (await client.post("/sign-in", data={"phone": OLD, "code": "000000"})).status_code == 303
    page = (await client.get("/settings")).text
    assert '<html lang="en"' in page
    assert re.search(r'<option value="Asia/Shanghai" selected', page)
    async with database.look(NOBODY) as look:
        member = await look.db.fetchval("select id from members")
        assert await look.db.fetchval("select language from members where id = $1", member) == "en"
    token = {"_csrf_token": await csrf(client, "/settings")}
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = {"version": version[1], "language": "zh", "zone": "Asia/Tokyo"}
    assert (await client.post("/me", data=token | form)).status_code == 303
    changed = (await client.get("/settings")).text
    assert '<html lang="zh-CN"' in changed
    assert re.search(r'<option value="Asia/Tokyo" selected', changed)
