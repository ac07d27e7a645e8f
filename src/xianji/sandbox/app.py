"""The provider's HTTP surface. Handlers read, call the engine, show; rules live in the engine."""

from datetime import date, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from xianji.sandbox import carrier as carrying
from xianji.sandbox import model, page, views
from xianji.sandbox.books import Books
from xianji.sandbox.carrier import Carrier
from xianji.sandbox.courier import Courier
from xianji.sandbox.crypto import Keys
from xianji.sandbox.gate import BODY_LIMIT, Gate

Ask = Request[Any, Any, State]
Shape = TypeVar("Shape")


class Provider(msgspec.Struct, frozen=True):
    """Everything a handler needs."""

    books: Books
    keys: Keys
    courier: Courier
    base_url: str


class ClockRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Move the clock: freeze it at an instant, let it run on real time, advance it by seconds."""

    freeze_at: datetime | None = None
    real: bool = False
    advance_seconds: float = 0


class PayRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Play the buyer without the page."""

    result: Literal["success", "fail"]


def _provider(request: Ask) -> Provider:
    found: Provider = request.app.state.provider
    return found


def _up_to_date(request: Ask) -> Provider:
    """The provider after everything that is due by now."""
    found = _provider(request)
    found.books.engine.tick()
    return found


async def _read(request: Ask, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as wrong:
        raise model.SandboxRefused("bad_request", 400) from wrong


def _json(body: object, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")


@post("/v1/payments")
async def create_payment(request: Ask) -> Response[bytes]:
    """Open a payment."""
    p = _provider(request)
    made = p.books.engine.create_payment(p.keys.merchant, await _read(request, model.PaymentRequest))
    return _json(views.payment_view(made, p.base_url))


@get("/v1/payments/{out_no:str}")
async def query_payment(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Show a payment."""
    p = _up_to_date(request)
    return _json(views.payment_view(p.books.engine.payment(p.keys.merchant, out_no), p.base_url))


@post("/v1/payments/{out_no:str}/close")
async def close_payment(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Close an unpaid payment."""
    p = _provider(request)
    return _json(views.payment_view(p.books.engine.close_payment(p.keys.merchant, out_no), p.base_url))


@get("/v1/payments/{out_no:str}/hold")
async def hold_status(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Show what is held."""
    p = _up_to_date(request)
    return _json(views.hold_view(p.books.engine.payment(p.keys.merchant, out_no)))


@post("/v1/payments/{out_no:str}/releases")
async def release(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Start a release with split."""
    p, ask = _provider(request), await _read(request, model.ReleaseRequest)
    return _json(views.release_view(p.books.engine.release(p.keys.merchant, out_no, ask)))


@get("/v1/releases/{out_release_no:str}")
async def query_release(request: Ask, out_release_no: FromPath[str]) -> Response[bytes]:
    """Show a release."""
    p = _up_to_date(request)
    return _json(views.release_view(p.books.engine.find_release(p.keys.merchant, out_release_no)))


@post("/v1/releases/{out_release_no:str}/returns")
async def split_return(request: Ask, out_release_no: FromPath[str]) -> Response[bytes]:
    """Take released money back into the hold."""
    p, ask = _provider(request), await _read(request, model.ReturnRequest)
    return _json(views.return_view(p.books.engine.split_return(p.keys.merchant, out_release_no, ask)))


@post("/v1/payments/{out_no:str}/refunds")
async def refund(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Refund held money."""
    p, ask = _provider(request), await _read(request, model.RefundRequest)
    return _json(views.refund_view(p.books.engine.refund(p.keys.merchant, out_no, ask)))


@get("/v1/refunds/{out_refund_no:str}")
async def query_refund(request: Ask, out_refund_no: FromPath[str]) -> Response[bytes]:
    """Show a refund."""
    p = _up_to_date(request)
    return _json(views.refund_view(p.books.engine.find_refund(p.keys.merchant, out_refund_no)))


@get("/v1/bills/{day:str}")
async def bill(request: Ask, day: FromPath[str]) -> Response[bytes]:
    """The day's movements as CSV."""
    p = _provider(request)
    try:
        wanted = date.fromisoformat(day)
    except ValueError as wrong:
        raise model.SandboxRefused("bad_request", 400) from wrong
    return Response(views.bill_csv(p.books.engine, p.keys.merchant, wanted), media_type="text/csv")


@get("/v1/events")
async def events(request: Ask, after: FromQuery[int] = 0, limit: FromQuery[int] = 100) -> Response[bytes]:
    """Events after a sequence number, oldest first, at most 100."""
    p = _provider(request)
    engine = p.books.engine
    later = [e for e in engine.outbox.events.values() if e.seq > after and e.merchant == p.keys.merchant]
    return _json({"items": [views.event_view(engine, e) for e in later[: max(1, min(limit, 100))]]})


@post("/v1/events/{event_id:str}/redeliver")
async def redeliver(request: Ask, event_id: FromPath[str]) -> Response[bytes]:
    """Send one event again."""
    p = _provider(request)
    engine = p.books.engine
    return _json(views.event_view(engine, engine.outbox.redeliver(event_id, p.keys.merchant, p.books.clock())))


@post("/admin/faults")
async def script_fault(request: Ask) -> Response[bytes]:
    """Script one fault; times 0 and rate_bp 0 switch it off."""
    engine = _provider(request).books.engine
    engine.faults.script(await _read(request, model.Fault))
    return _json({"faults": list(engine.faults.rules.values())})


@post("/admin/faults/clear")
async def clear_faults(request: Ask) -> Response[bytes]:
    """Switch every fault off and end a scripted outage."""
    engine = _provider(request).books.engine
    for name in list(engine.faults.rules.values()):
        engine.faults.script(model.Fault(name=name.name))
    engine.down_until = None
    return _json({"faults": list(engine.faults.rules.values())})


@post("/admin/clock")
async def set_clock(request: Ask) -> Response[bytes]:
    """Move the clock, do what became due, and finish the deliveries due by then."""
    p, ask = _provider(request), await _read(request, ClockRequest)
    if ask.real:
        p.books.clock.frozen_at, p.books.clock.ahead_seconds = None, 0
    if ask.freeze_at is not None:
        if ask.freeze_at.tzinfo is None:
            raise model.SandboxRefused("bad_request", 400)
        p.books.clock.frozen_at = ask.freeze_at
    p.books.clock.advance(ask.advance_seconds)
    p.books.save_clock()
    await p.courier.round()
    return _json({"now": p.books.clock()})


@post("/admin/payments/{out_no:str}/pay")
async def play_buyer(request: Ask, out_no: FromPath[str]) -> Response[bytes]:
    """Pay or fail without the page."""
    p, ask = _provider(request), await _read(request, PayRequest)
    engine = p.books.engine
    token = engine.payment(p.keys.merchant, out_no).token
    return _json(views.payment_view(engine.pay(token, ask.result), p.base_url))


@get("/admin/totals")
async def totals(request: Ask) -> Response[bytes]:
    """Money by currency."""
    return _json(views.totals(_provider(request).books.engine))


@get("/healthz")
async def healthz(request: Ask) -> Response[bytes]:
    """The provider's idea of now, open to all."""
    return _json({"now": _provider(request).books.clock()})


@get("/pay.css")
async def stylesheet() -> Response[bytes]:
    """The pay page's style."""
    return Response(page.CSS, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@get("/pay/{token:str}")
async def show_pay_page(request: Ask, token: FromPath[str]) -> Response[str]:
    """The pay page."""
    p, accept = _provider(request), request.headers.get("accept-language", "")
    try:
        payment = p.books.engine.payment_by_token(token)
    except model.SandboxRefused:
        return _html(page.message_page("gone", accept), 404)
    p.books.engine.tick()
    p.books.save()
    return _html(page.pay_page(payment, accept))


@post("/pay/{token:str}")
async def answer_pay_page(request: Ask, token: FromPath[str]) -> Response[str] | Redirect:
    """The buyer's answer; then back to where the merchant wants them."""
    p, accept = _provider(request), request.headers.get("accept-language", "")
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    result = form.get("result", [])
    engine = p.books.engine
    try:
        payment = engine.payment_by_token(token)
        if result not in (["success"], ["fail"]):
            return _html(page.message_page("bad", accept), 400)
        engine.pay(token, "success" if result == ["success"] else "fail")
    except model.SandboxRefused as refused:
        p.books.save()
        if refused.code == "not_found":
            return _html(page.message_page("gone", accept), 404)
        return _html(page.pay_page(payment, accept), 409)
    early = engine.faults.hit("early_callback")
    p.books.save()
    if early:
        await p.courier.round()
    p.courier.wake()
    return Redirect(payment.return_url, status_code=303, headers={"Cache-Control": "no-store"})


def _html(text: str, status: int = 200) -> Response[str]:
    return Response(text, status_code=status, media_type="text/html", headers=page.HEADERS)


def _refused(_: Ask, refused: model.SandboxRefused) -> Response[bytes]:
    return _json({"code": refused.code}, refused.status)


def _not_served(_: Ask, wrong: HTTPException) -> Response[bytes]:
    return _json({"code": "not_found" if wrong.status_code == 404 else "bad_request"}, wrong.status_code)


def build_app(provider: Provider, carrier: Carrier | None = None) -> Gate:
    """The whole ASGI application: signed door around the handlers; with a carrier, parcels move too."""
    inner = Litestar(
        route_handlers=[
            create_payment,
            query_payment,
            close_payment,
            hold_status,
            release,
            query_release,
            split_return,
            refund,
            query_refund,
            bill,
            events,
            redeliver,
            script_fault,
            clear_faults,
            set_clock,
            play_buyer,
            totals,
            healthz,
            stylesheet,
            show_pay_page,
            answer_pay_page,
            *(carrying.ROUTES if carrier else ()),
        ],
        exception_handlers={model.SandboxRefused: _refused, HTTPException: _not_served},
        openapi_config=None,
        request_max_body_size=BODY_LIMIT,
        state=State({"provider": provider, "carrier": carrier}),
    )
    return Gate(inner, provider.books, provider.keys, provider.courier)
