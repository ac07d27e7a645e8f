"""An order in sentences: whose turn it is and until when, what happened, where the money is.

The tables hold the Chinese sources of the sentences by (state, role); English comes from the catalogue. Facts a
sentence may use: `name` (the other side), `until` (when time acts), `ship_by`, `net`, `back`.
"""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import items
from xianji.domains.media import media_url
from xianji.domains.orders import OrderCard, OrderPage, Quote, Sale
from xianji.kernel.money import Money, as_text

from . import deposit_words, filters, parcel_words, render, shapes, unprotected
from .visit import Visit


class Saying(msgspec.Struct, frozen=True):
    """How one side reads a state: a colour with a word, a sentence, and what happens if nobody acts."""

    kind: str
    word: str
    say: str
    otherwise: str = ""


_ARRIVES = Saying(
    "amber",
    "等你确认",
    "收到后看一看、试一试，没问题就确认收货，最晚 %(until)s。",
    "到时没有异议，自动确认，钱放给卖家。",
)
_SAYINGS: dict[tuple[str, str], Saying] = {
    ("awaiting_payment", "buyer"): Saying(
        "amber", "等你付款", "宝贝给你留着，%(until)s 前付款就好。", "到时没付，订单自动关掉，宝贝回到架上。"
    ),
    ("awaiting_payment", "seller"): Saying(
        "amber", "等买家付款", "%(name)s 还没付款，最晚 %(until)s。", "到时没付，订单自动关掉，宝贝回到架上。"
    ),
    ("awaiting_shipment", "buyer"): Saying(
        "amber", "等卖家发货", "等 %(name)s 发货，最晚 %(ship_by)s。", "%(until)s 还没发，钱自动退给你，一分不少。"
    ),
    ("awaiting_shipment", "seller"): Saying(
        "jade", "钱已托管", "%(name)s 付好了，请在 %(ship_by)s 前发货。", "%(until)s 还没发，钱会自动退给买家。"
    ),
    ("awaiting_meeting", "buyer"): Saying(
        "jade",
        "钱已托管",
        "和 %(name)s 约个地方见面，看好东西再出示面交码。",
        "%(until)s 还没见成，钱自动退给你，一分不少。",
    ),
    ("awaiting_meeting", "seller"): Saying(
        "jade",
        "钱已托管",
        "%(name)s 付好了。见面交货时，输入对方手机上的面交码。",
        "%(until)s 还没见成，钱会自动退给买家。",
    ),
    ("shipped", "buyer"): _ARRIVES,
    ("delivered", "buyer"): _ARRIVES,
    ("shipped", "seller"): Saying(
        "jade", "在路上", "等 %(name)s 收货确认，最晚 %(until)s。", "到时没有异议，自动确认，钱放给你。"
    ),
    ("delivered", "seller"): Saying(
        "jade", "已送到", "等 %(name)s 看过确认，最晚 %(until)s。", "到时没有异议，自动确认，钱放给你。"
    ),
    ("completed", "buyer"): Saying("jade", "交易完成", "东西到手，钱也放给了 %(name)s。愿它陪你久一点。"),
    ("completed", "seller"): Saying("jade", "交易完成", "%(net)s 已经放给你，由支付机构打款。"),
    ("closed", "buyer"): Saying("slate", "已关闭", "这笔没有付款，订单关了。"),
    ("closed", "seller"): Saying("slate", "已关闭", "买家没有付款，订单关了，宝贝回到架上。"),
    ("refunded", "buyer"): Saying("slate", "已退款", "%(back)s 原路退回给你，由支付机构退款。"),
    ("refunded", "seller"): Saying("slate", "已退款", "这笔没有成交，钱退给了 %(name)s，宝贝回到架上。"),
}
# Nothing is paid for a gift, so nothing is held, released or sent back.
_GIFTS: dict[tuple[str, str], Saying] = {
    ("awaiting_shipment", "buyer"): Saying(
        "jade", "送给你了", "等 %(name)s 寄出，最晚 %(ship_by)s。", "%(until)s 还没寄，订单取消，宝贝回到送的人手里。"
    ),
    ("awaiting_shipment", "seller"): Saying(
        "amber", "等你寄出", "%(name)s 等着收，请在 %(ship_by)s 前寄出。", "%(until)s 还没寄，订单取消，可以另选一位。"
    ),
    ("awaiting_meeting", "buyer"): Saying(
        "jade",
        "送给你了",
        "和 %(name)s 约个地方见面，看好东西再出示面交码。",
        "%(until)s 还没见成，订单取消，宝贝回到送的人手里。",
    ),
    ("awaiting_meeting", "seller"): Saying(
        "amber",
        "约着送出",
        "和 %(name)s 约个地方，交出时输入对方手机上的面交码。",
        "%(until)s 还没见成，订单取消，可以另选一位。",
    ),
    ("completed", "buyer"): Saying("jade", "收到了", "宝贝到手了。愿它陪你久一点。"),
    ("completed", "seller"): Saying("jade", "送出了", "宝贝到了 %(name)s 手里，谢谢你的心意。"),
    ("refunded", "buyer"): Saying("slate", "已取消", "这件没有送成，你什么也没有付。"),
    ("refunded", "seller"): Saying("slate", "已取消", "这件没有送成，可以另选一位。"),
}
_DIGITAL = {
    "buyer": Saying(
        "amber",
        "等卖家交付",
        "等 %(name)s 交付内容，最晚 %(ship_by)s。",
        "%(until)s 还没交付，钱自动退给你，一分不少。",
    ),
    "seller": Saying(
        "jade", "钱已托管", "%(name)s 付好了，请在 %(ship_by)s 前交付内容。", "%(until)s 还没交付，钱会自动退给买家。"
    ),
}
_CHANGED = {
    "buyer": Saying(
        "amber",
        "等你看新价钱",
        "%(name)s 改了价，看一眼再付款，最晚 %(until)s。",
        "到时没付，订单自动关掉，宝贝回到架上。",
    ),
    "seller": Saying(
        "amber",
        "等买家看新价钱",
        "价钱改好了，等 %(name)s 确认付款，最晚 %(until)s。",
        "到时没付，订单自动关掉，宝贝回到架上。",
    ),
}
_PAUSED = Saying("slate", "退款处理中", "有一笔退款在处理，计时先停下，处理完再继续。")

