"""QR codes of pages, drawn when they come into sight: one costs more time than the page that shows it."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import is_id
from xianji.web import sharing
from xianji.web.visit import Req, visit_of

_PAGES = {"itm": "/items/", "nte": "/notes/"}
_DAY_SECONDS = 86_400


@get("/qr/{subject:str}", include_in_schema=False, sync_to_thread=False)
def show_qr(request: Req, subject: FromPath[str]) -> Response[Any]:
    """The address of an item or a note as a picture. It says nothing of whether there is one: that page answers."""
    prefix = subject[:3]
    if prefix not in _PAGES or not is_id(prefix, subject):
        raise NOT_FOUND()
    address = visit_of(request).house.settings.base_url + _PAGES[prefix] + subject
    return Response(
        sharing.qr(address),
        media_type="image/svg+xml",
        headers={"Cache-Control": f"public, max-age={_DAY_SECONDS}"},
    )


ROUTES: list[ControllerRouterHandler] = [show_qr]
