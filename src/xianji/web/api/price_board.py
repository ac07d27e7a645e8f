"""The market board: what things were really sold for."""

from typing import Annotated, Literal

from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import items, prices
from xianji.domains.prices import ModelPage, PriceBoard, PriceContext
from xianji.kernel.errors import NOT_FOUND
from xianji.web.answers import reads
from xianji.web.questions import MODEL_PRICES, PRICE_BOARD
from xianji.web.visit import Req, Visit, visit_of

Condition = Literal["", "new", "like_new", "light_wear", "used", "heavy_wear"]


@reads("/api/v1/prices", operation_id="get_prices", tags=["prices"])
async def get_board(
    request: Req,
    category: FromQuery[str | None] = None,
    q: Annotated[str, QueryParameter(max_length=80)] = "",
) -> PriceBoard:
    """The board: rising, falling and most traded models, and the categories; with `q` the models of that name."""
    if category is not None and category not in items.all_categories():
        raise NOT_FOUND()
    return (await visit_of(request).ask(PRICE_BOARD, category, q.strip())).said


@reads("/api/v1/prices/{model:str}", operation_id="get_model_prices", tags=["prices"])
async def get_model(request: Req, model: FromPath[str]) -> ModelPage:
    """What a model was sold for: its figures, its parts, its past. Refuses `not_found` for a code not in the list."""
    return (await visit_of(request).ask(MODEL_PRICES, model)).said


@reads("/api/v1/price-hints", operation_id="get_price_hint", tags=["prices"])
async def get_hint(
    request: Req,
    title: Annotated[str, QueryParameter(max_length=200)],
    category: Annotated[str, QueryParameter(max_length=40)] = "",
    condition: FromQuery[Condition] = "",
) -> PriceContext | None:
    """What things described so were sold for; null when the words do not say surely which model it is."""
    return await hint_for(visit_of(request), title, category, condition)


async def hint_for(visit: Visit, title: str, category: str, condition: str) -> PriceContext | None:
    """The same for the publishing sheet."""
    async with visit.look() as look:
        return await prices.price_context(look, title, category or None, {}, condition or None)


ROUTES: list[ControllerRouterHandler] = [get_board, get_hint, get_model]
