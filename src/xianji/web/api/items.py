"""Things: one by one, many at once, from a table; giving away; looking for something."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import items
from xianji.domains.items import (
    Alerts,
    EditItem,
    GiftRequest,
    ItemCard,
    ItemPage,
    MarketFilter,
    NewItem,
    NewWanted,
    RowResult,
    WantedCard,
    WantedPage,
)
from xianji.domains.screening import SecondLook
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page
from xianji.kernel.text import Line
from xianji.kernel.work import Look, Work
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.here import cell_from
from xianji.web.pages import blocked
from xianji.web.questions import ITEM, MARKET
from xianji.web.visit import Req, Visit, visit_of

from .media import FILE_MISSING

MarketSort = Literal["new", "near", "price_asc", "price_desc"]
Condition = Literal["new", "like_new", "light_wear", "used", "heavy_wear"]
Handover = Literal["ship", "meet", "digital"]

PRICE_MOST = 10**12
_TABLE_BYTES = 4 * 1024 * 1024


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many things at once."""

    items: Annotated[list[NewItem], msgspec.Meta(min_length=1, max_length=1000)]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody would like a gift."""

    reason: Line = ""


class Picked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the giver picks."""

    member: ids.MemberId


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The thing shown to somebody who looks for one."""

    item: ids.ItemId


class Drawn(msgspec.Struct, frozen=True):
    """Whom chance has picked."""

    member: str


class AskedAnswer(msgspec.Struct, frozen=True):
    """Whether the gift is the asker's at once."""

    yours: bool


class Made(msgspec.Struct, frozen=True):
    """The id of what was made."""

    id: str


def known(prefix: str, given: str) -> str:
    """An id of this kind; one of another shape is simply not found."""
    if not ids.is_id(prefix, given):
        raise NOT_FOUND()
    return given


@reads("/api/v1/items", operation_id="list_items", tags=["items"])
async def list_items(
    request: Req,
    sort: FromQuery[MarketSort] = "new",
    category: FromQuery[str | None] = None,
    min_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    max_price: Annotated[int | None, QueryParameter(ge=0, le=PRICE_MOST)] = None,
    condition: FromQuery[list[Condition] | None] = None,
    handover: FromQuery[Handover | None] = None,
    free: FromQuery[bool] = False,
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = PAGE_SIZE,
) -> Page[ItemCard]:
    """What is on sale, narrowed and ordered; prices in minor units. `near` without a point is the same as `new`."""
    only = MarketFilter(category, min_price, max_price, tuple(condition or ()), handover, free)
    told = await visit_of(request).ask(MARKET, sort, cell_from(lat, lon), cursor, only, limit)
    return told.said


@reads("/api/v1/items/{item:str}", operation_id="get_item", tags=["items"])
async def get_item(
    request: Req, item: FromPath[str], lat: FromQuery[float | None] = None, lon: FromQuery[float | None] = None
) -> ItemPage:
    """One thing as this viewer may see it, with the verbs open to them."""
    return (await visit_of(request).ask(ITEM, known("itm", item), cell_from(lat, lon))).said


@reads("/api/v1/members/{member:str}/items", operation_id="list_member_items", tags=["items"])
async def list_member_items(
    request: Req,
    member: FromPath[str],
    states: Annotated[str, QueryParameter(name="state", description="separated by commas", max_length=100)] = "live",
    alone: Annotated[bool, QueryParameter(description="leave out what belongs to a note")] = False,
    cursor: FromQuery[str | None] = None,
) -> Page[ItemCard]:
    """What a member offers, newest first; strangers never see drafts."""
    wanted: Any = states.split(",")
    async with visit_of(request).look() as look:
        return await items.seller_items(look, known("mbr", member), wanted, cursor, alone=alone)


@reads("/api/v1/me/saved-items", operation_id="list_saved_items", tags=["items"])
async def list_saved_items(request: Req, cursor: FromQuery[str | None] = None) -> Page[ItemCard]:
    """The things I keep in mind, the last saved first."""
    async with visit_of(request).look() as look:
        return await items.saved_items(look, cursor)


@reads("/api/v1/items/{item:str}/requests", operation_id="list_gift_requests", tags=["items"])
async def list_gift_requests(
    request: Req, item: FromPath[str], cursor: FromQuery[str | None] = None
) -> Page[GiftRequest]:
    """Who asks for the viewer's own gift."""
    async with visit_of(request).look() as look:
        return await items.gift_requests(look, known("itm", item), cursor)