_HAPPENED = {
    "place": "下单",
    "change_price": "卖家改了价",
    "reconfirm": "看过新价钱",
    "pay": "付款，钱已托管",
    "pay_to_meet": "付款，钱已托管",
    "cancel": "取消订单",
    "time_out_payment": "超时未付，订单关闭",
    "ship": "已发货",
    "correct_waybill": "更正了运单号",
    "no_logistics": "已交付内容",
    "refund_timeout": "超时没有发货，已退款",
    "arrange": "约好了见面",
    "renew_code": "换了新的面交码",
    "redeem": "面交码核对成功，已放款",
    "meet_timeout": "超时没有见面，已退款",
    "cancel_paid": "取消订单，已退款",
    "deliver": "已签收",
    "confirm": "确认收货，已放款",
    "auto_confirm": "到期自动确认，已放款",
    "unseen": "快递一直没有揽收记录",
    "extend": "延长了时间",
    "pause": "申请退款，计时停下",
    "resume": "退款处理完，计时继续",
    "refund_part": "退了一部分",
    "refund_all": "退款成功",
    "complete_rest": "东西退回，余款放给卖家",
    "hold_ended": "托管到期，支付机构放款",
}
_WHO = {"buyer": "买家", "seller": "卖家", "time": "到时自动", "operator": "站方", "carrier": "快递"}
HANDOVER = {"ship": "邮寄", "meet": "面交", "digital": "线上交付"}


def when(visit: Visit, moment: datetime) -> str:
    """A moment as this visitor reads it; also outside of a template."""
    filters.MOMENT.set(visit.database.clock.now())
    filters.ZONE.set(visit.zone)
    return filters.soon(moment, visit.language)


def amount(visit: Visit, money: Money) -> str:
    """An amount inside a sentence."""
    return as_text(money.amount, money.currency, "zh_CN" if visit.language == "zh" else "en_US")


