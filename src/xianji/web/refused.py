"""Refusals and mistakes in the skin the visitor can read: problem+json, a page, or a fragment."""

from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from xianji.kernel.errors import BUSY, MALFORMED, NOT_FOUND, Code, Kind, Refusal
from xianji.kernel.words import sentence

from . import render
from .forms import field_of
from .visit import Req, visit_of

METHOD_NOT_OPEN = Code("method_not_open", Kind.MALFORMED)

STATUS = {
    Kind.MALFORMED: 422,
    Kind.SIGNED_OUT: 401,
    Kind.FORBIDDEN: 403,
    Kind.UNKNOWN: 404,
    Kind.CONFLICT: 409,
    Kind.LIMIT: 429,
    Kind.BUSY: 409,
    Kind.TOO_LARGE: 413,
}

_PASSING = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
)


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457, with our stable code, the facts behind the sentence, and the field it is about."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    facts: dict[str, Any]
    field: str | None = None


def problem(refusal: Refusal, status: int, language: Any) -> Problem:
    """The JSON form of a refusal."""
    field = refusal.facts.get("field") or refusal.code.field
    return Problem(
        type=f"/docs/refusals#{refusal.code.name}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=sentence(refusal, language),
        code=refusal.code.name,
        facts=refusal.facts,
        field=field or None,
    )


def as_refusal(error: Exception) -> tuple[Refusal, int] | None:
    """The refusal behind whatever was raised, with its status; None for our own mistakes."""
    if isinstance(error, Refusal):
        return error, STATUS[error.code.kind]
    if isinstance(error, _PASSING):
        return BUSY(), STATUS[Kind.BUSY]
    if isinstance(error, ValidationException):
        return _from_validation(error), 422
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return NOT_FOUND(), 404
        if error.status_code == 405:
            return METHOD_NOT_OPEN(), 405
        if error.status_code < 500:
            return MALFORMED(why=error.detail), error.status_code
    return None


def _from_validation(error: ValidationException) -> Refusal:
    """Litestar reports what msgspec found as a list of {message, key}."""
    extra = error.extra if isinstance(error.extra, list) else []
    first = next((part for part in extra if isinstance(part, dict)), {})
    why = str(first.get("message") or error.detail)
    field = str(first.get("key") or field_of(why))
    return MALFORMED(why=why, field=field) if field else MALFORMED(why=why)


def answer(request: Req, error: Exception) -> Response[Any]:
    """The one exception handler of the application."""
    visit = visit_of(request)
    found = as_refusal(error)
    if found is None:
        structlog.get_logger().error("mistake", path=request.url.path, exc_info=error)
        if visit.api:
            content = {"title": "Internal Server Error", "status": 500, "code": "our_mistake"}
            return _json(msgspec.json.encode(content), HTTP_500_INTERNAL_SERVER_ERROR)
        return render.page(visit, "errors/mistake.html", status=HTTP_500_INTERNAL_SERVER_ERROR)
    refusal, status = found
    shown = problem(refusal, status, visit.language)
    if visit.api:
        return _json(msgspec.json.encode(shown), status, refusal)
    if visit.htmx:
        fragment = render.page(visit, "parts/refused.html", status=status, problem=shown)
        fragment.headers["HX-Retarget"] = "#toasts"
        fragment.headers["HX-Reswap"] = "beforeend"
        return fragment
    return render.page(visit, "errors/refused.html", status=status, problem=shown)


def _json(body: bytes, status: int, refusal: Refusal | None = None) -> Response[bytes]:
    headers = {}
    if refusal is not None and "wait_seconds" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["wait_seconds"])
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)
