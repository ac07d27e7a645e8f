"""The door: what happens to every request before and after the application sees it.

Who comes (cookie or bearer token), in which language, whether the body is fit to be parsed, whether a form really
comes from our own page; and on the way out the security headers, the request id and the measurement.
"""

import re
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from prometheus_client import Counter, Histogram

from xianji.domains import members
from xianji.kernel.errors import MALFORMED, Code, Kind, Refusal
from xianji.kernel.log import REQUEST
from xianji.kernel.work import NOBODY

from . import answers, bodies
from .house import House
from .questions import SESSION, WAITING
from .visit import Visit

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

FORM_NOT_OURS = Code("form_not_ours", Kind.FORBIDDEN)
STALE_FORM = Code("stale_form", Kind.CONFLICT)

# What is said to one visitor is kept by no shared cache, unless a route knows better.
_OURS_ALONE = (b"cache-control", b"private, no-cache")

SESSION_COOKIE = "xianji_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
# Addresses whose answers have no frame, so nothing needs to be counted for them.
_NO_FRAME = ("/api/", "/hooks/", "/media/", "/assets/", "/healthz", "/metrics")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_SECONDS = Histogram("xianji_request_seconds", "Time until the last byte", ["method", "route", "status"])
_REFUSED = Counter("xianji_door_refusals_total", "Requests the door refused", ["code"])


