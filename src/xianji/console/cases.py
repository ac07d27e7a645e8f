"""Reports: the queue, one case with its facts, and the decision. Members: search and restrict."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import members, moderation
from xianji.domains.moderation import CaseCard, CasePage, Decision, Restriction
from xianji.kernel.errors import MALFORMED, NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.web import filters, forms, render
from xianji.web.bodies import whole
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.rulings import why, words_of
from xianji.web.visit import Req, Visit, visit_of

from . import desk
from .gate import bar

_VERBS = {
    "hide": "下架",
    "restore": "恢复",
    "dismiss": "不处理",
    "restrict_member": "限制成员",
    "uphold": "维持原判",
    "release": "放行",
    "reject": "不通过",
}
_MOVES = _VERBS | {"appeal": "申诉", "lapse": "自己收回了", "rule": "在退款里裁定", "settle": "两边谈妥了"}


@get("/console", include_in_schema=False)
async def queue(request: Req) -> Response[Any]:
    """The cases that wait, the longest waiting first."""
    visit = visit_of(request)
    return await bar(visit) or await _case(visit, None, {}, None)


@get("/console/cases/{case:str}", include_in_schema=False)
async def one_case(request: Req, case: FromPath[str]) -> Response[Any]:
    """One case between the queue and its facts."""
    visit = visit_of(request)
    return await bar(visit) or await _case(visit, case, {}, None)


@post("/console/cases/{case:str}", include_in_schema=False)
async def decide(request: Req, case: FromPath[str]) -> Response[Any]:
    """Decide a case by a named rule."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    pairs = await forms.pairs(request)
    try:
        if not is_id("cse", case):
            raise NOT_FOUND()
        wish = forms.fill(Decision, pairs, visit.house.here.currency)
        async with visit.work() as work:
            await moderation.decide(work, case, wish)
    except Refusal as refusal:
        return await _case(visit, case, dict(pairs), refusal)
    return Response(None, status_code=303, headers={"Location": "/console?ok=decided"})


async def _case(visit: Visit, case: str | None, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        waiting = (await moderation.queue(look)).items + (await moderation.queue(look, "appealed")).items
        shown = await moderation.case_page(look, case) if case else None
    rules = [{"value": "", "text": "—"}]
    rules += [
        {"value": code, "text": words.zh if visit.language == "zh" else words.en}
        for code, words in moderation.policy().rules.items()
    ]
    return desk.page(
        visit,
        "pages/console_case.html",
        "/console",
        status=STATUS[refusal.code.kind] if refusal else 200,
        queue=[_line(visit, card, case) for card in waiting],
        case=shown,
        reports=[(_reason(visit, one.reason), one) for one in (shown.reports if shown else [])],
        snapshot=_snapshot(visit, shown) if shown else [],
        findings=[(why(visit, [one.rule]), one.matched) for one in shown.findings] if shown else [],
        moves=[(render.translate(visit, _MOVES[one.verb]), one) for one in (shown.moves if shown else [])],
        verbs=[(verb, render.translate(visit, _VERBS[verb])) for verb in (shown.actions if shown else [])],
        rules=rules,
        typed={"reason": "", "rule": "", "days": "", "kind": "", **typed},
        errors=beside(visit, refusal, {"reason", "rule", "days", "kind"}),
    )


def _line(visit: Visit, card: CaseCard, on: str | None) -> dict[str, Any]:
    return {
        "href": f"/console/cases/{card.id}",
        "title": card.title or card.subject,
        "note": _gist(visit, card),
        "due": desk.at(visit, card.opened_at)["text"],
        "late": card.opened_at < visit.database.clock.now() - timedelta(days=1),
        "on": card.id == on,
    }


def _gist(visit: Visit, card: CaseCard) -> str:
    """Why it is here, in one line: the rules that hold it, or how often and why it was reported; and whose it is."""
    told = [_reason(visit, code) for code in card.reasons]
    reported = [f"{card.reports} × {'、'.join(told)}"] if card.reports else []
    appealed = [render.translate(visit, "申诉")] if card.state == "appealed" else []
    whose = [card.owner.name] if card.owner.name != card.title else []
    return " · ".join([*appealed, *card.held, *reported, *whose])


def _reason(visit: Visit, code: str) -> str:
    """Why somebody reported it, in words; a reason no longer offered by its code."""
    reasons = moderation.policy().reasons
    return words_of(visit, reasons[code]) if code in reasons else code


def _snapshot(visit: Visit, shown: CasePage) -> list[dict[str, Any]]:
    """The subject as it was, in words; the title stands above already."""
    found = shown.snapshot
    rows: list[tuple[str, Any]] = [("正文", found.get("body", "")), ("照片", len(found.get("media") or []))]
    if "price" in found:
        locale = "zh_CN" if visit.language == "zh" else "en_US"
        rows.insert(0, ("卖多少", filters.money(found["price"], found["currency"], locale)))
    return [{"label": render.translate(visit, label), "value": value} for label, value in rows if value]


@get("/console/members", include_in_schema=False)
async def find(request: Req, q: FromQuery[str] = "") -> Response[Any]:
    """Search members by handle, name or id."""
    visit = visit_of(request)
    return await bar(visit) or await _members(visit, q, {}, None)


@post("/console/members/restrict", include_in_schema=False)
async def restrict(request: Req) -> Response[Any]:
    """Restrict a member: always with a rule, words and an end."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    typed = dict(await forms.pairs(request))
    try:
        days = typed.get("days", "")
        if whole(days) is None:
            raise MALFORMED(why="days", field="days")
        plain = {name: typed.get(name, "") for name in ("member", "kind", "rule", "reason", "evidence")}
        wish = forms.converted(Restriction, {**plain, "days": whole(days)})
        async with visit.work() as work:
            await moderation.restrict_by_hand(work, wish)
    except Refusal as refusal:
        return await _members(visit, typed.get("member", ""), typed, refusal)
    return Response(None, status_code=303, headers={"Location": f"/console/members?q={wish.member}&ok=decided"})


async def _members(visit: Visit, words: str, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        found = await members.find_members(look, words)
    lines = [
        [
            desk.cell(f"@{card.handle}", f"/u/{card.handle}"),
            desk.cell(card.name),
            desk.cell(card.city),
            desk.cell(card.id),
        ]
        for card in found
    ]
    rules = [
        {"value": code, "text": text.zh if visit.language == "zh" else text.en}
        for code, text in moderation.policy().rules.items()
    ]
    return desk.page(
        visit,
        "pages/console_members.html",
        "/console/members",
        status=STATUS[refusal.code.kind] if refusal else 200,
        q=words,
        heads=desk.heads(visit, "用户名", "名字", "城市", "编号"),
        lines=lines,
        only=found[0].id if len(found) == 1 else "",
        rules=rules,
        typed={"reason": "", "evidence": "", "rule": "", "days": "7", "kind": "sell", **typed},
        errors=beside(visit, refusal, {"reason", "evidence", "rule", "days", "kind"}),
    )


ROUTES: list[ControllerRouterHandler] = [queue, one_case, decide, find, restrict]
