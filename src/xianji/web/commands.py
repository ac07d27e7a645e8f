"""A command is declared once and has two entrances: JSON and form.

`Command("pause_item", "/items/{item}/pause", items.pause, …)` makes `POST /api/v1/items/{item}/pause` (typed, in
OpenAPI) and `POST /items/{item}/pause` (fields of a form into the very same struct). Both run the same verb in one
work, under the same idempotency key rules. JSON gets the fresh view, a browser goes to the page (303), HTMX too.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from inspect import Parameter, Signature, cleandoc
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import BodyKwarg, FromPath

from xianji.kernel import idempotency
from xianji.kernel.errors import MALFORMED, NOT_FOUND, SIGN_IN_FIRST, Refusal
from xianji.kernel.idempotency import Answer
from xianji.kernel.work import Look, Work

from . import forms
from .resume import keep_form
from .visit import Req, Visit, visit_of

Verb = Callable[..., Awaitable[Any]]

LONGEST_KEY = 200
# Mark of a route that shows what the door found beside the form instead of an error page.
SHOWS_REFUSALS = "shows_refusals"
_JSON = BodyKwarg()


@dataclass(frozen=True, slots=True)
class Command:
    """One verb of a domain and where it is called.

    `path` holds ids in braces. The verb receives `(work, *ids, input?)`, or `(visit, *ids, input?)` when `outside` is
    set because it talks to a provider between two works. `view` makes the JSON answer from `(look, result, *ids)`;
    without it the answer is 204. `then` gives the address a browser goes to from `(result, *ids)`. `again` shows the
    form once more with what was typed when the verb refuses; such a form also comes back, unsent, when its page was
    older than the session. A form whose session has ended is kept for after signing in. `gather` turns what a
    browser sent into fields (it takes files in, puts times into zones); `shape` makes the input of the fields where
    a blank means something. `swap` is what HTMX puts where the form aims, instead of going on. `form` is where a
    browser sends it when that is not `path`, since a form knows only POST.
    """

    name: str
    path: str
    verb: Verb
    input: type[msgspec.Struct] | None = None
    view: Verb | None = None
    returns: Any = None
    then: Callable[..., str] | None = None
    again: Callable[..., Awaitable[Response[Any]]] | None = None
    gather: Callable[[Visit, Req], Awaitable[forms.Pairs]] | None = None
    shape: Callable[[forms.Pairs, str], msgspec.Struct] | None = None
    swap: Callable[[Visit, forms.Typed], Response[Any]] | None = None
    form: str = ""
    method: str = "POST"
    status: int = 200
    outside: bool = False
    ids: dict[str, Any] = field(default_factory=dict)
    api: bool = True
    tag: str = ""


def handlers(command: Command, ids: dict[str, Any]) -> Sequence[HTTPRouteHandler]:
    """The routes of one command. `ids` says of what type each id in a path is."""
    names = [part[1:-1] for part in command.path.split("/") if part.startswith("{")]
    kinds = {name: ids[name] for name in names}
    found = []
    if command.api:
        found.append(_json_route(command, kinds))
    if command.then is not None:
        found.append(_form_route(command, kinds))
    return found


def _json_route(command: Command, kinds: dict[str, Any]) -> HTTPRouteHandler:
    async def handle(request: Req, **given: Any) -> Response[bytes]:
        visit = visit_of(request)
        data = given.pop("data", None)
        if data is None and command.input is not None:
            data = command.input()  # every field has a default, or the body would have been asked for
        key = request.headers.get("idempotency-key", "")
        answer = await _perform(command, visit, checked(kinds, given), data, key, await request.body(), browser=False)
        return Response(answer.body or None, status_code=answer.status, media_type="application/json")  # type: ignore[arg-type]

    returns = command.returns if command.view is not None else None
    _sign(handle, kinds, command.input, returns)
    status = command.status if command.view is not None else 204
    return HTTPRouteHandler(
        "/api/v1" + _litestar_path(command.path),
        http_method=[command.method],  # type: ignore[list-item]
        status_code=status,
        operation_id=command.name,
        tags=[command.tag or command.name.split("_")[-1]],
        summary=(command.verb.__doc__ or command.name).strip().split("\n")[0],
        description=cleandoc(command.verb.__doc__ or "") or None,
    )(handle)


def _form_route(command: Command, kinds: dict[str, Any]) -> HTTPRouteHandler:
    async def handle(request: Req, **given: Any) -> Response[Any]:
        visit = visit_of(request)
        found = checked(kinds, given)
        pairs: forms.Pairs = []
        try:
            pairs = await (command.gather(visit, request) if command.gather else forms.pairs(request))
            if visit.refusal is not None:
                raise visit.refusal
            answer = await _perform_form(command, visit, found, pairs, await forms.sent(request))
        except Refusal as refusal:
            if refusal.code is SIGN_IN_FIRST:
                return await keep_form(request, visit, pairs)
            if command.again is None:
                raise
            try:
                return await command.again(request, refusal, forms.Typed(pairs), *found.values())
            except Refusal as deeper:  # the form itself is only for members: its session has ended
                if deeper.code is SIGN_IN_FIRST:
                    return await keep_form(request, visit, pairs)
                raise
        if visit.htmx:
            if command.swap is not None:
                return command.swap(visit, forms.Typed(pairs))
            return Response(None, status_code=204, headers={"HX-Location": answer.location})
        return Response(None, status_code=303, headers={"Location": answer.location})

    _sign(handle, kinds, None, None)
    return HTTPRouteHandler(
        _litestar_path(command.form or command.path),
        http_method=["POST"],
        include_in_schema=False,
        opt={SHOWS_REFUSALS: command.again is not None},
    )(handle)


async def _perform_form(command: Command, visit: Visit, ids: dict[str, Any], pairs: forms.Pairs, sent: bytes) -> Answer:
    data = None
    if command.input is not None:
        currency = visit.house.here.currency
        data = command.shape(pairs, currency) if command.shape else forms.fill(command.input, pairs, currency)
    key = next((value for name, value in pairs if name == "_key"), "")
    return await _perform(command, visit, ids, data, key, sent, browser=True)


async def _perform(
    command: Command, visit: Visit, ids: dict[str, Any], data: Any, key: str, body: bytes, *, browser: bool
) -> Answer:
    arguments = [*ids.values(), *([data] if command.input else [])]

    async def finish(look: Look, result: Any) -> Answer:
        if browser:
            assert command.then is not None
            return Answer(303, command.then(result, *ids.values()), b"")
        if command.view is None:
            return Answer(204, "", b"")
        return Answer(command.status, "", msgspec.json.encode(await command.view(look, result, *ids.values())))

    async def do(work: Work) -> Answer:
        return await finish(work, await command.verb(work, *arguments))

    async def do_outside() -> Answer:
        result = await command.verb(visit, *arguments)
        async with visit.look() as look:
            return await finish(look, result)

    bound = f"{command.name} {browser} {sorted(ids.items())}\n".encode() + body
    if command.outside:
        return await once_outside(visit, key, bound, do_outside)
    async with visit.work() as work:
        if not key:
            return await do(work)
        return await idempotency.once(work, _judged(key), bound, lambda: do(work), _owner(visit))


async def once_outside(visit: Visit, key: str, bound: bytes, do: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do something that is no single work at most once for a key; without a key, simply do it."""
    if not key:
        return await do()
    return await idempotency.once_outside(visit.database, visit.actor, _owner(visit), _judged(key), bound, do)


