"""Writing a note that carries things, as many as sixty, with or without script."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from msgspec import UNSET

from xianji.domains import circles, notes
from xianji.domains.notes import EditNote, NewNote
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import NoteId
from xianji.kernel.work import Work
from xianji.web import forms, render, shapes, things_form
from xianji.web.api.items import known
from xianji.web.bodies import whole
from xianji.web.commands import Command
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, for_command, gather, kept_pictures, page_form, status_of, typed_in
from xianji.web.visit import Req, Visit, visit_of

from .home import KINDS
from .publish import checklist

_MOST_BLOCKS = 60


class _Written(msgspec.Struct, frozen=True):
    """A note from the sheet, and the note that made its author want the same."""

    note: NewNote
    from_note: NoteId | None = None


@get("/publish/note", include_in_schema=False)
async def new_note(
    request: Req, kind: FromQuery[str] = "stall", circle: FromQuery[str] = "", from_note: FromQuery[str] = ""
) -> Response[Any]:
    """The empty sheet of a note; with `from_note` a wish for the same as in that note."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?" + urlencode({"to": visit.path}))
    wish = await _same(visit, from_note) if from_note else []
    return await sheet(visit, Typed([("kind", kind), ("circle", circle), *wish]))


async def _same(visit: Visit, note: str) -> Pairs:
    """What a wish for the same begins with: the note's name and the kind of its first thing."""
    async with visit.look() as look:
        page = await notes.note_page(look, known("nte", note))
    first = page.board.things[0].card if page.board.things else None
    title = page.title or (first.title if first else "")
    return [("from_note", page.id), ("title", title), ("wanted.category", (first and first.category) or "")]


