"""What rises, made into topics in one step; and the support that campaigns were promised."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import feed, notes
from xianji.domains.feed import NewQuota
from xianji.domains.notes import GatherTopic
from xianji.kernel.errors import MALFORMED, NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.web import forms, render
from xianji.web.errors import beside
from xianji.web.forms import Typed
from xianji.web.going import see_other
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from . import desk
from .gate import bar

_HERE = "/console/feed"
_DECIDED = f"{_HERE}?ok=decided"


@get("/console/feed", include_in_schema=False)
async def feed_desk(request: Req) -> Response[Any]:
    """Rising pairs of topics, and quotas."""
    visit = visit_of(request)
    return await bar(visit) or await _page(visit, Typed(), None)


async def _page(visit: Visit, typed: Typed, refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        pairs, found = await feed.rising(look), await feed.quotas(look)
    lines = [
        [
            *desk.cells(f"#{one.topic}", one.label, f"{one.used} / {one.quota}"),
            desk.at(visit, one.starts_at),
            desk.at(visit, one.ends_at),
            desk.press(visit, "停下", f"{_HERE}/quotas/{one.id}/end"),
        ]
        for one in found
    ]
    return desk.page(
        visit,
        "pages/console_feed.html",
        _HERE,
        status=STATUS[refusal.code.kind] if refusal else 200,
        pairs=pairs,
        heads=desk.heads(visit, "话题", "卡片上写", "已给 / 额度", "开始", "结束", ""),
        lines=lines,
        typed=typed,
        errors=beside(visit, refusal, {"name", "topic", "label", "quota", "starts_at", "ends_at"}),
    )


@post("/console/feed/topics", include_in_schema=False)
async def make_topic(request: Req) -> Response[Any]:
    """Make a topic page of topics that people write together."""
    return await _carried_out(request, _gather)


async def _gather(visit: Visit, typed: Typed) -> str:
    async with visit.work() as work:
        ask = forms.converted(GatherTopic, {"name": typed.get("name", ""), "tags": typed.all("tags")})
        return f"/topics/{quote(await notes.gather_topic(work, ask))}"


@post("/console/feed/quotas", include_in_schema=False)
async def grant(request: Req) -> Response[Any]:
    """Promise a campaign so many labelled impressions."""
    return await _carried_out(request, _promise)


async def _promise(visit: Visit, typed: Typed) -> str:
    said = {name: typed.get(name, "") for name in ("topic", "label", "quota")}
    times = {name: _moment(visit, name, typed.get(name, "")) for name in ("starts_at", "ends_at")}
    async with visit.work() as work:
        await feed.grant_quota(work, forms.converted(NewQuota, said | times))
    return _DECIDED


async def _carried_out(request: Req, deed: Callable[[Visit, Typed], Awaitable[str]]) -> Response[Any]:
    """Do what a form of this page asks and go where the deed leads; what is refused is said beside its field."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    typed = Typed(await forms.pairs(request))
    try:
        return see_other(await deed(visit, typed))
    except Refusal as refusal:
        return await _page(visit, typed, refusal)


def _moment(visit: Visit, field: str, text: str) -> str:
    """The moment typed in the operator's zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(visit.zone)).isoformat()
    except ValueError:
        raise MALFORMED(why=text, field=field) from None


@post("/console/feed/quotas/{quota:str}/end", include_in_schema=False)
async def stop(request: Req, quota: FromPath[str]) -> Response[Any]:
    """Stop handing out a quota."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    if not is_id("qta", quota):
        raise NOT_FOUND()
    async with visit.work() as work:
        await feed.end_quota(work, quota, render.translate(visit, "停下"))
    return see_other(_DECIDED)


ROUTES: list[ControllerRouterHandler] = [feed_desk, make_topic, grant, stop]
