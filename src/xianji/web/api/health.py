"""For the people who keep it running: is it alive, how is it doing; and the stream that keeps open pages fresh."""

import secrets
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from xianji.domains import orders, payments, search
from xianji.kernel import outbox
from xianji.kernel.errors import NOT_FOUND
from xianji.web.visit import Req, Visit, visit_of

_MONEY = Gauge("xianji_payment_troubles", "What finance must look at", ["what"])
_LAG = Gauge("xianji_outbox_waiting", "Events that reactions have not handled yet")
_UNFOUND = Gauge("xianji_search_behind_events", "Events that this node's search index has not read yet")

MOST_WATCHED = 50


@get("/healthz", include_in_schema=False)
async def healthz(request: Req) -> Response[str]:
    """200 when the database answers."""
    async with visit_of(request).look() as look:
        await look.db.fetchval("select 1")
    return Response("ok", media_type="text/plain")


@get("/metrics", include_in_schema=False)
async def metrics(request: Req) -> Response[bytes]:
    """Prometheus metrics of this process, and how far reactions lag behind the outbox; nobody else finds them."""
    visit = visit_of(request)
    if not (_from_here(request, visit) or _has_token(request, visit)):
        raise NOT_FOUND()
    async with visit.look() as look:
        cursor = await outbox.cursor_of(look, "reactions")
        waiting = await look.db.fetchval(
            "select count(*) from outbox where (transaction, sequence) > ($1, $2)", *cursor
        )
        unfound = await search.behind(look, visit.house.index)
        troubles = await payments.troubles(look) | await orders.books_troubles(look)
    _LAG.set(waiting)
    _UNFOUND.set(unfound)
    for what, count in troubles.items():
        _MONEY.labels(what).set(count)
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


def _from_here(request: Req, visit: Visit) -> bool:
    """Whether the caller is on this machine and no proxy speaks for somebody else."""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return visit.origin in ("127.0.0.1", "::1") and not forwarded


def _has_token(request: Req, visit: Visit) -> bool:
    token = visit.house.settings.metrics_token
    sent = request.headers.get("authorization", "").encode()
    return bool(token) and secrets.compare_digest(sent, f"Bearer {token}".encode())


@get("/api/v1/events", operation_id="stream_events", tags=["events"], media_type="text/event-stream")
async def stream_events(
    request: Req,
    watch: Annotated[str, QueryParameter(description="ids to watch, separated by commas", max_length=2000)] = "",
) -> Stream:
    """Server-sent events: `changed` with the id of a watched thing whenever something happened to it."""
    visit = visit_of(request)
    watched = [one for one in watch.split(",") if one][:MOST_WATCHED]
    return Stream(
        visit.house.live.listen(watched),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


ROUTES: list[ControllerRouterHandler] = [healthz, metrics, stream_events]
