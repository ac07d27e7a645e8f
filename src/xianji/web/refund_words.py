"""A refund in sentences: what it is, whose turn it is and until when, what happened, what happens otherwise."""

from typing import Any

from xianji.domains import refunds
from xianji.domains.media import media_url
from xianji.domains.refunds import Choice, RefundCard, RefundPage, RefundTurn
from xianji.kernel.words import catalogue

from . import parcel_words, render
from .order_words import amount, still, when
from .visit import Visit

KINDS = {
    "unshipped": ("还没发货，不要了", "全额退，宝贝回到架上。"),
    "not_received": ("没收到货", "东西没到，钱退给你。"),
    "return": ("退货退款", "东西寄回去，钱退给你。"),
    "partial": ("留下东西，退一部分", "商量一个数，订单照常走完。"),
    "keep_goods": ("留下东西，全部退", "东西不值得寄回去的时候用。"),
    "exchange": ("换一件或补寄", "换一件好的，或者补上缺的。"),
}
REASONS = {
    "changed_mind": "不想要了",
    "wrong_order": "拍错了",
    "too_slow": "卖家迟迟不发货",
    "agreed": "和卖家说好了",
    "no_tracking": "物流一直没有动静",
    "lost": "快递丢了",
    "signed_by_other": "显示签收，但我没收到",
    "not_as_described": "和描述不一样",
    "damaged": "收到时坏了",
    "missing_parts": "少了东西",
    "wrong_item": "寄错了",
    "hidden_fault": "用了才发现的毛病",
    "fake": "是假的",
    "other": "别的原因",
}
_WORDS = {
    "waiting_seller": ("amber", "等卖家回复"),
    "waiting_buyer": ("amber", "等买家答复"),
    "waiting_return": ("amber", "等寄回"),
    "returning": ("slate", "退回的路上"),
    "waiting_replacement": ("amber", "等换货寄出"),
    "refused": ("amber", "卖家没同意"),
    "disputed": ("slate", "站方在看"),
    "refunded": ("jade", "退款成功"),
    "exchanged": ("jade", "已换货"),
    "closed": ("slate", "已关闭"),
}
# The same when it is the reader's turn, and when the money has not come.
_MINE = {
    ("waiting_seller", "seller"): "等你回复",
    ("waiting_buyer", "buyer"): "等你答复",
    ("waiting_return", "buyer"): "等你寄回",
    ("returning", "seller"): "等你收货",
    ("waiting_replacement", "seller"): "等你寄出",
    ("disputed", "operator"): "等你裁定",
}
_OWED = "还差一些没退到"
_OTHERWISE = {
    "time_refund": "到时没有动静，钱自动退给买家。",
    "time_return": "到时没有回复，按退货处理，寄到卖家的默认地址。",
    "time_dispute": "到时没有动静，交给站方来看，不会自动退钱。",
    "time_close": "到时没有动静，这笔退款关闭，订单继续。",
}
_HAPPENED = {
    "apply": "申请退款",
    "reopen": "申诉成立，重新来看",
    "grant": "还没发货，直接退款",
    "agree": "卖家同意退款",
    "agree_return": "卖家同意退货，给了地址",
    "agree_replacement": "卖家同意补寄",
    "counter": "卖家提了另一个办法",
    "refuse": "卖家没有同意",
    "accept_counter": "买家接受了提议，退款",
    "accept_return": "买家接受了提议，准备寄回",
    "ship_back": "买家寄回了",
    "correct_waybill": "更正了运单号",
    "signed": "退货已签收",
    "receive": "卖家收到退货，退款",
    "receive_exchange": "卖家收到退回的东西",
    "refuse_received": "卖家说收到的不对",
    "replace": "换的东西寄出了",
    "escalate": "请站方来看",
    "withdraw": "买家撤回了",
    "time_refund": "到时没有回复，自动退款",
    "time_return": "到时没有回复，按退货处理",
    "time_dispute": "到时没有动静，交给站方",
    "time_close": "到时没有动静，关闭",
    "rule_refund": "站方裁定退款",
    "rule_return": "站方裁定退货退款",
    "rule_release": "站方裁定不退",
    "rule_repay": "站方裁定买家退还",
}
# The moves that say under which number the goods go back.
_NAMES_RETURN = ("ship_back", "correct_waybill")
PROBLEMS = {"swapped": "被调包了", "damaged": "弄坏了", "missing": "少了东西"}
_WHO = {"buyer": "买家", "seller": "卖家", "time": "到时自动", "operator": "站方", "carrier": "快递", "system": "自动"}
_PAYOUTS = {
    "on_its_way": "支付机构正在退，一般很快到账。",
    "sent": "支付机构已经原路退回。",
    "owed": "卖家账户里的钱不够，还差 %(owed)s。这是卖家欠的，等有钱了自动补给买家。",
}
# Amends by the state of their refund: of one that was granted the seller owes, of one that a ruling closed the buyer.
_AMENDS = {
    "refunded": {
        "amends_owed": "钱已到卖家手里，支付机构退不回来：卖家欠买家 %(amends)s，从之后的货款里扣，由平台转给买家。",
        "amends_paid": "卖家欠买家的 %(amends)s，平台已经转给买家。",
    },
    "closed": {
        "amends_owed": "裁定买家退还 %(amends)s：买家欠着，从买家之后卖东西的货款里扣，由平台转给卖家。",
        "amends_paid": "裁定买家退还的 %(amends)s，平台已经转给卖家。",
    },
}
_BY_AMENDS = {"refunded": "退款同意了，钱由卖家欠着，平台来转交。", "closed": "站方裁定买家退还。"}
OUTCOMES = {
    "refund_full": "全额退款",
    "refund_part": "退一部分",
    "return": "退货退款",
    "release": "不退，放款",
    "repay": "买家退还已经退的钱",
    "split_freight": "退款，退货运费各付一半",
}