@get("/notes/{note:str}/edit", include_in_schema=False)
async def edit_note(request: Req, note: FromPath[str]) -> Response[Any]:
    """The sheet filled with a note of mine; its things are changed on their own pages."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other(f"/sign-in?to=/notes/{note}/edit")
    async with visit.look() as look:
        page = await notes.note_page(look, known("nte", note))
    if "edit" not in page.actions:
        raise NOT_FOUND()
    pairs = [("title", page.title), ("body", page.body), ("kind", page.kind), ("guest_stalls", page.guest_stalls)]
    pairs += [("circle", page.circle.id if page.circle else ""), ("version", str(page.version))]
    pairs += [("media", one.id) for one in page.media]
    if page.wish:
        budget = things_form.plain(page.wish.budget) if page.wish.budget else ""
        pairs += [("wanted.budget", budget), ("wanted.category", page.wish.category or "")]
    return await sheet(visit, Typed(pairs), note=note)


@post("/publish/note/more", include_in_schema=False)
async def one_more(request: Req) -> Response[Any]:
    """The same sheet with room for one more thing; everything typed stays. `room=0` only asks what categories ask."""
    visit = visit_of(request)
    typed = Typed(await gather(visit, request))
    return await sheet(visit, typed, room=0 if request.query_params.get("room") == "0" else 1)


@get("/publish/note/block", include_in_schema=False)
async def show_block(request: Req, n: FromQuery[int] = 0) -> Response[Any]:
    """Room for one more thing, for the open sheet."""
    visit = visit_of(request)
    number = min(max(n, 0), _MOST_BLOCKS - 1)
    block = await _block(visit, Typed(), number)
    return render.page(visit, "pages/publish_block.html", block=block, typed=Typed(), errors={}, next=_next(number + 1))


async def sheet(
    visit: Visit, typed: Typed, refusal: Refusal | None = None, note: str = "", room: int = 0
) -> Response[Any]:
    """The sheet of a note with what was typed; `room` adds empty places for things."""
    typed, used = _in_order(typed)
    count = 0 if note else min(max(used + room, 1), _MOST_BLOCKS)
    errors = errors_of(visit, refusal)
    return render.sheet(
        visit,
        "pages/publish_note.html",
        title="编辑笔记" if note else "写笔记",
        back=f"/notes/{note}" if note else "/",
        status=status_of(refusal),
        note=note,
        typed=typed,
        errors=errors,
        lost=refusal is not None and refusal.code.name == "sign_in_first",
        closed=await checklist(visit) if refusal and refusal.code.name == "cannot_sell_yet" else [],
        kept=await kept_pictures(visit, typed),
        kinds=[{"value": name, "text": shapes.say(visit, text)} for name, text in KINDS],
        circles=await _circles(visit),
        categories=things_form.choices(visit)["categories"],
        blocks=[await _block(visit, typed, number, errors) for number in range(count)],
        next=_next(count),
    )


def _next(count: int) -> int | None:
    return count if count < _MOST_BLOCKS else None


async def _block(visit: Visit, typed: Typed, number: int, errors: Collection[str] = ()) -> dict[str, Any]:
    prefix = f"items.{number}."
    plain = {prefix + "title", prefix + "price", prefix + "media"}
    category = typed.get(prefix + "category", "")
    return {
        "prefix": prefix,
        "number": number + 1,
        "kept": await kept_pictures(visit, typed, prefix + "media"),
        "grades": things_form.grades(visit, category),
        "questions": things_form.questions(visit, category, typed, prefix),
        "photos": things_form.photos(visit, category),
        "choices": things_form.choices(visit),
        "opened": bool(category) or any(name.startswith(prefix) and name not in plain for name in errors),
    }


def _in_order(typed: Typed) -> tuple[Typed, int]:
    """The things numbered without gaps, as the command counts them, and how many there are."""
    numbers: dict[str, int] = {}
    pairs: Pairs = []
    for name, value in typed.pairs:
        first, _, rest = name.partition(".")
        number, _, field = rest.partition(".")
        if first != "items" or not field:
            pairs.append((name, value))
        elif value.strip():
            place = numbers.setdefault(number, len(numbers))
            pairs.append((f"items.{place}.{field}", value))
    return Typed(pairs), len(numbers)


async def _circles(visit: Visit) -> list[dict[str, str]]:
    none = [{"value": "", "text": shapes.say(visit, "不放进圈子")}]
    if visit.actor.member is None:
        return none
    async with visit.look() as look:
        mine = await circles.circles(look, mine=True)
    return none + [
        {"value": one.id, "text": one.name_en if visit.language == "en" and one.name_en else one.name}
        for one in mine.items
    ]


async def _gather(visit: Visit, request: Req) -> Pairs:
    typed, _ = _in_order(Typed(await gather(visit, request)))
    return for_command(visit, typed.pairs)


def _shape_new(pairs: Pairs, currency: str) -> _Written:
    from_note = next((value for name, value in pairs if name == "from_note"), "")
    new = forms.fill(NewNote, [pair for pair in pairs if pair[0] != "from_note"], currency)
    return _Written(new, from_note if ids.is_id("nte", from_note) else None)


async def _publish(work: Work, written: _Written) -> str:
    return await notes.publish_note(work, written.note, written.from_note)


def _shape_edit(pairs: Pairs, currency: str) -> EditNote:
    """Every field of the sheet counts, so a blank one takes the old words away."""
    version = next((value for name, value in pairs if name == "version"), "")
    new = forms.fill(NewNote, [pair for pair in pairs if pair[0] != "version"], currency)
    return EditNote(
        version=whole(version) or 0,
        title=new.title,
        body=new.body,
        kind=new.kind,
        media=new.media,
        circle=new.circle,
        guest_stalls=new.guest_stalls or UNSET,
        wanted=new.wanted,
        second_look=new.second_look,
    )


async def _again(request: Req, refusal: Refusal, fields: Typed) -> Response[Any]:
    typed = typed_in(request, fields)
    if refusal.code is NOT_FOUND:  # the note that was wanted is gone: the wish itself can still be published
        typed = Typed([pair for pair in typed.pairs if pair[0] != "from_note"])
    return await sheet(visit_of(request), typed, refusal)


async def _again_edit(request: Req, refusal: Refusal, fields: Typed, note: str) -> Response[Any]:
    if refusal.code is NOT_FOUND:
        raise refusal
    return await sheet(visit_of(request), typed_in(request, fields), refusal, note)


COMMANDS: list[Command] = [
    page_form(
        "publish_note_form",
        "/publish/note",
        _publish,
        _Written,
        room="notes",
        again=_again,
        gather=_gather,
        shape=_shape_new,
    ),
    page_form(
        "edit_note_form",
        "/notes/{note}/edit",
        notes.edit_note,
        EditNote,
        room="notes",
        again=_again_edit,
        gather=_gather,
        shape=_shape_edit,
    ),
]

ROUTES: list[ControllerRouterHandler] = [edit_note, new_note, one_more, show_block]