def _saying(
    state: str, role: str, handover: str, paused: bool, total: Money, protected: bool = True, deposit: str | None = None
) -> Saying:
    if paused:
        return _PAUSED
    if (state, deposit, role) in deposit_words.SAYINGS:
        return Saying(*deposit_words.SAYINGS[state, str(deposit), role])
    if not protected and total.amount and (state, role) in unprotected.SAYINGS:
        return Saying(*unprotected.SAYINGS[state, role])
    if not total.amount and (state, role) in _GIFTS:
        return _GIFTS[state, role]
    if state == "awaiting_shipment" and handover == "digital":
        return _DIGITAL[role]
    return _SAYINGS[state, role]


def _saying_of(page: OrderPage) -> Saying:
    deposit = page.deposit.kind if page.deposit else None
    paused, total = page.waiting.paused, page.money.total
    found = _saying(page.state, page.role, page.handover, paused, total, page.protected, deposit)
    if page.state != "awaiting_balance":
        return found
    return msgspec.structs.replace(found, otherwise=deposit_words.OTHERWISE[page.waiting.otherwise])


def state_word(visit: Visit, state: str, role: str, handover: str, total: Money) -> tuple[str, str]:
    """The word of a state for one side, and its colour."""
    saying = _saying(state, role, handover, False, total)
    return render.translate(visit, saying.word), saying.kind


def head(visit: Visit, page: OrderPage, other: str) -> dict[str, Any]:
    """The top of an order page for `order.order_head`, still without its buttons."""
    saying = _saying_of(page)
    if page.unpaid and not page.confirmed:
        saying = _CHANGED[page.role]
    until = page.waiting.until
    facts = {
        "name": other,
        "until": when(visit, until) if until else "",
        "ship_by": when(visit, page.deadlines[0].at) if page.deadlines else "",
        "net": amount(visit, page.money.net),
        "back": amount(visit, page.money.refunded),
        "hours": page.deposit.hours if page.deposit else "",
    }
    return {
        "kind": saying.kind,
        "word": render.translate(visit, saying.word),
        "say": render.translate(visit, saying.say, **facts),
        "otherwise": render.translate(visit, saying.otherwise, **facts) if saying.otherwise else "",
        "shout": _shout(visit, page),
    }


def _shout(visit: Visit, page: OrderPage) -> str:
    """What a seller must not overlook: nothing is sent before everything is paid."""
    if not page.unpaid or page.role != "seller":
        return ""
    return render.translate(visit, "尾款未付，请勿发货" if page.state == "awaiting_balance" else "未付款，请勿发货")


def time_line(visit: Visit, page: OrderPage) -> list[dict[str, Any]]:
    """What happened, and what is waited for now, for `order.order_line`."""
    happened = _HAPPENED | (deposit_words.HAPPENED if page.protected else unprotected.HAPPENED)
    last = next((entry for entry in reversed(page.timeline) if "waybill" in entry.facts), None)
    line = [
        {
            "what": render.translate(visit, happened.get(entry.verb, entry.verb)),
            "at": entry.at,
            "note": _note(visit, entry),
            "state": "done",
            "gone": "waybill" in entry.facts and entry is not last,
        }
        for entry in page.timeline
    ]
    if page.shipment is not None:
        line = parcel_words.woven(visit, line, page.shipment.way, page.shipment.shipped_at)
    if page.waiting.until is not None:
        word = _saying_of(page)
        what = render.translate(visit, _WAITS.get(page.state, word.word))
        line.append({"what": what, "at": page.waiting.until, "note": render.translate(visit, "最晚"), "state": "now"})
    return line


_WAITS = {
    "awaiting_payment": "等付款",
    "awaiting_balance": "等付尾款",
    "awaiting_shipment": "等卖家交出宝贝",
    "awaiting_meeting": "等见面",
    "shipped": "等买家确认",
    "delivered": "等买家确认",
}


def _note(visit: Visit, entry: Any) -> str:
    if "waybill" in entry.facts:
        return f"{parcel_words.carrier_name(visit, entry.facts['carrier'])} {entry.facts['waybill']}"
    if entry.verb == "unseen":
        return render.translate(visit, "发货 %(hours)s 小时后", hours=entry.facts["hours"])
    who = render.translate(visit, _WHO[entry.role]) if entry.role in _WHO else ""
    reason = str(entry.facts.get("reason") or "")
    return f"{who} · {reason}" if reason else who


