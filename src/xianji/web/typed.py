"""What people type into the forms of things and notes, before it becomes a command.

Files become pictures, local times get their zone, "firm" becomes "no bargaining"; nothing else is touched, so that a
form can be shown again exactly as it was.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from xianji.domains import media
from xianji.domains.media import media_url
from xianji.kernel.errors import Refusal

from . import forms, rulings
from .api.media import take_upload
from .commands import Command, Verb
from .forms import Pairs, Typed
from .refused import STATUS
from .visit import Req, Visit

Again = Callable[..., Awaitable[Response[Any]]]
Gather = Callable[[Visit, Req], Awaitable[Pairs]]
Shape = Callable[[Pairs, str], msgspec.Struct]

_FILES = "_files"
_TYPED = "xianji.typed"
_TIMES = ("deadline", "at")
_FIRM = "firm"
# Fields of the forms themselves, which no command knows.
_ASIDE = ("step", "more", "blocks", "firm")


async def gather(visit: Visit, request: Req) -> Pairs:
    """The fields of a form; files named `…_files` are taken in and become ids under the name without that ending.

    Somebody who is not signed in any more keeps their words; files come again with the next press.
    """
    typed = await forms.pairs(request)
    request.scope[_TYPED] = typed  # type: ignore[literal-required]
    if visit.actor.member is None or visit.refusal is not None:
        return typed
    for name, value in (await request.form()).items():
        if isinstance(value, UploadFile) and name.endswith(_FILES) and value.filename:
            uploaded = await take_upload(visit, value)
            typed.append((name.removesuffix(_FILES), uploaded.id))
    return typed


def typed_in(request: Req, fields: Typed) -> Typed:
    """What the person typed, before it was made ready for the command; also when a file was refused."""
    typed: Any = request.scope.get(_TYPED, fields.pairs)
    return Typed(typed)


def for_command(visit: Visit, typed: Pairs) -> Pairs:
    """The fields as the command reads them: times in the visitor's zone, prices firm or not."""
    firm = {_owner(name) for name, value in typed if _last(name) == _FIRM and value}
    ready = [(name, _zoned(visit, name, value)) for name, value in typed if _last(name) not in _ASIDE]
    return [*ready, *((f"{owner}bargain", "off") for owner in sorted(firm))]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _owner(name: str) -> str:
    return name[: -len(_last(name))]


def _zoned(visit: Visit, name: str, value: str) -> str:
    """A moment typed without a zone is meant where the visitor is; what is no moment stays for the judge to refuse."""
    if _last(name) not in _TIMES or not value.strip():
        return value
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return value
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(visit.zone))).isoformat()


def errors_of(visit: Visit, refusal: Refusal | None) -> dict[str, str]:
    """The sentence of a refusal under the field it is about; under "" when it is about no single field."""
    if refusal is None:
        return {}
    field = refusal.facts.get("field") or refusal.code.field or ""
    return {str(field): rulings.said(visit, refusal)}


def status_of(refusal: Refusal | None) -> int:
    """The status of a page that shows a form (again)."""
    return STATUS[refusal.code.kind] if refusal else 200


async def kept_pictures(visit: Visit, typed: Typed, name: str = "media") -> list[dict[str, Any]]:
    """The pictures already taken in under this name, for `form.upload`; other people's ids are not shown."""
    ids = typed.all(name)
    if not ids:
        return []
    async with visit.look() as look:
        found = await media.load(look, ids)
    return [
        {"id": one, "src": media_url(one, 320), "alt": "", "film": found[one].kind == "video"}
        for one in ids
        if one in found
    ]


def page_form(
    name: str,
    path: str,
    verb: Verb,
    wish: type[msgspec.Struct],
    *,
    room: str,
    again: Again,
    gather: Gather,
    shape: Shape,
    outside: bool = False,
) -> Command:
    """The command of a form that only a page has; it ends at the page of what was made or changed, `/{room}/{id}`."""

    def then(made: Any, changed: str = "") -> str:
        return f"/{room}/{changed or made}"

    return Command(
        name, path, verb, wish, then=then, again=again, gather=gather, shape=shape, api=False, outside=outside
    )
