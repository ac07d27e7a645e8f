"""The contract as a document: what every operation may refuse, short names of components, and a page to read it."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.types import BeforeRequestHookHandler, ControllerRouterHandler

from xianji.kernel.errors import NOT_FOUND, Code

from . import render
from .refused import STATUS, Problem
from .visit import Req, visit_of

PATH = "/api/v1"

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
_REF = "#/components/schemas/"
_LONG_NAME = re.compile(r"^(\w+?)_(?:[\w.]*\.)?(\w+?)_$")
_IN_TICKS = re.compile(r"`(\w+)`")


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


def readable(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with `PageOfItemCard` instead of the path of a generic type, and without a 400 nobody sends."""
    names = {name: short_name(name) for name in document["components"]["schemas"]}
    assert len(set(names.values())) == len(names), "two components would share a name"
    found: dict[str, Any] = _renamed(document, {_REF + long: _REF + short for long, short in names.items()})
    schemas = found["components"]["schemas"]
    found["components"]["schemas"] = {
        short: {**schemas[long], "title": short} for long, short in sorted(names.items(), key=lambda pair: pair[1])
    }
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].pop("400", None)  # what does not validate is 422, a problem with a code
    return found


def short_name(name: str) -> str:
    """`Page_xianji.domains.items.views.things.ItemCard_` is `PageOfItemCard`."""
    match = _LONG_NAME.match(name)
    return f"{match[1]}Of{match[2]}" if match else name


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(inner, inner) if key == "$ref" else _renamed(inner, names) for key, inner in value.items()
        }
    return [_renamed(inner, names) for inner in value] if isinstance(value, list) else value


class Document(JsonRenderPlugin):
    """`openapi.json`."""

    def render(self, request: Req, openapi_schema: dict[str, Any]) -> bytes:
        """The document with short names."""
        return self.render_json(request, readable(openapi_schema))


class Reading(OpenAPIRenderPlugin):
    """The same contract as a plain page of ours: no script of others, nothing loaded from elsewhere."""

    def render(self, request: Req, openapi_schema: dict[str, Any]) -> bytes:
        """Every operation by tag."""
        document = readable(openapi_schema)
        return render.html(
            visit_of(request),
            "pages/api.html",
            tags=sections(document),
            shapes={name: _fields(document, shape) for name, shape in document["components"]["schemas"].items()},
            back="/open",
            title=render.translate(visit_of(request), "公开接口"),
            aside="",
        ).encode()


def plugins() -> list[OpenAPIRenderPlugin]:
    """What is served below `/api/v1` about the contract itself."""
    return [Reading(path="/"), Document(path="/openapi.json")]


def router(judge: BeforeRequestHookHandler) -> Router:
    """Where the documents are served; any other name there is a problem with a code, as everywhere in the API.

    `judge` is what the application asks before every request; a router's own hook would replace it.
    """

    async def before(request: Req) -> None:
        await judge(request)
        if "path" in request.path_params:
            raise NOT_FOUND()

    return Router(PATH, route_handlers=[], include_in_schema=False, before_request=before)


class Field(msgspec.Struct, frozen=True):
    """A parameter or a field: what it is called, what it takes, whether it must be there."""

    name: str
    kind: str
    required: bool
    where: str = ""
    shape: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A status, what it means, and the name of the component it carries."""

    status: str
    words: str
    shape: str


class Operation(msgspec.Struct, frozen=True):
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    codes: list[tuple[str, int]]


def sections(document: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """The operations of the document by their first tag, both in alphabetical order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            found.setdefault(tag, []).append(_operation(document, method, path, operation))
    return sorted(found.items())


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Operation:
    body = _content(operation.get("requestBody", {}))
    said = f"{operation.get('summary', '')} {operation.get('description', '')}"
    codes = {name: STATUS[Code.catalogue[name].kind] for name in _IN_TICKS.findall(said) if name in Code.catalogue}
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        parameters=[
            Field(each["name"], _kind(each.get("schema", {})), each.get("required", False), each["in"])
            for each in operation.get("parameters", [])
        ],
        body=_fields(document, _resolved(document, body)),
        answers=[
            Answer(status, answer.get("description") or HTTPStatus(int(status)).phrase, _name(_content(answer)))
            for status, answer in sorted(operation["responses"].items())
        ],
        codes=sorted(codes.items()),
    )


def _content(part: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = part.get("content", {})
    for kind in kinds.values():
        found: dict[str, Any] = kind.get("schema", {})
        return found
    return {}


def _name(schema: dict[str, Any]) -> str:
    inner = schema.get("items", {}) if schema.get("type") == "array" else schema
    return str(inner.get("$ref", "")).removeprefix(_REF)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = _name(schema)
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    needed = schema.get("required", [])
    return [
        Field(name, _kind(inner), name in needed, shape=_shape(inner))
        for name, inner in schema.get("properties", {}).items()
    ]


def _shape(schema: dict[str, Any]) -> str:
    parts = [schema, *schema.get("oneOf", [])]
    return next((name for name in map(_name, parts) if name), "")


def _kind(schema: dict[str, Any]) -> str:
    """In a few words what a value is: `string`, `list of ItemCard`, `new | used | null`."""
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    if "oneOf" in schema:
        return " | ".join(dict.fromkeys(_kind(part) for part in schema["oneOf"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    plain = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{plain} ({schema['format']})" if "format" in schema else plain
