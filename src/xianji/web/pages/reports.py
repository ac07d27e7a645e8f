"""Reporting something, what became of my reports, decisions about what is mine, and the appeal."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import members, moderation
from xianji.domains.moderation import OwnCase, OwnReport, SanctionLine
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.web import render, rulings
from xianji.web.errors import beside
from xianji.web.going import see_other
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

_KINDS = {
    "itm": "你在举报一件宝贝。",
    "nte": "你在举报一篇笔记。",
    "cmt": "你在举报一条评论。",
    "mbr": "你在举报一位成员。",
    "thk": "你在举报一句感谢的话。",
}
_REPORTS = {
    "open": ("amber", "等处理"),
    "dismissed": ("", "看过了，没有违反规则"),
    "released": ("", "看过了，没有违反规则"),
    "acted": ("jade", "已经处理"),
    "appealed": ("amber", "对方申诉了，在复核"),
    "upheld": ("jade", "复核后维持处理"),
    "overturned": ("", "复核后撤销了处理"),
}
_CASES = {
    "open": ("amber", "等管理员看一眼"),
    "released": ("jade", "看过了，可以上架"),
    "acted": ("amber", "已经生效"),
    "appealed": ("slate", "申诉在复核"),
    "upheld": ("amber", "复核后维持"),
    "overturned": ("jade", "已经撤销"),
}
_SANCTIONS = {"hide": "内容被下架", "sell": "不能卖", "buy": "不能买", "speak": "不能发言", "sign_in": "不能登录"}


@get("/report", include_in_schema=False)
async def ask(request: Req, subject: FromQuery[str] = "") -> Response[Any]:
    """The form of a report; reasons come from the policy."""
    visit = visit_of(request)
    if not any(is_id(prefix, subject) for prefix in _KINDS):
        raise NOT_FOUND()
    if visit.actor.member is None:
        return see_other(f"/sign-in?to={quote(visit.path)}")
    return _report_page(visit, {"subject": subject}, None)


async def report_again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The form once more, with what was typed."""
    if not any(is_id(prefix, typed.get("subject", "")) for prefix in _KINDS):
        raise NOT_FOUND()
    return _report_page(visit_of(request), typed, refusal)


def _report_page(visit: Visit, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    reasons = moderation.policy().reasons
    subject = typed["subject"]
    return render.sheet(
        visit,
        "pages/report.html",
        title="举报",
        back=_address(subject) or "/",
        status=STATUS[refusal.code.kind] if refusal else 200,
        about=render.translate(visit, _KINDS[subject[:3]]),
        subject=subject,
        reasons=[
            {"value": code, "title": _words(visit, reasons, code), "note": "", "disabled": False, "chip": ""}
            for code in reasons
        ],
        typed=typed,
        errors=beside(visit, refusal, {"reason", "words"}),
    )


def thanks_at(_case: str) -> str:
    """Where a browser goes after a report."""
    return "/report/thanks"


@get("/report/thanks", include_in_schema=False)
async def thanks(request: Req) -> Response[Any]:
    """What happens next."""
    return render.sheet(visit_of(request), "pages/report_thanks.html", title="收到你的举报")


@get("/me/reports", include_in_schema=False)
async def my_reports(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """What I reported and how it ended."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await moderation.my_reports(look, cursor)
    return render.sheet(
        visit,
        "pages/my_reports.html",
        title="我的举报",
        back="/me",
        reports=[_report_line(visit, one) for one in found.items],
        more_href=f"/me/reports?cursor={quote(found.next_cursor)}" if found.next_cursor else None,
    )


def _report_line(visit: Visit, one: OwnReport) -> dict[str, Any]:
    kind, state = _REPORTS[one.state]
    return {
        "reason": _words(visit, moderation.policy().reasons, one.reason),
        "words": one.words,
        "state": render.translate(visit, state),
        "kind": kind,
        "at": one.at,
    }


@get("/me/cases", include_in_schema=False)
async def my_cases(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Decisions about what is mine, restrictions of my account, and the way to appeal."""
    visit = visit_of(request)
    async with visit.look() as look:
        found = await moderation.my_cases(look, cursor)
        limits = await members.my_restrictions(look)
    return render.sheet(
        visit,
        "pages/my_cases.html",
        title="账号状态",
        back="/me",
        limits=[limit_line(visit, one) for one in limits if one.in_force],
        cases=[case_line(visit, one) for one in found.items],
        more_href=f"/me/cases?cursor={quote(found.next_cursor)}" if found.next_cursor else None,
    )


def limit_line(visit: Visit, one: members.RestrictionLine | SanctionLine) -> dict[str, Any]:
    """A sanction or restriction in words: what, by which rule, why, until when."""
    return {
        "what": render.translate(visit, _SANCTIONS.get(one.kind, one.kind)),
        "rule": f"{one.rule} {_words(visit, moderation.policy().rules, one.rule)}",
        "reason": one.reason,
        "until": one.until,
    }


def case_line(visit: Visit, one: OwnCase) -> dict[str, Any]:
    """A decision for the pages of its owner."""
    kind, state = _CASES[one.state]
    return {
        "id": one.id,
        "title": one.title,
        "href": _address(one.subject),
        "kind": kind,
        "state": render.translate(visit, state),
        "why": rulings.why(visit, one.held),
        "sanctions": [limit_line(visit, line) for line in one.sanctions],
        "appeal": one.appeal or "",
        "may_appeal": "appeal" in one.actions,
    }


@get("/cases/{case:str}/appeal", include_in_schema=False)
async def ask_appeal(request: Req, case: FromPath[str]) -> Response[Any]:
    """The form of an appeal."""
    return await _appeal_page(visit_of(request), case, {}, None)


async def appeal_again(request: Req, refusal: Refusal, typed: dict[str, str], case: str) -> Response[Any]:
    """The appeal once more, with what was typed."""
    return await _appeal_page(visit_of(request), case, typed, refusal)


async def _appeal_page(visit: Visit, case: str, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    if not is_id("cse", case):
        raise NOT_FOUND()
    async with visit.look() as look:
        mine = await moderation.my_case(look, case)
    return render.sheet(
        visit,
        "pages/appeal.html",
        title="申诉",
        back="/me/cases",
        status=STATUS[refusal.code.kind] if refusal else 200,
        case=case_line(visit, mine),
        typed=typed,
        errors=beside(visit, refusal, {"text"}),
    )


def appealed_at(_result: None, _case: str) -> str:
    """Where a browser goes after an appeal."""
    return "/me/cases?ok=appealed"


def _words(visit: Visit, texts: dict[str, moderation.Words], code: str) -> str:
    """A reason or a rule in the visitor's language; the bare code when the policy no longer has it."""
    found = texts.get(code)
    if found is None:
        return code
    return found.zh if visit.language == "zh" else found.en


def _address(subject: str) -> str:
    """The page of a reported subject; comments and thanks have none of their own."""
    rooms = {"itm": "items", "nte": "notes", "mbr": "u", "rfd": "refunds"}
    room = rooms.get(subject[:3])
    return f"/{room}/{subject}" if room else ""


ROUTES: list[ControllerRouterHandler] = [ask, ask_appeal, my_cases, my_reports, thanks]
