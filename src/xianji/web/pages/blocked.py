"""A draft that a rule blocks: what the rule says, and the way to a person without changing a word."""

from typing import Any

from litestar import Response

from xianji.domains.screening import SCREENED_OUT
from xianji.kernel.errors import Refusal
from xianji.web import render, rulings
from xianji.web.forms import Typed
from xianji.web.refused import STATUS
from xianji.web.visit import Req, visit_of


async def again(request: Req, refusal: Refusal, _typed: Typed, _draft: str) -> Response[Any]:
    """What stands in the way of this draft, for the form that published it."""
    if refusal.code is not SCREENED_OUT:
        raise refusal
    visit, path = visit_of(request), request.url.path
    draft = path.removesuffix("/publish")
    return render.sheet(
        visit,
        "pages/blocked.html",
        title="还没发出去",
        back=draft,
        status=STATUS[refusal.code.kind],
        action=path,
        edit=f"{draft}/edit",
        said=rulings.explained(visit, refusal),
    )
