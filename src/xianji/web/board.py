"""The board of a note as its address asks for it: which filters are on, and the chips that turn them."""

from typing import Any
from urllib.parse import urlencode

from xianji.domains.notes import BoardFilter, NotePage
from xianji.kernel.money import parse_decimal

from . import shapes
from .forms import Typed
from .visit import Reader

_SORTS: dict[str, Any] = {"cheap": "price_asc", "near": "near"}
_ASKED = ("unsold", "guests", "sort", "low", "high")


def read(reader: Reader, typed: Typed) -> BoardFilter:
    """The filter in an address; what cannot be read does not narrow."""

    def amount(name: str) -> int | None:
        written = typed.get(name, "").strip()
        return parse_decimal(written, reader.house.here.currency) if written else None

    return BoardFilter(
        unsold=typed.get("unsold") == "1",
        low=amount("low"),
        high=amount("high"),
        guests=True if typed.get("guests") == "1" else None,
        sort=_SORTS.get(typed.get("sort", ""), "board"),
    )


def controls(reader: Reader, page: NotePage, typed: Typed, placed: bool) -> dict[str, Any]:
    """Chips and the price form of a note's board. `placed`: the visitor's cell is known."""
    on = {name: typed.get(name, "").strip() for name in _ASKED if typed.get(name, "").strip()}
    chips = [_link(reader, "全部", page, {}, not on)]
    chips.append(_switch(reader, "没卖掉的", page, on, "unsold", "1", page.board.unsold))
    chips.append(_switch(reader, "便宜的在前", page, on, "sort", "cheap"))
    chips.append(_switch(reader, "近的在前", page, on, "sort", "near"))
    if page.board.guests:
        chips.append(_switch(reader, "来摆摊的", page, on, "guests", "1", page.board.guests))
    return {
        "filters": chips,
        "action": f"/notes/{page.id}#board",
        "low": on.get("low", ""),
        "high": on.get("high", ""),
        "kept": {name: value for name, value in on.items() if name not in ("low", "high")},
        "narrowed": bool(set(on) - {"sort"}),
        "everything": f"/notes/{page.id}#board",
        "lost": on.get("sort") == "near" and not placed,
    }


def _switch(
    reader: Reader, text: str, page: NotePage, on: dict[str, str], name: str, value: str, count: int | None = None
) -> dict[str, Any]:
    """A chip that turns one filter on, or off again, and leaves the others."""
    lit = on.get(name) == value
    others = {other: kept for other, kept in on.items() if other != name}
    return _link(reader, text, page, others if lit else others | {name: value}, lit, count)


def _link(
    reader: Reader, text: str, page: NotePage, asked: dict[str, str], lit: bool, count: int | None = None
) -> dict[str, Any]:
    query = "?" + urlencode(asked) if asked else ""
    return {"text": shapes.say(reader, text), "href": f"/notes/{page.id}{query}#board", "on": lit, "count": count}
