"""Disputed refunds: the queue, one of them with both sides, and the ruling."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import members, refunds
from xianji.domains.refunds import RefundPage, RuleOn
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.web import forms, order_words, refund_words, render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from . import desk
from .gate import bar

_FIELDS = ("outcome", "amount", "freight", "rule", "reason")


@get("/console/refunds", include_in_schema=False)
async def queue(request: Req) -> Response[Any]:
    """The refunds that wait for a ruling, the longest waiting first."""
    visit = visit_of(request)
    return await bar(visit) or await _room(visit, None, {}, None)


@get("/console/refunds/{refund:str}", include_in_schema=False)
async def one_refund(request: Req, refund: FromPath[str]) -> Response[Any]:
    """One disputed refund between the queue and its facts."""
    visit = visit_of(request)
    return await bar(visit) or await _room(visit, refund, {}, None)


@post("/console/refunds/{refund:str}", include_in_schema=False)
async def rule(request: Req, refund: FromPath[str]) -> Response[Any]:
    """Rule by a named rule."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    pairs = await forms.pairs(request)
    try:
        if not is_id("rfd", refund):
            raise NOT_FOUND()
        wish = forms.fill(RuleOn, pairs, visit.house.here.currency)
        async with visit.work() as work:
            await refunds.rule(work, refund, wish)
    except Refusal as refusal:
        return await _room(visit, refund, dict(pairs), refusal)
    return Response(None, status_code=303, headers={"Location": "/console/refunds?ok=decided"})


async def _room(visit: Visit, refund: str | None, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    if refund is not None and not is_id("rfd", refund):
        raise NOT_FOUND()
    async with visit.look() as look:
        waiting = (await refunds.disputed(look)).items
        shown = await refunds.refund_page(look, refund) if refund else None
        people = await members.cards(look, [shown.buyer, shown.seller]) if shown else {}
    return desk.page(
        visit,
        "pages/console_refund.html",
        "/console/refunds",
        status=STATUS[refusal.code.kind] if refusal else 200,
        queue=[
            {
                "href": f"/console/refunds/{one.id}",
                "title": one.title,
                "note": f"{refund_words.kind(visit, one.kind)} · {order_words.amount(visit, one.amount)}",
                "due": desk.at(visit, one.since)["text"],
                "late": False,
                "on": one.id == refund,
            }
            for one in waiting
        ],
        refund=shown,
        people=people,
        facts=refund_words.facts(visit, shown) if shown else [],
        left=refund_words.side(visit, shown, "buyer") if shown else [],
        right=refund_words.side(visit, shown, "seller") if shown else [],
        line=refund_words.time_line(visit, shown) if shown else [],
        hint=_hint(visit, shown) if shown else "",
        outcomes=_outcomes(visit, shown) if shown else [],
        rules=[{"value": code, "text": refund_words.ruling(visit, code)} for code in refunds.rulings()],
        typed={"reason": "", "rule": "", "outcome": "", "amount": "", "freight": "", **typed},
        errors=beside(visit, refusal, _FIELDS),
    )


def _outcomes(visit: Visit, shown: RefundPage) -> list[dict[str, str]]:
    """What may be ruled: no money that is gone, no goods that were sent back, nothing that never went back."""
    hidden = {"return" if shown.waybill else "split_freight"}
    if not shown.back.amount:
        hidden.add("repay")
    if not shown.most.amount:
        hidden |= {"refund_full", "refund_part", "return", "split_freight"}
    return [
        {"value": name, "text": render.translate(visit, text)}
        for name, text in refund_words.OUTCOMES.items()
        if name not in hidden
    ]


def _hint(visit: Visit, shown: RefundPage) -> str:
    """How much the field beside the ruling may hold."""
    most = render.translate(visit, "退一部分时填，最多 %(most)s。", most=order_words.amount(visit, shown.most))
    back = render.translate(visit, "退还时填，最多 %(back)s。", back=order_words.amount(visit, shown.back))
    return " ".join(text for text, left in ((most, shown.most.amount), (back, shown.back.amount)) if left)


ROUTES: list[ControllerRouterHandler] = [queue, one_refund, rule]
