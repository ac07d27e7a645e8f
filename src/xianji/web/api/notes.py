"""Notes, the talk below them, likes and saves, and what the host decides about guests' stalls."""

from typing import Annotated, Any, Literal

import msgspec
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import notes
from xianji.domains.notes import (
    BoardFilter,
    CommentView,
    EditNote,
    Marked,
    NewComment,
    NewNote,
    NoteCard,
    NotePage,
    Thread,
)
from xianji.domains.screening import SecondLook
from xianji.kernel import ids
from xianji.kernel.pages import Page
from xianji.kernel.text import Line
from xianji.kernel.work import Look, Work
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.here import cell_from
from xianji.web.pages import blocked
from xianji.web.questions import NOTE
from xianji.web.visit import Req, visit_of

from .items import PRICE_MOST, known

BoardSort = Literal["board", "price_asc", "price_desc", "near"]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is taken out of sight."""

    reason: Line = ""


class CommentMade(msgspec.Struct, frozen=True):
    """A new comment, and the thing it brought, if any."""

    id: str
    note: str
    item: str | None


@reads("/api/v1/notes/{note:str}", operation_id="get_note", tags=["notes"])
async def get_note(
    request: Req,
    note: FromPath[str],
    unsold: FromQuery[bool] = False,
    guests: FromQuery[bool | None] = None,
    min_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    max_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    radius_km: Annotated[float | None, QueryParameter(ge=0, le=20_000)] = None,
    sort: FromQuery[BoardSort] = "board",
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
) -> NotePage:
    """One note with its board, as this viewer may see it; the queries narrow and order the board."""
    only = BoardFilter(unsold, min_price, max_price, radius_km, guests, sort)
    told = await visit_of(request).ask(NOTE, known("nte", note), only, cell_from(lat, lon))
    return told.said


@reads("/api/v1/notes/{note:str}/comments", operation_id="list_comments", tags=["notes"])
async def list_comments(
    request: Req,
    note: FromPath[str],
    sort: FromQuery[notes.CommentSort] = "new",
    cursor: FromQuery[str | None] = None,
) -> Page[Thread]:
    """The talk below a note."""
    async with visit_of(request).look() as look:
        return await notes.comments(look, known("nte", note), cursor, sort)


@reads("/api/v1/notes/{note:str}/comments/{comment:str}/replies", operation_id="list_replies", tags=["notes"])
async def list_replies(
    request: Req, note: FromPath[str], comment: FromPath[str], cursor: FromQuery[str | None] = None
) -> Page[CommentView]:
    """The replies under one comment, oldest first."""
    async with visit_of(request).look() as look:
        return await notes.replies(look, known("nte", note), known("cmt", comment), cursor)


@reads("/api/v1/drafts", operation_id="list_drafts", tags=["notes"])
async def list_drafts(request: Req, cursor: FromQuery[str | None] = None) -> Page[NoteCard]:
    """My drafts."""
    async with visit_of(request).look() as look:
        return await notes.drafts(look, cursor)


@reads("/api/v1/saved", operation_id="list_saved", tags=["notes"])
async def list_saved(request: Req, cursor: FromQuery[str | None] = None) -> Page[NoteCard]:
    """Notes I saved, newest first."""
    async with visit_of(request).look() as look:
        return await notes.saved_notes(look, cursor)


async def _note_made(look: Look, made: str, *_: str) -> NotePage:
    return await notes.note_page(look, made)


async def _note_again(look: Look, _: Any, note: str, *__: str) -> NotePage:
    return await notes.note_page(look, note)


async def _comment_made(look: Look, made: str, note: str) -> CommentMade:
    board = (await notes.note_page(look, note)).board
    return CommentMade(made, note, next((thing.card.id for thing in board.things if thing.comment == made), None))


async def _marked(_: Look, marked: Marked, *__: str) -> Marked:
    return marked


async def _remove_comment(work: Work, note: ids.NoteId, comment: ids.CommentId, why: Reason) -> None:
    """Take a comment out of sight: its author, the note's host, or a moderator."""
    await notes.remove_comment(work, note, comment, why.reason)