def kind(visit: Visit, name: str) -> str:
    """A kind of refund in words."""
    return render.translate(visit, KINDS[name][0])


def reason(visit: Visit, code: str) -> str:
    """A reason in words."""
    return render.translate(visit, REASONS[code])


def row(visit: Visit, turn: RefundTurn, who: dict[str, Any]) -> dict[str, Any]:
    """A refund that waits for the visitor in a list, for `order.order_row`."""
    word = _MINE.get((turn.state, turn.role), _WORDS[turn.state][1])
    until = render.translate(visit, "最晚 %(until)s", until=when(visit, turn.until)) if turn.until else ""
    return {
        "href": f"/refunds/{turn.id}",
        "picture": still(turn.picture, turn.title),
        "title": turn.title,
        "price": turn.amount,
        "word": render.translate(visit, word),
        "kind": "amber",
        "say": until,
        "who": who,
    }


def head(visit: Visit, page: RefundPage | RefundCard) -> dict[str, Any]:
    """The top of a refund for `order.order_head`, still without its buttons."""
    colour, word = _WORDS[page.state]
    if page.payout == "owed" or (page.payout, page.state) == ("amends_owed", "refunded"):
        colour, word = "amber", _OWED
    word = _MINE.get((page.state, page.waiting.code.rpartition("_")[2]), word)
    until = when(visit, page.waiting.until) if page.waiting.until else ""
    sentence = catalogue("waiting")[page.waiting.code][visit.language].format(until=until)
    if page.payout in ("amends_owed", "amends_paid"):
        sentence = render.translate(visit, _BY_AMENDS[page.state])
    otherwise = _OTHERWISE.get(page.waiting.otherwise, "")
    return {
        "kind": colour,
        "word": render.translate(visit, word),
        "say": sentence,
        "otherwise": render.translate(visit, otherwise) if otherwise else "",
    }


def payout(visit: Visit, page: RefundPage) -> str:
    """Where the money is on its way; empty before there is any."""
    text = {**_PAYOUTS, **_AMENDS.get(page.state, {})}.get(page.payout, "")
    sums = {"owed": amount(visit, page.owed), "amends": amount(visit, page.amends)}
    return render.translate(visit, text, **sums) if text else ""


