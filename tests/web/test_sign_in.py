"""Signing in over both entrances."""

import re

import httpx


async def test_the_api_gives_a_token_for_the_right_code(visitor: httpx.AsyncClient) -> None:
    sent = await visitor.post("/api/v1/auth/codes", json={"phone": "13800138000"})
    assert (sent.status_code, sent.json()) == (202, {"sent": True, "demo_code": "000000"})
    answer = await visitor.post("/api/v1/auth/sessions", json={"phone": "13800138000", "code": "000000"})
    assert answer.status_code == 201
    assert answer.json()["new"] is True
    assert set(answer.json()) == {"access_token", "member", "new"}


async def test_a_wrong_code_is_a_problem_with_a_code_and_a_sentence(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/api/v1/auth/codes", json={"phone": "13800138000"})
    answer = await visitor.post("/api/v1/auth/sessions", json={"phone": "13800138000", "code": "111111"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "code_not_right"
    assert answer.json()["status"] == answer.status_code


async def test_pages_sign_in_without_script_and_go_where_one_wanted(visitor: httpx.AsyncClient) -> None:
    first = await visitor.get("/sign-in", params={"to": "/market"})
    assert first.status_code == 200
    code = await visitor.post("/sign-in/code", data={"phone": "13800138000", "to": "/market"})
    assert re.search(r'name="code"', code.text)
    done = await visitor.post("/sign-in", data={"phone": "13800138000", "code": "000000", "to": "/market"})
    assert (done.status_code, done.headers["location"]) == (303, "/market")
    assert "HttpOnly" in done.headers["set-cookie"]


async def test_nobody_is_sent_to_another_site_after_signing_in(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/sign-in/code", data={"phone": "13800138000"})
    wish = {"phone": "13800138000", "code": "000000", "to": "//evil.test/"}
    assert (await visitor.post("/sign-in", data=wish)).headers["location"] == "/"


async def test_a_form_from_another_site_is_refused(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post(
        "/sign-in/code", data={"phone": "13800138000"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_hostile_bodies_are_refused_by_name(visitor: httpx.AsyncClient) -> None:
    async def code(body: bytes) -> tuple[int, str]:
        answer = await visitor.post("/api/v1/auth/codes", content=body, headers={"content-type": "application/json"})
        return answer.status_code, answer.json()["code"]

    assert await code(b"[" * 100_000) == (422, "nested_too_deep")
    assert await code(b'{"phone": "\\u0000"}') == (422, "malformed")
    assert await code(b'{"phone": "\\ud800"}') == (422, "malformed")
    assert await code(b'{"phone": "' + b"1" * 262_144 + b'"}') == (413, "body_too_large")
    assert await code(b"{") == (400, "malformed")
    assert await code(b'{"phone": 5}') == (422, "malformed")
    assert await code(b'{"phone": "13800138000", "admin": true}') == (422, "malformed")
