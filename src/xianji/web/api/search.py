"""Search: what fits some words and wishes, and lines to suggest while somebody types."""

from typing import Annotated

from litestar.params import FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import search
from xianji.domains.items import Condition, Handover
from xianji.domains.search import Ask, Days, Found, Kind, SellerKind, Sort, Suggestion
from xianji.kernel.pages import PAGE_SIZE
from xianji.web import questions
from xianji.web.answers import reads
from xianji.web.here import cell_from
from xianji.web.visit import Req, visit_of

from .items import PRICE_MOST

LONGEST = 500
FURTHEST_KM = 1000


@reads("/api/v1/search", operation_id="search", tags=["search"])
async def get_search(
    request: Req,
    q: Annotated[str, QueryParameter(max_length=LONGEST)] = "",
    kind: FromQuery[Kind] = "item",
    category: FromQuery[str | None] = None,
    attributes: Annotated[list[str] | None, QueryParameter(max_items=20)] = None,
    min_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    max_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    condition: FromQuery[list[Condition] | None] = None,
    handover: FromQuery[Handover | None] = None,
    seller_type: FromQuery[SellerKind | None] = None,
    circle: FromQuery[str | None] = None,
    city: FromQuery[str | None] = None,
    free: FromQuery[bool] = False,
    wanted: FromQuery[bool] = False,
    days: FromQuery[Days | None] = None,
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
    radius_km: Annotated[float | None, QueryParameter(gt=0, le=FURTHEST_KM)] = None,
    sort: FromQuery[Sort] = "best",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = PAGE_SIZE,
) -> Found:
    """What fits, best first; prices in minor units, `attributes` as `name=value`. Facets come with the first."""
    ask = Ask(
        text=q,
        kind=kind,
        category=category,
        attributes=tuple(attributes or ()),
        low=min_price,
        high=max_price,
        conditions=tuple(condition or ()),
        handover=handover,
        seller_type=seller_type,
        circle=circle,
        city=city,
        free=free,
        wanted=wanted,
        days=days,
        cell=cell_from(lat, lon),
        radius_km=radius_km,
        sort=sort,
    )
    return (await questions.found(visit_of(request), ask, cursor, limit)).said


@reads("/api/v1/search/suggestions", operation_id="suggest_searches", tags=["search"])
async def get_suggestions(request: Req, q: Annotated[str, QueryParameter(max_length=LONGEST)] = "") -> list[Suggestion]:
    """What begins like `q`, in characters, pinyin or first letters; the likeliest first."""
    visit = visit_of(request)
    async with visit.look() as look:
        return search.suggest(look, visit.house.index, q, visit.language)


ROUTES: list[ControllerRouterHandler] = [get_search, get_suggestions]
