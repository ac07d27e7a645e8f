"""The door against bytes that no honest client sends."""

import gzip
import time
from typing import Any

import pytest

from tests.conftest import FakeClock

from .conftest import browser, signed_in
from .raw import RawAnswer, raw
from .test_me import with_cookie

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ENDLESS = "9" * 5000
CODES = "/api/v1/auth/codes"
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}

# name: (method, path, headers, body, query, status)
ODD: dict[str, tuple[str, str, dict[str, str], bytes, bytes, int]] = {
    "origin that is no address": ("POST", "/sign-in/code", {"origin": "http://[", **FORM}, b"phone=1", b"", 403),
    "length in another script": ("POST", CODES, {"content-length": "\xb2", **JSON}, b'{"phone":"1"}', b"", 422),
    "length without end": ("POST", CODES, {"content-length": ENDLESS, **JSON}, b'{"phone":"1"}', b"", 422),
    "declared too long": ("POST", CODES, {"content-length": "262145", **JSON}, b"{}", b"", 413),
    "too long without saying so": ("POST", CODES, JSON, b" " * 262_145, b"", 413),
    "deep json": ("POST", CODES, JSON, b"[" * 100_000, b"", 422),
    "deep json called text": ("POST", CODES, {"content-type": "text/plain"}, b"[" * 100_000, b"", 422),
    "deep json called nothing": ("POST", CODES, {}, b'{"a":' * 20_000, b"", 422),
    "NUL called text": ("POST", CODES, {"content-type": "text/plain"}, b'{"phone":"1\\u0000"}', b"", 422),
    "half a character": ("POST", CODES, JSON, b'{"phone":"1\\ud800"}', b"", 422),
    "deep json called multipart": (
        "POST",
        CODES,
        {"content-type": "multipart/form-data; boundary=x"},
        b"[" * 100_000,
        b"",
        422,
    ),
    "packed otherwise": ("POST", CODES, {"content-encoding": "gzip", **JSON}, gzip.compress(b"{}" * 9), b"", 422),
    "upload of a stranger": (
        "POST",
        "/sign-in/code",
        {"content-type": "multipart/form-data; boundary=x"},
        b" " * 300_000,
        b"",
        413,
    ),
    "form in a charset nobody knows": (
        "POST",
        "/sign-in/code",
        {"content-type": "application/x-www-form-urlencoded; charset=nonsense"},
        b"phone=1",
        b"",
        422,
    ),
    "form of broken utf-8": ("POST", "/sign-in/code", FORM, b"phone=%ff%fe\xff", b"", 422),
    "form of 60,000 fields": ("POST", "/sign-in/code", FORM, b"a=&" * 60_000, b"", 422),
    "endless phone": ("POST", "/sign-in/code", FORM, b"phone=" + b"1" * 200_000, b"", 422),
    "method nobody knows": ("FOO", "/", {}, b"", b"", 405),
    "trace": ("TRACE", "/api/v1/me", {}, b"", b"", 405),
    "method written in a header": ("POST", "/api/v1/me", {"x-http-method-override": "GET", **JSON}, b"{}", b"", 405),
    "method written in the address": ("GET", "/api/v1/me", {}, b"", b"_method=PATCH", 401),
    "NUL in the path": ("GET", "/u/\x00", {}, b"", b"", 422),
    "half a character in the path": ("GET", "/u/\ud800", {}, b"", b"", 422),
    "endless path": ("GET", "/assets/dist/" + "a" * 5000, {}, b"", b"", 404),
    "assets above the folder": ("GET", "/assets/dist/../../../../../../etc/passwd", {}, b"", b"", 404),
    "assets above the folder, encoded": ("GET", "/assets/dist/..%2f..%2f..%2fetc/passwd", {}, b"", b"", 404),
    "assets from the root": ("GET", "/assets/dist//etc/passwd", {}, b"", b"", 404),
    "media above the folder": ("GET", "/media/../keys/ring.json", {}, b"", b"", 404),
    "media of no id": ("GET", "/media/..%2fkeys/640.webp", {}, b"", b"", 404),
    "bearer of strange bytes": ("GET", "/api/v1/me", {"authorization": "Bearer \xff\x00"}, b"", b"", 401),
    "cookie of strange bytes": ("GET", "/api/v1/me", {"cookie": "xianji_session=\x01; \xff=1"}, b"", b"", 401),
    "NUL in the query": ("GET", "/api/v1/topics", {}, b"", b"cursor=%00", 422),
    "no number in the query": ("GET", "/api/v1/orders", {}, b"", b"limit=" + ENDLESS.encode(), 422),
    "place that is no number": ("GET", "/api/v1/feed", {}, b"", b"lat=nan&lon=inf&tab=nearby", 422),
    "event of no provider": ("POST", "/hooks/payments/nobody", {}, b"\xff", b"", 404),
}


