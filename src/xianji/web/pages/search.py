"""The page of search: words and wishes in the address, what fits below, and help where nothing does."""

from typing import Any, cast, get_args
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import circles, items
from xianji.domains.search import Ask, Found, Kind, Sort
from xianji.web import questions, render, shapes, things_form
from xianji.web.api.search import FURTHEST_KM, LONGEST
from xianji.web.forms import Typed
from xianji.web.here import cell_of
from xianji.web.paths import topic_address
from xianji.web.visit import Req, Visit, visit_of

from .circles import circle_card
from .market import read_filter

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("item", "宝贝"),
    ("note", "笔记"),
    ("member", "人"),
    ("circle", "圈子"),
    ("topic", "话题"),
)
_SORTS: tuple[tuple[Sort, str], ...] = (
    ("best", "最合适"),
    ("new", "最新"),
    ("near", "离我近"),
    ("price_asc", "价格从低"),
    ("price_desc", "价格从高"),
)
_SELLERS = (("", "都行"), ("individual", "个人卖家"), ("professional", "职业卖家"))
_DAYS = (("", "不限时间"), ("1", "1 天内"), ("3", "3 天内"), ("7", "7 天内"), ("14", "14 天内"))
_RADII = (("", "不限距离"), ("1", "1 km"), ("3", "3 km"), ("5", "5 km"), ("10", "10 km"), ("50", "50 km"))
# Fields of the form of each kind in the order of the address; words, kind, category and order have their own controls.
_NARROWING: dict[Kind, tuple[str, ...]] = {
    "item": ("low", "high", "condition", "handover", "seller", "city", "circle", "days", "km", "free", "attribute"),
    "note": ("seller", "city", "circle", "days", "km", "free", "wanted"),
    "member": ("seller", "city"),
    "circle": ("city",),
    "topic": (),
}
_ORDERS: dict[Kind, tuple[Sort, ...]] = {
    "item": ("best", "new", "near", "price_asc", "price_desc"),
    "note": ("best", "new", "near"),
    "member": ("best", "new"),
    "circle": ("best", "new"),
    "topic": (),
}
# Wishes of `Ask` and the fields that hold them, for "look without this".
_FIELDS = {
    "category": ("category",),
    "attributes": ("attribute",),
    "price": ("low", "high"),
    "conditions": ("condition",),
    "handover": ("handover",),
    "seller_type": ("seller",),
    "circle": ("circle",),
    "city": ("city",),
    "free": ("free",),
    "wanted": ("wanted",),
    "days": ("days",),
    "radius_km": ("km",),
}
_WITHOUT = {
    "category": "不限分类",
    "attributes": "不限规格",
    "price": "不限价格",
    "conditions": "不限成色",
    "handover": "不限交付方式",
    "seller_type": "不限卖家",
    "circle": "不限圈子",
    "city": "不限城市",
    "free": "不只看免费送",
    "wanted": "不只看求购",
    "days": "不限时间",
    "radius_km": "不限距离",
}


