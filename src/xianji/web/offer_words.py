"""An offer in sentences: whose turn it is, until when, and what happens otherwise.

The table holds the Chinese sources by (state, role); English comes from the catalogue. Facts a sentence may use:
`name` (the other side), `amount`, `counter`, `agreed`, `until`.
"""

from typing import Any

import msgspec

from xianji.domains.offers import OfferView

from . import order_words, render
from .visit import Visit


class Saying(msgspec.Struct, frozen=True):
    """How one side reads a state: a colour with a word, a sentence, and what happens if nobody acts."""

    kind: str
    word: str
    say: str
    otherwise: str = ""


_ENDS = "到时没有答复，这次出价就作罢。"
_SAYINGS: dict[tuple[str, str], Saying] = {
    ("open", "buyer"): Saying("amber", "等卖家答复", "你出 %(amount)s，等 %(name)s 答复，最晚 %(until)s。", _ENDS),
    ("open", "seller"): Saying("amber", "等你答复", "%(name)s 出 %(amount)s，最晚 %(until)s 前答复。", _ENDS),
    ("countered", "buyer"): Saying("amber", "等你答复", "%(name)s 还价 %(counter)s，最晚 %(until)s 前答复。", _ENDS),
    ("countered", "seller"): Saying(
        "amber", "等买家答复", "你还价 %(counter)s，等 %(name)s 答复，最晚 %(until)s。", _ENDS
    ),
    ("accepted", "buyer"): Saying(
        "jade", "谈好了", "%(agreed)s 给你留着一件，%(until)s 前下单就好。", "到时没有下单，宝贝回到架上，价钱作罢。"
    ),
    ("accepted", "seller"): Saying(
        "jade",
        "谈好了",
        "%(agreed)s 卖给 %(name)s，留着一件等 TA 下单，最晚 %(until)s。",
        "到时没有下单，宝贝自动回到架上。",
    ),
    ("declined", "buyer"): Saying("slate", "没谈成", "这个价卖家不出。"),
    ("declined", "seller"): Saying("slate", "没谈成", "%(name)s 出的 %(amount)s 没有谈成。"),
    ("expired", "buyer"): Saying("slate", "过期了", "时间到了，这次出价作罢。"),
    ("expired", "seller"): Saying("slate", "过期了", "时间到了，%(name)s 的这次出价作罢。"),
    ("withdrawn", "buyer"): Saying("slate", "已收回", "你收回了这次出价。"),
    ("withdrawn", "seller"): Saying("slate", "已收回", "%(name)s 收回了这次出价。"),
    ("used", "buyer"): Saying("jade", "已下单", "已经按 %(agreed)s 下单。"),
    ("used", "seller"): Saying("jade", "已下单", "%(name)s 已经按 %(agreed)s 下单。"),
}


def _facts(visit: Visit, offer: OfferView, other: str) -> dict[str, str]:
    return {
        "name": other,
        "amount": order_words.amount(visit, offer.amount),
        "counter": order_words.amount(visit, offer.counter) if offer.counter else "",
        "agreed": order_words.amount(visit, offer.agreed) if offer.agreed else "",
        "until": order_words.when(visit, offer.until) if offer.until else "",
    }


def head(visit: Visit, offer: OfferView, other: str) -> dict[str, Any]:
    """The top of an offer's page for `order.order_head`, still without its buttons."""
    saying, facts = _SAYINGS[offer.state, offer.role], _facts(visit, offer, other)
    return {
        "kind": saying.kind,
        "word": render.translate(visit, saying.word),
        "say": render.translate(visit, saying.say, **facts),
        "otherwise": render.translate(visit, saying.otherwise) if saying.otherwise else "",
    }


def row(visit: Visit, offer: OfferView, who: dict[str, Any]) -> dict[str, Any]:
    """An offer in a list, for `order.order_row`."""
    saying = _SAYINGS[offer.state, offer.role]
    price = offer.agreed or offer.counter or offer.amount
    until = render.translate(visit, "最晚 %(until)s", until=order_words.when(visit, offer.until)) if offer.until else ""
    asked = render.translate(visit, "标价 %(price)s", price=order_words.amount(visit, offer.asking))
    return {
        "href": f"/offers/{offer.id}",
        "picture": order_words.still(offer.picture, offer.title),
        "title": offer.title,
        "price": price,
        "word": render.translate(visit, saying.word),
        "kind": saying.kind,
        "say": " · ".join(part for part in (asked, until) if part),
        "who": who,
        "mine": offer.turn == offer.role,
    }


def sums(visit: Visit, offer: OfferView) -> list[dict[str, Any]]:
    """The prices on the table, for `money.sums`."""
    rows = [("标价", offer.asking, ""), ("买家出价", offer.amount, "")]
    if offer.counter:
        rows.append(("卖家还价", offer.counter, ""))
    if offer.agreed:
        rows.append(("谈好的价", offer.agreed, "total"))
    return [
        {"label": render.translate(visit, label), "note": "", "amount": amount, "kind": kind}
        for label, amount, kind in rows
    ]