def _judged(key: str) -> str:
    if not key.isprintable():
        raise MALFORMED(why="Idempotency-Key")
    return key[:LONGEST_KEY]


def _owner(visit: Visit) -> str:
    """Whose keys these are: the member's, or those of the place a stranger asks from."""
    return visit.actor.member or visit.database.keys.digest("idempotency.origin", visit.origin).hex()


def checked(kinds: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The ids of a path; one of the wrong shape is simply not found."""
    try:
        return {name: msgspec.convert(given[name], kind, strict=False) for name, kind in kinds.items()}
    except msgspec.ValidationError:
        raise NOT_FOUND() from None


def _litestar_path(path: str) -> str:
    return path.replace("}", ":str}")


def _sign(handle: Any, kinds: dict[str, Any], body: type[msgspec.Struct] | None, returns: Any) -> None:
    """Give a handler the signature Litestar reads: the request, the ids as text, the body.

    A body whose fields all have defaults may be left out.
    """
    annotations: dict[str, Any] = {"request": Req, **dict.fromkeys(kinds, FromPath[str])}
    defaults: dict[str, Any] = {}
    if body is not None:
        annotations["data"] = Annotated[body, _JSON]
        if not any(field.required for field in msgspec.structs.fields(body)):
            annotations["data"], defaults["data"] = Annotated[body | None, _JSON], None
    handle.__signature__ = Signature(
        [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=defaults.get(name, Parameter.empty))
            for name, kind in annotations.items()
        ],
        return_annotation=returns,
    )
    handle.__annotations__ = {**annotations, "return": returns}
