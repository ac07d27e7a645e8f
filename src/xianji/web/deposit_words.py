"""Deposits in sentences: what is offered, what each side may expect, and where a deposit stands."""

from typing import Any

from xianji.domains.orders import DepositView, OrderPage
from xianji.kernel.money import Money, as_text

from . import render
from .visit import Reader, Visit

NAMES = {"refundable": "订金", "earnest": "定金"}
# (colour, word, sentence, what happens otherwise) by (state, kind, role); for `order_words`.
SAYINGS: dict[tuple[str, str, str], tuple[str, str, str, str]] = {
    ("awaiting_balance", "refundable", "buyer"): (
        "amber",
        "等你付尾款",
        "订金已托管，宝贝给你留着，%(until)s 前付尾款就好。",
        "",
    ),
    ("awaiting_balance", "refundable", "seller"): (
        "amber",
        "等买家付尾款",
        "给 %(name)s 留着，尾款最晚 %(until)s。",
        "",
    ),
    ("awaiting_balance", "earnest", "buyer"): (
        "amber",
        "等你付尾款",
        "定金已托管，宝贝给你留着，%(until)s 前付尾款就好。",
        "",
    ),
    ("awaiting_balance", "earnest", "seller"): (
        "amber",
        "等买家付尾款",
        "给 %(name)s 留着，尾款最晚 %(until)s。这时反悔要双倍返还定金。",
        "",
    ),
    ("forfeited", "earnest", "buyer"): ("slate", "没有成交", "定金归了 %(name)s，另付的钱由支付机构原路退回。", ""),
    ("forfeited", "earnest", "seller"): ("slate", "没有成交", "%(net)s 定金放给你，宝贝回到架上。", ""),
}
# What time does when the rest was not paid, by its verb.
OTHERWISE = {
    "extend": "到时没付，再宽限 %(hours)s 小时。",
    "balance_timeout": "到时没付，已付的原路退回，宝贝回到架上。",
    "forfeit_timeout": "到时没付，定金归卖家，宝贝回到架上。",
}
_SILENT = {
    "refund": "到时没付尾款，全部退给买家。",
    "forfeit": "到时没付尾款，定金归卖家。",
    "extend": "到时没付尾款，先宽限一次同样的时间。",
}
HAPPENED = {
    "pay_deposit": "付了一部分，已托管",
    "balance_timeout": "尾款超时，已退款",
    "forfeit": "买家放弃，定金归卖家",
    "forfeit_timeout": "尾款超时，定金归卖家",
}


def consequences(visit: Visit, deposit: DepositView) -> list[str]:
    """What both sides agree to, sentence by sentence."""
    if deposit.kind == "earnest":
        told = ["买家反悔，定金归卖家。", "卖家反悔，退回定金，再赔买家同样多。", _SILENT[deposit.silent]]
    else:
        told = ["谁反悔都一样，订金全部退给买家。", _SILENT[deposit.silent]]
    return [render.translate(visit, one) for one in ["卖家交出宝贝以前，一分也拿不到。", *told]]


def pay_word(visit: Visit, page: OrderPage) -> str:
    """What the button says that leads to paying what is due now."""
    if page.deposit is None:
        return render.translate(visit, "去付款")
    if page.state == "awaiting_balance":
        return render.translate(visit, "付尾款")
    return render.translate(visit, "去付%(name)s", name=render.translate(visit, NAMES[page.deposit.kind]))


def keeps(reader: Reader, deposit: DepositView | None) -> str:
    """That a thing is kept for a part of its price, for its page; empty where it is not."""
    if deposit is None:
        return ""
    name = render.translate(reader, NAMES[deposit.kind])
    amount = as_text(deposit.amount.amount, deposit.amount.currency, "zh_CN" if reader.language == "zh" else "en_US")
    return render.translate(reader, "可付%(name)s %(amount)s 留货", name=name, amount=amount)


def offered(visit: Visit, deposit: DepositView | None) -> dict[str, Any] | None:
    """What the buy sheet says of a deposit, for its choice; None without one."""
    if deposit is None:
        return None
    name = render.translate(visit, NAMES[deposit.kind])
    return {
        "kind": deposit.kind,
        "name": name,
        "amount": deposit.amount,
        "balance": deposit.balance,
        "hours": deposit.hours,
        "consequences": consequences(visit, deposit),
    }


def rows(visit: Visit, page: OrderPage) -> list[dict[str, Any]]:
    """The lines of a deposit between an order's money lines, for `money.sums`."""
    deposit = page.deposit
    if deposit is None:
        return []
    words = [(NAMES[deposit.kind], deposit.amount, _where(page)), ("尾款", deposit.balance, "")]
    if deposit.penalty.amount:
        note = "平台已经转给买家" if deposit.penalty_paid.amount else "从卖家之后的货款里扣，由平台转给买家"
        words.append(("卖家另赔", deposit.penalty, note))
    return [_row(visit, *one) for one in words]


def _where(page: OrderPage) -> str:
    return "先付" if page.state in ("awaiting_payment", "closed") else "已付"


def _row(visit: Visit, label: str, amount: Money, note: str) -> dict[str, Any]:
    told = render.translate(visit, note) if note else ""
    return {"label": render.translate(visit, label), "note": told, "amount": amount, "kind": ""}
