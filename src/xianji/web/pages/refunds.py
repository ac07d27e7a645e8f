"""Refund pages: the sheet of asking, the refund with its time line, and a sheet for each answer."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import members, orders, refunds
from xianji.domains.refunds import Choice, RefundPage
from xianji.kernel import ids
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.web import order_words, refund_words, render, shapes
from xianji.web.errors import beside
from xianji.web.forms import Typed
from xianji.web.refused import STATUS
from xianji.web.typed import kept_pictures, typed_in
from xianji.web.visit import Req, Visit, visit_of

# Per sheet: the public verb that opens it, its title.
_STEPS = {
    "agree": ("agree", "同意退款"),
    "counter": ("counter", "换个办法"),
    "refuse": ("refuse", "不同意"),
    "ship-back": ("ship_back", "寄回去"),
    "waybill": ("correct_waybill", "更正运单号"),
    "receive": ("receive", "收到退货"),
    "refuse-received": ("refuse_received", "收到的不对"),
    "replace": ("replace", "寄出换的东西"),
    "escalate": ("escalate", "请站方来看"),
    "withdraw": ("withdraw", "撤回退款"),
}
_FIELDS = ("kind", "reason", "amount", "words", "evidence", "address", "carrier", "waybill", "problem", "file")


@get("/orders/{order:str}/refund", include_in_schema=False)
async def apply_sheet(
    request: Req, order: FromPath[str], kind: Annotated[str, QueryParameter(max_length=20)] = ""
) -> Response[Any]:
    """First what happened and what one wants, then the details."""
    return await _apply(visit_of(request), order, Typed([("kind", kind)]), None)


async def apply_again(request: Req, refusal: Refusal, typed: Typed, order: str) -> Response[Any]:
    """The sheet once more, with what was typed."""
    return await _apply(visit_of(request), order, typed_in(request, typed), refusal)


async def _apply(visit: Visit, order: str, typed: Typed, refusal: Refusal | None) -> Response[Any]:
    if not ids.is_id("ord", order):
        raise NOT_FOUND()
    async with visit.look() as look:
        found = await refunds.choices(look, order)
        page = await orders.order_page(look, order)
    if found.open and refusal is None:
        return _see(f"/refunds/{found.open}")
    chosen = next((one for one in found.choices if one.kind == typed.get("kind")), None)
    if chosen is None and len(found.choices) == 1:
        chosen = found.choices[0]
    kept = await kept_pictures(visit, typed, "evidence")
    return render.sheet(
        visit,
        "pages/refund_apply.html",
        title="申请退款",
        back=f"/orders/{order}",
        status=STATUS[refusal.code.kind] if refusal else 200,
        order=page,
        found=found,
        groups=_groups(visit, order, found.choices),
        chosen=chosen,
        chosen_text=refund_words.kind(visit, chosen.kind) if chosen else "",
        chosen_note=render.translate(visit, refund_words.KINDS[chosen.kind][1]) if chosen else "",
        reasons=_reasons(visit, chosen),
        most=order_words.amount(visit, found.refundable),
        typed=typed,
        kept=kept,
        until=order_words.when(visit, found.until) if found.until else "",
        errors=beside(visit, refusal, _FIELDS),
    )


_HAPPENED = (
    ("还没发货", ("unshipped",)),
    ("没收到", ("not_received",)),
    ("收到了，有问题", ("return", "partial", "keep_goods", "exchange")),
)


def _groups(visit: Visit, order: str, found: list[Choice]) -> list[dict[str, Any]]:
    """What happened, and under each what one may want."""
    groups = []
    for title, kinds in _HAPPENED:
        ways = refund_words.ways(visit, order, [one for one in found if one.kind in kinds])
        if ways:
            groups.append({"title": render.translate(visit, title), "ways": ways})
    return groups


def _reasons(visit: Visit, chosen: Choice | None) -> list[dict[str, Any]]:
    return [
        {"value": code, "title": refund_words.reason(visit, code), "note": "", "disabled": False, "chip": ""}
        for code in (chosen.reasons if chosen else [])
    ]


@get("/refunds/{refund:str}", include_in_schema=False)
async def refund_page(request: Req, refund: FromPath[str]) -> Response[Any]:
    """One refund for one of its sides."""
    visit = visit_of(request)
    page, other = await load(visit, refund)
    return render.page(
        visit,
        "pages/refund.html",
        refund=page,
        other=other,
        head=refund_words.head(visit, page),
        line=refund_words.time_line(visit, page),
        facts=refund_words.facts(visit, page),
        payout=refund_words.payout(visit, page),
        offered=refund_words.counter(visit, page),
    )


async def load(visit: Visit, refund: str) -> tuple[RefundPage, dict[str, Any]]:
    """A refund of the visitor's with the person on the other side. Operators have a screen of their own."""
    if not ids.is_id("rfd", refund):
        raise NOT_FOUND()
    visit.actor.me  # noqa: B018 - asks to sign in before anything is looked up
    async with visit.look() as look:
        page = await refunds.refund_page(look, refund)
        if page.role == "operator":
            raise NOT_FOUND()
        other = page.seller if page.role == "buyer" else page.buyer
        return page, shapes.person((await members.cards(look, [other]))[other])


