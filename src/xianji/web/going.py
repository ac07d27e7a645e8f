"""Sending a browser on, and never to another site."""

from typing import Any
from urllib.parse import quote

from litestar import Response

# Marks with a meaning in an address; every other one travels percent-encoded, because headers hold no Chinese.
_ADDRESS_MARKS = "/?&=#%:;,@!$'()*+~"


def inside(address: str) -> str:
    """An address of our own site, or the front page: nobody is sent elsewhere by a link they were given."""
    ours = address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address
    return address if ours else "/"


def see_other(address: str) -> Response[Any]:
    """Go and look there."""
    return Response(None, status_code=303, headers={"Location": quote(address, safe=_ADDRESS_MARKS)})
