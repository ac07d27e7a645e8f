"""My page, the profile, the real name, the ties: both entrances leave the same rows."""

import re
from typing import Any

import httpx

from xianji.web.pages.verify import example_number

from .conftest import browser, signed_in


async def with_cookie(site: Any, phone: str) -> tuple[httpx.AsyncClient, str]:
    """A member in a browser without script: the cookie jar, and the token of a page's forms."""
    client = browser(site)
    await client.post("/sign-in/code", data={"phone": phone})
    await client.post("/sign-in", data={"phone": phone, "code": "000000"})
    token = re.search(r'name="csrf" content="([^"]+)"', (await client.get("/me")).text)
    assert token
    return client, token[1]


async def test_my_page_leads_everywhere_and_strangers_sign_in(site: Any, visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/me")).status_code == 401
    client, _ = await with_cookie(site, "13800138000")
    page = await client.get("/me", headers={"accept-language": "zh"})
    for href in (
        "/orders?role=buyer",
        "/orders?role=seller",
        "/saved",
        "/drafts",
        "/settings",
        "/sell-check",
        "/verify",
    ):
        assert f'href="{href}"' in page.text


async def test_the_real_name_opens_selling(site: Any) -> None:
    client, _ = await signed_in(site)
    before = (await client.get("/api/v1/me/selling")).json()
    assert [(line["code"], line["met"]) for line in before] == [("verified", False)]
    answer = await client.post("/api/v1/me/verification", json={"name": "林小满", "id_number": example_number()})
    assert (answer.status_code, answer.json()["can_sell"]) == (200, True)
    again = await client.post("/api/v1/me/verification", json={"name": "林小满", "id_number": example_number()})
    assert (again.status_code, again.json()["code"]) == (409, "already_verified")


async def test_a_wrong_number_comes_back_beside_its_field_with_what_was_typed(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    wish = {"_csrf_token": csrf, "name": "林小满", "id_number": "110101199003071230"}
    answer = await client.post("/me/verification", data=wish)
    assert answer.status_code == 422
    assert 'value="林小满"' in answer.text
    assert 'id="f-id_number-error"' in answer.text
    assert (await client.get("/api/v1/me")).json()["can_sell"] is False


async def test_the_form_of_the_real_name_leads_to_the_checklist(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    wish = {"_csrf_token": csrf, "name": "林小满", "id_number": example_number()}
    answer = await client.post("/me/verification", data=wish)
    assert (answer.status_code, answer.headers["location"]) == (303, "/publish?ok=verified")
    assert 'href="/publish"' in (await client.get("/sell-check")).text


async def test_both_entrances_edit_the_profile_alike_and_a_blank_means_blank(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    mine = (await client.get("/api/v1/me")).json()
    form = {
        "_csrf_token": csrf,
        "version": str(mine["version"]),
        "name": "小满",
        "handle": mine["card"]["handle"],
        "bio": "只卖书",
        "city": "上海",
        "language": "zh",
        "zone": "Asia/Tokyo",
    }
    assert (await client.post("/me", data=form)).headers["location"] == "/settings?ok=saved"
    edited = (await client.get("/api/v1/me")).json()
    assert (edited["card"]["name"], edited["bio"], edited["card"]["city"], edited["zone"]) == (
        "小满",
        "只卖书",
        "上海",
        "Asia/Tokyo",
    )
    blank = form | {"version": str(edited["version"]), "bio": "", "city": ""}
    assert (await client.post("/me", data=blank)).status_code == 303
    patch = {"version": edited["version"] + 1, "city": "杭州"}
    answer = await client.patch("/api/v1/me", json=patch, headers={"x-csrftoken": csrf})
    assert (answer.json()["bio"], answer.json()["card"]["city"]) == ("", "杭州")


async def test_an_old_version_is_refused_and_nothing_typed_is_lost(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    mine = (await client.get("/api/v1/me")).json()
    form = {"_csrf_token": csrf, "version": str(mine["version"] + 4), "name": "改过的名字"}
    answer = await client.post("/me", data=form)
    assert answer.status_code == 409
    assert 'value="改过的名字"' in answer.text
    assert (await client.get("/api/v1/me")).json()["card"]["name"] == mine["card"]["name"]


async def test_following_is_a_form_and_never_a_link(site: Any) -> None:
    seller, theirs = await signed_in(site, "13900139000")
    client, csrf = await with_cookie(site, "13800138000")
    handle, member = theirs["member"]["handle"], theirs["member"]["id"]
    assert (await client.get(f"/members/{member}/follow")).status_code == 405
    assert (await client.post(f"/members/{member}/follow", data={"_csrf_token": csrf})).status_code == 303
    page = (await client.get(f"/api/v1/members/{handle}")).json()
    assert (page["followers"], page["followed_by_me"]) == (1, True)
    assert f'action="/members/{member}/unfollow"' in (await client.get(f"/u/{handle}")).text
    assert (await client.get(f"/u/{handle}/notes")).status_code == 200
    unfollowed = await client.post(f"/api/v1/members/{member}/unfollow", headers={"x-csrftoken": csrf})
    assert (unfollowed.json()["followers"], unfollowed.json()["followed_by_me"]) == (0, False)
    del seller


async def test_whom_i_block_is_listed_for_me_alone(site: Any, visitor: httpx.AsyncClient) -> None:
    _, theirs = await signed_in(site, "13900139000")
    client, csrf = await with_cookie(site, "13800138000")
    member = theirs["member"]["id"]
    await client.post(f"/members/{member}/block", data={"_csrf_token": csrf})
    assert [card["id"] for card in (await client.get("/api/v1/me/blocks")).json()["items"]] == [member]
    assert f'action="/members/{member}/unblock"' in (await client.get("/settings/blocks")).text
    assert (await visitor.get("/settings/blocks")).status_code == 401