def sums(visit: Visit, page: OrderPage) -> list[dict[str, Any]]:
    """Every money line of this side, for `money.sums`."""
    money, buys, failed = page.money, page.role == "buyer", page.state in ("closed", "refunded")

    def row(label: str, value: Money, kind: str = "", note: str = "") -> dict[str, Any]:
        told = render.translate(visit, note) if note else ""
        return {"label": render.translate(visit, label), "note": told, "amount": value, "kind": kind}

    rows = [
        row("宝贝价", money.goods),
        *_taken_off(money, row),
        row("运费", money.shipping, note="" if money.shipping.amount else "卖家包了"),
    ]
    if page.handover != "ship":
        rows.pop()
    if buys or not page.protected:
        unpaid = "没有付款" if page.state == "closed" else ""
        rows.append(row("一共", money.total, "total", unpaid if page.protected else unprotected.PAY_YOURSELVES))
    elif failed:
        rows.append(row("到手", Money(0, money.net.currency), "total", "这笔没有成交"))
    else:
        rows.append(row("服务费", Money(-money.fee.amount, money.fee.currency), note=fee_note(money.fee)))
        rows.append(row("到手", money.net, "total"))
    rows += deposit_words.rows(visit, page)
    if money.held.amount:
        rows.append(row("托管中", money.held, "held", "钱在持牌支付机构那里，我们碰不到"))
    if money.released.amount:
        rows.append(row("已放给卖家" if buys else "已放给你", money.released, "held"))
    if money.refunded.amount:
        rows.append(row("已退给你" if buys else "已退给买家", money.refunded, "held"))
    return rows


def _taken_off(money: Any, row: Any) -> list[dict[str, Any]]:
    """What the bundle and the seller took off, where they did."""
    off = (("组合优惠", money.bundle), ("卖家让价", money.lowered))
    return [row(label, Money(-value.amount, value.currency)) for label, value in off if value.amount]


def quote_sums(visit: Visit, quote: Quote, posted: bool) -> list[dict[str, Any]]:
    """What the buyer will pay, for `money.sums`; `posted` when it may be sent by post."""
    money = quote.money
    rows = [("宝贝价", "", money.goods, "")]
    if money.bundle.amount:
        rows.append(("组合优惠", "", Money(-money.bundle.amount, money.bundle.currency), ""))
    if posted:
        rows.append(("运费", "" if money.shipping.amount else "卖家包了", money.shipping, ""))
    rows += [("服务费", "买家不用付", Money(0, money.total.currency), ""), ("一共", "", money.total, "total")]
    return [
        {
            "label": render.translate(visit, label),
            "note": render.translate(visit, note) if note else "",
            "amount": value,
            "kind": kind,
        }
        for label, note, value, kind in rows
    ]


def fee_note(fee: Money) -> str:
    """Who pays the fee and when."""
    return "成交后才收，由卖家付" if fee.amount else "这个站点不收服务费"


def frozen(visit: Visit, page: OrderPage) -> list[dict[str, Any]]:
    """What was agreed, line by line, for `order.snapshot`."""
    return [
        {
            "picture": still(line.snapshot.media[0] if line.snapshot.media else None, line.snapshot.title),
            "pictures": [large(media, line.snapshot.title) for media in line.snapshot.media],
            "title": line.snapshot.title,
            "price": line.price,
            "quantity": line.quantity,
            "condition": condition(visit, line.snapshot.condition),
            "handover": render.translate(visit, HANDOVER[page.handover]),
            "fee": _fee(visit, page.money.fee),
            "at": page.placed_at,
            "href": f"/orders/{page.id}/agreed",
        }
        for line in page.lines
    ]


def condition(visit: Visit, grade: str | None) -> str:
    """A condition grade in words."""
    if grade is None:
        return render.translate(visit, "卖家没有写")
    words = items.grade_words()[grade]
    return words.zh if visit.language == "zh" else words.en


def _fee(visit: Visit, fee: Money) -> str:
    if not fee.amount:
        return render.translate(visit, "不收")
    return render.translate(visit, "%(fee)s，成交后由卖家付", fee=amount(visit, fee))


def still(media: str | None, alt: str) -> dict[str, Any] | None:
    """A small square picture of a frozen line, sharp on any screen; None when it has none."""
    return large(media, alt) | {"src": media_url(media, 320), "width": 320, "height": 320} if media else None


