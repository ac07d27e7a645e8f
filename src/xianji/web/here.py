"""Where the visitor says they are: a grid cell, never a point. The browser keeps it in a cookie."""

from xianji.domains import items
from xianji.kernel.errors import Code, Kind

from .visit import Req

PLACE_NOT_VALID = Code("place_not_valid", Kind.MALFORMED, field="lat")
COOKIE = "cell"


def cell_from(lat: float | None, lon: float | None) -> int | None:
    """The cell of a point given in an address; None when it is not complete. Refuses `place_not_valid`."""
    if lat is None or lon is None:
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise PLACE_NOT_VALID()
    return items.cell_of(lat, lon)


def cell_of(request: Req) -> int | None:
    """The cell the visitor's browser remembers; anything that is not a cell of our grid is nothing."""
    kept = request.cookies.get(COOKIE, "")
    if not (kept.isascii() and kept.isdigit() and len(kept) <= 20):
        return None
    return int(kept) if items.is_cell(int(kept)) else None