class Door:
    """ASGI around the application."""

    def __init__(self, app: Asgi, house: House) -> None:
        self.app = app
        self.house = house
        self._headers = _security_headers(house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = headers.get("x-request-id", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(8)
        REQUEST.set(request_id)
        visit, receive = await self._admit(scope, headers, receive)
        scope["xianji.visit"] = visit
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                kept = [] if any(name == b"cache-control" for name, _ in message["headers"]) else [_OURS_ALONE]
                ours = [*self._headers, *kept, (b"x-request-id", request_id.encode())]
                message["headers"] = [*message["headers"], *ours]
            await send(message)

        try:
            await self.app(scope, receive, answers.packing(send_with_headers) if visit.packs else send_with_headers)
        finally:
            route = scope.get("path_template") or "unknown"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _timer(method, route, status).observe(time.perf_counter() - began)

    async def _admit(self, scope: Scope, headers: dict[str, str], receive: Receive) -> tuple[Visit, Receive]:
        cookies = _cookies(headers["cookie"]) if "cookie" in headers else {}
        path = scope["path"]
        # A provider is nobody's session: its own signature is all that counts there.
        token, by_cookie = ("", False) if path.startswith("/hooks/") else _token(headers, cookies)
        counts = scope["method"] == "GET" and not path.startswith(_NO_FRAME)
        session, waits = await self._who(token, counts)
        actor, badge = (session.actor, session.badge) if session else (NOBODY, None)
        visit = Visit(
            house=self.house,
            language=_language(headers, cookies, badge, self.house),
            zone=getattr(badge, "zone", None) or self.house.here.zone,
            theme=cookies["theme"] if cookies.get("theme") in ("light", "dark") else "",
            path=_whole(path) + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""),
            signed_in=session is not None,
            actor=actor,
            badge=badge,
            token=token,
            htmx=headers.get("hx-request") == "true",
            api=path.startswith(("/api/", "/hooks/")),
            origin=scope["client"][0] if scope.get("client") else "",
            packs="gzip" in headers.get("accept-encoding", ""),
            asleep=session.roles_asleep if session else frozenset(),
            waiting=waits,
            caught_up=bool(token),
        )
        try:
            bodies.judge_path(scope["path"])
            bodies.judge_text(unquote_plus(visit.path))
            if scope["method"] not in _SAFE:
                body, receive = await _read(headers, receive, bodies.LONGEST_UPLOAD if actor.member else bodies.LONGEST)
                if actor.member and by_cookie:
                    _check_form(visit, headers, body)
                elif not visit.api:
                    _check_origin(headers)
        except Refusal as refusal:
            _REFUSED.labels(refusal.code.name).inc()
            visit.refusal = refusal
        return visit, receive

    async def _who(self, token: str, counts: bool) -> tuple[members.Session | None, int]:
        """The session of a token, and for a page how much waits for its member."""
        if not token:
            return None, 0
        await self.house.known.catch_up()
        session = (await self.house.known.ask(SESSION, NOBODY, token)).said
        if session is None:
            return None, 0
        if session.stale:
            async with self.house.database.work(session.actor) as work:
                await members.touch_session(work, session)
        return session, (await self.house.known.ask(WAITING, session.actor)).said.count if counts else 0


def _cookies(header: str) -> dict[str, str]:
    """Names and values as they stand: none that we set needs quotes."""
    return {name: value for name, _, value in (pair.strip().partition("=") for pair in header.split(";"))}


@lru_cache(maxsize=2048)
def _timer(method: str, route: str, status: int) -> Histogram:
    """The histogram of one kind of answer; finding it takes longer than writing into it."""
    return _SECONDS.labels(method, route, status)


def _token(headers: dict[str, str], cookies: dict[str, str]) -> tuple[str, bool]:
    """The session token and whether a browser sent it by itself."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()[:200], False
    return cookies.get(SESSION_COOKIE, "")[:200], True


def _language(headers: dict[str, str], cookies: dict[str, str], badge: Any, house: House) -> Any:
    chosen = getattr(badge, "language", "") or cookies.get("lang")
    if chosen in ("zh", "en"):
        return chosen
    wanted = headers.get("accept-language", "").lower()
    for part in wanted.split(","):
        code = part.split(";")[0].strip()[:2]
        if code in ("zh", "en"):
            return code
    return house.here.language


async def _read(headers: dict[str, str], receive: Receive, longest_upload: int) -> tuple[bytes, Receive]:
    """The body, judged, and a receive that plays it again. Uploads (multipart) stream past, counted."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    length = bodies.whole(headers.get("content-length", "0"))
    if length is None:
        raise MALFORMED(why="content-length")
    if kind == "multipart/form-data":
        bodies.judge_size(length, longest_upload)
        return b"", _counted(receive, longest_upload)
    bodies.judge_size(length)
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        bodies.judge_size(len(body))
        more = message.get("more_body", False)
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    # Whatever it calls itself: a route that expects JSON reads it as JSON.
    if kind != "application/x-www-form-urlencoded":
        bodies.judge_json(body)
    return body, replay


def _counted(receive: Receive, longest: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        bodies.judge_size(seen, longest)
        return message

    return counting


def _check_form(visit: Visit, headers: dict[str, str], body: bytes) -> None:
    """A cookie session changes nothing without the token of our own page (or, for uploads, our own origin)."""
    sent = headers.get("x-csrftoken", "")
    if not sent and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        sent = parse_qs(body.decode("utf-8", "replace")).get("_csrf_token", [""])[0]
    if not sent and headers.get("content-type", "").startswith("multipart/form-data"):
        if not _same_origin(headers):
            raise FORM_NOT_OURS()
        return
    if not secrets.compare_digest(sent.encode(), visit.csrf.encode()):
        raise STALE_FORM() if not visit.api and _same_origin(headers) else FORM_NOT_OURS()


def _check_origin(headers: dict[str, str]) -> None:
    """A form of somebody who is not signed in (sign-in itself) must not come from another site."""
    if ("origin" in headers or "sec-fetch-site" in headers) and not _same_origin(headers):
        raise FORM_NOT_OURS()


def _same_origin(headers: dict[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site:
        return site in ("same-origin", "none")
    return headers.get("origin", "").partition("://")[2] == headers.get("host", "-")


def _security_headers(house: House) -> list[tuple[bytes, bytes]]:
    # A form that starts a payment is redirected to the provider's page, and browsers hold form-action against that.
    pay = urlsplit(house.settings.payment_url)
    form_targets = f"'self' {pay.scheme}://{pay.netloc}" if pay.netloc else "'self'"
    secure = house.settings.base_url.startswith("https:")
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {form_targets}"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
        *([(b"strict-transport-security", b"max-age=31536000")] if secure else []),
    ]


def _whole(path: str) -> str:
    """The path as a page may print it: half a character, which the door refuses anyway, becomes a question mark."""
    return path.encode("utf-8", "replace").decode()