def time_line(visit: Visit, page: RefundPage) -> list[dict[str, Any]]:
    """What happened, with what was said and shown, and what is waited for now."""
    last = next((one for one in reversed(page.timeline) if one.verb in _NAMES_RETURN), None)
    line = [
        {
            "what": render.translate(visit, _HAPPENED[one.verb]),
            "at": one.at,
            "note": _note(visit, one),
            "gone": one.verb in _NAMES_RETURN and one is not last,
            "state": "done",
            "pictures": [media_url(id, 320) for id in one.evidence],
        }
        for one in page.timeline
    ]
    sent = next((one.at for one in reversed(page.timeline) if one.verb == "ship_back"), None)
    if sent is not None:
        line = parcel_words.woven(visit, line, page.way, sent)
    if page.waiting.until is not None:
        word = render.translate(visit, _WORDS[page.state][1])
        deadline = render.translate(visit, "最晚")
        line.append({"what": word, "at": page.waiting.until, "note": deadline, "state": "now", "pictures": []})
    return line


def _note(visit: Visit, one: Any) -> str:
    parts = [render.translate(visit, _WHO[one.role])]
    facts = one.facts
    if "reason" in facts:
        parts.append(reason(visit, facts["reason"]))
    if "problem" in facts:
        parts.append(render.translate(visit, PROBLEMS[facts["problem"]]))
    if "waybill" in facts:
        parts.append(_parcel(visit, facts["carrier"], facts["waybill"]))
    if "kind" in facts:
        parts.append(kind(visit, facts["kind"]))
    if "rule" in facts:
        parts.append(ruling(visit, facts["rule"]))
    return " · ".join([*parts, one.words] if one.words else parts)


def _parcel(visit: Visit, carrier: str, waybill: str) -> str:
    return f"{parcel_words.carrier_name(visit, carrier)} {waybill}"


def counter(visit: Visit, page: RefundPage) -> str:
    """What the seller offers instead, in a few words; empty without an offer."""
    if page.counter is None:
        return ""
    offered = kind(visit, page.counter.kind)
    return offered if page.counter.kind == "exchange" else f"{offered} · {amount(visit, page.counter.amount)}"


def side(visit: Visit, page: RefundPage, role: str) -> list[dict[str, Any]]:
    """What one side said and showed, in order, for the two columns of a ruling."""
    return [
        {
            "words": _note(visit, one),
            "at": one.at,
            "pictures": [media_url(id, 320) for id in one.evidence],
        }
        for one in page.timeline
        if one.role == role
    ]


def ruling(visit: Visit, code: str) -> str:
    """A rule of the operators in words."""
    found = refunds.rulings().get(code)
    return code if found is None else f"{code} {found.zh if visit.language == 'zh' else found.en}"


def facts(visit: Visit, page: RefundPage) -> list[dict[str, str]]:
    """What is asked, for `thing.facts`."""
    rows = [("要怎么办", kind(visit, page.kind)), ("原因", reason(visit, page.reason))]
    if page.kind != "exchange":
        rows.append(("退多少", amount(visit, page.amount)))
    if page.asked != page.amount and page.kind != "exchange":
        rows.append(("一开始要的", amount(visit, page.asked)))
    if page.waybill:
        rows.append(("退货运单", _parcel(visit, page.carrier or "", page.waybill)))
    return [{"label": render.translate(visit, label), "value": value} for label, value in rows]


def ways(visit: Visit, order: str, found: list[Choice]) -> list[dict[str, Any]]:
    """What may be asked for, as rows of a list: what happened, then what one wants."""
    return [
        {
            "href": f"/orders/{order}/refund?kind={one.kind}",
            "text": kind(visit, one.kind),
            "note": render.translate(visit, KINDS[one.kind][1]),
        }
        for one in found
    ]


def card(visit: Visit, one: RefundCard) -> dict[str, Any]:
    """A refund on the page of its order."""
    top = head(visit, one)
    return {
        "href": f"/refunds/{one.id}",
        "title": kind(visit, one.kind),
        "amount": amount(visit, one.amount) if one.kind != "exchange" else "",
        "word": top["word"],
        "kind": top["kind"],
        "say": top["say"],
    }
