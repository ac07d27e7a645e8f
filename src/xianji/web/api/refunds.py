"""Refunds: ask, answer, send back, receive, take it to the operators, and their ruling."""

from typing import Annotated, Any

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import refunds
from xianji.domains.orders import Ship
from xianji.domains.refunds import Choices, DisputeLine, RefundCard, RefundPage, Ruling
from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page
from xianji.kernel.work import Look
from xianji.web import typed
from xianji.web.commands import Command
from xianji.web.pages import refunds as pages
from xianji.web.visit import Req, visit_of


async def _asked(look: Look, refund: str, _order: str) -> RefundPage:
    return await refunds.refund_page(look, refund)


async def _changed(look: Look, _: object, refund: str) -> RefundPage:
    return await refunds.refund_page(look, refund)


def _to_refund(_: object, refund: str) -> str:
    return f"/refunds/{refund}"


def _step(name: str, verb: Any, path: str = "", ask: Any = None, **more: Any) -> Command:
    """A verb of an open refund under both entrances."""
    return Command(
        f"{name}_refund" if name in ("rule", "withdraw", "escalate", "refuse", "agree", "counter") else name,
        "/refunds/{refund}/" + (path or name.replace("_", "-")),
        verb,
        ask,
        view=_changed,
        returns=RefundPage,
        tag="refunds",
        **more,
    )


_FORM: dict[str, Any] = {"then": _to_refund, "again": pages.step_again}
_WITH_PICTURES: dict[str, Any] = {**_FORM, "gather": typed.gather}

COMMANDS: list[Command] = [
    Command(
        "ask_for_refund",
        "/orders/{order}/refunds",
        refunds.apply,
        refunds.Apply,
        view=_asked,
        returns=RefundPage,
        then=lambda refund, _order: f"/refunds/{refund}",
        again=pages.apply_again,
        gather=typed.gather,
        status=201,
        tag="refunds",
    ),
    _step("agree", refunds.agree, ask=refunds.Agree, **_FORM),
    _step("counter", refunds.counter, ask=refunds.CounterRefund, **_FORM),
    _step("accept_counter", refunds.accept_counter, **_FORM),
    _step("refuse", refunds.refuse, ask=refunds.Refuse, **_WITH_PICTURES),
    _step("ship_back", refunds.ship_back, ask=refunds.ShipBack, **_WITH_PICTURES),
    _step("correct_return_waybill", refunds.correct_return, "waybill", Ship, **_FORM),
    _step("receive_return", refunds.receive, "receive", **_FORM),
    _step("refuse_received", refunds.refuse_received, ask=refunds.RefuseReceived, **_WITH_PICTURES),
    _step("send_replacement", refunds.replace, "replace", refunds.Replacement, **_FORM),
    _step("withdraw", refunds.withdraw, **_FORM),
    _step("escalate", refunds.escalate, ask=refunds.Escalate, **_WITH_PICTURES),
    _step("rule", refunds.rule, ask=refunds.RuleOn),
]


@get("/api/v1/refunds/{refund:str}", operation_id="get_refund", tags=["refunds"])
async def get_refund(request: Req, refund: FromPath[str]) -> RefundPage:
    """One refund for its buyer, its seller or a moderator: state, what I may do, until when, and what happens then."""
    if not ids.is_id("rfd", refund):
        raise NOT_FOUND()
    async with visit_of(request).look() as look:
        return await refunds.refund_page(look, refund)


@get("/api/v1/orders/{order:str}/refunds", operation_id="list_refunds", tags=["refunds"])
async def list_refunds(request: Req, order: FromPath[str]) -> list[RefundCard]:
    """The refunds of one of my orders, newest first."""
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    async with visit_of(request).look() as look:
        return await refunds.refunds_of(look, order)


@get("/api/v1/orders/{order:str}/refunds/choices", operation_id="refund_choices", tags=["refunds"])
async def refund_choices(request: Req, order: FromPath[str]) -> Choices:
    """What the buyer of an order may ask for now, how much at most, and for which reasons."""
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    async with visit_of(request).look() as look:
        return await refunds.choices(look, order)


@get("/api/v1/disputed-refunds", operation_id="list_disputed_refunds", tags=["refunds"])
async def list_disputed(
    request: Req,
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = PAGE_SIZE,
) -> Page[DisputeLine]:
    """Refunds that wait for a ruling, the oldest first; for moderators."""
    async with visit_of(request).look() as look:
        return await refunds.disputed(look, cursor, limit)


@get("/api/v1/refund-rules", operation_id="list_refund_rules", tags=["refunds"])
async def list_rules() -> list[Ruling]:
    """The rules by which operators decide refunds."""
    return list(refunds.rulings().values())


ROUTES: list[ControllerRouterHandler] = [get_refund, list_refunds, refund_choices, list_disputed, list_rules]