async def _bring_back(work: Work, note: ids.NoteId) -> None:
    """Bring my removed note back."""
    await notes.restore_note(work, note)


async def _publish_draft(work: Work, note: str, wish: SecondLook) -> None:
    """Show my draft, judged as of today; with `second_look` a person looks at what a rule blocks."""
    await notes.publish_draft(work, note, wish.second_look)


def _to_note(_: Any, note: str, *__: str) -> str:
    return f"/notes/{note}"


def _to_comment(made: str, note: str) -> str:
    return f"/notes/{note}#{made}"


def _note_verb(name: str, path: str, verb: Any, then: Any = _to_note) -> Command:
    return Command(
        f"{name}_note", f"/notes/{{note}}/{path}", verb, view=_note_again, returns=NotePage, then=then, tag="notes"
    )


def _mark(name: str, path: str, verb: Any) -> Command:
    then = (lambda _, note, comment: f"/notes/{note}#{comment}") if "{comment}" in path else _to_note
    return Command(name, path, verb, view=_marked, returns=Marked, then=then, tag="notes")


COMMANDS: list[Command] = [
    Command(
        "add_comment",
        "/notes/{note}/comments",
        notes.add_comment,
        NewComment,
        view=_comment_made,
        returns=CommentMade,
        status=201,
        tag="notes",
    ),
    Command(
        "publish_note",
        "/notes",
        notes.publish_note,
        NewNote,
        view=_note_made,
        returns=NotePage,
        status=201,
        tag="notes",
    ),
    Command(
        "edit_note",
        "/notes/{note}",
        notes.edit_note,
        EditNote,
        view=_note_again,
        returns=NotePage,
        method="PATCH",
        tag="notes",
    ),
    Command(
        "want_same",
        "/notes/{note}/want-same",
        notes.want_same,
        view=_note_made,
        returns=NotePage,
        status=201,
        tag="notes",
    ),
    Command("delete_note", "/notes/{note}", notes.remove_note, method="DELETE", tag="notes"),
    Command("remove_note", "/notes/{note}/remove", notes.remove_note, then=lambda _, __: "/me", tag="notes"),
    Command(
        "publish_draft_note",
        "/notes/{note}/publish",
        _publish_draft,
        SecondLook,
        view=_note_again,
        returns=NotePage,
        then=_to_note,
        again=blocked.again,
        tag="notes",
    ),
    _note_verb("restore", "restore", _bring_back),
    _mark("like_note", "/notes/{note}/like", notes.like_note),
    _mark("unlike_note", "/notes/{note}/unlike", notes.unlike_note),
    _mark("save_note", "/notes/{note}/save", notes.save_note),
    _mark("unsave_note", "/notes/{note}/unsave", notes.unsave_note),
    _mark("like_comment", "/notes/{note}/comments/{comment}/like", notes.like_comment),
    _mark("unlike_comment", "/notes/{note}/comments/{comment}/unlike", notes.unlike_comment),
    Command(
        "remove_comment",
        "/notes/{note}/comments/{comment}/remove",
        _remove_comment,
        Reason,
        then=lambda _, note, __: f"/notes/{note}#talk",
        tag="notes",
    ),
    Command(
        "approve_guest_item",
        "/notes/{note}/items/{item}/approve",
        notes.approve_guest_item,
        view=_note_again,
        returns=NotePage,
        then=lambda _, note, __: f"/notes/{note}#board",
        tag="notes",
    ),
    Command(
        "refuse_guest_item",
        "/notes/{note}/items/{item}/reject",
        notes.refuse_guest_item,
        view=_note_again,
        returns=NotePage,
        then=lambda _, note, __: f"/notes/{note}#board",
        tag="notes",
    ),
]

ROUTES: list[ControllerRouterHandler] = [get_note, list_comments, list_drafts, list_replies, list_saved]
