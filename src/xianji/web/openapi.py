"""What OpenAPI says of every operation alike: the refusals, each a problem with a stable code."""

from collections.abc import Iterable

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ControllerRouterHandler

from .refused import Problem

_ALWAYS = {
    401: "Nobody is signed in (`sign_in_first`)",
    404: "There is no such thing, or none that the asker may see",
    422: "The request cannot be understood or breaks a stated limit",
    429: "Too often; `Retry-After` says when again",
}
_WRITING = {
    403: "The asker may not do this, or the form is not ours",
    409: "The world has moved on, or the same request is still being handled",
    413: "The body is too large",
}


def with_problems(routes: Iterable[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    """The same routes, each telling which problems it may answer with."""
    found = list(routes)
    for route in found:
        if isinstance(route, HTTPRouteHandler):
            told = _ALWAYS if route.http_methods == {"GET"} else _ALWAYS | _WRITING
            mine = route.responses or {}
            route.responses = {status: _problem(text) for status, text in sorted(told.items())} | dict(mine)
    return found


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem,
        generate_examples=False,
        description=description,
        media_type="application/problem+json",
    )
