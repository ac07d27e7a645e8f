"""What a payment provider tells us. Nobody is signed in here; only a signature that verifies is believed."""

import structlog
from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import payments
from xianji.domains.payments import EventRefused
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import SYSTEM
from xianji.web import paying
from xianji.web.visit import Req, visit_of


@post("/hooks/payments/{provider:str}", include_in_schema=False, status_code=200)
async def payment_event(request: Req, provider: FromPath[str]) -> Response[bytes]:
    """Keep a verified fact and book it; anything but 2xx makes the provider tell it again.

    Why a call is not believed is in our log and never in the answer.
    """
    visit = visit_of(request)
    port = visit.house.ports.payment
    if port is None or provider != visit.house.settings.payment_provider:
        raise NOT_FOUND()
    try:
        fact = port.verify_event(dict(request.headers), await request.body(), visit.database.clock.now())
    except EventRefused as refused:
        structlog.get_logger().warning("payment_event_not_believed", provider=provider, code=refused.code)
        return Response(b"", status_code=401)
    async with visit.database.work(SYSTEM) as work:
        received = await payments.receive(work, provider, fact)
    if received == "refused":
        structlog.get_logger().error("payment_event_does_not_fit", provider=provider, event=fact.event_id)
        return Response(b"", status_code=409)
    await paying.book(visit.database, provider, fact.event_id)
    return Response(b"success")  # the very word Alipay waits for; the others only look at the status


ROUTES: list[ControllerRouterHandler] = [payment_event]