@reads("/api/v1/wanted", operation_id="list_wanted", tags=["wanted"])
async def list_wanted(
    request: Req,
    sort: FromQuery[Literal["new", "near"]] = "new",
    category: FromQuery[str | None] = None,
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Page[WantedCard]:
    """Open wanted posts, newest first, or nearest first around a point; `near` without one is the same as `new`."""
    cell = cell_from(lat, lon)
    async with visit_of(request).look() as look:
        if sort == "near" and cell is not None:
            return await items.wanted_near(look, cell, category, cursor)
        return await items.wanted_list(look, category, None, cursor, cell=cell)


@reads("/api/v1/wanted/{wanted:str}", operation_id="get_wanted", tags=["wanted"])
async def get_wanted(request: Req, wanted: FromPath[str]) -> WantedPage:
    """A wanted post and the things that answer it."""
    async with visit_of(request).look() as look:
        return await items.wanted_page(look, known("wnt", wanted))


class CategoryWords(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: str
    en: str


class AttributeView(msgspec.Struct, frozen=True):
    """One question of a category; `choices` and `units` are empty where they mean nothing."""

    code: str
    name: CategoryWords
    type: str
    choices: dict[str, CategoryWords]
    units: list[str]


class CategoryView(msgspec.Struct, frozen=True):
    """A category with its questions, its words for condition grades, and the pictures that help."""

    code: str
    name: CategoryWords
    attributes: list[AttributeView]
    conditions: dict[str, CategoryWords]
    photos: list[CategoryWords]
    flags: list[str]


@reads("/api/v1/categories", operation_id="list_categories", tags=["items"])
async def list_categories(request: Req) -> list[CategoryView]:
    """Categories, attribute packs and condition grades as data."""
    return [_category(one) for one in items.all_categories().values()]


def _category(one: items.Category) -> CategoryView:
    return CategoryView(
        one.code,
        _words(one.name),
        [
            AttributeView(
                asked.code,
                _words(asked.name),
                asked.type,
                {code: _words(name) for code, name in asked.choices.items()},
                list(asked.units),
            )
            for asked in one.attributes.values()
        ],
        {code: _words(name) for code, name in one.grades.items()},
        [_words(photo) for photo in one.photos],
        sorted(one.flags),
    )


def _words(words: Any) -> CategoryWords:
    return CategoryWords(words.zh, words.en)


@post("/api/v1/items/import", operation_id="import_items", tags=["items"], request_max_body_size=_TABLE_BYTES)
async def import_items(
    request: Req,
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
    columns: Annotated[str, QueryParameter(description="title=name,price=cost,…", max_length=1000)] = "",
) -> list[RowResult]:
    """Publish the rows of a table (CSV or TSV, field `file`), each row with its own answer."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  refuse strangers before reading the file
    file = data.get("file")
    if not isinstance(file, UploadFile):
        raise FILE_MISSING()
    return await take_table(visit, await file.read(), columns)


async def take_table(visit: Visit, table: bytes, columns: str) -> list[RowResult]:
    """Read a table and publish its rows in this visitor's name; one answer for every row."""
    plan = items.parse_map(columns) if columns.strip() else None
    listings = items.read_listings(table, visit.house.here.currency, plan)
    async with visit.work() as work:
        return await items.import_listings(work, listings)


async def _made_page(look: Look, made: str, *_: str) -> ItemPage:
    return await items.item_page(look, made)


async def _page_again(look: Look, _: Any, item: str) -> ItemPage:
    return await items.item_page(look, item)


async def _publish_batch(work: Work, batch: Batch) -> list[RowResult]:
    """Publish each thing that can be published; every row gets its own answer."""
    return await items.publish_many(work, batch.items)


async def ask_for(work: Work, item: ids.ItemId, asked: Asked) -> bool:
    """Ask for a gift."""
    return await items.ask_for(work, item, asked.reason)


async def _pick(work: Work, item: ids.ItemId, picked: Picked) -> None:
    """Promise the gift to one of those who asked."""
    await items.pick_request(work, item, picked.member)


async def _unpick(work: Work, item: ids.ItemId, picked: Picked) -> None:
    """Take the promise back."""
    await items.unpick_request(work, item, picked.member)


async def _answer_wanted(work: Work, wanted: ids.WantedId, answer: Answered) -> None:
    """Show a thing of mine to somebody who looks for one."""
    await items.answer_wanted(work, wanted, answer.item)


async def _yours(_: Look, yours: bool, *__: str) -> AskedAnswer:
    return AskedAnswer(yours)


async def _drawn(_: Look, member: str, *__: str) -> Drawn:
    return Drawn(member)


async def _made(_: Look, made: str, *__: str) -> Made:
    return Made(made)


async def _rows(_: Look, rows: list[RowResult]) -> list[RowResult]:
    return rows


async def _remove(work: Work, item: ids.ItemId) -> None:
    """Take my thing out of sight for good."""
    await items.remove(work, item)


async def _take_from_draft(work: Work, item: str, wish: SecondLook) -> None:
    """Put my draft on sale, judged as of today; with `second_look` a person looks at what a rule blocks."""
    await items.take_from_draft(work, item, second_look=wish.second_look)


def _back_to_item(_: Any, item: str) -> str:
    return f"/items/{item}"


def _verb(name: str, verb: Any, then: Any = _back_to_item) -> Command:
    return Command(
        f"{name}_item", f"/items/{{item}}/{name}", verb, view=_page_again, returns=ItemPage, then=then, tag="items"
    )


_RELIST = Command(
    "relist_item",
    "/items/{item}/relist",
    items.relist,
    view=_made_page,
    returns=ItemPage,
    then=lambda made, _: f"/items/{made}",
    status=201,
    tag="items",
)

COMMANDS: list[Command] = [
    Command(
        "publish_item",
        "/items",
        items.publish_item,
        NewItem,
        view=_made_page,
        returns=ItemPage,
        status=201,
        tag="items",
    ),
    Command(
        "edit_item",
        "/items/{item}",
        items.edit_item,
        EditItem,
        view=_page_again,
        returns=ItemPage,
        method="PATCH",
        tag="items",
    ),
    Command("publish_items", "/items/batch", _publish_batch, Batch, view=_rows, returns=list[RowResult], tag="items"),
    _verb("pause", items.pause),
    _verb("resume", items.resume),
    _verb("expire", items.expire),
    Command(
        "publish_draft_item",
        "/items/{item}/publish",
        _take_from_draft,
        SecondLook,
        view=_page_again,
        returns=ItemPage,
        then=_back_to_item,
        again=blocked.again,
        tag="items",
    ),
    _RELIST,
    _verb("save", items.save_item),
    _verb("unsave", items.unsave_item),
    Command(
        "set_item_alerts",
        "/items/{item}/alerts",
        items.set_alerts,
        Alerts,
        view=_page_again,
        returns=ItemPage,
        then=_back_to_item,
        tag="items",
    ),
    Command("remove_item", "/items/{item}/remove", _remove, then=lambda _, __: "/me", tag="items"),
    Command("delete_item", "/items/{item}", _remove, method="DELETE", tag="items"),
    Command(
        "ask_for_item",
        "/items/{item}/requests",
        ask_for,
        Asked,
        view=_yours,
        returns=AskedAnswer,
        status=201,
        tag="items",
    ),
    Command(
        "withdraw_request",
        "/items/{item}/requests/withdraw",
        items.withdraw_request,
        then=_back_to_item,
        tag="items",
    ),
    Command("pick_request", "/items/{item}/requests/pick", _pick, Picked, then=_back_to_item, tag="items"),
    Command("unpick_request", "/items/{item}/requests/unpick", _unpick, Picked, then=_back_to_item, tag="items"),
    Command(
        "draw_request",
        "/items/{item}/requests/draw",
        items.draw_request,
        view=_drawn,
        returns=Drawn,
        then=_back_to_item,
        tag="items",
    ),
    Command("open_wanted", "/wanted", items.open_wanted, NewWanted, view=_made, returns=Made, status=201, tag="wanted"),
    Command("close_wanted", "/wanted/{wanted}/close", items.close_wanted, tag="wanted"),
    Command("answer_wanted", "/wanted/{wanted}/answers", _answer_wanted, Answered, tag="wanted"),
]


@get("/oembed", include_in_schema=False)
async def oembed(request: Req, url: FromQuery[str], maxwidth: FromQuery[int] = 640) -> Response[bytes]:
    """What another site needs to show a thing of ours as a card (oEmbed 1.0, type link)."""
    visit = visit_of(request)
    base = visit.house.settings.base_url
    path = url.removeprefix(base) if url.startswith(base) else ""
    item = known("itm", path.partition("?")[0].removeprefix("/items/").rstrip("/"))
    async with visit.look() as look:
        page = await items.item_page(look, item)
    card = {
        "version": "1.0",
        "type": "link",
        "title": page.title,
        "author_name": page.seller.name,
        "author_url": f"{base}/u/{page.seller.handle}",
        "provider_name": "Xianji",
        "provider_url": base,
        "cache_age": 300,
    }
    if page.media:
        card |= {
            "thumbnail_url": f"{base}/media/{page.media[0].id}/640.webp",
            "thumbnail_width": min(640, max(1, maxwidth)),
            "thumbnail_height": page.media[0].height or 640,
        }
    return Response(msgspec.json.encode(card), media_type="application/json")


ROUTES: list[ControllerRouterHandler] = [
    get_item,
    get_wanted,
    import_items,
    list_categories,
    list_gift_requests,
    list_items,
    list_member_items,
    list_saved_items,
    list_wanted,
    oembed,
]
