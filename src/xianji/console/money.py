"""What finance must look at: the nightly proof, bills beside ours, holds that end soon, what went wrong."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import members, orders, payments
from xianji.domains.members import MemberCard
from xianji.domains.orders import NightProof
from xianji.domains.payments import BillDay, BillDifference, EndingHold, RefusedFact, StuckCall, UnbookedFact
from xianji.kernel.money import Money
from xianji.kernel.work import Look
from xianji.web import order_words, render
from xianji.web.visit import Req, Visit, visit_of

from . import desk
from .gate import bar

_WHAT = {
    "missing_here": "账单上有，我们没有",
    "missing_there": "我们有，账单上没有",
    "amount": "金额或币种对不上",
    "books": "账本里的数对不上",
}
_STATE = {"asked": "正在取账单", "clean": "对上了", "differs": "有出入", "failed": "没取到账单"}
_PROOF = {"asked": "正在核对", "holds": "账是平的", "broken": "账不平"}
_BROKEN_NOTE = "昨夜核账：账不平。先别动钱，把下面的行发给维护的人，查清之前不要放款和退款。"
_HOLD_NOTE = "到期后钱会自动放给卖家，之后退款要找卖家追。到期前：催双方确认收货，或由评审了结；都不成就原路退回。"


class Day(msgspec.Struct, frozen=True):
    """A difference with the day it was found on."""

    day: BillDay
    difference: BillDifference


class MoneyDesk(msgspec.Struct, frozen=True):
    """Everything finance must look at."""

    proofs: list[NightProof]
    days: list[BillDay]
    differences: list[Day]
    holds_ending: list[EndingHold]
    stuck_calls: list[StuckCall]
    unbooked_facts: list[UnbookedFact]
    refused_facts: list[RefusedFact]
    amends: list[orders.Amends]


async def _desk(look: Look) -> MoneyDesk:
    return MoneyDesk(
        proofs=await orders.night_proofs(look),
        days=await payments.bill_days(look),
        differences=[Day(*pair) for pair in await payments.open_differences(look)],
        holds_ending=await payments.holds_ending(look),
        stuck_calls=await payments.stuck_calls(look),
        unbooked_facts=await payments.unbooked_facts(look),
        refused_facts=list((await payments.refused_facts(look)).items),
        amends=await orders.amends(look),
    )


@get("/api/v1/console/money", operation_id="money_desk", tags=["console"])
async def money_json(request: Req) -> MoneyDesk:
    """What finance must look at: nightly proofs, bills, differences, holds that end soon, what went wrong."""
    async with visit_of(request).look() as look:
        look.actor.need_role("finance")
        return await _desk(look)


@get("/console/money", include_in_schema=False)
async def money(request: Req) -> Response[Any]:
    """The same as a page."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    async with visit.look() as look:
        look.actor.need_role("finance")
        found = await _desk(look)
        owed = [who for one in found.amends for who in (one.creditor, one.debtor)]
        people = await members.cards(look, owed)
    tables = [
        _proofs(visit, found.proofs),
        _days(visit, found.days),
        _differences(visit, found.differences),
        _holds(visit, found.holds_ending),
        _stuck(visit, found.stuck_calls),
        _unbooked(visit, found.unbooked_facts),
        _amends(visit, found.amends, people),
    ]
    broken = next((proof.state == "broken" for proof in found.proofs if proof.state != "asked"), False)
    notes = [*([_BROKEN_NOTE] if broken else []), *([_HOLD_NOTE] if found.holds_ending else [])]
    note = " ".join(render.translate(visit, text) for text in notes)
    return desk.page(visit, "pages/console_rows.html", "/console/money", tables=tables, note=note)


Table = tuple[str, list[dict[str, Any]], list[list[dict[str, Any]]]]


def _proofs(visit: Visit, proofs: list[NightProof]) -> Table:
    lines = [
        [
            *desk.cells(one.night, render.translate(visit, _PROOF[one.state]), one.orders, one.off),
            desk.cell("; ".join(one.wrong)),
            desk.at(visit, one.at),
        ]
        for one in proofs
    ]
    return "每夜核账", desk.heads(visit, "日期", "结果", "订单数", "不平的", "哪里不平", "时间"), lines


def _days(visit: Visit, days: list[BillDay]) -> Table:
    lines = [
        [
            *desk.cells(day.day, day.provider, render.translate(visit, _STATE[day.state])),
            *desk.cells(day.lines, day.differences, day.code),
        ]
        for day in days
    ]
    return "每日对账", desk.heads(visit, "日期", "机构", "结果", "账单行数", "出入", "原因"), lines


def _differences(visit: Visit, found: list[Day]) -> Table:
    lines = []
    for one in found:
        what, told = one.difference, one.day
        ours, theirs = (order_words.amount(visit, Money(size, what.currency)) for size in (what.ours, what.theirs))
        lines.append(
            [
                *desk.cells(told.day, render.translate(visit, _WHAT[what.what]), what.kind),
                *desk.cells(what.out_no, what.request_no, ours, theirs),
            ]
        )
    return "对不上的", desk.heads(visit, "日期", "怎么回事", "种类", "支付", "编号", "我们的数", "账单的数"), lines


def _holds(visit: Visit, found: list[EndingHold]) -> Table:
    lines = [
        [desk.at(visit, one.until), *desk.cells(one.provider, order_words.amount(visit, one.held), one.subject)]
        for one in found
    ]
    return "快到期的托管", desk.heads(visit, "最晚", "机构", "托管中", "订单"), lines


def _stuck(visit: Visit, found: list[StuckCall]) -> Table:
    lines = [
        [desk.at(visit, one.created_at), *desk.cells(one.kind, one.payment, one.part or "", one.amount, one.code or "")]
        for one in found
    ]
    return "没办成的放款和退款", desk.heads(visit, "时间", "种类", "支付", "订单", "金额（最小单位）", "原因"), lines


def _unbooked(visit: Visit, found: list[UnbookedFact]) -> Table:
    lines = [[desk.at(visit, one.stored_at), *desk.cells(one.kind, one.payment, one.event_id)] for one in found]
    return "还没入账的支付事实", desk.heads(visit, "时间", "种类", "支付", "编号"), lines


_AMENDS = {"penalty": "定金违约", "claim": "托管到期后的售后", "repay": "裁定买家退还"}


def _amends(visit: Visit, found: list[orders.Amends], people: dict[str, MemberCard]) -> Table:
    lines = [
        [
            desk.cell(one.order),
            desk.cell(render.translate(visit, _AMENDS[one.kind])),
            desk.member(people, one.creditor),
            desk.cell(order_words.amount(visit, one.amount)),
            desk.member(people, one.debtor),
            desk.cell(order_words.amount(visit, one.debtor_owes)),
            desk.at(visit, one.since),
            desk.press(visit, "已经转交", f"/console/orders/{one.order}/amends/{one.subject}"),
        ]
        for one in found
    ]
    return (
        "要由平台转交的钱",
        desk.heads(visit, "订单", "为什么", "转给谁", "金额", "谁欠的", "欠的人还欠", "时间", "办理"),
        lines,
    )


ROUTES: list[ControllerRouterHandler] = [money_json, money]
