"""The market board 开盘看涨: what things are really sold for, a page for each model, and a hint while publishing."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import items, prices
from xianji.domains.prices import ModelPage, PriceBoard
from xianji.web import price_words, render, shapes
from xianji.web.api.price_board import hint_for
from xianji.web.forms import Typed
from xianji.web.questions import MODEL_PRICES, PRICE_BOARD
from xianji.web.visit import Reader, Req, visit_of


@get("/prices", include_in_schema=False)
async def show_board(
    request: Req, category: FromQuery[str] = "", q: Annotated[str, QueryParameter(max_length=80)] = ""
) -> Response[Any]:
    """Rising, falling and most traded models, of all categories or one; with `q` the models of that name."""
    visit = visit_of(request)
    chosen = category if category in items.all_categories() else None
    told = await visit.ask(PRICE_BOARD, chosen, q.strip())
    return render.kept(visit, "pages/prices.html", _board, told, chosen, q.strip())


def _board(reader: Reader, told: PriceBoard, category: str | None, text: str) -> dict[str, Any]:
    return {
        "q": text,
        "found": None if told.found is None else [price_words.line(reader, one) for one in told.found],
        "rising": [price_words.line(reader, one) for one in told.rising],
        "falling": [price_words.line(reader, one) for one in told.falling],
        "busiest": [price_words.line(reader, one) for one in told.busiest],
        "categories": _chips(reader, told, category),
        "of": next((_category(reader, one) for one in told.categories if one.code == category), None),
        "demo": any(line.figures and line.figures.demo for line in told.busiest),
    }


def _chips(reader: Reader, told: PriceBoard, category: str | None) -> list[dict[str, Any]]:
    names = items.all_categories()
    chips = [
        {
            "text": names[one.code].name.zh if reader.language == "zh" else names[one.code].name.en,
            "href": "/prices?" + urlencode({"category": one.code}),
            "on": one.code == category,
            "count": one.figures.trades,
        }
        for one in told.categories
        if one.code in names
    ]
    return [{"text": shapes.say(reader, "全部"), "href": "/prices", "on": category is None, "count": None}, *chips]


def _category(reader: Reader, one: prices.CategoryLine) -> dict[str, Any]:
    return {
        "spread": price_words.spread(reader, one.figures),
        "sample": price_words.sample(reader, one.figures),
        "change": price_words.change(reader, one.figures),
    }


@get("/prices/{model:str}", include_in_schema=False)
async def show_model(request: Req, model: FromPath[str]) -> Response[Any]:
    """What one model is sold for."""
    visit = visit_of(request)
    return render.kept(visit, "pages/price_model.html", _model, await visit.ask(MODEL_PRICES, model))


def _model(reader: Reader, page: ModelPage) -> dict[str, Any]:
    shown = page.figures if page.figures and page.figures.middle else None
    return {
        "model": page,
        "shown": shown,
        "spread": price_words.spread(reader, shown) if shown else "",
        "sample": price_words.sample(reader, shown) if shown else price_words.too_few(reader, page.figures, page.needs),
        "change": price_words.change(reader, shown),
        "chart": price_words.chart(reader, page),
        "cuts": [
            {
                "name": price_words.cut_name(reader, cut.name),
                "middle": cut.figures.middle,
                "spread": price_words.spread(reader, cut.figures),
                "trades": cut.figures.trades,
            }
            for cut in page.cuts
        ],
    }


@get("/publish/price-hint", include_in_schema=False)
async def show_hint(request: Req) -> Response[Any]:
    """What things like the one being described were sold for, as a line under its price."""
    visit = visit_of(request)
    typed = Typed([(name, value[:200]) for name, value in request.query_params.multi_items()])
    told = await hint_for(visit, typed.get("title", ""), typed.get("category", ""), typed.get("condition", ""))
    return render.page(visit, "pages/price_hint.html", context=price_words.context(visit, told))


ROUTES: list[ControllerRouterHandler] = [show_board, show_hint, show_model]
