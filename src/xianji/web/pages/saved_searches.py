"""What I look for again and again: saving the search that is shown, and the list of those I saved."""

from typing import Annotated, Any, cast

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from xianji.domains import items, search
from xianji.domains.search import Ask, Frequency, SavedSearch, SaveSearch
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.web import filters, render, shapes, things_form
from xianji.web.forms import Pairs, Typed, pairs
from xianji.web.going import see_other
from xianji.web.here import cell_of
from xianji.web.refused import STATUS
from xianji.web.typed import errors_of
from xianji.web.visit import Req, Visit, visit_of

from .search import address_of, read_ask

_LONGEST_NAME = 40
_RHYTHMS: dict[Frequency, str] = {"instant": "有新的马上说", "daily": "每天说一次", "never": "不用告诉我"}


class SaveForm(msgspec.Struct, frozen=True):
    """The fields of a search's address, as they stood there, and where the visitor is."""

    typed: list[tuple[str, str]]
    cell: Annotated[int, Meta(ge=0)] | None = None


async def gather(_visit: Visit, request: Req) -> Pairs:
    """The fields of the form, with the place that the search was made from."""
    cell = cell_of(request)
    return [*await pairs(request), *([("cell", str(cell))] if cell else [])]


def wish(sent: Pairs, _currency: str) -> SaveForm:
    """The fields of a search as a form sends them."""
    cell = next((value for name, value in sent if name == "cell"), "")
    return SaveForm([pair for pair in sent if pair[0] != "cell"], int(cell) if cell.isascii() and cell.isdigit() else None)


async def save(visit: Visit, form: SaveForm) -> str:
    """Save a search under its own words; returns its id. Refuses what `search.save_search` refuses."""
    ask, _ = read_ask(visit, Typed(form.typed), form.cell)
    name = (ask.text or ", ".join(_wishes(visit, ask)) or shapes.say(visit, "宝贝"))[:_LONGEST_NAME]
    async with visit.work() as work:
        return await search.save_search(work, SaveSearch(name, ask))