@get("/search", include_in_schema=False)
async def show_search(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What fits the words and wishes of the address; with `cursor` over htmx only the next cards."""
    visit = visit_of(request)
    typed = _fitting([(name, value) for name, value in request.query_params.multi_items() if isinstance(value, str)])
    ask, errors = read_ask(visit, typed, cell_of(request))
    found = (await questions.found(visit, ask, cursor)).said
    circle = await _circle_name(visit, ask.circle) if ask.circle else ""
    if found.shortcuts and not found.count:  # a deed was meant, and what shares a character with it was not
        found = msgspec.structs.replace(found, items=[], next_cursor=None)
    choices = _choices(visit, ask, found, circle)
    more = _address(typed, cursor=found.next_cursor) if found.next_cursor else None
    if cursor and visit.htmx and ask.kind in ("item", "note"):
        return render.page(visit, "pages/feed_more.html", cards=_cards(visit, found), more=more)
    return render.page(
        visit,
        "pages/search.html",
        typed=typed,
        errors=errors,
        ask=ask,
        kinds=[_link(visit, text, _address(typed, kind=kind, category=""), kind == ask.kind) for kind, text in _KINDS],
        sorts=[
            _link(visit, text, _address(typed, sort=one), one == ask.sort)
            for one, text in _SORTS
            if one in _ORDERS[ask.kind]
        ],
        fields=[name for name in _NARROWING[ask.kind] if name != "city" or choices["cities"]],
        categories=_categories(visit, ask, typed, found),
        **choices,
        narrowed=sum(1 for name in _NARROWING[ask.kind] if typed.get(name, "").strip()),
        everything=_address(Typed([("q", ask.text), ("kind", ask.kind), ("category", ask.category or "")])),
        lost=ask.cell is None and (ask.sort == "near" or bool(typed.get("km"))),
        count=found.count,
        cards=_cards(visit, found),
        near_from=len(found.items) if found.near_from is None else found.near_from,
        shortcuts=[{"href": one.href, "text": one.zh if visit.language == "zh" else one.en} for one in found.shortcuts],
        help=_help(visit, typed, found),
        more=more,
        asked=_asked(typed),
    )


async def _circle_name(visit: Visit, circle: str) -> str:
    async with visit.look() as look:
        return next((card.name for card in await circles.cards(look, [circle])), "")


def _fitting(pairs: list[tuple[str, str]]) -> Typed:
    """What was asked, without the wishes that this kind does not know: going from things to people drops the price."""
    typed = Typed(pairs)
    kind = _kind(typed)
    own = {"q", "kind", "sort", *(("category",) if kind == "item" else ()), *_NARROWING[kind]}
    return Typed([pair for pair in pairs if pair[0] in own])


def read_ask(visit: Visit, typed: Typed, cell: int | None) -> tuple[Ask, dict[str, str]]:
    """The address as a question, and what in it could not be read; that part does not narrow."""
    only, errors = read_filter(visit, typed)
    kind, days, km = _kind(typed), typed.get("days", ""), typed.get("km", "")
    ask = Ask(
        text=typed.get("q", "")[:LONGEST],
        kind=kind,
        category=only.category,
        attributes=tuple(typed.all("attribute")[:20]),
        low=only.low,
        high=only.high,
        conditions=only.conditions,
        handover=only.handover,
        seller_type=cast(Any, _known(typed.get("seller"), ("individual", "professional"), None)),
        circle=typed.get("circle") or None,
        city=typed.get("city", "").strip() or None,
        free=only.free,
        wanted=kind == "note" and typed.get("wanted", "") == "1",
        days=cast(Any, int(days) if days in dict(_DAYS) and days else None),
        cell=cell,
        radius_km=min(int(km), FURTHEST_KM) if km.isascii() and km.isdigit() and int(km[:6]) > 0 else None,
        sort=cast(Sort, _known(typed.get("sort"), get_args(Sort), "best")),
    )
    return ask, errors


def _kind(typed: dict[str, str]) -> Kind:
    return cast(Kind, _known(typed.get("kind"), get_args(Kind), "item"))


def _known(given: str | None, words: tuple[str, ...], otherwise: str | None) -> str | None:
    return given if given in words else otherwise


def _choices(visit: Visit, ask: Ask, found: Found, circle: str) -> dict[str, Any]:
    """What the filter sheet offers; only what something found has, and what was chosen."""
    cities = [one.value for one in found.facets.get("city", [])]
    return {
        "grades": _counted(things_form.grades(visit, ask.category or ""), found, "conditions"),
        "ways": _counted(things_form.choices(visit)["ways"], found, "handover"),
        "sellers": _counted(_options(visit, _SELLERS), found, "seller_type"),
        "days": _counted(_options(visit, _DAYS), found, "days"),
        "radii": _counted(_options(visit, _RADII), found, "radius_km"),
        "cities": list(dict.fromkeys([*([ask.city] if ask.city else []), *cities])),
        "attributes": _attributes(visit, ask, found),
        "circle": circle,
    }


def _options(visit: Visit, said: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    return [{"value": value, "text": shapes.say(visit, text)} for value, text in said]


def _counted(options: list[dict[str, Any]], found: Found, facet: str) -> list[dict[str, Any]]:
    counts = {one.value: one.count for one in found.facets.get(facet, [])}
    return [{**option, "count": counts.get(option["value"], 0)} for option in options]


def _attributes(visit: Visit, ask: Ask, found: Found) -> list[dict[str, Any]]:
    """Values of the chosen category's questions that something found answers with."""
    category = items.all_categories().get(ask.category or "")
    if category is None:
        return []
    counts = {one.value: one.count for one in found.facets.get("attributes", [])}
    made = []
    for value in dict.fromkeys([*ask.attributes, *counts]):
        name, _, written = value.partition("=")
        known = category.attributes.get(name)
        if known is not None:
            choice = known.choices.get(written)
            text = written if choice is None else choice.zh if visit.language == "zh" else choice.en
            made.append({"value": value, "text": text, "count": counts.get(value, 0), "on": value in ask.attributes})
    return made


def _categories(visit: Visit, ask: Ask, typed: Typed, found: Found) -> list[dict[str, Any]]:
    """Chips of the categories that something found is in, the fullest first."""
    known = items.all_categories()
    counts = {one.value: one.count for one in found.facets.get("category", []) if one.value in known}
    if ask.category and ask.category not in counts:
        counts = {ask.category: 0} | counts
    if len(counts) < 2 and not ask.category:
        return []
    chips = [_link(visit, "全部", _address(typed, category=""), ask.category is None)]
    for code, count in counts.items():
        href = _address(typed, category=code)
        chips.append({"text": _category(visit, code), "href": href, "on": code == ask.category, "count": count})
    return chips


def _category(visit: Visit, code: str) -> str:
    name = items.all_categories()[code].name
    return name.zh if visit.language == "zh" else name.en


def _cards(visit: Visit, found: Found) -> list[dict[str, Any]]:
    shape = {
        "ItemCard": shapes.item_card,
        "NoteCard": shapes.note_card,
        "MemberCard": shapes.seller,
        "CircleCard": circle_card,
        "TopicPage": _topic,
    }
    return [shape[type(card).__name__](visit, card) for card in found.items]  # type: ignore[operator]


def _topic(_: Visit, topic: Any) -> dict[str, Any]:
    return {"href": topic_address(topic.name), "name": topic.shown, "notes": topic.notes}


def _help(visit: Visit, typed: Typed, found: Found) -> dict[str, Any] | None:
    if found.help is None:
        return None
    kind = typed.get("kind", "item")
    meant = [(name, _address(Typed([("q", name), ("kind", kind)]))) for name in found.help.did_you_mean]
    looser = [
        {
            **_link(visit, _WITHOUT[one.without], _dropping(typed, one.without), False),
            "count": one.count,
        }
        for one in found.help.looser
        if one.without in _WITHOUT
    ]
    shelves = [(_category(visit, code), f"/search?{urlencode({'category': code})}") for code in found.help.categories]
    return {
        "meant": [{"text": text, "href": href} for text, href in meant],
        "looser": looser,
        "categories": [{"text": text, "href": href, "on": False, "count": None} for text, href in shelves],
    }


def _dropping(typed: Typed, wish: str) -> str:
    return _address(Typed([pair for pair in typed.pairs if pair[0] not in _FIELDS[wish]]))


def _link(visit: Visit, text: str, href: str, on: bool) -> dict[str, Any]:
    return {"text": shapes.say(visit, text), "href": href, "on": on, "count": None}


def _address(typed: Typed, cursor: str | None = None, **other: str) -> str:
    """The search as it was asked for, but for `other`; a page starts at `cursor`."""
    query = urlencode([*_asked(typed, **other), *([("cursor", cursor)] if cursor else [])])
    return f"/search?{query}" if query else "/search"


def _asked(typed: Typed, **other: str) -> list[tuple[str, str]]:
    """The fields of the address that say anything."""
    plain = {"q": "", "kind": "item", "category": "", "sort": "best"}
    said = {name: other.get(name, typed.get(name, "")) for name in plain}
    asked = [(name, value) for name, value in said.items() if value != plain[name]]
    asked += [(name, value) for name in _NARROWING[_kind(said)] for value in typed.all(name)]
    return [pair for pair in asked if pair[1]]


ROUTES: list[ControllerRouterHandler] = [show_search]