@get([f"/refunds/{{refund:str}}/{step}" for step in _STEPS], include_in_schema=False)
async def step_sheet(
    request: Req, refund: FromPath[str], kind: Annotated[str, QueryParameter(max_length=20)] = ""
) -> Response[Any]:
    """The sheet of one answer; when the refund has moved on, the refund itself."""
    typed = Typed([("kind", kind)] if kind else [])
    return await _step(visit_of(request), refund, _step_of(request), typed, None)


def _step_of(request: Req) -> str:
    return request.url.path.rpartition("/")[2]


async def step_again(request: Req, refusal: Refusal, typed: Typed, refund: str) -> Response[Any]:
    """The sheet once more, with what was typed; a second press on a button that already worked shows the refund."""
    if refusal.code is MOVE_NOT_OPEN:
        return _see(f"/refunds/{refund}")
    step = _step_of(request)
    if step not in _STEPS:
        raise refusal
    return await _step(visit_of(request), refund, step, typed_in(request, typed), refusal)


async def _step(visit: Visit, refund: str, step: str, typed: Typed, refusal: Refusal | None) -> Response[Any]:
    verb, title = _STEPS[step]
    page, other = await load(visit, refund)
    if verb not in page.actions:
        return _see(f"/refunds/{refund}")
    async with visit.look() as look:
        places = await members.list_addresses(look) if page.role == "seller" else []
    return render.sheet(
        visit,
        "pages/refund_step.html",
        title=title,
        back=f"/refunds/{refund}",
        status=STATUS[refusal.code.kind] if refusal else 200,
        step=step,
        refund=page,
        other=other,
        most=order_words.amount(visit, page.most),
        amount=order_words.amount(visit, page.amount),
        kind_text=refund_words.kind(visit, page.kind),
        comes_back=page.kind in ("return", "exchange"),
        kinds=_counter_kinds(visit, page),
        problems=_problems(visit),
        places=places,
        carriers=list(orders.all_carriers().values()),
        typed=typed,
        kept=await kept_pictures(visit, typed, "evidence"),
        errors=beside(visit, refusal, _FIELDS),
    )


def _counter_kinds(visit: Visit, page: RefundPage) -> list[dict[str, Any]]:
    """What a seller may offer instead, the return first: it is the equal answer to a partial refund."""
    names = ["return", "partial", "keep_goods"] + ([] if page.after_sale else ["exchange"])
    return [
        {
            "value": name,
            "title": refund_words.kind(visit, name),
            "note": render.translate(visit, refund_words.KINDS[name][1]),
            "disabled": False,
            "chip": "",
        }
        for name in names
    ]


def _problems(visit: Visit) -> list[dict[str, Any]]:
    return [
        {"value": code, "title": render.translate(visit, text), "note": "", "disabled": False, "chip": ""}
        for code, text in refund_words.PROBLEMS.items()
    ]


def _see(address: str) -> Response[Any]:
    return Response(None, status_code=303, headers={"Location": address})


ROUTES: list[ControllerRouterHandler] = [apply_sheet, refund_page, step_sheet]
