"""Bargaining: the offer sheet of a thing, one offer, both sides' lists, and the seller's prices that are not public."""

import secrets
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from babel.numbers import get_currency_precision
from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import items, members, notes, offers
from xianji.domains.offers import NewOffer, OfferView
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.kernel.money import Money, as_text
from xianji.kernel.work import Work
from xianji.web import forms, offer_words, order_words, render, shapes
from xianji.web.forms import Pairs, Typed
from xianji.web.going import see_other
from xianji.web.typed import errors_of, status_of
from xianji.web.visit import Req, Visit, visit_of

_OWN = "own"
_PERCENTS = (5, 10, 15)
_ALIVE: tuple[Any, ...] = ("open", "countered", "accepted")
_OVER: tuple[Any, ...] = ("declined", "expired", "withdrawn", "used")


def _need(prefix: str, given: str) -> str:
    if not is_id(prefix, given):
        raise NOT_FOUND()
    return given


@get("/items/{item:str}/offer", include_in_schema=False)
async def offer_sheet(request: Req, item: FromPath[str]) -> Response[Any]:
    """Offer a price: a few to tap, or one's own."""
    return await _offer(visit_of(request), _need("itm", item), Typed())


async def offer_again(request: Req, refusal: Refusal, typed: Typed, item: str) -> Response[Any]:
    """The sheet with what was typed and the reason beside its field."""
    if refusal.code is NOT_FOUND:
        raise refusal
    if refusal.code.name == "offer_open":
        return see_other(f"/offers/{refusal.facts['offer']}")
    return await _offer(visit_of(request), item, typed, refusal)


