"""Many things at once: a picture each, or the rows of a table; every row gets its own answer."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.types import ControllerRouterHandler

from xianji.domains import items
from xianji.domains.items import RowResult
from xianji.domains.media import media_url
from xianji.kernel import idempotency
from xianji.kernel.errors import Code, Refusal
from xianji.kernel.idempotency import Answer
from xianji.kernel.words import catalogue
from xianji.web import forms, render
from xianji.web.api.items import Batch, take_table
from xianji.web.api.media import FILE_MISSING
from xianji.web.commands import LONGEST_KEY
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, for_command, gather, status_of, typed_in
from xianji.web.visit import Req, Visit, visit_of

from .sign_in import fields

_MOST = 60


@get("/publish/batch", include_in_schema=False)
async def choose_pictures(request: Req) -> Response[Any]:
    """The first step: many pictures."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/publish/batch")
    return _batch(visit, Typed())


@post("/publish/batch/name", include_in_schema=False)
async def name_pictures(request: Req) -> Response[Any]:
    """The second step: a name and a price for each picture."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  refuse strangers before taking files in
    try:
        typed = Typed(await gather(visit, request))
    except Refusal as refusal:
        return _batch(visit, typed_in(request, Typed()), refusal)
    pictures = typed.all("media")[:_MOST]
    return _batch(visit, Typed([(f"items.{number}.media", one) for number, one in enumerate(pictures)]))


@post("/publish/batch", include_in_schema=False)
async def publish_all(request: Req) -> Response[Any]:
    """Publish what was named; pressing twice publishes once."""
    visit = visit_of(request)
    pairs = await gather(visit, request)
    typed = Typed(pairs)
    try:
        rows = await _publish(visit, pairs, typed.get("_key", ""))
    except Refusal as refusal:
        return _batch(visit, typed, refusal)
    return _result(visit, rows, "/publish/batch")


async def _publish(visit: Visit, pairs: Pairs, key: str) -> list[RowResult]:
    batch = forms.fill(Batch, for_command(visit, pairs), visit.house.here.currency)
    async with visit.work() as work:

        async def do() -> Answer:
            return Answer(200, "", msgspec.json.encode(await items.publish_many(work, batch.items)))

        body = msgspec.json.encode([pair for pair in pairs if pair[0] != "_csrf_token"])
        answer = await (idempotency.once(work, key[:LONGEST_KEY], b"publish_batch\n" + body, do) if key else do())
    return msgspec.json.decode(answer.body, type=list[RowResult])


def _batch(visit: Visit, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    named = [(name, value) for name, value in typed.pairs if name.endswith(".media") and value.strip()]
    return render.sheet(
        visit,
        "pages/publish_batch.html",
        title="批量发布",
        back="/publish",
        status=status_of(refusal),
        typed=typed,
        errors=errors_of(visit, refusal),
        rows=[{"prefix": name.removesuffix("media"), "id": one, "src": media_url(one, 320)} for name, one in named],
    )


@get("/publish/import", include_in_schema=False)
async def choose_table(request: Req) -> Response[Any]:
    """Choose a table."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/publish/import")
    return _import(visit, "")


@post("/publish/import", include_in_schema=False)
async def import_table(request: Req) -> Response[Any]:
    """Publish the rows of the table and say what became of each."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  refuse strangers before reading the file
    columns = (await fields(request)).get("columns", "")
    try:
        file = (await request.form()).get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise FILE_MISSING()
        rows = await take_table(visit, await file.read(), columns)
    except Refusal as refusal:
        return _import(visit, columns, refusal)
    return _result(visit, rows, "/publish/import")


def _import(visit: Visit, columns: str, refusal: Refusal | None = None) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/publish_import.html",
        title="从表格导入",
        back="/publish",
        status=status_of(refusal),
        columns=columns,
        errors=errors_of(visit, refusal),
    )


def _result(visit: Visit, rows: list[RowResult], again: str) -> Response[Any]:
    return render.sheet(
        visit,
        "pages/publish_result.html",
        title="上架结果",
        back="/me",
        rows=[
            {"row": one.row, "item": one.item, "field": one.facts.get("field", ""), "why": _why(visit, one)}
            for one in rows
        ],
        good=sum(one.item is not None for one in rows),
        bad=sum(one.item is None for one in rows),
        again=again,
    )


def _why(visit: Visit, row: RowResult) -> str:
    if row.code is None or row.code not in Code.catalogue:
        return ""
    return catalogue("refusals")[row.code][visit.language].format(**row.facts)


ROUTES: list[ControllerRouterHandler] = [choose_pictures, choose_table, import_table, name_pictures, publish_all]