@pytest.mark.parametrize("name", ODD)
async def test_odd_requests_are_answered_calmly(site: Any, name: str) -> None:
    method, path, headers, body, query, status = ODD[name]
    answer = await raw(site, method, path, dict(headers), body, query)
    assert answer.status == status
    if path.startswith("/api/"):
        assert answer.header("content-type") == "application/problem+json"
        assert b'"code":' in answer.body
    _all_headers(answer)


def _all_headers(answer: RawAnswer) -> None:
    for name, value in HEADERS.items():
        assert [given for key, given in answer.headers if key == name] == [value], name


async def test_a_body_of_quotes_is_judged_in_no_time(site: Any) -> None:
    """Every `\\"` was once the beginning of another reading to the end: 16 KB took seconds, 256 KB a quarter hour."""
    body = b"[" + b"[]," * 40 + b'"' + b'\\"' * 120_000
    began = time.perf_counter()
    answer = await raw(site, "POST", CODES, JSON, body)
    assert answer.status in (400, 422)
    assert time.perf_counter() - began < 2


async def test_a_body_is_measured_while_it_comes(site: Any) -> None:
    answer = await raw(site, "POST", CODES, JSON, b" " * 300_000, pieces=40)
    assert (answer.status, b"body_too_large" in answer.body) == (413, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sign-in"),
        ("GET", "/api/v1/carriers"),
        ("GET", "/api/v1/me"),
        ("GET", "/no-such-page"),
        ("GET", "/assets/dist/manifest.json"),
        ("GET", "/media/med_00000000000000000000000000/640.webp"),
        ("GET", "/healthz"),
        ("GET", "/api/v1/openapi.json"),
        ("OPTIONS", "/api/v1/me"),
    ],
)
async def test_every_kind_of_answer_carries_the_security_headers(site: Any, method: str, path: str) -> None:
    _all_headers(await raw(site, method, path))