def large(media: str, alt: str) -> dict[str, Any]:
    """A picture of a frozen line in every width; its box gives the shape."""
    side = max(shapes.WIDTHS)
    return {
        "alt": alt,
        "src": media_url(media, 640),
        "webp": shapes.srcset(media, "webp", shapes.WIDTHS),
        "avif": "",
        "width": side,
        "height": side,
        "tiny": "",
    }


_DUE = {
    "awaiting_payment": "%(until)s 前付款",
    "awaiting_balance": "%(until)s 前付尾款",
    "awaiting_shipment": "%(until)s 前交出宝贝",
    "awaiting_meeting": "%(until)s 前见面",
    "shipped": "不确认的话，%(until)s 自动确认",
    "delivered": "不确认的话，%(until)s 自动确认",
}


_EARNEST = "order_awaiting_balance_earnest"


def row(visit: Visit, card: OrderCard, who: dict[str, Any]) -> dict[str, Any]:
    """An order in a list, for `order.order_row`."""
    waiting = card.waiting
    deposit = "earnest" if card.state == "forfeited" or waiting.code.startswith(_EARNEST) else "refundable"
    saying = _saying(card.state, card.role, card.handover, waiting.paused, card.total, card.protected, deposit)
    until = card.waiting.until
    return {
        "href": f"/orders/{card.id}",
        "picture": still(card.picture, card.title),
        "title": card.title,
        "price": card.total,
        "word": render.translate(visit, saying.word),
        "kind": saying.kind,
        "say": render.translate(visit, _DUE[card.state], until=when(visit, until)) if until else "",
        "who": who,
        "resell": card.role == "buyer" and card.state == "completed" and card.count == 1,
    }


_HELD = {"completed": "已放款", "refunded": "没成交", "forfeited": "没成交"}
_WHY_HELD = {
    "awaiting_balance": "等买家付尾款，最晚 %(until)s。",
    "awaiting_shipment": "等你交出宝贝，最晚 %(until)s。",
    "awaiting_meeting": "见面核对面交码后放给你，最晚 %(until)s。",
    "shipped": "买家确认后放给你，最晚 %(until)s。",
    "delivered": "买家确认后放给你，最晚 %(until)s。",
    "completed": "%(at)s 已放给你，由支付机构打款。",
    "refunded": "%(at)s 没有成交，已退给买家。",
    "forfeited": "%(at)s 没有成交，定金放给你。",
}


def earning(visit: Visit, sale: Sale) -> dict[str, Any]:
    """One sale on the money page: its lines and why the money is where it is."""
    until = when(visit, sale.due_at) if sale.due_at else ""
    taken = (("退给买家", sale.refunded), ("服务费", sale.fee_regular), ("本月多卖的加收", sale.fee_excess))
    lines = [("卖价", sale.price, "")]
    lines += [(label, Money(-taking.amount, taking.currency), "") for label, taking in taken if taking.amount]
    lines.append(("到手", sale.net, "total"))
    if sale.fee_owed.amount:
        lines.append(("还欠的服务费，从之后的货款里扣", sale.fee_owed, ""))
    if sale.recovered.amount:
        lines.append(("其中抵扣之前欠的", Money(-sale.recovered.amount, sale.recovered.currency), ""))
    if sale.claimed.amount:
        lines.append(("售后退给买家", Money(-sale.claimed.amount, sale.claimed.currency), ""))
    if sale.claim_due.amount:
        lines.append(("其中还没从你那里收回", sale.claim_due, ""))
    if sale.penalty.amount:
        lines.append(("你反悔，另欠买家的定金", sale.penalty, ""))
    if sale.paid_out.amount:
        lines.append(("支付机构已打款", sale.paid_out, ""))
    return {
        "href": f"/orders/{sale.order}",
        "title": sale.title,
        "net": sale.net,
        "word": render.translate(visit, _HELD.get(sale.state, "托管中")),
        "why": render.translate(visit, _WHY_HELD[sale.state], until=until, at=when(visit, sale.changed_at)),
        "kind": "slate" if sale.state == "refunded" else "jade",
        "sums": [
            {"label": render.translate(visit, label), "note": "", "amount": amount, "kind": kind}
            for label, amount, kind in lines
        ],
    }
