"""Offers, private links, floors and bundles over the API, and the forms that do the same."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import notes, offers
from xianji.domains.offers import (
    Bundle,
    BundleView,
    Counter,
    Decline,
    Floor,
    FloorView,
    LinkView,
    NewLink,
    NewOffer,
    OfferState,
    OfferView,
    Side,
)
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import Page
from xianji.kernel.work import Look
from xianji.web.commands import Command
from xianji.web.pages import bargain
from xianji.web.visit import Req, visit_of

from .items import known


async def _made(look: Look, offer: str, _item: str) -> OfferView:
    return await offers.offer_page(look, offer)


async def _moved(look: Look, _: object, offer: str) -> OfferView:
    return await offers.offer_page(look, offer)


async def _countered(look: Look, alive: str, _offer: str) -> OfferView:
    return await offers.offer_page(look, alive)


async def _floor(look: Look, _: object, item: str) -> FloorView:
    return await offers.floor_view(look, item)


async def _link(look: Look, link: str, _item: str) -> LinkView:
    return await offers.link_page(look, link)


async def _link_now(look: Look, _: object, link: str) -> LinkView:
    return await offers.link_page(look, link)


async def _bundle(look: Look, _: object, note: str) -> BundleView | None:
    return await offers.bundle_of(look, note)


def _to_offer(_: object, offer: str) -> str:
    return f"/offers/{offer}"


COMMANDS: list[Command] = [
    Command(
        "make_offer",
        "/items/{item}/offers",
        offers.make_offer,
        NewOffer,
        view=_made,
        returns=OfferView,
        then=lambda offer, _item: f"/offers/{offer}",
        again=bargain.offer_again,
        shape=bargain.shape_offer,
        status=201,
        tag="offers",
    ),
    Command(
        "accept_offer",
        "/offers/{offer}/accept",
        offers.accept,
        view=_moved,
        returns=OfferView,
        then=_to_offer,
        again=bargain.back_to_offer,
        tag="offers",
    ),
    Command(
        "counter_offer",
        "/offers/{offer}/counter",
        offers.counter,
        Counter,
        view=_countered,
        returns=OfferView,
        then=lambda alive, _offer: f"/offers/{alive}",
        again=bargain.counter_again,
        tag="offers",
    ),
    Command(
        "decline_offer",
        "/offers/{offer}/decline",
        offers.decline,
        Decline,
        view=_moved,
        returns=OfferView,
        then=_to_offer,
        again=bargain.back_to_offer,
        tag="offers",
    ),
    Command(
        "withdraw_offer",
        "/offers/{offer}/withdraw",
        offers.withdraw,
        view=_moved,
        returns=OfferView,
        then=_to_offer,
        again=bargain.back_to_offer,
        tag="offers",
    ),
    Command(
        "set_floor",
        "/items/{item}/floor",
        offers.set_floor,
        Floor,
        view=_floor,
        returns=FloorView,
        then=lambda _, item: f"/items/{item}/prices?ok=saved",
        again=bargain.prices_again,
        method="PUT",
        tag="offers",
    ),
    Command(
        "drop_floor",
        "/items/{item}/floor",
        offers.drop_floor,
        then=lambda _, item: f"/items/{item}/prices?ok=saved",
        form="/items/{item}/floor/remove",
        method="DELETE",
        tag="offers",
    ),
    Command(
        "make_link",
        "/items/{item}/links",
        offers.make_link,
        NewLink,
        view=_link,
        returns=LinkView,
        then=lambda _, item: f"/items/{item}/prices#links",
        again=bargain.prices_again,
        status=201,
        tag="offers",
    ),
    Command(
        "revoke_link",
        "/links/{link}",
        offers.revoke_link,
        view=_link_now,
        returns=LinkView,
        method="DELETE",
        tag="offers",
    ),
    Command(
        "revoke_link_form",
        "/items/{item}/links/{link}/revoke",
        bargain.revoke_link,
        then=lambda _, item, _link: f"/items/{item}/prices#links",
        api=False,
    ),
    Command(
        "set_bundle",
        "/notes/{note}/bundle",
        notes.set_bundle,
        Bundle,
        view=_bundle,
        returns=BundleView,
        then=lambda _, note: f"/notes/{note}#board",
        again=bargain.bundle_again,
        method="PUT",
        tag="notes",
    ),
    Command(
        "drop_bundle",
        "/notes/{note}/bundle",
        notes.drop_bundle,
        then=lambda _, note: f"/notes/{note}#board",
        form="/notes/{note}/bundle/remove",
        method="DELETE",
        tag="notes",
    ),
]


@get("/api/v1/offers", operation_id="list_offers", tags=["offers"])
async def list_offers(
    request: Req,
    role: Annotated[Side, QueryParameter(description="which side of the bargain I am")] = "buyer",
    states: Annotated[
        list[OfferState] | None, QueryParameter(name="state", description="only these states; may be repeated")
    ] = None,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> Page[OfferView]:
    """My offers, made or received, newest first."""
    async with visit_of(request).look() as look:
        return await offers.offers_of(look, role, states or (), cursor, limit)


@get("/api/v1/offers/{offer:str}", operation_id="get_offer", tags=["offers"])
async def get_offer(request: Req, offer: FromPath[str]) -> OfferView:
    """One of my offers: the prices, whose turn it is and until when, what I may do."""
    async with visit_of(request).look() as look:
        return await offers.offer_page(look, known("ofr", offer))


@get("/api/v1/items/{item:str}/offers", operation_id="list_item_offers", tags=["offers"])
async def list_item_offers(request: Req, item: FromPath[str]) -> list[OfferView]:
    """What stands between me and a thing: my own last offer, or for its seller every one still alive."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    async with visit.look() as look:
        return await offers.offers_on(look, known("itm", item))


@get("/api/v1/items/{item:str}/floor", operation_id="get_floor", tags=["offers"])
async def get_floor(request: Req, item: FromPath[str]) -> FloorView:
    """The secret floor of my own thing."""
    async with visit_of(request).look() as look:
        return await offers.floor_view(look, known("itm", item))


@get("/api/v1/items/{item:str}/links", operation_id="list_links", tags=["offers"])
async def list_links(request: Req, item: FromPath[str]) -> list[LinkView]:
    """The private links of my own thing, newest first."""
    async with visit_of(request).look() as look:
        return await offers.links_of(look, known("itm", item))


@get("/api/v1/links/{token:str}", operation_id="open_link", tags=["offers"])
async def open_link(request: Req, token: FromPath[str]) -> LinkView:
    """A private link by its token, for the one member it names."""
    async with visit_of(request).look() as look:
        return await offers.link_for(look, token)


@get("/api/v1/notes/{note:str}/bundle", operation_id="get_bundle", tags=["notes"])
async def get_bundle(request: Req, note: FromPath[str]) -> BundleView:
    """The bundle of a note that I may see."""
    async with visit_of(request).look() as look:
        await notes.note_page(look, known("nte", note))
        found = await offers.bundle_of(look, note)
    if found is None:
        raise NOT_FOUND()
    return found


ROUTES: list[ControllerRouterHandler] = [
    list_offers,
    get_offer,
    list_item_offers,
    get_floor,
    list_links,
    open_link,
    get_bundle,
]