async def test_answers_to_one_visitor_are_kept_by_no_shared_cache(site: Any) -> None:
    client, _ = await with_cookie(site, "13800138000")
    for path in ("/me", "/api/v1/me", "/settings"):
        assert (await client.get(path)).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nset-cookie: x=1",
        "javascript:alert(1)",
        " //evil.example",
        "/\u2028/evil.example",
    ],
)
async def test_nobody_is_sent_to_another_site_after_signing_in(site: Any, to: str) -> None:
    client = browser(site)
    await client.post("/sign-in/code", data={"phone": "13800138000"})
    answer = await client.post("/sign-in", data={"phone": "13800138000", "code": "000000", "to": to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    again = await client.get("/sign-in", params={"to": to})
    assert (again.status_code, again.headers["location"]) == (303, "/")


async def test_an_address_in_chinese_survives_signing_in(site: Any) -> None:
    client, _ = await with_cookie(site, "13800138000")
    answer = await client.get("/sign-in", params={"to": "/market?q=相机&near=1"})
    assert answer.headers["location"] == "/market?q=%E7%9B%B8%E6%9C%BA&near=1"


async def test_the_request_id_of_a_stranger_is_plain_or_ours(site: Any) -> None:
    assert (await raw(site, "GET", "/healthz", {"x-request-id": "abc-1.2_3"})).header("x-request-id") == "abc-1.2_3"
    for odd in ("a\r\nset-cookie: x=1", "\xff", "a" * 65, "<b>"):
        given = (await raw(site, "GET", "/healthz", {"x-request-id": odd})).header("x-request-id")
        assert given != odd
        assert len(given) == 16


async def test_the_host_header_gets_into_no_answer(site: Any) -> None:
    for path in ("/sign-in", "/", "/market", "/api/v1/carriers", "/api/v1/openapi.json", "/robots.txt"):
        answer = await raw(site, "GET", path, {"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert b"evil.example" not in answer.body
        assert not [value for _, value in answer.headers if "evil.example" in value]


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Any) -> None:
    client = browser(site)
    await client.post("/sign-in/code", data={"phone": "13800138000"})
    answer = await client.post("/sign-in", data={"phone": "13800138000", "code": "000000"})
    flags = {part.strip().lower().partition("=")[0] for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite", "path", "max-age"} <= flags
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert "domain" not in flags


# --- forged requests -------------------------------------------------------------------------------------------

WISH = '{"version": 1, "bio": "forged"}'


async def _bio(client: Any) -> str:
    return str((await client.get("/api/v1/me")).json()["bio"])


async def test_json_with_a_cookie_and_no_token_changes_nothing(site: Any) -> None:
    client, _ = await with_cookie(site, "13800138000")
    answer = await client.patch("/api/v1/me", content=WISH, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "form_not_ours")
    assert await _bio(client) == ""


async def test_the_token_of_another_session_changes_nothing(site: Any) -> None:
    client, _ = await with_cookie(site, "13800138000")
    _, other = await with_cookie(site, "13900139000")
    answer = await client.patch("/api/v1/me", content=WISH, headers={**JSON, "x-csrftoken": other})
    assert (answer.status_code, answer.json()["code"]) == (403, "form_not_ours")
    assert await _bio(client) == ""


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://xianji.test.evil.example", "http://["])
async def test_a_form_of_another_site_changes_nothing(site: Any, origin: str) -> None:
    client, _ = await with_cookie(site, "13800138000")
    for sent in ({"data": {"version": "1", "bio": "forged"}}, {"files": {"bio": (None, "forged")}}):
        answer = await client.post("/me", headers={"origin": origin}, **sent)
        assert answer.status_code == 403
    assert await _bio(client) == ""


async def test_plain_text_that_looks_like_a_form_changes_nothing(site: Any) -> None:
    client, csrf = await with_cookie(site, "13800138000")
    body = f"version=1&bio=forged&_csrf_token={csrf}"
    answer = await client.post(
        "/me", content=body, headers={"content-type": "text/plain", "origin": "http://evil.example"}
    )
    assert answer.status_code in (403, 422)
    assert await _bio(client) == ""


async def test_a_bearer_needs_no_token(site: Any) -> None:
    client, _ = await signed_in(site)
    version = (await client.get("/api/v1/me")).json()["version"]
    answer = await client.patch("/api/v1/me", json={"version": version, "bio": "mine"})
    assert (answer.status_code, answer.json()["bio"]) == (200, "mine")


async def test_signing_in_from_another_site_is_refused(site: Any) -> None:
    answer = await raw(site, "POST", "/sign-in", {**FORM, "origin": "http://evil.example"}, b"phone=1&code=1")
    assert answer.status == 403


# --- who has an account ----------------------------------------------------------------------------------------


async def test_known_and_unknown_phones_look_alike(site: Any, clock: FakeClock) -> None:
    await signed_in(site, "13800138000")
    clock.move(hours=2)
    stranger = browser(site)

    async def told(path: str, **body: str) -> tuple[int, bytes, list[str]]:
        answer = await stranger.post(path, json=body)
        return answer.status_code, answer.content, sorted(set(answer.headers) - {"x-request-id"})

    known, unknown = "13800138000", "13900139000"
    assert await told(CODES, phone=known) == await told(CODES, phone=unknown)
    sessions = "/api/v1/auth/sessions"
    assert await told(sessions, phone=known, code="123456") == await told(sessions, phone=unknown, code="123456")


async def test_codes_are_limited_over_http(site: Any) -> None:
    stranger = browser(site)
    answers = [(await stranger.post(CODES, json={"phone": "13800138000"})).status_code for _ in range(30)]
    assert answers[0] == 202
    assert answers[-1] == 429
    last = await stranger.post(CODES, json={"phone": "13800138000"})
    assert int(last.headers["retry-after"]) >= 1
