"""The steps of an order that ask something: buy, send, deliver, meet, enter the code, confirm, call off.

Each is a sheet of its own with one button, so that it works without script; what was typed stays when it is refused.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import segno
from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from markupsafe import Markup
from msgspec import Meta

from xianji.domains import items, members, orders
from xianji.domains.orders import OrderPage, PlaceOrder, WantedLine
from xianji.kernel import ids
from xianji.kernel.errors import MALFORMED, MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.text import Line
from xianji.kernel.words import sentence
from xianji.kernel.work import Work
from xianji.web import deposit_words, order_words, render, shapes, unprotected
from xianji.web.bodies import whole
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from .orders import load

Typed = dict[str, str]

_NEW = "new"
_MOST = 9_999
_PHYSICAL = ["meet", "ship"]
_CODE_LENGTH = 6


class NewAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address typed into the buy sheet; judged by members when it is used."""

    name: Line = ""
    phone: Line = ""
    lines: dict[str, Line] = {}


class BuyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The buy sheet: `address` is one of the buyer's or "new", then `fresh` is kept first."""

    handover: orders.Handover
    quantity: Annotated[int, Meta(ge=1, le=9_999)] = 1
    address: Annotated[str, Meta(max_length=40)] = ""
    fresh: NewAddress = NewAddress()
    note: Line = ""
    link: Annotated[str, Meta(max_length=80)] = ""
    deposit: bool = False
    understood: bool = False


class MeetingForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where (a suggested spot, unless words of one's own), and when in the member's own zone ("2026-03-02T18:00")."""

    place: Line = ""
    spot: Line = ""
    at: Annotated[str, Meta(max_length=30)] = ""


async def buy_item(work: Work, item: str, form: BuyForm) -> str:
    """Buy one item; an address typed on the way is kept among the buyer's. Refuses what its parts refuse."""
    address = await keep_address(work, form.address, form.fresh) if form.handover == "ship" else None
    ask = PlaceOrder(
        [WantedLine(item, form.quantity)],
        form.handover,
        address,
        form.note,
        link=form.link or None,
        deposit=form.deposit,
        understood=form.understood,
    )
    return await orders.place_order(work, ask)


async def keep_address(work: Work, chosen: str, fresh: NewAddress) -> str | None:
    """The address that was chosen, or the one that was typed, kept first. Refuses what `add_address` refuses."""
    if chosen in ("", _NEW) and (fresh.name or fresh.phone or fresh.lines):
        return await members.add_address(work, members.PutAddress(fresh.name, fresh.phone, fresh.lines))
    return chosen or None


async def arrange(visit: Visit, order: str, form: MeetingForm) -> None:
    """Agree on place and time. Refuses what `orders.arrange` refuses, and a time that cannot be read."""
    at = None
    if form.at:
        try:
            at = datetime.fromisoformat(form.at).replace(tzinfo=ZoneInfo(visit.zone))
        except ValueError:
            raise MALFORMED(why=form.at, field="at") from None
    async with visit.work() as work:
        await orders.arrange(work, order, orders.Meeting(form.place.strip() or form.spot, at))


@get("/items/{item:str}/buy", include_in_schema=False)
async def buy_sheet(
    request: Req,
    item: FromPath[str],
    quantity: Annotated[int, QueryParameter(ge=1, le=_MOST)] = 1,
    link: Annotated[str, QueryParameter(max_length=80)] = "",
) -> Response[Any]:
    """What it costs, how it is handed over, where it goes; one button."""
    return await _buy(visit_of(request), item, {"quantity": str(quantity), "link": link})


async def buy_again(request: Req, refusal: Refusal, typed: Typed, item: str) -> Response[Any]:
    """The buy sheet with what was typed and the reason beside its field."""
    return await _buy(visit_of(request), item, typed, refusal)


async def _buy(visit: Visit, item: str, typed: Typed, refusal: Refusal | None = None) -> Response[Any]:
    if not ids.is_id("itm", item):
        raise NOT_FOUND()
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    quantity = min(whole(typed.get("quantity", "")) or 1, _MOST)
    async with visit.look() as look:
        thing = await items.item_page(look, item)
        ways = [way for way in ("meet", "ship", "digital") if way in (thing.handover or _PHYSICAL)]
        asked = typed.get("handover")
        suggested = orders.suggested_way(ways, thing.price.amount * max(1, quantity), look.config)
        handover = asked if asked in ways else suggested or ways[0]
        link = typed.get("link") or None
        ask = PlaceOrder([WantedLine(item, max(1, quantity))], handover, link=link)  # type: ignore[arg-type]
        quote = await orders.quote(look, ask)
        places = await members.list_addresses(look)
        form = members.address_form(look)
    terms = quote.terms
    return render.sheet(
        visit,
        "pages/buy.html",
        title="确认购买",
        back=f"/items/{item}",
        **_refused(visit, refusal),
        item=thing,
        picture=order_words.still(thing.media[0].id if thing.media else None, thing.title),
        seller=shapes.person(thing.seller),
        quote=quote,
        money_rows=order_words.quote_sums(visit, quote, posted="ship" in ways),
        deposit=deposit_words.offered(visit, quote.deposit),
        ways=[_way(visit, way, terms, suggested) for way in ways],
        handover=handover,
        places=places,
        fresh=address_lines(visit, form),
        typed=typed,
        send_key=_fresh_key(),
        can_pay=visit.house.ports.payment is not None,
    )


# What a line of an address is called, and what browsers fill in by themselves.
_LINES = {
    "province": ("省", "address-level1"),
    "city": ("市", "address-level2"),
    "district": ("区县", "address-level3"),
    "detail": ("街道门牌", "street-address"),
    "line1": ("街道门牌", "address-line1"),
    "line2": ("单元房号（可不填）", "address-line2"),
    "state": ("州", "address-level1"),
    "region": ("省州（可不填）", "address-level1"),
    "zip": ("邮政编码", "postal-code"),
    "postcode": ("邮编（可不填）", "postal-code"),
}


def address_lines(visit: Visit, form: Sequence[Any]) -> list[tuple[str, str, str]]:
    """The lines of a new address as fields: (name, label, what browsers fill in)."""
    return [("fresh.lines." + one.name, *_line(visit, one.name)) for one in form]


def _line(visit: Visit, name: str) -> tuple[str, str]:
    label, fill = _LINES.get(name, (name, "off"))
    return render.translate(visit, label), fill


_WHY = {"meet": "小额的东西，当面交最省事", "ship": "贵重的东西，建议托管邮寄，看好再确认"}


def suggestion(visit: Visit, way: str, suggested: str | None) -> str:
    """Why this way fits the price; empty for every other way."""
    return render.translate(visit, _WHY[way]) if way == suggested else ""


def _way(visit: Visit, way: str, terms: Any, suggested: str | None) -> dict[str, Any]:
    notes = {
        "meet": "当面看货，满意了再出示面交码，对方输入后钱才放出去。",
        "ship": "%(ship)s 小时内发货，收到后有 %(look)s 小时慢慢看，你确认了钱才放出去。",
        "digital": "内容在这里交付，你看过确认了钱才放出去。",
    }
    if not terms.protected:
        notes = unprotected.WAYS
    return {
        "value": way,
        "title": render.translate(visit, order_words.HANDOVER[way]),
        "note": render.translate(visit, notes[way], ship=terms.ship_hours, look=terms.inspect_hours),
        "hint": suggestion(visit, way, suggested),
        "disabled": False,
        "chip": render.translate(visit, "钱先托管" if terms.protected else unprotected.CHIP),
        "chip_kind": "jade" if terms.protected else "amber",
    }


@get("/orders/{order:str}/ship", include_in_schema=False)
async def ship_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """Which carrier took it under which number."""
    return await _step(visit_of(request), order, "ship")


async def ship_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The shipping form once more."""
    return await _step(visit_of(request), order, "ship", typed, refusal)


@get("/orders/{order:str}/waybill", include_in_schema=False)
async def waybill_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """Put a wrong number right."""
    return await _step(visit_of(request), order, "waybill")


async def waybill_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The form of the right number once more."""
    return await _step(visit_of(request), order, "waybill", typed, refusal)


@get("/orders/{order:str}/deliver", include_in_schema=False)
async def deliver_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """Write down what the buyer gets."""
    return await _step(visit_of(request), order, "deliver")


async def deliver_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The delivery form once more."""
    return await _step(visit_of(request), order, "deliver", typed, refusal)


@get("/orders/{order:str}/meeting", include_in_schema=False)
async def meeting_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """Agree on place and time."""
    return await _step(visit_of(request), order, "meeting")


async def meeting_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The meeting form once more."""
    return await _step(visit_of(request), order, "meeting", typed, refusal)


@get("/orders/{order:str}/cancel", include_in_schema=False)
async def cancel_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """What calling off means now, and why."""
    return await _step(visit_of(request), order, "cancel")


async def cancel_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The cancelling form once more."""
    return await _step(visit_of(request), order, "cancel", typed, refusal)


@get("/orders/{order:str}/confirm", include_in_schema=False)
async def confirm_sheet(request: Req, order: FromPath[str]) -> Response[Any]:
    """Say once more what confirming does before it is done."""
    return await _step(visit_of(request), order, "confirm")


async def back_to_order(_: Req, refusal: Refusal, _typed: Typed, order: str) -> Response[Any]:
    """A second press on a button that already worked shows the order; any other refusal is told."""
    if refusal.code is not MOVE_NOT_OPEN:
        raise refusal
    return _to(order)


# Per step: the verbs of the order that open it, the title of its sheet.
_STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "ship": (("ship",), "填发货单号"),
    "waybill": (("correct_waybill",), "更正运单号"),
    "deliver": (("no_logistics",), "交付内容"),
    "meeting": (("arrange",), "约时间地点"),
    "cancel": (("cancel", "cancel_paid"), "取消订单"),
    "confirm": (("confirm",), "确认收货"),
}


async def _step(
    visit: Visit, order: str, step: str, typed: Typed | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    """A step's sheet; when the order has moved on, the order itself."""
    page, other = await load(visit, order)
    verbs, title = _STEPS[step]
    if not set(verbs) & set(page.actions):
        return _to(order)
    spots = await _spots(visit, order) if step == "meeting" else []
    return render.sheet(
        visit,
        f"pages/order_{step}.html",
        title=title,
        back=f"/orders/{order}",
        **_refused(visit, refusal),
        order=page,
        other=other,
        typed=typed or _agreed_before(visit, page),
        carriers=list(orders.all_carriers().values()),
        spots=spots,
        send_key=_fresh_key(),
    )


async def _spots(visit: Visit, order: str) -> list[dict[str, Any]]:
    """Public places to meet at, for `choices`."""
    async with visit.look() as look:
        found = await orders.meeting_spots(look, order)
    return [
        {
            "value": f"{spot.name}（{spot.address}）",
            "title": spot.name,
            "note": spot.address,
            "disabled": False,
            "chip": "" if spot.kilometres is None else f"{spot.kilometres} km",
            "chip_kind": "",
        }
        for spot in found
    ]


def _agreed_before(visit: Visit, page: OrderPage) -> Typed:
    if page.meeting is None:
        return {}
    at = page.meeting.at
    return {
        "place": page.meeting.place,
        "at": at.astimezone(ZoneInfo(visit.zone)).strftime("%Y-%m-%dT%H:%M") if at else "",
    }


@get("/orders/{order:str}/meet", include_in_schema=False)
async def meet(request: Req, order: FromPath[str]) -> Response[Any]:
    """At the meeting: the buyer shows the code, the seller enters it."""
    return await _meet(visit_of(request), order)


async def redeem_again(request: Req, refusal: Refusal, _typed: Typed, order: str) -> Response[Any]:
    """The pad once more with how many tries are left; when the code already worked, the order."""
    if refusal.code is MOVE_NOT_OPEN:
        return _to(order)
    return await _meet(visit_of(request), order, refusal)


async def _meet(visit: Visit, order: str, refusal: Refusal | None = None) -> Response[Any]:
    page, other = await load(visit, order)
    if page.state != "awaiting_meeting":
        return _to(order)
    return render.sheet(
        visit,
        "pages/order_meet.html",
        title="面交",
        back=f"/orders/{order}",
        **_refused(visit, refusal),
        order=page,
        other=other,
        code=_code(visit, page),
        away=_away(visit, page),
        proofs=msgspec.json.encode(page.meet_proofs).decode(),
        length=_CODE_LENGTH,
    )


def _code(visit: Visit, page: OrderPage) -> dict[str, Any] | None:
    if page.meet_code is None or page.meet_qr is None or page.meet_code_until is None:
        return None
    left = int((page.meet_code_until - visit.database.clock.now()).total_seconds())
    return {
        "code": page.meet_code,
        "qr": _drawn(page.meet_qr),
        "say": render.translate(visit, "看好了再给卖家看"),
        "until": order_words.when(visit, page.meet_code_until),
        "left": max(1, left),
        "refresh_href": f"/orders/{page.id}/meet",
    }


def _away(visit: Visit, page: OrderPage) -> dict[str, Any] | None:
    """The buyer's code for places without a network, for `meet.away_panel`."""
    if page.meet_offline is None:
        return None
    code = page.meet_offline.code
    return {
        "parts": [code[at : at + 4] for at in range(0, len(code), 4)],
        "qr": _drawn(page.meet_offline.qr),
        "until": order_words.when(visit, page.meet_offline.until),
    }


def _drawn(content: str) -> Markup:
    drawn = segno.make(content, error="m").svg_inline(border=0, omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by segno from our own text


def _refused(visit: Visit, refusal: Refusal | None) -> dict[str, Any]:
    """Status, the sentence of a refusal, and the field it belongs to ("" when it is about all of the form)."""
    if refusal is None:
        return {"status": 200, "error": "", "field": ""}
    field = refusal.facts.get("field") or refusal.code.field or ""
    return {"status": STATUS[refusal.code.kind], "error": sentence(refusal, visit.language), "field": field}


def _fresh_key() -> str:
    """A key for one rendering of a form: sent twice, it counts once."""
    return secrets.token_urlsafe(16)


def _to(order: str) -> Response[Any]:
    return Response(None, status_code=303, headers={"Location": f"/orders/{order}"})


ROUTES: list[ControllerRouterHandler] = [
    buy_sheet,
    ship_sheet,
    waybill_sheet,
    deliver_sheet,
    meeting_sheet,
    cancel_sheet,
    confirm_sheet,
    meet,
]
