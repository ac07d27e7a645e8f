"""What is kept about me: take it along, or leave."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import members
from xianji.kernel.errors import Refusal
from xianji.web import belongings, render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of


@get("/settings/privacy", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """The download, and the form to delete the account with what stands in its way."""
    return await _page(visit_of(request), {}, None)


async def again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The form with what was typed and why it was refused."""
    return await _page(visit_of(request), typed, refusal)


async def _page(visit: Visit, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        mine = await members.me(look)
        open_orders = await belongings.blockers(look)
    return render.sheet(
        visit,
        "pages/privacy.html",
        title="我的数据与隐私",
        back="/settings",
        status=STATUS[refusal.code.kind] if refusal else 200,
        handle=mine.card.handle,
        open_orders=open_orders,
        typed=typed,
        errors=beside(visit, refusal, {"confirm"}),
    )


@get("/settings/privacy/export", include_in_schema=False)
async def download(request: Req) -> Response[bytes]:
    """Everything about me as one JSON file."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await belongings.everything(look, visit.actor.me)
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    name = f"xianji-{visit.badge.handle}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


def deleted(_result: Any) -> str:
    """Where a browser goes when the account is gone."""
    return "/?ok=left"


ROUTES: list[ControllerRouterHandler] = [show, download]
