"""What a carrier's service tells us. Nobody is signed in here; only a signature that verifies is written down."""

import structlog
from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import parcels
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import SYSTEM
from xianji.web.visit import Req, visit_of


@post("/hooks/parcels/{service:str}", include_in_schema=False, status_code=200)
async def parcel_news(request: Req, service: FromPath[str]) -> Response[bytes]:
    """Write down what is new; the carrier is asked before anything follows from it."""
    visit = visit_of(request)
    port = visit.house.ports.tracking
    if port is None or service != visit.house.settings.tracking:
        raise NOT_FOUND()
    try:
        pushed = port.read_push(dict(request.headers), await request.body())
    except parcels.PushRefused as refused:
        structlog.get_logger().warning("parcel_news_not_believed", service=service, why=str(refused))
        return Response(b"", status_code=401)
    async with visit.database.work(SYSTEM) as work:
        await parcels.note_push(work, pushed.carrier, pushed.waybill, pushed.told)
    return Response(port.push_answer(), media_type="application/json")


ROUTES: list[ControllerRouterHandler] = [parcel_news]
