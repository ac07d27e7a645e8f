"""Addresses, sessions, secrets, my data, leaving."""

import re
from typing import Any

import pyotp

from xianji.kernel.db import Database

from .conftest import signed_in
from .test_me import with_cookie

HOME = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 1 号"}
FORM = {"name": "林小满", "phone": "13800138000", "country": "CN"} | {
    f"lines.{key}": text for key, text in HOME.items()
}


async def test_both_entrances_keep_the_same_address(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    wish = {"name": "林小满", "phone": "13800138000", "lines": HOME}
    by_json = await client.post("/api/v1/me/addresses", json=wish, headers={"x-csrftoken": csrf})
    assert by_json.status_code == 201
    assert (await client.post("/me/addresses", data=FORM | {"_csrf_token": csrf})).status_code == 303
    kept = (await client.get("/api/v1/me/addresses")).json()
    assert [{key: one[key] for key in ("name", "phone", "lines")} for one in kept] == [
        {"name": "林小满", "phone": "+8613800138000", "lines": HOME}
    ] * 2
    assert [one["is_default"] for one in kept] == [True, False]


async def test_a_refused_address_keeps_every_line(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    answer = await client.post("/me/addresses", data=FORM | {"_csrf_token": csrf, "phone": "12"})
    assert answer.status_code == 422
    assert 'value="天平路 1 号"' in answer.text
    assert 'id="f-phone-error"' in answer.text
    assert (await client.get("/api/v1/me/addresses")).json() == []


async def test_nobody_reads_or_changes_an_address_of_another(site: Any) -> None:
    mine, csrf = await with_cookie(site, "13800138000")
    await mine.post("/me/addresses", data=FORM | {"_csrf_token": csrf})
    address = (await mine.get("/api/v1/me/addresses")).json()[0]["id"]
    other, theirs = await with_cookie(site, "13900139000")
    assert (await other.get(f"/settings/addresses/{address}")).status_code == 404
    assert (await other.post(f"/me/addresses/{address}/remove", data={"_csrf_token": theirs})).status_code == 404
    assert len((await mine.get("/api/v1/me/addresses")).json()) == 1


async def test_another_device_can_be_signed_out(site: Any, clock: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    clock.move(minutes=2)
    other, _ = await signed_in(site, "13800138000")
    found = (await client.get("/api/v1/me/sessions")).json()
    there = next(line["id"] for line in found if not line["is_this"])
    assert (await client.post(f"/me/sessions/{there}/revoke", data={"_csrf_token": csrf})).status_code == 303
    assert (await other.get("/api/v1/me")).status_code == 401
    assert (await client.get("/api/v1/me")).status_code == 200


async def test_a_password_opens_both_doors(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    weak = await client.post("/me/password", data={"_csrf_token": csrf, "password": "1234567890"})
    assert (weak.status_code, "1234567890" in weak.text) == (422, False)
    assert (
        await client.post("/me/password", data={"_csrf_token": csrf, "password": "纸船灯塔晚风照码头 27"})
    ).status_code == 303
    wish = {"account": "13800138000", "password": "纸船灯塔晚风照码头 27"}
    assert (await client.post("/api/v1/auth/password", json=wish, headers={"x-csrftoken": csrf})).status_code == 201
    fresh = await client.post("/sign-in/password", data=wish | {"to": "/me", "_csrf_token": csrf})
    assert (fresh.status_code, fresh.headers["location"]) == (303, "/me")
    wrong = wish | {"password": "不是这个呀不是", "_csrf_token": csrf}
    client.cookies.clear()
    assert (await client.post("/sign-in/password", data=wrong)).status_code == 409


async def test_an_authenticator_is_set_up_with_a_picture_and_recovery_codes_shown_once(
    site: Any, database: Database
) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    begun = await client.post("/settings/totp", data={"_csrf_token": csrf})
    assert "<svg" in begun.text
    secret, uri = (re.search(f'name="{name}" value="([^"]+)"', begun.text) for name in ("secret", "uri"))
    assert secret
    assert uri
    form = {"_csrf_token": csrf, "secret": secret[1], "uri": uri[1]}
    wrong = await client.post("/settings/totp/confirm", data=form | {"code": "000000"})
    assert (wrong.status_code, secret[1] in wrong.text) == (409, True)
    code = pyotp.TOTP(secret[1]).at(database.clock.now())
    done = await client.post("/settings/totp/confirm", data=form | {"code": code})
    codes = re.findall(r"<code>([a-z2-7]{16})</code>", done.text)
    assert len(codes) == 10
    assert (await client.get("/api/v1/me")).json()["has_totp"] is True
    off = await client.post("/me/totp/remove", data={"_csrf_token": csrf, "code": codes[0]})
    assert off.headers["location"] == "/settings/security?ok=totp"


async def test_my_data_is_one_file_with_every_room(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    await client.post("/me/addresses", data=FORM | {"_csrf_token": csrf})
    answer = await client.get("/settings/privacy/export")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    found = answer.json()
    assert found["members"]["profile"]["phone"] == "+8613800138000"
    assert found["members"]["addresses"][0]["address"]["lines"] == HOME
    assert found == (await client.get("/api/v1/me/export")).json()


async def test_an_account_goes_only_when_its_name_is_typed(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    handle = (await client.get("/api/v1/me")).json()["card"]["handle"]
    wrong = await client.post("/me/delete", data={"_csrf_token": csrf, "confirm": "别的"})
    assert (wrong.status_code, 'id="f-confirm-error"' in wrong.text) == (422, True)
    gone = await client.post("/me/delete", data={"_csrf_token": csrf, "confirm": handle})
    assert (gone.status_code, gone.headers["location"]) == (303, "/?ok=left")
    assert (await client.get("/api/v1/me")).status_code == 401
    assert (await client.get(f"/api/v1/members/{handle}")).status_code == 404


async def test_passkey_options_belong_to_this_site(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    made = await client.post("/api/v1/me/passkeys/options", headers={"x-csrftoken": csrf})
    assert made.json()["options"]["rp"]["id"] == "xianji.test"
    nonsense = {"_csrf_token": csrf, "challenge": made.json()["id"], "credential": '{"id": "x"}'}
    assert (await client.post("/me/passkeys", data=nonsense)).status_code == 409
    entering = await client.post("/api/v1/auth/passkeys/options", headers={"x-csrftoken": csrf})
    assert entering.json()["options"]["rpId"] == "xianji.test"