async def _offer(visit: Visit, item: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    async with visit.look() as look:
        thing = await items.item_page(look, item)
        mine = [one for one in await offers.offers_on(look, item) if one.role == "buyer"]
        lowest = offers.lowest_offer(look, thing.price)
        left = await offers.tries_left(look, item)
        presets = offers.presets_for(look, thing.price, _PERCENTS, 10 ** get_currency_precision(thing.price.currency))
    if refusal is None and mine and mine[0].state in _ALIVE:
        return see_other(f"/offers/{mine[0].id}")
    if refusal is None and thing.mine:
        return see_other(f"/items/{item}/prices")
    if refusal is None and "buy" not in thing.actions:
        return see_other(f"/items/{item}")
    return render.sheet(
        visit,
        "pages/offer.html",
        title="出个价",
        back=f"/items/{item}",
        status=status_of(refusal),
        item=thing,
        picture=order_words.still(thing.media[0].id if thing.media else None, thing.title),
        seller=shapes.seller(visit, thing.seller),
        picks=[*(_pick(visit, thing.price, one) for one in presets), _own(visit)],
        picked=typed.get("pick") or (typed.get("amount") and _OWN) or (plain(presets[0]) if presets else _OWN),
        lowest=lowest,
        left=left,
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


def plain(money: Money) -> str:
    """An amount as a person types it: "123.50"."""
    return "".join(letter for letter in as_text(money.amount, money.currency) if letter.isdigit() or letter == ".")


def _pick(visit: Visit, asking: Money, money: Money) -> dict[str, Any]:
    less = Money(asking.amount - money.amount, money.currency)
    note = render.translate(visit, "比标价少 %(less)s", less=order_words.amount(visit, less))
    title = order_words.amount(visit, money)
    return {"value": plain(money), "title": title, "note": note, "disabled": False, "chip": "", "chip_kind": ""}


def _own(visit: Visit) -> dict[str, Any]:
    title = render.translate(visit, "我自己写一个价")
    return {"value": _OWN, "title": title, "note": "", "disabled": False, "chip": "", "chip_kind": ""}


def shape_offer(pairs: Pairs, currency: str) -> NewOffer:
    """The tapped price, or the typed one when that was chosen or nothing was tapped."""
    picked = Typed(pairs).get("pick", "")
    kept = [pair for pair in pairs if pair[0] != "pick"]
    if picked and picked != _OWN:
        kept = [*(pair for pair in kept if pair[0] != "amount"), ("amount", picked)]
    return forms.fill(NewOffer, kept, currency)


async def _load(visit: Visit, offer: str) -> tuple[OfferView, dict[str, Any]]:
    async with visit.look() as look:
        view = await offers.offer_page(look, _need("ofr", offer))
        return view, shapes.person((await members.cards(look, [view.other]))[view.other])


@get("/offers/{offer:str}", include_in_schema=False)
async def one_offer(request: Req, offer: FromPath[str]) -> Response[Any]:
    """One offer for one of its sides, with one obvious thing to do."""
    visit = visit_of(request)
    view, other = await _load(visit, offer)
    return render.page(
        visit,
        "pages/offer_one.html",
        offer=view,
        other=other,
        head=offer_words.head(visit, view, other["name"]),
        sums=offer_words.sums(visit, view),
        picture=order_words.still(view.picture, view.title),
        send_key=secrets.token_urlsafe(16),
    )


async def back_to_offer(request: Req, refusal: Refusal, _typed: Typed, offer: str) -> Response[Any]:
    """A second press on a button that already worked shows the offer; any other refusal is told."""
    if refusal.code is not MOVE_NOT_OPEN:
        raise refusal
    await _load(visit_of(request), offer)
    return see_other(f"/offers/{offer}")


@get("/offers/{offer:str}/counter", include_in_schema=False)
async def counter_sheet(request: Req, offer: FromPath[str]) -> Response[Any]:
    """The other price."""
    return await _counter(visit_of(request), offer, Typed())


async def counter_again(request: Req, refusal: Refusal, typed: Typed, offer: str) -> Response[Any]:
    """The sheet once more; when the offer has moved on, the offer."""
    if refusal.code is NOT_FOUND:
        raise refusal
    if refusal.code is MOVE_NOT_OPEN:
        return see_other(f"/offers/{offer}")
    return await _counter(visit_of(request), offer, typed, refusal)


async def _counter(visit: Visit, offer: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    view, other = await _load(visit, offer)
    if "counter" not in view.actions:
        return see_other(f"/offers/{offer}")
    return render.sheet(
        visit,
        "pages/offer_counter.html",
        title="还个价" if view.role == "seller" else "再出个价",
        back=f"/offers/{offer}",
        status=status_of(refusal),
        offer=view,
        other=other,
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


@get("/offers", include_in_schema=False)
async def inbox(
    request: Req,
    role: Annotated[Literal["buyer", "seller"], QueryParameter()] = "buyer",
    tab: Annotated[str, QueryParameter(max_length=10)] = "now",
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Response[Any]:
    """My offers, made or received: those that go on first."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await offers.offers_of(look, role, _OVER if tab == "over" else _ALIVE, cursor)
        people = await members.cards(look, [one.other for one in found.items])
    rows = [offer_words.row(visit, one, shapes.person(people[one.other])) for one in found.items]
    more = f"/offers?{urlencode({'role': role, 'tab': tab, 'cursor': found.next_cursor})}" if found.next_cursor else ""
    return render.page(
        visit,
        "pages/offers.html",
        role=role,
        sides=_tabs(visit, (("buyer", "我出的价"), ("seller", "收到的出价")), role, "/offers?role="),
        tabs=_tabs(visit, (("now", "在谈的"), ("over", "谈完的")), tab, f"/offers?role={role}&tab="),
        rows=sorted(rows, key=lambda one: not one["mine"]),
        more=more,
    )


def _tabs(visit: Visit, words: Any, chosen: str, address: str) -> list[dict[str, Any]]:
    return [
        {"text": render.translate(visit, text), "href": address + name, "on": name == chosen, "count": None}
        for name, text in words
    ]


@get("/items/{item:str}/prices", include_in_schema=False)
async def prices_sheet(request: Req, item: FromPath[str]) -> Response[Any]:
    """The seller's own: the secret floor, private links, offers that wait."""
    return await _prices(visit_of(request), _need("itm", item), Typed())


async def prices_again(request: Req, refusal: Refusal, typed: Typed, item: str) -> Response[Any]:
    """The sheet with what was typed; nobody by that name is told beside the name."""
    if refusal.code is NOT_FOUND and refusal.facts.get("field") != "handle":
        raise refusal
    return await _prices(visit_of(request), item, typed, refusal)


async def _prices(visit: Visit, item: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    async with visit.look() as look:
        floor = await offers.floor_view(look, item)
        links = await offers.links_of(look, item)
        thing = await items.item_page(look, item)
        waiting = await offers.offers_on(look, item)
        people = await members.cards(look, [one.other for one in waiting])
    return render.sheet(
        visit,
        "pages/item_prices.html",
        title="出价和专属价",
        back=f"/items/{item}",
        status=status_of(refusal),
        item=thing,
        floor=plain(floor.amount) if floor.amount else "",
        links=[_link(visit, one) for one in links],
        rows=[offer_words.row(visit, one, shapes.person(people[one.other])) for one in waiting],
        typed=typed,
        errors=errors_of(visit, refusal),
        send_key=secrets.token_urlsafe(16),
    )


_LINK_WORDS = {
    "open": ("jade", "有效"),
    "used": ("slate", "用过了"),
    "revoked": ("slate", "收回了"),
    "expired": ("slate", "过期了"),
}


def _link(visit: Visit, link: offers.LinkView) -> dict[str, Any]:
    kind, word = _LINK_WORDS[link.state]
    return {
        "id": link.id,
        "name": link.buyer_name,
        "price": link.price,
        "kind": kind,
        "word": render.translate(visit, word),
        "open": link.state == "open",
        "until": link.until,
        "address": visit.house.settings.base_url + link.path,
        "words": render.translate(
            visit,
            "给你的专属价 %(price)s，%(until)s 前有效：",
            price=order_words.amount(visit, link.price),
            until=order_words.when(visit, link.until),
        ),
    }


async def revoke_link(work: Work, _item: str, link: str) -> None:
    """Take a private link back. Refuses what `offers.revoke_link` refuses."""
    await offers.revoke_link(work, link)


@get("/notes/{note:str}/bundle", include_in_schema=False)
async def bundle_sheet(request: Req, note: FromPath[str]) -> Response[Any]:
    """The host's rule for taking several things of one note."""
    return await _bundle(visit_of(request), _need("nte", note), Typed())


async def bundle_again(request: Req, refusal: Refusal, typed: Typed, note: str) -> Response[Any]:
    """The sheet with what was typed."""
    if refusal.code is NOT_FOUND:
        raise refusal
    return await _bundle(visit_of(request), note, typed, refusal)


async def _bundle(visit: Visit, note: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    async with visit.look() as look:
        page = await notes.note_page(look, note)
        bundle = await offers.bundle_of(look, note)
    if not page.mine:
        raise NOT_FOUND()
    kept = {"count": str(bundle.count), "percent": str(bundle.percent)} if bundle else {"count": "3", "percent": "10"}
    return render.sheet(
        visit,
        "pages/bundle.html",
        title="组合优惠",
        back=f"/notes/{note}#board",
        status=status_of(refusal),
        note=page,
        bundle=bundle,
        typed={**kept, **typed},
        errors=errors_of(visit, refusal),
    )


ROUTES: list[ControllerRouterHandler] = [
    offer_sheet,
    one_offer,
    counter_sheet,
    inbox,
    prices_sheet,
    bundle_sheet,
]
